"""Is a node well? Its figures against marks, with a word for each: pure, so that a table can say what is expected."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from dealings.kernel.clock import DAY, HOUR, Millis
from dealings.platform.telemetry.history import Sample

Verdict = Literal["fine", "look", "wrong", "unknown"]
"""`look`: nothing is broken, and somebody should see why; `wrong`: people notice, or soon will."""
LATELY = 60
"""Samples, which are seconds, that a verdict about latency rests on."""


class Vital(msgspec.Struct, frozen=True):
    """`value` and the `mark` from which on it is no longer fine, in the unit that docs/operation.md names for `code`;
    null where there is none."""

    code: str
    verdict: Verdict
    value: float | None = None
    mark: float | None = None


class Mark(NamedTuple):
    """From where on one should look, and from where on it is wrong."""

    look: float
    wrong: float


LOOP_MS = Mark(50, 500)
"""Everything on the node waits that long now and then."""
COMMIT_MS = Mark(50, 1_000)
"""A disk that takes this long is busy, or failing."""
DELIVERY_MS = Mark(100, 2_000)
WAITING = Mark(2_000, 15_000)
"""Commands; from 20,000 on new ones are refused."""
LAG = Mark(1_000, 10_000)
"""Events; more than the second are not counted."""
OVERDUE = Mark(20, 1_000)
DISK_USED = Mark(0.85, 0.95)
FILES_USED = Mark(0.70, 0.90)
BACKUP_AGE = Mark(36 * HOUR, 7 * DAY)
DROPS = Mark(1, 1_000)
"""In the last quarter of an hour."""


class Facts(NamedTuple):
    """What is known at the moment of asking. `bus_up`: None on a node that has no others."""

    recent: Sequence[Sample]
    lanes_up: int
    lanes: int
    bus_up: bool | None
    lag: int
    overdue: int
    disk_free: float
    disk_total: float
    files: int
    files_most: int
    backup_at: Millis | None


def judge(facts: Facts, *, now: Millis) -> list[Vital]:
    """A verdict on each part; the store answered, or nobody would have got this far."""
    recent = facts.recent[-LATELY:]
    return [
        Vital("store", "fine"),
        _of("lanes", facts.lanes_up == facts.lanes, facts.lanes_up, facts.lanes),
        Vital("bus", "unknown") if facts.bus_up is None else _of("bus", facts.bus_up, None, None),
        _against("loop", typical([sample.loop_late_ms for sample in recent]), LOOP_MS),
        _against("commit", typical([sample.commit_p99_ms for sample in recent]), COMMIT_MS),
        _against("delivery", typical([sample.delivery_p99_ms for sample in recent]), DELIVERY_MS),
        _against("waiting", max((sample.waiting for sample in recent), default=0), WAITING),
        _against("consumers", facts.lag, LAG),
        _against("timers", facts.overdue, OVERDUE),
        _against("drops", sum(sample.drops for sample in facts.recent), DROPS),
        _share("disk", facts.disk_total - facts.disk_free, facts.disk_total, DISK_USED),
        _share("files", facts.files, facts.files_most, FILES_USED),
        _backup(facts.backup_at, now),
    ]


def typical(values: Sequence[float]) -> float:
    """The middle one of those seconds in which something happened: one slow second is no state."""
    busy = sorted(value for value in values if value > 0)
    return busy[len(busy) // 2] if busy else 0.0


def _of(code: str, well: bool, value: float | None, mark: float | None) -> Vital:
    return Vital(code, "fine" if well else "wrong", value, mark)


def _against(code: str, value: float, mark: Mark) -> Vital:
    verdict: Verdict = "wrong" if value >= mark.wrong else "look" if value >= mark.look else "fine"
    return Vital(code, verdict, value, mark.look)


def _share(code: str, used: float, total: float, mark: Mark) -> Vital:
    """Without a total nobody knows (not every system tells)."""
    return _against(code, round(used / total, 4), mark) if total > 0 else Vital(code, "unknown")


def _backup(at: Millis | None, now: Millis) -> Vital:
    """Without one nothing is broken yet, and everything could be lost."""
    if at is None:
        return Vital("backup", "look", None, BACKUP_AGE.look)
    return _against("backup", max(0, now - at), BACKUP_AGE)
