"""Figures that a process keeps about itself: plain Python, cheap enough for what happens a hundred thousand times a second.

All belong to the event loop's thread: nothing is locked. `dealings.platform.telemetry.exposition`
reads them when somebody asks, so nothing here knows how they are shown.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeAlias, TypeVar

Figure: TypeAlias = "Tally | Level | Buckets"
F = TypeVar("F", bound="Tally | Level | Buckets")


class Tally:
    """Counts up. In the hot path write ``TALLY.value += 1``: a call costs twice as much."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0

    def inc(self, by: int = 1) -> None:
        self.value += by


class Level:
    """Goes up and down: set when it changes, or, with `read_by`, looked up when somebody asks."""

    __slots__ = ("_read", "_value")

    def __init__(self) -> None:
        self._value = 0.0
        self._read: Callable[[], float] | None = None

    def set(self, value: float) -> None:
        self._value = value

    def read_by(self, read: Callable[[], float]) -> None:
        """From now on ask `read`; it must be quick, and is called on the event loop."""
        self._read = read

    @property
    def value(self) -> float:
        return self._value if self._read is None else self._read()


class Seen(NamedTuple):
    """What a histogram had seen at some moment: how many in each bucket, and their sum."""

    counts: tuple[int, ...]
    sum: float

    @property
    def number(self) -> int:
        return sum(self.counts)

    def since(self, earlier: Seen) -> Seen:
        counts = (now - before for now, before in zip(self.counts, earlier.counts, strict=True))
        return Seen(tuple(counts), self.sum - earlier.sum)


class Buckets:
    """A histogram: bucket n holds what is at most `ends[n]`, the last one all that is more."""

    __slots__ = ("_counts", "_sum", "ends")

    def __init__(self, ends: Sequence[float]) -> None:
        assert list(ends) == sorted(set(ends)), "ends must rise"
        self.ends = tuple(ends)
        self._counts = [0] * (len(ends) + 1)
        self._sum = 0.0

    def observe(self, value: float, times: int = 1) -> None:
        """O(log buckets). `times`: so many things that all took this long, such as the events of one commit."""
        self._counts[bisect_left(self.ends, value)] += times
        self._sum += value * times

    def seen(self) -> Seen:
        return Seen(tuple(self._counts), self._sum)


def quantile(ends: Sequence[float], seen: Seen, part: float) -> float:
    """The value that this part of what was seen stays below, by a straight line through its bucket, as Prometheus
    reckons it (histogram_quantile); the last end for what lies beyond, 0 when nothing was seen."""
    wanted, below, start = part * seen.number, 0, 0.0
    for end, count in zip(ends, seen.counts, strict=False):
        if count and below + count >= wanted:
            return start + (end - start) * max(0.0, wanted - below) / count
        below, start = below + count, end
    return ends[-1] if seen.number else 0.0


class Labelled(Generic[F]):
    """One figure a label: ``REFUSALS.labels("overloaded").inc()``. Labels come from the program, never from people."""

    def __init__(self, make: Callable[[], F], *names: str) -> None:
        self._make = make
        self.names = names
        self._children: dict[tuple[str, ...], F] = {}

    def labels(self, *values: object) -> F:
        """Keep what this returns where it is used often."""
        key = tuple(map(str, values))
        found = self._children.get(key)
        if found is None:
            assert len(key) == len(self.names), f"{len(self.names)} labels are needed"
            found = self._children[key] = self._make()
        return found

    def children(self) -> list[tuple[tuple[str, ...], Figure]]:
        return list(self._children.items())

    def kind(self) -> type[Figure]:
        made: Figure = self._make()
        return type(made)
