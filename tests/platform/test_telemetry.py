"""What a process counts about itself, and how it is shown."""

import re
from pathlib import Path

import pytest

from dealings.platform.telemetry import exposition, metrics
from dealings.platform.telemetry.figures import Buckets, Labelled, Level, Tally, quantile
from dealings.platform.telemetry.metrics import Named

ENDS = (0.001, 0.005)


def shown(*measures: Named) -> list[str]:
    return [
        line for line in exposition.text(measures).decode().splitlines() if line.startswith(("kept_", "# TYPE kept"))
    ]


@pytest.mark.parametrize(
    ("part", "seconds"), [(0.0, 0.0), (0.25, 0.0005), (0.5, 0.001), (0.625, 0.003), (0.75, 0.005), (1.0, 0.005)]
)
def test_quantiles_lie_on_a_line_through_their_bucket(part: float, seconds: float) -> None:
    buckets = Buckets(ENDS)
    for took in (0.0005, 0.0007, 0.004, 60.0):
        buckets.observe(took)
    assert quantile(ENDS, buckets.seen(), part) == pytest.approx(seconds)


def test_nothing_observed_has_no_quantile() -> None:
    assert quantile(ENDS, Buckets(ENDS).seen(), 0.99) == 0.0


def test_what_was_seen_between_two_looks() -> None:
    buckets = Buckets(ENDS)
    buckets.observe(60.0)
    earlier = buckets.seen()
    buckets.observe(0.001, times=3)
    lately = buckets.seen().since(earlier)
    assert lately.counts == (3, 0, 0)
    assert lately.number == 3
    assert lately.sum == pytest.approx(0.003)


def test_a_value_at_an_end_belongs_to_the_bucket_below() -> None:
    buckets = Buckets((1, 2))
    for value in (1, 2, 3):
        buckets.observe(value)
    assert buckets.seen().counts == (1, 1, 1)


def test_counters_and_levels_are_shown_as_they_are() -> None:
    tally, level = Tally(), Level()
    tally.inc()
    tally.value += 2
    level.set(1)
    level.read_by(lambda: 7)
    assert shown(Named("kept_things_total", "h", tally), Named("kept_now", "h", level)) == [
        "# TYPE kept_things_total counter",
        "kept_things_total 3.0",
        "# TYPE kept_now gauge",
        "kept_now 7.0",
    ]


def test_histograms_are_shown_cumulated() -> None:
    buckets = Buckets((1, 2))
    for value in (1, 2, 2, 9):
        buckets.observe(value)
    assert shown(Named("kept_sizes", "h", buckets)) == [
        "# TYPE kept_sizes histogram",
        'kept_sizes_bucket{le="1.0"} 1.0',
        'kept_sizes_bucket{le="2.0"} 3.0',
        'kept_sizes_bucket{le="+Inf"} 4.0',
        "kept_sizes_count 4.0",
        "kept_sizes_sum 14.0",
    ]


def test_each_label_has_its_own_figure() -> None:
    refused = Labelled(Tally, "code")
    refused.labels("overloaded").inc()
    refused.labels("overloaded").inc()
    refused.labels(404).inc()
    assert shown(Named("kept_refused_total", "h", refused))[1:] == [
        'kept_refused_total{code="overloaded"} 2.0',
        'kept_refused_total{code="404"} 1.0',
    ]
    assert shown(Named("kept_lag", "h", Labelled(Level, "of"))) == ["# TYPE kept_lag gauge"]


def test_the_operators_page_names_measures_that_there_are() -> None:
    page = (Path(__file__).parents[2] / "docs/operation.md").read_text()
    named = set(re.findall(r"dealings_[a-z_]+", page))
    assert len(named) > 15
    assert named - {measure.name for measure in metrics.ALL} == set()


def test_every_measure_has_a_name_of_its_own_and_is_shown() -> None:
    names = [named.name for named in metrics.ALL]
    assert len(names) == len(set(names))
    told = set(re.findall(r"^# TYPE (\S+)", exposition.text().decode(), re.MULTILINE))
    assert set(names) <= told
    assert "python_gc_objects_collected_total" in told
