"""A node's own voice: its events by subject, what came in one tick as one message, and its beats."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from dealings.kernel.ids import Id
from dealings.platform.bus import wire
from dealings.platform.bus.bus import Bus
from dealings.platform.db.actions import Stored
from dealings.platform.outbox.events import INTERNAL

MESSAGE_BYTES = 256 * 1024
"""A quarter of what NATS takes; more of the same subject goes into another message."""


class Speaker:
    def __init__(self, bus: Bus, subjects: wire.Subjects, *, node: Id) -> None:
        self._bus = bus
        self._subjects = subjects
        self._node = node
        self._due: dict[str, list[wire.Event]] = {}
        self._told: Counter[int] = Counter()
        self._number = 0
        self._left_out = False

    def tell(self, events: Iterable[Stored]) -> None:
        """Publish them at the end of this tick."""
        if not self._bus.carries:
            return
        if not self._due:
            asyncio.get_running_loop().call_soon(self._flush)
        due = self._due
        for e in events:
            if e.stream != INTERNAL:
                event = wire.Event(e.commit_no, e.n, e.stream, e.kind, e.data, e.at)
                for subject in self._subjects.all_of(e.stream):
                    due.setdefault(subject, []).append(event)

    def _flush(self) -> None:
        due, self._due = self._due, {}
        for subject, events in due.items():
            for part in _parts(events):
                self._told[wire.mark(subject)] += 1
                self._bus.publish(subject, wire.encode(wire.Events(self._node, part)))

    def pass_on(self, stream: str, kind: str, data: bytes) -> None:
        """What is live only."""
        if self._bus.carries:
            live = wire.encode(wire.Live(self._node, stream, kind, data))
            for subject in self._subjects.all_of(stream):
                self._bus.publish(subject, live)

    def leave_out_a_beat(self) -> None:
        """Something was committed and perhaps told to nobody: with the next beat, everyone looks into the log."""
        self._left_out = True

    def beat(self, *, confirmed: int, newest: int, last: bool = False) -> None:
        """Confirm what has been told. Goes out after all of it."""
        self._flush()
        self._number += 2 if self._left_out else 1
        self._left_out = False
        told, self._told = self._told, Counter()
        beat = wire.Beat(self._node, self._number, confirmed, newest, dict(told), last)
        self._bus.publish(self._subjects.beat, wire.encode(beat))


def _parts(events: list[wire.Event]) -> Iterable[list[wire.Event]]:
    part: list[wire.Event] = []
    size = 0
    for event in events:
        if part and size + len(event.data) > MESSAGE_BYTES:
            yield part
            part, size = [], 0
        part.append(event)
        size += len(event.data)
    if part:
        yield part
