"""Where uvicorn hands a WebSocket over to picows, on the port that also serves HTTP.

uvicorn builds ``ws(config=…, server_state=…, app_state=…)``, calls ``connection_made`` and
``data_received`` with the upgrade request as it came, and sets the result as the transport's
protocol. picows' WSProtocol takes bytes through a buffer it owns. Its constructor is not
documented, so it is used here only, its version is pinned, and tests/edge/test_adapter.py
would notice a change.
"""

import logging
from collections.abc import Callable
from typing import Any

from picows import WSAutoPingStrategy, WSListener, WSUpgradeRequest
from picows.picows import WSProtocol  # type: ignore[attr-defined]  # the stub leaves it out

from dealings.edge.gateway.protocol import FRAME_MOST

HANDSHAKE_SECONDS = 5.0
READ_BUFFER_BYTES = 2048
"""Per connection to begin with; picows grows it when a frame needs more, and shrinks it again."""

Accept = Callable[[WSUpgradeRequest, str, str], WSListener | None]
"""Decides on an upgrade request, with the peer's address and the scheme; None refuses it."""

_silent = logging.getLogger("dealings.picows")
_silent.setLevel(logging.ERROR)


class Upgraded(WSProtocol):  # type: ignore[misc]  # a compiled class
    """picows' protocol, fed the bytes that uvicorn has already read."""

    def data_received(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            buffer = self.get_buffer(-1)
            taken = min(len(buffer), len(rest))
            buffer[:taken] = rest[:taken]
            self.buffer_updated(taken)
            rest = rest[taken:]


def websocket_class(accept: Accept) -> Callable[..., Upgraded]:
    """What to give uvicorn as ``Config(ws=…)``."""

    def build(*, config: Any, server_state: Any, app_state: Any) -> Upgraded:
        holder: list[Upgraded] = []

        def listener(request: WSUpgradeRequest) -> WSListener | None:
            transport = holder[0].transport.underlying_transport
            peer = transport.get_extra_info("peername")
            return accept(request, peer[0] if peer else "-", "https" if config.is_ssl else "http")

        protocol = Upgraded(
            None,
            None,
            False,
            listener,
            _silent,
            True,
            HANDSHAKE_SECONDS,
            False,
            20,
            20,
            WSAutoPingStrategy.PING_WHEN_IDLE,
            True,
            FRAME_MOST,
            None,
            READ_BUFFER_BYTES,
        )
        holder.append(protocol)
        return protocol

    return build
