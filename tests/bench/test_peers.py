"""What could go wrong in silence while a load is measured: a frame overlooked, a message lost or doubled unnoticed."""

import pytest

from bench.peers import frames, nats
from bench.peers.journal import Deliveries, Wrong, check
from dealings.domain.messaging.api import Text
from dealings.domain.messaging.events import MessagePosted
from dealings.domain.messaging.model import Message
from dealings.edge.gateway import protocol
from dealings.kernel.ids import Id

TALK = Id("0123456789abcdef")
NAME = frames.name(1_700_000_000_000, 77).decode()
POSTED = protocol.event(
    MessagePosted.kind,
    protocol.encode(Message(TALK, 12, TALK, None, NAME, Text("tea " * 50), 1_700_000_000_000)),
    at=b"0000000000000000.5",
)
REPLY = protocol.sent(frames.FIRST_ID + 3, 1234, 1_700_000_000_000)
STREAM = POSTED + REPLY + protocol.text_frame(b"x" * 70_000) + REPLY


@pytest.mark.parametrize("step", [1, 7, 100, len(STREAM)])
def test_frames_are_found_however_the_bytes_come(step: int) -> None:
    found, rest = [], b""
    for at in range(0, len(STREAM), step):
        buffer = bytearray(rest + STREAM[at : at + step])
        spans, used = frames.cut(buffer, len(buffer))
        found += [bytes(buffer[start:end]) for start, end in spans]
        rest = bytes(buffer[used:])
    assert rest == b""
    assert [len(payload) for payload in found] == [len(POSTED) - 4, len(REPLY) - 2, 70_000, len(REPLY) - 2]
    assert found[0].startswith(frames.POSTED)
    assert found[1].startswith(frames.REPLY)


def test_bytes_behind_the_filled_part_are_left_alone() -> None:
    """The buffer holds what came earlier, beyond what has come now."""
    assert frames.cut(bytearray(STREAM), len(POSTED) - 1) == ([], 0)


def test_what_the_server_writes_is_read() -> None:
    buffer = bytearray(POSTED + REPLY)
    (event, reply), _ = frames.cut(buffer, len(buffer))
    assert frames.posted(buffer, *event) == (77, 12)
    assert frames.answered(buffer, *reply) == (frames.FIRST_ID + 3, 1234)


def test_what_the_generator_sends_is_what_the_server_expects() -> None:
    frame = frames.send_form(TALK, "tea") % (frames.FIRST_ID, frames.name(1_700_000_000_000, 77))
    assert frame[1] & 0x80, "clients mask"
    assert int.from_bytes(frame[2:4], "big") == len(frame) - 8
    sent = protocol.decode(frame[8:])
    assert isinstance(sent, protocol.Send)
    assert (sent.conversation, sent.client_id, sent.body.text) == (TALK, NAME, "tea")


SAID = b'INFO {"server_id":"x"}\r\nPONG\r\nMSG pair.1 1 _INBOX.2.3 12\r\n00000000004d\r\n-ERR \'no\'\r\n'


@pytest.mark.parametrize("step", [1, 5, len(SAID)])
def test_lines_of_nats_are_found_however_the_bytes_come(step: int) -> None:
    lines, payloads, rest = [], [], b""
    for at in range(0, len(SAID), step):
        buffer = bytearray(rest + SAID[at : at + step])
        told, used = nats.cut(buffer, len(buffer))
        lines += [one.line.split(b" ")[0] for one in told]
        payloads += [bytes(buffer[one.start : one.end]) for one in told]
        rest = bytes(buffer[used:])
    assert rest == b""
    assert lines == [b"INFO", b"PONG", b"MSG", b"-ERR"]
    assert payloads == [b"", b"", b"00000000004d", b""]


def _noted(*pairs: tuple[int, int]) -> Deliveries:
    deliveries = Deliveries()
    for number, seq in pairs:
        deliveries.add(number, seq, 0.0)
    return deliveries


RIGHT = ((5, 1), (6, 2), (9, 3))


def test_each_once_and_in_order_is_right() -> None:
    assert check([_noted(*reversed(RIGHT))], [_noted(*RIGHT), _noted(*RIGHT)]) == 3


@pytest.mark.parametrize(
    ("acks", "delivered"),
    [
        (RIGHT, RIGHT[:2]),
        (RIGHT, (*RIGHT, (10, 4))),
        (RIGHT, (*RIGHT, RIGHT[2])),
        (RIGHT, (RIGHT[1], RIGHT[0], RIGHT[2])),
        (RIGHT, ((5, 1), (9, 2), (6, 3))),
        (((5, 1), (6, 3)), ((5, 1), (6, 3))),
        (((5, 1), (6, 1)), ((5, 1), (6, 1))),
        (((5, 1), (5, 2)), ((5, 1), (5, 2))),
    ],
    ids=["lost", "unknown", "double", "out of order", "swapped", "gap", "number twice", "answered twice"],
)
def test_a_broken_promise_is_seen(acks: tuple[tuple[int, int], ...], delivered: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(Wrong):
        check([_noted(*acks)], [_noted(*delivered)])


def test_of_several_readers_each_is_looked_at() -> None:
    with pytest.raises(Wrong, match="1 missing"):
        check([_noted(*RIGHT)], [_noted(*RIGHT), _noted(*RIGHT[:2])])
