"""What nodes tell each other: events, what is live only, and the beat by which each confirms what it has told.

One subject a stream. A message is one byte that says what it is, and MessagePack.
"""

from collections.abc import Sequence
from zlib import crc32

import msgspec

from dealings.kernel.ids import Id

EVENTS, LIVE, BEAT = b"e", b"l", b"b"


class Event(msgspec.Struct, frozen=True, array_like=True):
    """A committed event as the gateways need it."""

    commit_no: int
    n: int
    stream: str
    kind: str
    data: bytes
    at: int


class Events(msgspec.Struct, frozen=True, array_like=True):
    """What a node committed in one stream, in the order of its commits."""

    node: Id
    events: list[Event]


class Live(msgspec.Struct, frozen=True, array_like=True):
    """What is passed on to those who are there and kept nowhere."""

    node: Id
    stream: str
    kind: str
    data: bytes


class Beat(msgspec.Struct, frozen=True, array_like=True):
    """A node's heartbeat. NATS keeps the order of what one node publishes, so whoever hears it has heard all before it,
    or can tell that something is missing."""

    node: Id
    number: int
    """1, 2, 3 …; a number left out says: look into the log, something may have been told to nobody."""
    confirmed: int
    """Every event that this node committed up to this commit number was published before."""
    newest: int
    """A commit number that is on disk."""
    told: dict[int, int]
    """Since the last beat: how many messages with events went to which subject, by its `mark`."""
    last: bool = False
    """The node ends; nothing more comes from it."""


Message = Events | Live | Beat

_encode = msgspec.msgpack.Encoder().encode
_kinds: dict[type[Message], bytes] = {Events: EVENTS, Live: LIVE, Beat: BEAT}
_decoders = {kind[0]: msgspec.msgpack.Decoder(type).decode for type, kind in _kinds.items()}


def encode(message: Message) -> bytes:
    return _kinds[type(message)] + _encode(message)


def decode(payload: bytes) -> Message:
    """Raises msgspec.MsgspecError or LookupError for what is no message of this version."""
    message: Message = _decoders[payload[0]](memoryview(payload)[1:])
    return message


def mark(subject: str) -> int:
    """A short name of a subject. Two with the same one make a reader look into the log for nothing, once in a while."""
    return crc32(subject.encode())


class Subjects:
    """The names of a log's subjects: `dealings.<incarnation>.c.<conversation>`, `.a.<account>`, `.s.<shop>`, `.beat`."""

    def __init__(self, incarnation: str) -> None:
        self._prefix = f"dealings.{incarnation}."
        self.beat = self._prefix + "beat"

    def of(self, stream: str) -> str:
        """Where those listen who listen to a stream (of a shop's thread: its members)."""
        return self._prefix + stream.partition("@")[0].replace(":", ".", 1)

    def all_of(self, stream: str) -> Sequence[str]:
        """Where to publish: a shop's thread concerns those in it, and the shop's staff."""
        shop = stream.partition("@")[2]
        return (self.of(stream), f"{self._prefix}s.{shop}") if shop else (self.of(stream),)
