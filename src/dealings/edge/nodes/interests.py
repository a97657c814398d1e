"""What this node listens to on the bus: the streams of those who are online here, and no others."""

from collections.abc import Iterator

from dealings.platform.bus import wire
from dealings.platform.bus.bus import Bus


class Interests:
    """Follows the hub: a stream's first listener here, and its last one."""

    def __init__(self, bus: Bus, subjects: wire.Subjects) -> None:
        self._bus = bus
        self._subjects = subjects
        self.by_mark: dict[int, str] = {}
        """The streams, by the mark of their subject."""

    def first(self, stream: str) -> None:
        subject = self._subjects.of(stream)
        self.by_mark[wire.mark(subject)] = stream
        self._bus.listen(subject)

    def last(self, stream: str) -> None:
        subject = self._subjects.of(stream)
        self.by_mark.pop(wire.mark(subject), None)
        self._bus.ignore(subject)

    def __contains__(self, stream: object) -> bool:
        return isinstance(stream, str) and wire.mark(self._subjects.of(stream)) in self.by_mark

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.by_mark.values()))
