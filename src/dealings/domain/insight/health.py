"""How the place is doing, in figures: for operators. Latencies are those of this process since it started."""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import msgspec
from prometheus_client import REGISTRY, Histogram

from dealings.domain.identity import api as identity
from dealings.domain.insight import queries
from dealings.kernel.clock import DAY, Millis
from dealings.kernel.ids import Id
from dealings.platform.db import sizes
from dealings.platform.db.tx import Dialect, Read
from dealings.platform.outbox import consumers
from dealings.platform.outbox import tables as outbox
from dealings.platform.telemetry import metrics


class StoreFacts(msgspec.Struct, frozen=True):
    kind: Dialect
    bytes: int
    last_commit: int


class CommitFacts(msgspec.Struct, frozen=True):
    """Commits of this process's lanes; `p50` and `p99` are the upper ends of the histogram's buckets."""

    commits: int
    commands: int
    commands_per_commit: float
    commits_per_second: float
    commands_per_second: float
    mean_ms: float
    p50_ms: float
    p99_ms: float


class TimerFacts(msgspec.Struct, frozen=True):
    due: int
    due_within_a_day: int
    fired: int


class ConnectionFacts(msgspec.Struct, frozen=True):
    open: int
    frames_received: int
    events_sent: int
    cut_as_too_slow: int


class Health(msgspec.Struct, frozen=True):
    """`consumers`: by name, how many events each has yet to deal with."""

    checked_at: Millis
    started_at: Millis | None
    uptime_seconds: int | None
    version: str
    store: StoreFacts
    commits: CommitFacts
    consumers: dict[str, int]
    timers: TimerFacts
    connections: ConnectionFacts


def health(db: Read, *, account: Id, now: Millis) -> Health:
    """For operators (NotOperator)."""
    identity.require_operator(db, account)
    started = _figure("process_start_time_seconds")
    uptime = max(0, now // 1000 - int(started)) if started else None
    return Health(
        checked_at=now,
        started_at=int(started * 1000) if started else None,
        uptime_seconds=uptime,
        version=_version(),
        store=StoreFacts(db.dialect, sizes.store_bytes(db), db.horizon()),
        commits=_commits(uptime),
        consumers={name: queries.consumer_lag(db, name) for name in sorted(consumers.CONSUMERS)},
        timers=_timers(db, now),
        connections=_connections(),
    )


def _version() -> str:
    try:
        return version("dealings")
    except PackageNotFoundError:
        return "not installed"


def _figure(name: str) -> float:
    """A figure of `/metrics`; nothing was counted where there is none."""
    return REGISTRY.get_sample_value(name) or 0.0


def _commits(uptime: int | None) -> CommitFacts:
    commits = int(_figure("dealings_lane_commit_seconds_count"))
    commands = int(_figure("dealings_lane_batch_commands_sum"))
    seconds = _figure("dealings_lane_commit_seconds_sum")
    return CommitFacts(
        commits=commits,
        commands=commands,
        commands_per_commit=round(commands / commits, 2) if commits else 0.0,
        commits_per_second=round(commits / uptime, 3) if uptime else 0.0,
        commands_per_second=round(commands / uptime, 3) if uptime else 0.0,
        mean_ms=round(1000 * seconds / commits, 3) if commits else 0.0,
        p50_ms=quantile_ms(metrics.LANE_COMMIT, 0.5),
        p99_ms=quantile_ms(metrics.LANE_COMMIT, 0.99),
    )


def quantile_ms(histogram: Histogram, part: float) -> float:
    """Below which bucket's end, in ms, this part of what was observed lies; of the slowest, the last end there is."""
    samples = [sample for family in histogram.collect() for sample in family.samples]
    ends = [(float(s.labels["le"]), s.value) for s in samples if s.name.endswith("_bucket")]
    return _quantile(ends, part) * 1000


def _quantile(ends: Sequence[tuple[float, float]], part: float) -> float:
    """`ends`: each bucket's upper end and how many lie at or below it, the last being infinite."""
    finite = [end for end, _ in ends[:-1]]
    wanted = part * ends[-1][1]
    return next((end for end, count in ends[:-1] if count >= wanted), finite[-1]) if wanted else 0.0


def _timers(db: Read, now: Millis) -> TimerFacts:
    due, soon = outbox.count_timers(db, due_by=now), outbox.count_timers(db, due_by=now + DAY)
    return TimerFacts(due, soon, int(_figure("dealings_timers_fired_total")))


def _connections() -> ConnectionFacts:
    return ConnectionFacts(
        open=int(_figure("dealings_ws_connections")),
        frames_received=int(_figure("dealings_ws_frames_received_total")),
        events_sent=int(_figure("dealings_ws_events_sent_total")),
        cut_as_too_slow=int(_figure("dealings_ws_slow_consumers_total")),
    )
