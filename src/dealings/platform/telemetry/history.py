"""What a process remembers of its own figures: a second apart for a quarter of an hour, a minute apart for a day.

Bounded: 2,340 samples of some 25 numbers, whatever happens.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from dealings.kernel.clock import MINUTE, SECOND, Clock, Millis, system_clock
from dealings.kernel.ids import Id
from dealings.platform.backup import last
from dealings.platform.telemetry import metrics, process
from dealings.platform.telemetry.figures import Buckets, Labelled, Level, Seen, Tally, quantile

RECENT_KEPT = 15 * 60
LONG_KEPT = 24 * 60
SAMPLE_SECONDS = 1.0
TICKS_A_SAMPLE = 4
"""How often, between two samples, it is looked at how late the event loop is."""
SELDOM = 15
"""Samples between two looks at what takes milliseconds to count."""

DROPS: tuple[Tally | Labelled[Tally], ...] = (
    metrics.SLOW_CUT,
    metrics.SILENT_CUT,
    metrics.TOO_FAST,
    metrics.OVERLOADED,
    metrics.REQUESTS_TOO_FAST,
    metrics.UPGRADES_REFUSED,
)


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What happened until `at` since the sample before it, as rates a second; then what is, at `at`.

    Latencies are quantiles of that time alone, 0 when nothing happened. `drops`: connections cut, refused or asked
    to slow down, and commands refused as too many, as a number and not a rate. `cpu`: cores' worth of work of the
    process, `lanes_cpu` of its lanes.
    """

    at: Millis
    messages: float
    deliveries: float
    commands: float
    requests: float
    batch: float
    commit_p50_ms: float
    commit_p99_ms: float
    answer_p99_ms: float
    delivery_p50_ms: float
    delivery_p99_ms: float
    loop_late_ms: float
    drops: int
    retries: int
    cpu: float
    lanes_cpu: float
    connections: int
    waiting: int
    waiting_bytes: int
    lag: int
    overdue: int
    memory_bytes: int
    lanes_bytes: int
    tasks: int
    files: int


class Reading(NamedTuple):
    """The counters and histograms of one moment; two of them make a sample."""

    at: Millis
    messages: int
    deliveries: int
    requests: int
    batch: Seen
    commit: Seen
    answer: Seen
    delivery: Seen
    late: Seen
    drops: int
    retries: int
    own: process.Use
    lanes: process.Use


def total(figure: Tally | Labelled[Tally]) -> int:
    if isinstance(figure, Tally):
        return figure.value
    return sum(int(child.value) for _, child in figure.children() if isinstance(child, Tally))


def most(levels: Labelled[Level]) -> int:
    return max((int(child.value) for _, child in levels.children() if isinstance(child, Level)), default=0)


def read(now: Millis) -> Reading:
    uses = [process.use_of(pid) for pid in process.lanes()]
    return Reading(
        now,
        metrics.MESSAGES.value,
        metrics.EVENTS_OUT.value,
        total(metrics.REQUESTS),
        metrics.LANE_BATCH.seen(),
        metrics.LANE_COMMIT.seen(),
        metrics.ANSWER.seen(),
        metrics.DELIVERY.seen(),
        metrics.LOOP_LATE.seen(),
        sum(map(total, DROPS)),
        metrics.LANE_RETRIES.value,
        process.use_of(os.getpid()),
        process.Use(sum(use.memory_bytes for use in uses), sum(use.cpu_seconds for use in uses)),
    )


