"""The figures in Prometheus' text format, with what its client library knows of the process (memory, files, CPU)."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from dealings.platform.telemetry import metrics
from dealings.platform.telemetry.figures import Buckets, Figure, Labelled, Level, Seen, Tally
from dealings.platform.telemetry.metrics import Named

INFINITE = float("inf")
CONTENT_TYPE = CONTENT_TYPE_LATEST
Family: TypeAlias = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
FAMILIES: dict[type[Figure], type[Family]] = {
    Tally: CounterMetricFamily,
    Level: GaugeMetricFamily,
    Buckets: HistogramMetricFamily,
}


def text(measures: Iterable[Named] = metrics.ALL) -> bytes:
    """All of it, now."""
    registry = CollectorRegistry()
    registry.register(_Measures(measures))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return generate_latest(registry)


class _Measures(Collector):
    def __init__(self, measures: Iterable[Named]) -> None:
        self._measures = measures

    def collect(self) -> Iterator[Metric]:
        return map(_family, self._measures)


def _family(named: Named) -> Metric:
    measure = named.measure
    if isinstance(measure, Labelled):
        family = FAMILIES[measure.kind()](named.name, named.help, labels=measure.names)
        children = measure.children()
    else:
        family, children = FAMILIES[type(measure)](named.name, named.help, labels=()), [((), measure)]
    for labels, figure in children:
        _add(family, labels, figure)
    return family


def _add(family: Family, labels: tuple[str, ...], figure: Figure) -> None:
    if isinstance(family, HistogramMetricFamily):
        assert isinstance(figure, Buckets)
        seen = figure.seen()
        family.add_metric(labels, _cumulative(figure.ends, seen), seen.sum)
    else:
        assert not isinstance(figure, Buckets)
        family.add_metric(labels, figure.value)


def _cumulative(ends: tuple[float, ...], seen: Seen) -> list[tuple[str, float]]:
    """How many were at most each end, the last end being infinite."""
    below, rows = 0, []
    for end, count in zip((*ends, INFINITE), seen.counts, strict=True):
        below += count
        rows.append(("+Inf" if end == INFINITE else str(float(end)), float(below)))
    return rows
