"""What the operating system says of this process and of its lanes. Zero where it does not say (only Linux does)."""

import os
import resource
import shutil
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")


class Use(NamedTuple):
    """`memory_bytes` is what is resident; a lane shares much of its with the server that it was forked from."""

    memory_bytes: int
    cpu_seconds: float


class Disk(NamedTuple):
    free_bytes: int
    total_bytes: int


def use_of(pid: int) -> Use:
    try:
        pages = int((PROC / str(pid) / "statm").read_bytes().split()[1])
        ticks = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[11:13]
    except (OSError, IndexError, ValueError):
        return Use(0, 0.0)
    return Use(pages * PAGE_BYTES, sum(map(int, ticks)) / TICKS)


def lanes() -> list[int]:
    """The processes that this one has started: its lanes."""
    own = os.getpid()
    with suppress(OSError):
        return [int(pid) for pid in (PROC / str(own) / "task" / str(own) / "children").read_bytes().split()]
    return []


def open_files() -> int:
    """Counts them one by one: with many connections not something for every second."""
    with suppress(OSError):
        return sum(1 for _ in (PROC / "self" / "fd").iterdir())
    return 0


def most_files() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def disk(folder: Path) -> Disk:
    """Of the disk that a folder is on."""
    with suppress(OSError):
        found = shutil.disk_usage(folder)
        return Disk(found.free, found.total)
    return Disk(0, 0)
