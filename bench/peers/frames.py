"""The WebSocket wire as the generator needs it: frames cut out of a buffer, requests made by filling in a form."""

import re
from collections.abc import Iterator

from dealings.kernel.ids import Id

POSTED = b'{"ev":"message.posted"'
REPLY = b'{"re":'
RESUMED = b'{"ev":"resumed"'
ERROR = b',"error":'
SEQ = b'"seq":'
CLIENT_ID = b'"client_id":"'
FIRST_ID = 10_000_000
"""Request ids begin here: all have as many digits, and so all frames of a sender have one length."""
NAME_CHARS, NUMBER_CHARS = 36, 12

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
UPGRADED = b"HTTP/1.1 101"

Span = tuple[int, int]
_MESSAGE = re.compile(rb'"seq":(\d+),"sender":[^{]*?"client_id":"[^"]{24}([0-9a-f]{12})"')


def cut(buffer: bytearray, filled: int) -> tuple[list[Span], int]:
    """Where the payloads of the whole frames are, and where the first frame begins that is not there in full."""
    spans: list[Span] = []
    at = 0
    while at + 2 <= filled:
        size, start = buffer[at + 1], at + 2
        if size == 126:
            start = at + 4
            if start > filled:
                break
            size = buffer[at + 2] << 8 | buffer[at + 3]
        elif size == 127:
            start = at + 10
            if start > filled:
                break
            size = int.from_bytes(buffer[at + 2 : start], "big")
        if start + size > filled:
            break
        spans.append((start, start + size))
        at = start + size
    return spans, at


def masked(payload: bytes) -> bytes:
    """A text frame as clients send it, under the mask of four zero bytes: the server has the same work to unmask it."""
    size = len(payload)
    if size < 126:
        return b"\x81" + bytes((0x80 | size,)) + bytes(4) + payload
    return b"\x81\xfe" + size.to_bytes(2, "big") + bytes(4) + payload


def hello(token: str, cursor: str = "") -> bytes:
    back = f',"cursor":"{cursor}"' if cursor else ""
    return masked(f'{{"op":"hello","id":1,"protocol":1,"token":"{token}"{back}}}'.encode())


def send_form(conversation: Id, text: str) -> bytes:
    """To be filled with (request id, name of the message), for `%`; the frame's length is the same for every one."""
    payload = (
        f'{{"op":"send","id":%d,"conversation":"{conversation}","client_id":"%b",'
        f'"body":{{"kind":"text","text":"{text}"}}}}'
    ).encode()
    assert payload.count(b"%") == 2, "a text without per cent signs"
    example = payload % (FIRST_ID, b"0" * NAME_CHARS)
    return masked(example)[: -len(example)].replace(b"%", b"%%") + payload


def name(milliseconds: int, number: int) -> bytes:
    """A message's client id: a UUIDv7 as clients make them, whose last twelve digits are the generator's number."""
    digits = b"%012x" % milliseconds
    return b"%b-%b-7000-8000-%012x" % (digits[:8], digits[8:], number)


def number_after(buffer: bytearray, mark: bytes, start: int, end: int) -> int:
    """The number that follows a mark, up to the next comma or brace."""
    begins = buffer.find(mark, start, end) + len(mark)
    ends = buffer.find(b",", begins, end)
    return int(buffer[begins : ends if ends > 0 else end - 1])


def posted(buffer: bytearray, start: int, end: int) -> tuple[int, int]:
    """Of an event `message.posted`: (generator's number, number in the conversation)."""
    at = buffer.find(SEQ, start, end)
    seq = int(buffer[at + 6 : buffer.find(b",", at, end)])
    at = buffer.find(CLIENT_ID, at, end) + len(CLIENT_ID) + NAME_CHARS
    return int(buffer[at - NUMBER_CHARS : at], 16), seq


def answered(buffer: bytearray, start: int, end: int) -> tuple[int, int]:
    """Of the answer to a `send`: (request id, number in the conversation)."""
    comma = buffer.find(b",", start, end)
    return int(buffer[start + len(REPLY) : comma]), number_after(buffer, SEQ, comma, end)


def page(payload: bytes | bytearray) -> Iterator[tuple[int, int]]:
    """Of a page of history: (generator's number, number in the conversation) of each message."""
    return ((int(found[2], 16), int(found[1])) for found in _MESSAGE.finditer(payload))


def history(request: int, conversation: Id, *, after: int, limit: int) -> bytes:
    return masked(
        f'{{"op":"history","id":{request},"conversation":"{conversation}","after":{after},"limit":{limit}}}'.encode()
    )
