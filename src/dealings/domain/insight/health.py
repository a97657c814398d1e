"""How the place is doing, in figures: for operators. Latencies are those of this process since it started."""

from importlib.metadata import PackageNotFoundError, version

import msgspec

from dealings.domain.identity import api as identity
from dealings.domain.insight import queries
from dealings.kernel.clock import DAY, Millis
from dealings.kernel.ids import Id
from dealings.platform.db import sizes
from dealings.platform.db.tx import Dialect, Read
from dealings.platform.outbox import consumers
from dealings.platform.outbox import tables as outbox
from dealings.platform.telemetry import metrics
from dealings.platform.telemetry.figures import Buckets, quantile


class StoreFacts(msgspec.Struct, frozen=True):
    kind: Dialect
    bytes: int
    last_commit: int


class CommitFacts(msgspec.Struct, frozen=True):
    """Commits of this process's lanes; `p50` and `p99` are worked out from a histogram."""

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
    uptime = max(0, now - metrics.STARTED_AT) // 1000
    return Health(
        checked_at=now,
        started_at=metrics.STARTED_AT,
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


def _commits(uptime: int) -> CommitFacts:
    commit = metrics.LANE_COMMIT.seen()
    commits, commands = commit.number, int(metrics.LANE_BATCH.seen().sum)
    return CommitFacts(
        commits=commits,
        commands=commands,
        commands_per_commit=round(commands / commits, 2) if commits else 0.0,
        commits_per_second=round(commits / uptime, 3) if uptime else 0.0,
        commands_per_second=round(commands / uptime, 3) if uptime else 0.0,
        mean_ms=round(1000 * commit.sum / commits, 3) if commits else 0.0,
        p50_ms=quantile_ms(metrics.LANE_COMMIT, 0.5),
        p99_ms=quantile_ms(metrics.LANE_COMMIT, 0.99),
    )


def quantile_ms(histogram: Buckets, part: float) -> float:
    return round(1000 * quantile(histogram.ends, histogram.seen(), part), 3)


def _timers(db: Read, now: Millis) -> TimerFacts:
    due, soon = outbox.count_timers(db, due_by=now), outbox.count_timers(db, due_by=now + DAY)
    return TimerFacts(due, soon, metrics.TIMERS_FIRED.value)


def _connections() -> ConnectionFacts:
    return ConnectionFacts(
        open=int(metrics.CONNECTIONS.value),
        frames_received=metrics.FRAMES_IN.value,
        events_sent=metrics.EVENTS_OUT.value,
        cut_as_too_slow=metrics.SLOW_CUT.value,
    )
