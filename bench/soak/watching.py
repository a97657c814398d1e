"""What a server is looked at for while it works for long: memory, files, tasks, sessions, the write-ahead log; and the
rule by which its memory is said to grow."""

import os
import re
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import linear_regression, median

from bench.peers import processes
from bench.peers.servers import Served

PARTS = 4
BYTES_A_MESSAGE_MOST = 2.0
"""Memory that is lost with each message; at the top rate twice that would be gigabytes a day."""
RISE_KIB_LEAST = 6 * 1024
"""Less than that is the coming and going of pages, not growth."""
WAL_BYTES_MOST = 512 * 1024 * 1024
SAMPLES_LEAST = 4 * PARTS


@dataclass(frozen=True)
class Sample:
    messages: int
    kib: dict[str, int]
    """By process."""
    files: int
    tasks: int
    sessions: int
    wal_bytes: int


def look(served: Served, folder: Path, *, messages: int) -> Sample:
    wal = folder / "dealings.db-wal"
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/metrics", timeout=60) as answer:
        figures = answer.read().decode()
    return Sample(
        messages,
        {f"{n} {pid}": processes.resident_kib([pid]) for n, pid in enumerate(served.pids())},
        len(os.listdir(f"/proc/{served.process.pid}/fd")),  # noqa: PTH208  (counted, not looked at)
        _figure(figures, "dealings_tasks"),
        _figure(figures, "dealings_ws_connections"),
        wal.stat().st_size if wal.exists() else 0,
    )


def _figure(text: str, name: str) -> int:
    found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
    assert found, name
    return int(float(found[1]))


def growth(points: Sequence[tuple[int, int]]) -> float:
    """Bytes a message by which memory grows steadily in the second half of what was seen, of (messages, KiB) each; 0 when
    it does not: when it falls between any two parts of it, or has risen by next to nothing."""
    assert len(points) >= SAMPLES_LEAST, "too little was seen to tell"
    half = points[len(points) // 2 :]
    size = len(half) // PARTS
    middles = [median(kib for _, kib in half[at * size : (at + 1) * size]) for at in range(PARTS)]
    rises = all(before < after for before, after in pairwise(middles))
    if not rises or middles[-1] - middles[0] < RISE_KIB_LEAST:
        return 0.0
    return linear_regression([m for m, _ in half], [kib for _, kib in half]).slope * 1024


def faults(samples: Sequence[Sample], *, first: Sample, last: Sample) -> list[str]:
    """What was not as it should be: `first` before anyone came, `last` after everyone had gone."""
    found = []
    for process in first.kib:
        slope = growth([(sample.messages, sample.kib[process]) for sample in samples])
        if slope > BYTES_A_MESSAGE_MOST:
            found.append(f"process {process} grows by {slope:.1f} bytes a message")
    wal = max(sample.wal_bytes for sample in samples)
    if wal > WAL_BYTES_MOST:
        found.append(f"the write-ahead log had {wal:,} bytes")
    if last.sessions:
        found.append(f"{last.sessions} sessions are left")
    if last.files > first.files + 4:
        found.append(f"{last.files - first.files} files are left open")
    if last.tasks > first.tasks + 2:
        found.append(f"{last.tasks - first.tasks} tasks are left")
    return found
