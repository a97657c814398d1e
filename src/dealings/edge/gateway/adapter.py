"""The one port: a connection's first bytes decide whether it speaks HTTP (uvicorn) or is a WebSocket (picows).

uvicorn makes a protocol for each connection: ``Config(http=…)`` says which. Ours reads until the end of the
first head. An upgrade to ``/ws`` goes straight to picows, which parses it in C; anything else goes, as it came, to
uvicorn's HTTP protocol. The constructor of picows' WSProtocol is not documented, so it is used here only, its version
is pinned, and tests/edge/test_adapter.py would notice a change.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, cast

from multidict import CIMultiDict
from picows import WSAutoPingStrategy, WSListener, WSUpgradeRequest
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # the stub leaves it out

from dealings.edge.gateway.protocol import FRAME_MOST
from dealings.edge.web import http
from dealings.edge.web.http import BoundedHttp

HANDSHAKE_SECONDS = 5.0
READ_BUFFER_BYTES = 2048
"""Per connection to begin with, the least that picows takes; it grows when a frame needs more."""
UPGRADE = b"GET /ws"
DOORS_MOST = 10_000
"""Connections of which nothing is known yet; beyond it the oldest has to go. Those who behave say what they want at once."""
NO_HEADERS: CIMultiDict[str] = CIMultiDict()
"""In place of those of an upgrade, a kilobyte and a half that nobody reads again."""

Accept = Callable[[WSUpgradeRequest, str], WSListener | None]
"""Decides on an upgrade request, with the peer's address; None refuses it."""

_silent = logging.getLogger("dealings.picows")
_silent.setLevel(logging.ERROR)


class Upgraded(WSProtocol):  # type: ignore[misc]  # a compiled class
    """picows' protocol, fed the head that was read already."""

    __slots__ = ()

    def data_received(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest and not self.transport.underlying_transport.is_closing():
            buffer = self.get_buffer(-1)
            taken = min(len(buffer), len(rest))
            buffer[:taken] = rest[:taken]
            self.buffer_updated(taken)
            rest = rest[taken:]


class Door(asyncio.Protocol):
    """A connection of which nothing is known yet."""

    __slots__ = ("_deadline", "_head", "_place", "_plain", "_transport")

    def __init__(self, place: "Doors", plain: Callable[[], BoundedHttp]) -> None:
        self._place = place
        self._plain = plain
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._deadline = asyncio.get_running_loop().call_later(http.HEAD_SECONDS, self._transport.abort)
        self._place.waiting(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._deadline.cancel()
        self._place.settled(self)

    def abort(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Any other beginning is HTTP; of an upgrade, wait for the whole head."""
        head = self._head + data if self._head else data
        if not head.startswith(UPGRADE[: len(head)]):
            self._pass_on(self._plain(), head)
        elif b"\r\n\r\n" in head:
            upgraded = self._place.upgraded(self._transport)
            self._pass_on(upgraded, head)
            if upgraded.transport.response is not None:
                upgraded.transport.request.headers = upgraded.transport.response.headers = NO_HEADERS
        elif len(head) > http.HEAD_BYTES_MOST:
            self._transport.abort()
        else:
            self._head = head

    def _pass_on(self, protocol: Any, head: bytes) -> None:
        self._deadline.cancel()
        self._place.settled(self)
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        protocol.data_received(head)


class Doors:
    """Makes a door for each connection: ``Config(http=Doors(accept))``."""

    def __init__(self, accept: Accept) -> None:
        self._accept = accept
        self._address = "-"
        self._waiting: dict[Door, None] = {}

    def __call__(self, **given: Any) -> Door:
        """As uvicorn makes its HTTP protocol: with `config`, `server_state`, `app_state`."""
        return Door(self, lambda: BoundedHttp(**given))

    def waiting(self, door: Door) -> None:
        self._waiting[door] = None
        if len(self._waiting) > DOORS_MOST:
            oldest = next(iter(self._waiting))
            self.settled(oldest)
            oldest.abort()

    def settled(self, door: Door) -> None:
        self._waiting.pop(door, None)

    def upgraded(self, transport: asyncio.Transport) -> Upgraded:
        """For a connection whose whole head is passed on next, so that `_listener` is asked at once."""
        peer = transport.get_extra_info("peername")
        self._address = peer[0] if peer else "-"
        return Upgraded(
            None,
            None,
            False,
            self._listener,
            _silent,
            True,
            HANDSHAKE_SECONDS,
            False,
            20,
            20,
            WSAutoPingStrategy.PING_WHEN_IDLE,
            False,  # pongs by itself: it would write them without a bound to who reads nothing
            FRAME_MOST,
            None,
            READ_BUFFER_BYTES,
        )

    def _listener(self, request: WSUpgradeRequest) -> WSListener | None:
        return self._accept(request, self._address)
