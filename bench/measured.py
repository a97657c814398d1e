"""What a measurement says, and how callers make one."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from dealings.platform.telemetry import metrics

WARM_UP = 0.25
"""The part of a measurement that is not counted."""
PARTS = 5


@dataclass(frozen=True)
class Measured:
    """So many things a second, each answered after so long; `batch` how many shared a commit on average."""

    per_second: float
    p50: float
    p99: float
    batch: float = 1.0


@dataclass
class Latencies:
    """Collects answers; only those after the warm-up count.

    What is reported is the best of a few equal parts of the time: it is the one least disturbed by whatever
    else the machine was doing, for `run` and for the raw driver alike.
    """

    from_: float
    until: float
    answers: list[tuple[float, float, int]] = field(default_factory=list)
    """(when it came, how long it took, how many it was for)"""

    def add(self, started: float, ended: float, count: int = 1) -> None:
        if self.from_ <= ended <= self.until:
            self.answers.append((ended, ended - started, count))

    def measured(self, batch: float = 1.0) -> Measured:
        length = (self.until - self.from_) / PARTS
        parts: list[list[tuple[float, float, int]]] = [[] for _ in range(PARTS)]
        for answer in self.answers:
            parts[min(int((answer[0] - self.from_) / length), PARTS - 1)].append(answer)
        best = max(parts, key=lambda part: sum(count for _, _, count in part))
        assert best, "nothing was answered in time"
        times = sorted(took for _, took, _ in best)
        rate = sum(count for _, _, count in best) / length
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
    batches = metrics.LANE_BATCH.seen()
    return batches.sum, batches.number
