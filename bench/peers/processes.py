"""Processes on a core of their own: which they are, how much of it they use, how much memory they hold."""

import os
import resource
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")
SPARE_FILES = 120
"""What a server has open besides its connections."""


@contextmanager
def on_cores(cores: set[int]) -> Iterator[None]:
    """Run on these cores, and let processes started meanwhile stay there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def raise_file_limit() -> int:
    """As many open files as are allowed; started processes inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass(frozen=True)
class Used:
    """Seconds of CPU of one process so far."""

    user: float
    system: float

    def __sub__(self, earlier: "Used") -> "Used":
        return Used(self.user - earlier.user, self.system - earlier.system)

    @property
    def both(self) -> float:
        return self.user + self.system


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on (proc(5)); the name before them may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def tree(root: int) -> list[int]:
    """A process and all that come from it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
            except OSError:
                continue  # it has ended meanwhile
    found = [root]
    for pid in found:
        found.extend(parents.get(pid, []))
    return found


def used(pids: list[int]) -> dict[int, Used]:
    now = {}
    for pid in pids:
        try:
            fields = _stat(pid)
        except OSError:
            continue
        now[pid] = Used(int(fields[11]) * TICK, int(fields[12]) * TICK)
    return now


def total(before: Mapping[int, Used], after: Mapping[int, Used]) -> float:
    """Seconds of CPU between two looks."""
    return sum((after[pid] - before.get(pid, Used(0, 0))).both for pid in after)


def resident_kib(pids: list[int]) -> int:
    pages = 0
    for pid in pids:
        pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1024


def title(pid: int) -> str:
    """What a process is, in a few words; one that was forked from another of the same words is told apart."""
    try:
        words, parent = _words(pid), int(_stat(pid)[1])
        forked = parent > 1 and _words(parent) == words
    except OSError:
        return "ended"
    return " ".join(Path(word).name for word in words[:4]) + (" (forked: a lane)" if forked else "")


def _words(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").split()