def between(earlier: Reading, later: Reading) -> Sample:
    seconds = max(0.001, (later.at - earlier.at) / SECOND)

    def rate(before: float, after: float) -> float:
        return round((after - before) / seconds, 2)

    def ms(buckets: Buckets, before: Seen, after: Seen, part: float) -> float:
        return round(1000 * quantile(buckets.ends, after.since(before), part), 3)

    batch = later.batch.since(earlier.batch)
    return Sample(
        at=later.at,
        messages=rate(earlier.messages, later.messages),
        deliveries=rate(earlier.deliveries, later.deliveries),
        commands=rate(0, batch.sum),
        requests=rate(earlier.requests, later.requests),
        batch=round(batch.sum / batch.number, 2) if batch.number else 0.0,
        commit_p50_ms=ms(metrics.LANE_COMMIT, earlier.commit, later.commit, 0.5),
        commit_p99_ms=ms(metrics.LANE_COMMIT, earlier.commit, later.commit, 0.99),
        answer_p99_ms=ms(metrics.ANSWER, earlier.answer, later.answer, 0.99),
        delivery_p50_ms=ms(metrics.DELIVERY, earlier.delivery, later.delivery, 0.5),
        delivery_p99_ms=ms(metrics.DELIVERY, earlier.delivery, later.delivery, 0.99),
        loop_late_ms=ms(metrics.LOOP_LATE, earlier.late, later.late, 0.99),
        drops=later.drops - earlier.drops,
        retries=later.retries - earlier.retries,
        cpu=max(0.0, rate(earlier.own.cpu_seconds, later.own.cpu_seconds)),
        lanes_cpu=max(0.0, rate(earlier.lanes.cpu_seconds, later.lanes.cpu_seconds)),
        connections=int(metrics.CONNECTIONS.value),
        waiting=sum(int(child.value) for _, child in metrics.LANE_WAITING.children() if isinstance(child, Level)),
        waiting_bytes=int(metrics.BYTES_WAITING_MOST.value),
        lag=most(metrics.CONSUMER_LAG),
        overdue=int(metrics.TIMERS_OVERDUE.value),
        memory_bytes=later.own.memory_bytes,
        lanes_bytes=later.lanes.memory_bytes,
        tasks=int(metrics.TASKS.value),
        files=int(metrics.FILES.value),
    )


class History:
    """The samples of this process, newest last."""

    def __init__(self) -> None:
        self.node: Id = ""
        """Whose they are."""
        self.recent: deque[Sample] = deque(maxlen=RECENT_KEPT)
        self.long: deque[Sample] = deque(maxlen=LONG_KEPT)
        self._second: Reading | None = None
        self._minute: Reading | None = None

    def take(self, now: Millis) -> None:
        """Note what happened since the last time this was called; and each minute, what happened in it."""
        reading = read(now)
        if self._second is not None:
            self.recent.append(between(self._second, reading))
        self._second = reading
        if self._minute is None:
            self._minute = reading
        elif now - self._minute.at >= MINUTE:
            self.long.append(between(self._minute, reading))
            self._minute = reading

    def after(self, at: Millis) -> tuple[Sequence[Sample], Sequence[Sample]]:
        """Recent ones and those of minutes, younger than `at`."""
        # Copied first: this is asked on other threads than the one that adds.
        return [s for s in list(self.recent) if s.at > at], [s for s in list(self.long) if s.at > at]


HISTORY = History()
"""Of this process, as its figures are."""


async def keep(folder: Path, *, history: History = HISTORY, clock: Clock = system_clock) -> None:
    """Take samples until cancelled. `folder`: where the data is."""
    count = 0
    while True:
        if count % SELDOM == 0:
            _look_around(folder)
        history.take(clock())
        count += 1
        for _ in range(TICKS_A_SAMPLE):
            await _tick(SAMPLE_SECONDS / TICKS_A_SAMPLE)


def _look_around(folder: Path) -> None:
    """What takes a millisecond or more to find out."""
    disk = process.disk(folder)
    metrics.DISK_FREE.set(disk.free_bytes)
    metrics.DISK.set(disk.total_bytes)
    metrics.BACKUP_AT.set((last.at(folder) or 0) / SECOND)
    metrics.FILES.set(process.open_files())
    metrics.TASKS.set(len(asyncio.all_tasks()))


async def _tick(seconds: float) -> None:
    due = time.monotonic() + seconds
    await asyncio.sleep(seconds)
    metrics.LOOP_LATE.observe(max(0.0, time.monotonic() - due))
