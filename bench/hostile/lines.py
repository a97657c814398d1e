"""Hostile connections: what each was answered, and how it ended."""

import re
import socket
from collections import Counter

from bench.peers import frames
from bench.peers.engine import Engine, Line

CODE = re.compile(rb'"error":\{"code":"([a-z_.]+)"')
CLOSE_BYTE, PONG_BYTE = 0x88, 0x8A


class Hostile(Line):
    """Counts, under a name each, the answers that it is given, and its end: a status of HTTP, a refusal's code, the code
    of a close frame, `cut` where the server just ended it."""

    def __init__(self, engine: Engine, sock: socket.socket, *, told: Counter[str], opening: bytes) -> None:
        super().__init__(engine, sock)
        self.told = told
        self.upgraded = self.ours = False
        self.turns = 0
        if opening:
            self.write(opening)

    def write(self, data: bytes) -> None:
        """As much as goes through; what is hostile does not wait for its turn."""
        if self.ended:
            return
        try:
            super().write(data)
        except OSError:
            self.close()

    def read(self, buffer: bytearray, filled: int) -> int:
        return self._framed(buffer, filled) if self.upgraded else self._answered(buffer, filled)

    def _answered(self, buffer: bytearray, filled: int) -> int:
        ends = buffer.find(b"\r\n\r\n", 0, filled)
        if ends < 0:
            return 0
        status = bytes(buffer[9:12]).decode()
        if status == "101":
            self.upgraded = True
            return ends + 4
        for line in bytes(buffer[:filled]).split(b"HTTP/1.1 ")[1:]:
            self.told[f"HTTP {line[:3].decode(errors='replace')}"] += 1
        return filled

    def _framed(self, buffer: bytearray, filled: int) -> int:
        spans, used = frames.cut(buffer, filled)
        for start, end in spans:
            opcode = _opcode(buffer, start, end)
            if opcode == PONG_BYTE:
                self.told["pong"] += 1
            else:
                self._look(bytes(buffer[start:end]), closing=opcode == CLOSE_BYTE)
        return used

    def _look(self, payload: bytes, *, closing: bool) -> None:
        if closing:
            self.told[f"closed {int.from_bytes(payload[:2], 'big')}"] += 1
            self.ours = True
            self.close()
        elif found := CODE.search(payload):
            self.told[found[1].decode()] += 1

    def close(self) -> None:
        if not self.ended and not self.ours:
            self.told["cut"] += 1
        super().close()

    def stall(self) -> None:
        """Read nothing any more."""
        self.engine.deafen(self)

    def leave(self) -> None:
        """Of its own will: that is no end by the server."""
        self.ours = True
        self.close()


def _opcode(buffer: bytearray, start: int, end: int) -> int:
    """The first byte of the frame whose payload is there: its header is 2, 4 or 10 bytes long."""
    size = end - start
    return buffer[start - (2 if size < 126 else 4 if size < 65_536 else 10)]


def frame(first: int, payload: bytes, *, length: bytes | None = None, mask: bool = True) -> bytes:
    """A frame as a client may or may not send it: `length` is the length field and what follows it, when it lies."""
    size = len(payload)
    field = length or (bytes((size,)) if size < 126 else b"\x7e" + size.to_bytes(2, "big"))
    return bytes((first, field[0] | (0x80 if mask else 0))) + field[1:] + (bytes(4) if mask else b"") + payload
