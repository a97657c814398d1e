"""What the generator's connections wrote down, and whether every message was there exactly once."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


class Wrong(AssertionError):
    """A promise was broken while it was being measured."""


@dataclass
class Acks:
    """The answers that a sender was given: for which of its messages, under which number of the conversation, when."""

    numbers: array[int] = field(default_factory=lambda: array("q"))
    seqs: array[int] = field(default_factory=lambda: array("q"))
    times: array[float] = field(default_factory=lambda: array("d"))

    def add(self, number: int, seq: int, at: float) -> None:
        self.numbers.append(number)
        self.seqs.append(seq)
        self.times.append(at)


class Deliveries(Acks):
    """What a receiver was told, in the order it came."""


def check(acks: Iterable[Acks], deliveries: Sequence[Deliveries], *, before: int | None = 0) -> int:
    """In one conversation: every answered message came to every receiver once, in order, under the answered number,
    and the numbers go on without a gap from `before` (None: they need not). How many messages there were."""
    expected = sorted((seq, number) for ack in acks for seq, number in zip(ack.seqs, ack.numbers, strict=True))
    if before is not None and [seq for seq, _ in expected] != list(range(before + 1, before + 1 + len(expected))):
        raise Wrong(f"numbers are missing or given twice: {_first_gap([seq for seq, _ in expected], before)}")
    if len({number for _, number in expected}) != len(expected):
        raise Wrong("a message was answered twice")
    for delivered in deliveries:
        if list(zip(delivered.seqs, delivered.numbers, strict=True)) != expected:
            raise Wrong(_difference(expected, delivered))
    return len(expected)


def _first_gap(seqs: Sequence[int], before: int) -> str:
    wanted = enumerate(seqs, start=before + 1)
    return next((f"{seq} where {place} was due" for place, seq in wanted if seq != place), "none")


def _difference(expected: Sequence[tuple[int, int]], delivered: Deliveries) -> str:
    got = list(zip(delivered.seqs, delivered.numbers, strict=True))
    once = set(got)
    return (
        f"{len(expected)} answered, {len(got)} delivered; {len(set(expected) - once)} missing,"
        f" {len(once - set(expected))} unknown, {len(got) - len(once)} double, in order: {got == sorted(got)}"
    )


@dataclass(frozen=True)
class Spread:
    """How long things took, in seconds."""

    p50: float
    p99: float


def spread(took: Iterable[float]) -> Spread:
    ordered = sorted(took)
    if not ordered:
        raise Wrong("nothing was answered in time")
    return Spread(ordered[len(ordered) // 2], ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)])
