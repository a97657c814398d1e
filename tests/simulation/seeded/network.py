"""A network between clients and a server: each connection delays, splits, stalls, breaks off, goes dead without a
word; and, where a proxy stands between, loses, doubles and reorders whole frames."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

TEXT, CLOSE = 1, 8
LONGEST_HOP = 0.3
NEXT = 1e-6
"""Timers of the same moment run in any order; what must come later is due later."""


@dataclass
class Weather:
    """What the network is like at the moment; shared by all its wires."""

    slowest: float = 0.05
    """Seconds that a piece may be on its way."""
    lose: float = 0.0
    """How likely a proxy loses a frame …"""
    double: float = 0.0
    delay: float = 0.0
    """… or lets others pass it."""
    down: bool = False
    """Nobody reaches anybody: connections don't open."""

    def be_honest(self) -> None:
        self.lose = self.double = self.delay = 0.0

    def clear_up(self) -> None:
        self.be_honest()
        self.down = False
        self.slowest = 0.05


class Pipe:
    """One direction: what is put in comes out in order, later, in other pieces."""

    def __init__(self, loop: asyncio.AbstractEventLoop, rng: Random, weather: Weather, out: Callable[[bytes], None]):
        self._loop, self._rng, self._weather, self._out = loop, rng, weather, out
        self._last = 0.0
        self._stalled: list[bytes] | None = None
        self.waiting = 0
        """Bytes on their way."""
        self.broken = False

    def put(self, data: bytes) -> None:
        self.waiting += len(data)
        cut = self._rng.randrange(1, len(data)) if len(data) > 1 and self._rng.random() < 0.1 else len(data)
        for piece in filter(None, (data[:cut], data[cut:])):
            self._loop.call_at(self._arrival(), self._arrive, piece)

    def after_all(self, do: Callable[[], None]) -> None:
        """When everything put in before has come out."""
        self._loop.call_at(self._arrival(), do)

    def stall(self) -> None:
        """Whoever reads here has stopped reading."""
        if self._stalled is None:
            self._stalled = []

    def go_on(self) -> None:
        stalled, self._stalled = self._stalled or [], None
        for piece in stalled:
            self._arrive(piece)

    def _arrival(self) -> float:
        self._last = max(self._last + NEXT, self._loop.time() + self._rng.uniform(0.001, self._weather.slowest))
        return self._last

    def _arrive(self, piece: bytes) -> None:
        if self._stalled is not None:
            self._stalled.append(piece)
            return
        self.waiting -= len(piece)
        if not self.broken:
            self._out(piece)


@dataclass
class Frames:
    """RFC 6455 frames out of bytes, as servers send them: unmasked and unfragmented."""

    _buffer: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        self._buffer += data
        found = []
        while (frame := self._next()) is not None:
            found.append(frame)
        return found

    def _next(self) -> tuple[int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1], 2
        if size == 126:
            size, start = int.from_bytes(buffer[2:4], "big"), 4
        elif size == 127:
            size, start = int.from_bytes(buffer[2:10], "big"), 10
        if len(buffer) < start + size or len(buffer) < start:
            return None
        frame = (buffer[0] & 15, bytes(buffer[start : start + size]))
        del buffer[: start + size]
        return frame


def frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    head = bytes((128 | opcode,))
    if size < 126:
        return head + bytes((size,)) + payload
    if size < 65536:
        return head + b"\x7e" + size.to_bytes(2, "big") + payload
    return head + b"\x7f" + size.to_bytes(8, "big") + payload


class Proxy:
    """Hands frames on, most of them once and in order."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, rng: Random, weather: Weather, out: Callable[[int, bytes], None]
    ):
        self._loop, self._rng, self._weather, self._out = loop, rng, weather, out

    def pass_on(self, opcode: int, payload: bytes) -> None:
        weather = self._weather
        if opcode != TEXT or not (weather.lose or weather.double or weather.delay):
            self._out(opcode, payload)
            return
        chance = self._rng.random()
        if chance < weather.lose:
            return
        if chance < weather.lose + weather.double:
            self._later(opcode, payload)
        elif chance < weather.lose + weather.double + weather.delay:
            self._later(opcode, payload)
            return
        self._out(opcode, payload)

    def _later(self, opcode: int, payload: bytes) -> None:
        self._loop.call_later(self._rng.uniform(0.001, LONGEST_HOP), self._out, opcode, payload)


class Wire:
    """One connection. `client` hears `opened`, `received`, `closed`; the server side is a listener of the gateway."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, rng: Random, weather: Weather, client: Any, accept: Any
    ) -> None:
        self.loop, self.rng, self.weather = loop, rng, weather
        self.address = f"address of {client.name}"
        self._client: Any = client
        self._server: Any = None
        self._accept = accept
        to_client, to_server = Proxy(loop, rng, weather, self._to_client), Proxy(loop, rng, weather, self._to_server)
        self._client_frames, self._server_frames = Frames(), Frames()
        self.down = Pipe(loop, rng, weather, lambda data: _each(self._client_frames.feed(data), to_client.pass_on))
        self.up = Pipe(loop, rng, weather, lambda data: _each(self._server_frames.feed(data), to_server.pass_on))
        self.dead = False
        """Half-open: nothing gets through any more, and nobody is told."""
        loop.call_later(rng.uniform(0.001, weather.slowest), self._open)

    # both ends

    def _open(self) -> None:
        if self.weather.down or self.dead:
            self.go_dead()
            return
        self._server = self._accept(self)
        if self._server is None:
            self._tell_client("closed", 1006)
        else:
            self._tell_client("opened")

    def send_up(self, text: str) -> None:
        self.up.put(frame(TEXT, text.encode()))

    def send_down(self, data: bytes) -> None:
        self.down.put(data)

    def _to_client(self, opcode: int, payload: bytes) -> None:
        if self.dead:
            return
        if opcode == CLOSE:
            self._tell_client("closed", int.from_bytes(payload[:2], "big"))
        else:
            self._tell_client("received", payload.decode())

    def _to_server(self, opcode: int, payload: bytes) -> None:
        if self._server is not None and not self.dead:
            self._server.arrived(opcode, payload)

    def _tell_client(self, name: str, *given: Any) -> None:
        client = self._client
        if client is not None:
            if name == "closed":
                self._client = None
            client.told(self, name, *given)

    # endings

    def client_closes(self) -> None:
        self._client = None
        self.up.after_all(self._server_lost)

    def server_closes(self) -> None:
        """After what it wrote; a client that is not reached never learns of it."""
        self.down.after_all(self._client_lost)

    def cut(self) -> None:
        """Both ends lose what is on its way, and learn of it sooner or later."""
        self.up.broken = self.down.broken = True
        self.loop.call_later(self.rng.uniform(0, 0.5), self._client_lost)
        self.loop.call_later(self.rng.uniform(0, 0.5), self._server_lost)

    def go_dead(self) -> None:
        self.dead = self.up.broken = self.down.broken = True

    def server_is_gone(self) -> None:
        """Its process has died: the client's side is reset, if that gets through."""
        self._server = None
        self.down.broken = True
        self.loop.call_later(self.rng.uniform(0.001, 0.1), self._client_lost)

    def _client_lost(self) -> None:
        if not self.dead:
            self._tell_client("closed", 1006)

    def _server_lost(self) -> None:
        if self._server is not None and not self.dead:
            server, self._server = self._server, None
            server.lost()


def _each(frames: list[tuple[int, bytes]], do: Callable[[int, bytes], None]) -> None:
    for opcode, payload in frames:
        do(opcode, payload)
