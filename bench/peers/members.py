"""Members of Dealings as the generator plays them: they sign in with their session's token, then write or read along."""

import socket
import time

from bench.peers import frames
from bench.peers.engine import Engine
from bench.peers.frames import FIRST_ID
from bench.peers.players import TEXT, Player, Sent
from dealings.kernel.ids import Id


class Member(Player):
    """`cursor`: what it comes back with."""

    def __init__(
        self, engine: Engine, sock: socket.socket, *, token: str, cursor: str = "", sent: Sent | None = None
    ) -> None:
        super().__init__(engine, sock, sent=sent)
        self._hello = frames.hello(token, cursor)
        self._upgraded = False
        self.write(frames.UPGRADE)

    def read(self, buffer: bytearray, filled: int) -> int:
        if not self._upgraded:
            return self._handshake(buffer, filled)
        spans, used = frames.cut(buffer, filled)
        for start, end in spans:
            if buffer.startswith(frames.POSTED, start):
                self.posted(buffer, start, end)
            elif buffer.startswith(frames.REPLY, start):
                self._replied(buffer, start, end)
            elif buffer.startswith(frames.RESUMED, start):
                self.resumed()
        self.go_on()
        return used

    def _handshake(self, buffer: bytearray, filled: int) -> int:
        ends = buffer.find(b"\r\n\r\n", 0, filled)
        if ends < 0:
            return 0
        if not buffer.startswith(frames.UPGRADED):
            self.refused.append(bytes(buffer[:ends]))
            self.close()
            return filled
        self._upgraded = True
        self.write(self._hello)
        return ends + 4

    def _replied(self, buffer: bytearray, start: int, end: int) -> None:
        if buffer.find(frames.ERROR, start, start + 32) >= 0:
            self.refused.append(bytes(buffer[start:end]))
        elif not self.signed_in:
            at = buffer.find(b'"cursor":"', start, end) + 10
            self.cursor = buffer[at : buffer.find(b'"', at, end)].decode()
            self.greeted()
        else:
            self.replied(buffer, start, end)

    def posted(self, buffer: bytearray, start: int, end: int) -> None:
        """An event `message.posted`."""

    def replied(self, buffer: bytearray, start: int, end: int) -> None:
        """A reply to what was asked after hello."""

    def resumed(self) -> None:
        """What was missed has been told, as far as the server tells it unasked."""


class Reader(Member):
    """Looks at every message as it comes."""

    def posted(self, buffer: bytearray, start: int, end: int) -> None:
        number, seq = frames.posted(buffer, start, end)
        self.deliveries.add(number, seq, self.engine.now)


class Returner(Reader):
    """Comes back, knowing nothing of its conversation yet. The server tells the newest messages unasked; where numbers
    are missing before them it asks for the pages of that gap, all at once."""

    PAGE = 200

    def __init__(self, engine: Engine, sock: socket.socket, *, token: str, cursor: str, conversation: Id) -> None:
        super().__init__(engine, sock, token=token, cursor=cursor)
        self._conversation = conversation

    def resumed(self) -> None:
        gap = min(self.deliveries.seqs, default=1) - 1
        asked = enumerate(range(0, gap, self.PAGE), start=FIRST_ID)
        pages = [(request, after, min(self.PAGE, gap - after)) for request, after in asked]
        if pages:
            talk = self._conversation
            self.write(b"".join([frames.history(r, talk, after=after, limit=limit) for r, after, limit in pages]))

    def replied(self, buffer: bytearray, start: int, end: int) -> None:
        for number, seq in frames.page(buffer[start:end]):
            self.deliveries.add(number, seq, self.engine.now)


class GroupReader(Reader):
    """Keeps what comes with the time it came, and looks at it when the load is over: of 500 readers on one core,
    each has to take little of it."""

    def __init__(self, engine: Engine, sock: socket.socket, *, token: str) -> None:
        super().__init__(engine, sock, token=token)
        self._kept: list[tuple[float, bytes]] = []
        self._left = b""

    def read(self, buffer: bytearray, filled: int) -> int:
        if not self.signed_in:
            return super().read(buffer, filled)
        self._kept.append((self.engine.now, bytes(memoryview(buffer)[:filled])))
        return filled

    def catch_up(self) -> None:
        kept, self._kept = self._kept, []
        for came, data in kept:
            buffer = bytearray(self._left + data)
            spans, used = frames.cut(buffer, len(buffer))
            for start, end in spans:
                if buffer.startswith(frames.POSTED, start):
                    self.deliveries.add(*frames.posted(buffer, start, end), came)
            self._left = bytes(buffer[used:])


class Writer(Member):
    def __init__(self, engine: Engine, sock: socket.socket, *, token: str, conversation: Id, sent: Sent) -> None:
        super().__init__(engine, sock, token=token, sent=sent)
        self._form = frames.send_form(conversation, TEXT)

    def messages(self, numbers: range) -> bytes:
        form, milliseconds = self._form, time.time_ns() // 1_000_000
        return b"".join([form % (FIRST_ID + n, frames.name(milliseconds, n)) for n in numbers])

    def replied(self, buffer: bytearray, start: int, end: int) -> None:
        request, seq = frames.answered(buffer, start, end)
        self.answered(request - FIRST_ID, seq)
