"""The WebSocket protocol: frames decoded straight into typed values, answers and events encoded once.

docs/protocol.md describes it for people who write clients.
"""

from typing import Annotated, Any
from zlib import crc32

import msgspec

from dealings.domain.messaging.api import Text
from dealings.domain.messaging.queries import LISTED_MOST
from dealings.kernel.errors import Invalid, Limited, Param, Refusal
from dealings.kernel.ids import Id
from dealings.platform.db.actions import Stored

PROTOCOL = 1
FRAME_MOST = 64 * 1024
"""Bytes of one frame from a client: a text of 10,000 characters in any script, with room."""

ShortId = Annotated[Id, msgspec.Meta(min_length=1, max_length=40, pattern="^[!-~]+$")]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Seq = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class Frame(msgspec.Struct, tag_field="op", frozen=True):
    """A request; `id` comes back in its reply. Without one there is no reply."""

    id: Number = 0


class Hello(Frame, tag="hello", frozen=True):
    protocol: int = PROTOCOL
    token: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    cursor: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    agent: Annotated[str, msgspec.Meta(max_length=200)] = ""


class GetState(Frame, tag="state", frozen=True):
    """`limit`: of so many conversations, the pinned and the newest."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=LISTED_MOST)] = LISTED_MOST


class Send(Frame, tag="send", frozen=True, kw_only=True):
    conversation: ShortId
    client_id: ShortId
    body: Text


class MarkRead(Frame, tag="read", frozen=True, kw_only=True):
    conversation: ShortId
    seq: Seq


class Received(Frame, tag="received", frozen=True, kw_only=True):
    """This account's devices have the messages of a conversation up to there."""

    conversation: ShortId
    seq: Seq


class KeepDraft(Frame, tag="draft", frozen=True, kw_only=True):
    """What was begun; an empty text clears it."""

    conversation: ShortId
    text: str


class Watch(Frame, tag="watch", frozen=True, kw_only=True):
    """What is on this connection's screen; one conversation, or none."""

    conversation: ShortId | None = None


class Typing(Frame, tag="typing", frozen=True, kw_only=True):
    conversation: ShortId


class History(Frame, tag="history", frozen=True, kw_only=True):
    conversation: ShortId
    before: Seq | None = None
    after: Seq | None = None
    around: Seq | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = 50


class Ping(Frame, tag="ping", frozen=True):
    pass


AnyFrame = Hello | GetState | Send | MarkRead | Received | KeepDraft | Watch | Typing | History | Ping
COSTS: dict[type[AnyFrame], int] = {GetState: 20, Watch: 20, Typing: 20, KeepDraft: 4, History: 2}
"""Of the requests that a connection may send a second, how many one of these counts for; all others for one."""
COUNTED_BYTES = 1024
"""A frame counts for one more for each of these: a long text has to be written and told, too."""
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding raises: for JSON of another shape, for bytes that are no UTF-8, for brackets in brackets without end."""

decode = msgspec.json.Decoder(AnyFrame).decode
encode = msgspec.json.Encoder().encode


class Limits(msgspec.Struct, frozen=True):
    """What a connection may do; more is refused with `retry_after_seconds`, never cut without a word."""

    frame_bytes: int
    text_characters: int
    requests_per_second: int
    under_way: int


class Pong(msgspec.Struct, frozen=True):
    """`told`: the sum over all events of the log that this connection was told of (`told_with`); a client whose own
    sum is another one has missed something, and comes back."""

    server_time: int
    told: int


class Typed(msgspec.Struct, frozen=True):
    conversation: Id
    account: Id


class Seen(msgspec.Struct, frozen=True):
    """Who is there, of those who can be seen: accounts or, in its own thread, the shop."""

    conversation: Id | None
    present: list[Id] = []


class Presence(msgspec.Struct, frozen=True):
    """Someone came, or went."""

    conversation: Id
    account: Id
    online: bool


class Failure(msgspec.Struct, frozen=True):
    code: str
    message: str
    params: dict[str, Param] = {}
    retry_after_seconds: int | None = None


class BadFrame(Invalid):
    code = "protocol.bad_frame"
    text = "This frame could not be read: {problem}"


class OldProtocol(Invalid):
    code = "protocol.version"
    text = "This server speaks protocol {supported}. Update the app."


class HelloFirst(Invalid):
    code = "protocol.hello_first"
    text = "Say hello before anything else."


class HelloOnce(Invalid):
    code = "protocol.hello_once"
    text = "This connection has said hello. Open another one to sign in as someone else."


class TooManyConnections(Limited):
    code = "protocol.too_many_connections"
    text = "This account has too many connections. Close some, then try again in {retry_after_seconds} s."


class TooFast(Limited):
    code = "protocol.too_fast"
    text = "Too many requests. Send this one again in {retry_after_seconds} s."


def text_frame(payload: bytes) -> bytes:
    """An unmasked text frame (RFC 6455, 5.2), as servers send them; made once, written to many."""
    size = len(payload)
    if size < 126:
        return b"\x81" + bytes((size,)) + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def pong(payload: bytes) -> bytes:
    """The answer to a ping, which has at most 125 bytes (RFC 6455, 5.5)."""
    return b"\x8a" + bytes((len(payload),)) + payload


def reply(id: int, value: Any) -> bytes:
    return text_frame(b'{"re":%d,"ok":%b}' % (id, encode(value)))


def sent(id: int, seq: int, at: int) -> bytes:
    """A message is on disk under this number: the most frequent reply, written out."""
    return text_frame(b'{"re":%d,"ok":{"seq":%d,"at":%d}}' % (id, seq, at))


def failure(id: int, refusal: Refusal) -> bytes:
    wait = refusal.params.get("retry_after_seconds")
    told = Failure(refusal.code, refusal.message, refusal.params, wait if isinstance(wait, int) else None)
    return text_frame(b'{"re":%d,"error":%b}' % (id, encode(told)))


def event(kind: str, data: bytes, *, at: bytes) -> bytes:
    return text_frame(b'{"ev":"%b","at":"%b","data":%b}' % (kind.encode(), at, data))


def stored_event(stored: Stored, *, at: bytes) -> bytes:
    return event(stored.kind, stored.data, at=at)


def leave(within_ms: int) -> bytes:
    """Come back at a random moment within so long: not all at once."""
    return event("leave", b'{"within_ms":%d}' % within_ms, at=b"")


def mark(frame: bytes) -> int:
    """What an event adds to the sum of what was told: the CRC-32 of its payload. Made once, like the frame."""
    short = frame[1]
    return crc32(frame[2 if short < 126 else 4 if short == 126 else 10 :])


def told_with(told: int, mark: int) -> int:
    """The sum with one more event: another one when an event is missing, doubled, changed or out of order."""
    return (told * 31 + mark) & 0xFFFFFFFF


def resumed(at: bytes, *, told: int) -> bytes:
    """The end of what was missed, and the sum over it."""
    return text_frame(b'{"ev":"resumed","at":"%b","told":%d}' % (at, told))
