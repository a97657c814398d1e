"""A node's figures and what is said of them."""

from typing import Any

import pytest

from dealings.domain.insight.vitals import Facts, Verdict, judge, typical
from dealings.kernel.clock import DAY, HOUR
from dealings.platform.telemetry.history import Sample

NOW = 100 * DAY
QUIET = dict.fromkeys(Sample.__struct_fields__, 0)
WELL = Facts(
    recent=[],
    lanes_up=1,
    lanes=1,
    bus_up=None,
    lag=0,
    overdue=0,
    disk_free=60e9,
    disk_total=100e9,
    files=40,
    files_most=1024,
    backup_at=NOW - HOUR,
)


def sample(**given: float) -> Sample:
    return Sample(**(QUIET | given))  # type: ignore[arg-type]  # numbers, all of them


def verdicts(facts: Facts) -> dict[str, Verdict]:
    """Of those that are not fine."""
    return {vital.code: vital.verdict for vital in judge(facts, now=NOW) if vital.verdict != "fine"}


def test_a_node_that_is_well_and_alone() -> None:
    assert verdicts(WELL) == {"bus": "unknown"}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"lanes_up": 0}, {"lanes": "wrong"}),
        ({"bus_up": False}, {"bus": "wrong"}),
        ({"lag": 1_000}, {"consumers": "look"}),
        ({"lag": 10_000}, {"consumers": "wrong"}),
        ({"overdue": 19}, {}),
        ({"overdue": 20}, {"timers": "look"}),
        ({"disk_free": 15e9}, {"disk": "look"}),
        ({"disk_free": 4e9}, {"disk": "wrong"}),
        ({"disk_free": 0.0, "disk_total": 0.0}, {"disk": "unknown"}),
        ({"files": 1000}, {"files": "wrong"}),
        ({"backup_at": None}, {"backup": "look"}),
        ({"backup_at": NOW - 36 * HOUR}, {"backup": "look"}),
        ({"backup_at": NOW - 7 * DAY}, {"backup": "wrong"}),
        ({"recent": [sample(drops=1), *[sample()] * 100]}, {"drops": "look"}),
        ({"recent": [sample(waiting=15_000)]}, {"waiting": "wrong"}),
        ({"recent": [sample(waiting=15_000), *[sample()] * 60]}, {}),
        ({"recent": [sample(commit_p99_ms=60)] * 9}, {"commit": "look"}),
        ({"recent": [sample(delivery_p99_ms=2_000)]}, {"delivery": "wrong"}),
        ({"recent": [sample(loop_late_ms=500)]}, {"loop": "wrong"}),
    ],
)
def test_each_part_against_its_mark(changed: dict[str, Any], expected: dict[str, Verdict]) -> None:
    facts = WELL._replace(**changed)
    assert verdicts(facts) == ({} if "bus_up" in changed else {"bus": "unknown"}) | expected


def test_one_slow_second_is_no_state_and_idle_ones_do_not_count() -> None:
    assert typical([0, 0, 900, 2, 3]) == 3
    assert typical([0, 0]) == 0.0
