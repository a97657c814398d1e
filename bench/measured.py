"""What a measurement says, and how callers make one."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from dealings.platform.telemetry import metrics

WARM_UP = 0.25
"""The part of the time that is not counted."""


@dataclass(frozen=True)
class Measured:
    """So many things a second, each answered after so long; `batch` how many shared a commit on average."""

    per_second: float
    p50: float
    p99: float
    batch: float = 1.0


@dataclass
class Latencies:
    """Collects answers; only those after the warm-up count."""

    from_: float
    until: float
    seconds: list[float] = field(default_factory=list)
    done: int = 0

    def add(self, started: float, ended: float, count: int = 1) -> None:
        if self.from_ <= ended <= self.until:
            self.seconds.append(ended - started)
            self.done += count

    def measured(self, batch: float = 1.0) -> Measured:
        times = sorted(self.seconds)
        assert times, "nothing was answered in time"
        rate = self.done / (self.until - self.from_)
        return Measured(rate, times[len(times) // 2], times[min(len(times) * 99 // 100, len(times) - 1)], batch)


def window(seconds: float) -> Latencies:
    now = time.perf_counter()
    return Latencies(now + seconds * WARM_UP, now + seconds)


async def call(do: Callable[[int], Awaitable[object]], *, callers: int, seconds: float) -> Measured:
    """`callers` at once, each waiting for its answer before it asks again: `do(number of the caller)`."""
    seen = window(seconds)
    commands, commits = _lane_counts()

    async def caller(number: int) -> None:
        while (started := time.perf_counter()) < seen.until:
            await do(number)
            seen.add(started, time.perf_counter())

    await asyncio.gather(*(caller(number) for number in range(callers)))
    commands_after, commits_after = _lane_counts()
    return seen.measured((commands_after - commands) / max(1, commits_after - commits))


def _lane_counts() -> tuple[float, float]:
    """Commands and commits so far."""
    samples = {s.name.rpartition("_")[2]: s.value for m in metrics.LANE_BATCH.collect() for s in m.samples}
    return samples["sum"], samples["count"]
