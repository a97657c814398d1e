"""What a node has heard of the others, and whether it was everything. No I/O, no clock of its own.

A node may give its clients a position in the log only when they have been told of everything up to there. Each node
confirms in its beats how far it has told what it committed; the position that is safe is the least of these. A beat also
says how many messages went to which subject, so a lost message is noticed with the next beat, whoever lost it.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from dealings.kernel.ids import Id
from dealings.platform.bus.wire import Beat

SILENT_SECONDS = 1.5
"""A node that has confirmed nothing for three beats is not waited for: its events are looked for in the log."""


@dataclass(slots=True)
class Neighbour:
    """Another node, as far as it was heard."""

    confirmed_at: float
    """When it last confirmed something; at first, when it was first seen."""
    confirmed: int = -1
    number: int | None = None
    counted: Counter[int] = field(default_factory=Counter)
    """Messages heard since its last beat, by subject."""


class Hearing:
    """All the other nodes of the roster."""

    def __init__(self) -> None:
        self._neighbours: dict[Id, Neighbour] = {}
        self._ended: set[Id] = set()

    def told(self, node: Id, mark: int) -> None:
        """A message with events was heard."""
        neighbour = self._neighbours.get(node)
        if neighbour is not None:
            neighbour.counted[mark] += 1

    def beat(self, beat: Beat, *, listening: Mapping[int, str], at: float) -> Collection[str] | None:
        """What is missing of that node's events: some subjects; none; or, as None, anything.

        Only a beat that nothing is missing before moves what the node has confirmed: what is missing must be read first,
        and is confirmed again by the next beat.
        """
        neighbour = self._neighbours.setdefault(beat.node, Neighbour(at))
        counted, neighbour.counted = neighbour.counted, Counter()
        expected, neighbour.number = neighbour.number, beat.number
        if beat.last:
            self._ended.add(beat.node)
        if beat.number != (expected or 0) + 1:
            return None
        missing = {listening[mark] for mark, sent in beat.told.items() if mark in listening and counted[mark] < sent}
        if not missing:
            neighbour.confirmed, neighbour.confirmed_at = max(neighbour.confirmed, beat.confirmed), at
        return missing

    def roster(self, nodes: Collection[Id], *, at: float) -> bool:
        """Take note of who there is; False when one has gone without a last word, so that its events must be looked for."""
        for node in nodes:
            self._neighbours.setdefault(node, Neighbour(at))
        gone = self._neighbours.keys() - set(nodes)
        silent = gone - self._ended
        for node in gone:
            del self._neighbours[node]
        self._ended &= set(nodes)
        return not silent

    def all_speak(self, *, at: float) -> bool:
        """Does every node confirm, again and again, what it has told?"""
        return all(at - n.confirmed_at < SILENT_SECONDS for n in self._neighbours.values())

    def confirmed(self) -> int | None:
        """Up to here everything that the others committed was heard; None when there are no others."""
        return min((n.confirmed for n in self._neighbours.values()), default=None)

    def heard_up_to(self, horizon: int) -> None:
        """Everything up to here was read in the log."""
        for neighbour in self._neighbours.values():
            neighbour.confirmed = max(neighbour.confirmed, horizon)
