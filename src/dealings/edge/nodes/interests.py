"""What this node listens to on the bus: the streams of those who are online here, and no others."""

from collections.abc import Iterator

from dealings.edge.gateway.hub import Listener
from dealings.platform.bus import wire
from dealings.platform.bus.bus import Bus
from dealings.platform.bus.speaking import Speaker


class Interests:
    """What the hub knows of the other nodes: follows a stream's first listener here, and its last one."""

    def __init__(self, bus: Bus, subjects: wire.Subjects, speaker: Speaker) -> None:
        self._bus = bus
        self._subjects = subjects
        self._speaker = speaker
        self.by_mark: dict[int, str] = {}
        """The streams, by the mark of their subject."""
        self.newcomers: list[tuple[Listener, str]] = []
        """Who has come into a conversation since it was last asked."""
        self.newest = 0
        """A commit number that is on disk."""

    def first(self, stream: str) -> None:
        subject = self._subjects.of(stream)
        self.by_mark[wire.mark(subject)] = stream
        self._bus.listen(subject)

    def last(self, stream: str) -> None:
        subject = self._subjects.of(stream)
        self.by_mark.pop(wire.mark(subject), None)
        self._bus.ignore(subject)

    def joined(self, listener: Listener, stream: str) -> None:
        self.newcomers.append((listener, stream))

    def say(self, stream: str, kind: str, data: bytes) -> None:
        self._speaker.pass_on(stream, kind, data)

    def durable(self, commit_no: int) -> int:
        """PostgreSQL may use numbers again after a crash that were never on disk; clients are not given those."""
        return min(commit_no, self.newest)

    def __contains__(self, stream: object) -> bool:
        return isinstance(stream, str) and wire.mark(self._subjects.of(stream)) in self.by_mark

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.by_mark.values()))
