"""How the place is doing, in figures: for operators. Counts are those of this process since it started."""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import msgspec

from dealings.domain.identity import api as identity
from dealings.domain.insight import queries, vitals
from dealings.domain.insight.vitals import Facts, Vital
from dealings.kernel.clock import DAY, SECOND, Millis
from dealings.kernel.ids import Id
from dealings.platform.db import sizes
from dealings.platform.db.tx import Dialect, Read
from dealings.platform.outbox import consumers
from dealings.platform.outbox import tables as outbox
from dealings.platform.telemetry import metrics, nodes, process
from dealings.platform.telemetry.figures import Buckets, Level, quantile
from dealings.platform.telemetry.history import HISTORY, Sample, total
from dealings.platform.telemetry.nodes import NodeFigures


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


class Totals(msgspec.Struct, frozen=True):
    """Since this process started. `drops`: see `Sample`."""

    messages: int
    deliveries: int
    requests: int
    hellos: int
    slow_cut: int
    silent_cut: int
    too_fast: int
    overloaded: int
    upgrades_refused: int
    refusals: int
    retries: int
    lane_restarts: int
    jobs_failed: int
    bus_connects: int


class Series(msgspec.Struct, frozen=True):
    """Samples of the answering node: of each second of the last 15 minutes, of each minute of the last 24 hours."""

    seconds: Sequence[Sample]
    minutes: Sequence[Sample]


class Health(msgspec.Struct, frozen=True):
    """`consumers`: by name, how many events each has yet to deal with. `node` answers; `nodes` are all, itself among
    them, each with its newest sample; `series` is of `node`, and only what is younger than was asked for."""

    checked_at: Millis
    started_at: Millis | None
    uptime_seconds: int | None
    version: str
    store: StoreFacts
    commits: CommitFacts
    consumers: dict[str, int]
    timers: TimerFacts
    connections: ConnectionFacts
    node: Id
    vitals: list[Vital]
    totals: Totals
    series: Series
    nodes: list[NodeFigures]


def health(db: Read, *, account: Id, now: Millis, node: Id = "", after: Millis = 0) -> Health:
    """For operators (NotOperator). `after`: the newest sample that is known already, if `node` gave it."""
    identity.require_operator(db, account)
    lag = {name: queries.consumer_lag(db, name) for name in sorted(consumers.CONSUMERS)}
    timers = _timers(db, now)
    uptime = max(0, now - metrics.STARTED_AT) // 1000
    return Health(
        checked_at=now,
        started_at=metrics.STARTED_AT,
        uptime_seconds=uptime,
        version=_version(),
        store=StoreFacts(db.dialect, sizes.store_bytes(db), db.horizon()),
        commits=_commits(uptime),
        consumers=lag,
        timers=timers,
        connections=_connections(),
        node=HISTORY.node,
        vitals=vitals.judge(_facts(lag=max(lag.values(), default=0), overdue=timers.due), now=now),
        totals=_totals(),
        series=Series(*HISTORY.after(after if node == HISTORY.node else 0)),
        nodes=_nodes(db, now),
    )


def _facts(*, lag: int, overdue: int) -> Facts:
    lanes = [int(level.value) for _, level in metrics.LANE_UP.children() if isinstance(level, Level)]
    bus = [bool(level.value) for _, level in metrics.BUS_CONNECTED.children() if isinstance(level, Level)]
    return Facts(
        recent=list(HISTORY.recent),
        lanes_up=sum(lanes),
        lanes=len(lanes),
        bus_up=all(bus) if bus else None,
        lag=lag,
        overdue=overdue,
        disk_free=metrics.DISK_FREE.value,
        disk_total=metrics.DISK.value,
        files=int(metrics.FILES.value),
        files_most=process.most_files(),
        backup_at=int(metrics.BACKUP_AT.value * SECOND) or None,
    )


def _totals() -> Totals:
    return Totals(
        messages=metrics.MESSAGES.value,
        deliveries=metrics.EVENTS_OUT.value,
        requests=total(metrics.REQUESTS),
        hellos=total(metrics.HELLOS),
        slow_cut=metrics.SLOW_CUT.value,
        silent_cut=metrics.SILENT_CUT.value,
        too_fast=metrics.TOO_FAST.value + metrics.REQUESTS_TOO_FAST.value,
        overloaded=metrics.OVERLOADED.value,
        upgrades_refused=total(metrics.UPGRADES_REFUSED),
        refusals=total(metrics.REFUSALS),
        retries=metrics.LANE_RETRIES.value,
        lane_restarts=metrics.LANE_RESTARTS.value,
        jobs_failed=metrics.JOBS_FAILED.value,
        bus_connects=metrics.BUS_CONNECTS.value,
    )


def _nodes(db: Read, now: Millis) -> list[NodeFigures]:
    """This one as it is now, the others as they last said."""
    others = [each for each in nodes.shared(db, now=now) if each.node != HISTORY.node]
    own = [NodeFigures(HISTORY.node, HISTORY.recent[-1])] if HISTORY.recent else []
    return sorted([*own, *others], key=lambda each: each.node)


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
