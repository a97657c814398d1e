"""Members of Dealings as the generator plays them: they sign in, then write or read along."""

import socket
import time
from array import array
from dataclasses import dataclass, field

from bench.peers import frames
from bench.peers.engine import Engine, Line
from bench.peers.frames import FIRST_ID
from bench.peers.journal import Acks, Deliveries
from dealings.kernel.ids import Id

TEXT = (
    "The spring harvest came in on Tuesday: would you like 250 g of the Longjing again, same as last year,"
    " or shall we put a little of the brand new Anji tea into the parcel for you to try with the family?"
)
assert len(TEXT.encode()) == 200


@dataclass
class Sent:
    """When each message of this run was sent, by its number."""

    at: "array[float]" = field(default_factory=lambda: array("d"))
    stopped: bool = False


class Member(Line):
    """A connection that signs in with its session's token. `cursor`: what it comes back with."""

    def __init__(self, engine: Engine, sock: socket.socket, *, token: str, cursor: str = "") -> None:
        super().__init__(engine, sock)
        self._hello = frames.hello(token, cursor)
        self.upgraded = False
        self.cursor = b""
        """From the greeting: where the log stood."""
        self.caught_up = False
        self.refused: list[bytes] = []
        self.write(frames.UPGRADE)

    @property
    def signed_in(self) -> bool:
        return bool(self.cursor)

    def read(self, buffer: bytearray, filled: int) -> int:
        if not self.upgraded:
            return self._handshake(buffer, filled)
        spans, used = frames.cut(buffer, filled)
        for start, end in spans:
            if buffer.startswith(frames.POSTED, start):
                self.posted(buffer, start, end)
            elif buffer.startswith(frames.REPLY, start):
                self._replied(buffer, start, end)
            elif buffer.startswith(b'{"ev":"resumed"', start):
                self.caught_up = True
        self.all_read()
        return used

    def _handshake(self, buffer: bytearray, filled: int) -> int:
        ends = buffer.find(b"\r\n\r\n", 0, filled)
        if ends < 0:
            return 0
        if not buffer.startswith(frames.UPGRADED):
            self.refused.append(bytes(buffer[:ends]))
            self.close()
            return filled
        self.upgraded = True
        self.write(self._hello)
        return ends + 4

    def _replied(self, buffer: bytearray, start: int, end: int) -> None:
        if buffer.find(frames.ERROR, start, start + 32) >= 0:
            self.refused.append(bytes(buffer[start:end]))
        elif not self.cursor:
            at = buffer.find(b'"cursor":"', start, end) + 10
            self.cursor = bytes(buffer[at : buffer.find(b'"', at, end)])
        else:
            self.answered(buffer, start, end)

    def posted(self, buffer: bytearray, start: int, end: int) -> None:
        """An event `message.posted`."""

    def answered(self, buffer: bytearray, start: int, end: int) -> None:
        """A reply to what was asked after hello."""

    def all_read(self) -> None:
        """All whole frames of this turn have been looked at."""


class Reader(Member):
    """Notes every message of its conversation."""

    def __init__(self, engine: Engine, sock: socket.socket, *, token: str, cursor: str = "") -> None:
        super().__init__(engine, sock, token=token, cursor=cursor)
        self.deliveries = Deliveries()

    def posted(self, buffer: bytearray, start: int, end: int) -> None:
        number, seq = frames.posted(buffer, start, end)
        self.deliveries.add(number, seq, self.engine.now)


class Writer(Member):
    """Keeps so many messages under way: whenever some are answered, as many more go, in one write."""

    def __init__(self, engine: Engine, sock: socket.socket, *, token: str, conversation: Id, sent: Sent) -> None:
        super().__init__(engine, sock, token=token)
        self.acks = Acks()
        self.under_way = 0
        self._sent = sent
        self._form = frames.send_form(conversation, TEXT)
        self._just_answered = 0

    def send(self, count: int) -> None:
        at = self._sent.at
        first, form, now = len(at), self._form, time.perf_counter()
        milliseconds = time.time_ns() // 1_000_000
        numbers = range(first, first + count)
        at.extend([now] * count)
        self.under_way += count
        self.write(b"".join([form % (FIRST_ID + n, frames.name(milliseconds, n)) for n in numbers]))

    def answered(self, buffer: bytearray, start: int, end: int) -> None:
        request, seq = frames.answered(buffer, start, end)
        self.acks.add(request - FIRST_ID, seq, self.engine.now)
        self._just_answered += 1

    def all_read(self) -> None:
        if self._just_answered:
            count, self._just_answered = self._just_answered, 0
            self.under_way -= count
            if not self._sent.stopped:
                self.send(count)
