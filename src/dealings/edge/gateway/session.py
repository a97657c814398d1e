"""One WebSocket connection: reads frames, answers them, is told of events; bounded everywhere."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from dealings.edge.gateway import protocol
from dealings.edge.gateway.protocol import AnyFrame, BadFrame, TooFast
from dealings.edge.web.observe import Bucket
from dealings.kernel.errors import Refusal, Unavailable
from dealings.platform.telemetry import metrics

if TYPE_CHECKING:
    from dealings.domain.identity.model import Caller
    from dealings.edge.gateway.gateway import Gateway

QUEUE_MOST = 4 * 1024 * 1024
"""Bytes waiting for one connection. A reader slower than that is cut off and catches up from the log."""
UNDER_WAY_MOST = 256
"""Requests of one connection that are not answered yet."""
HELLO_SECONDS = 10.0
IDLE_SECONDS = 75.0
"""Clients ping every 25 s; three missed and the connection is taken for dead."""
LOOK_AGAIN_SECONDS = 300.0
"""How long a connection outlives rights that ran out, or were taken where this process did not hear of it."""
CLOSE_REVOKED = 4001
CLOSE_NO_HELLO = 4002

logger = structlog.get_logger("dealings.gateway")


class Session(WSListener):
    """The state of one connection: who it is, what it listens to, what waits to be written."""

    def __init__(self, gateway: Gateway, *, address: str, cookie: str | None) -> None:
        self._gateway = gateway
        self.address = address
        self.cookie = cookie
        self.caller: Caller | None = None
        self.session = ""
        self.token = ""
        """Whose hello it took, once there was one; a connection has one for good."""
        self.streams: set[str] = set()
        self.told = 0
        self._waiting: list[bytes] = []
        self._held: list[bytes] | None = None
        self._under_way = 0
        rate = gateway.frames_per_second
        self._bucket = Bucket(rate=rate, burst=5 * rate, at=time.monotonic())
        self._heard_at = self._looked_at = time.monotonic()

    # picows

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self._gateway.joined(self)
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(HELLO_SECONDS, self._check_alive)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._deadline.cancel()
        self._gateway.parted(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self._heard_at = time.monotonic()
        if frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type is WSMsgType.TEXT and frame.fin:
            metrics.FRAMES_IN.inc()
            self._receive(frame.get_payload_as_bytes())
        elif frame.msg_type not in (WSMsgType.PING, WSMsgType.PONG):
            self.close(WSCloseCode.UNSUPPORTED_DATA, b"text frames only, unfragmented")

    def pause_writing(self) -> None:
        """The socket is full; what comes waits here, up to QUEUE_MOST."""

    def resume_writing(self) -> None:
        """The socket takes more."""

    # requests

    def _receive(self, payload: bytes) -> None:
        try:
            frame = protocol.decode(payload)
        except protocol.UNREADABLE as error:
            admitted = self._bucket.take(time.monotonic())
            refusal = BadFrame(problem=str(error)[:200]) if admitted else TooFast(retry_after_seconds=1)
            self.tell_now(protocol.failure(_id_of(payload), refusal))
            return
        admitted = self._bucket.take(time.monotonic(), protocol.COSTS.get(type(frame), 1))
        if not admitted or self._under_way >= UNDER_WAY_MOST:
            self.tell_now(protocol.failure(frame.id, TooFast(retry_after_seconds=1)))
            return
        self._under_way += 1
        self._gateway.handle(self, frame)

    def answered(self, frame: AnyFrame, answer: bytes | None) -> None:
        self._under_way -= 1
        if answer is not None and frame.id:
            self.tell_now(answer)

    def failed(self, frame: AnyFrame, error: BaseException) -> None:
        """A refusal is answered as it is; anything else is a bug, logged and told as `unavailable`."""
        if not isinstance(error, Refusal):
            logger.error("frame_failed", op=type(frame).__name__, exc_info=error)
            error = Unavailable()
        metrics.REFUSALS.labels(error.code).inc()
        self.answered(frame, protocol.failure(frame.id, error))

    # telling

    def hold(self) -> None:
        """Keep live events back while the missed ones are being read."""
        self._held = []

    def release(self) -> None:
        held, self._held = self._held or [], None
        for frame in held:
            self.tell_now(frame)

    def tell(self, frame: bytes) -> None:
        """An event: written with everything else of this tick, or held until the client has caught up."""
        metrics.EVENTS_OUT.inc()
        if self._held is not None:
            self._held.append(frame)
        else:
            self.tell_now(frame)

    def tell_now(self, frame: bytes) -> None:
        if not self._waiting:
            self._gateway.due(self)
        self._waiting.append(frame)

    def flush(self) -> None:
        """One write for all that is due."""
        frames, self._waiting = self._waiting, []
        transport: Any = self.transport.underlying_transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() > QUEUE_MOST:
            metrics.SLOW_CUT.inc()
            transport.abort()
            return
        transport.write(b"".join(frames) if len(frames) > 1 else frames[0])

    # ending

    def revoke(self) -> None:
        self._gateway.after_flush(lambda: self.close(CLOSE_REVOKED, b"session ended"))

    def close(self, code: int | WSCloseCode, reason: bytes) -> None:
        if not self.transport.is_close_frame_sent:
            self.transport.send_close(code, reason)  # type: ignore[arg-type]  # any RFC 6455 code will do
        self.transport.disconnect()

    def _check_alive(self) -> None:
        """Half-open connections are noticed; those that never say hello are not kept."""
        silent = time.monotonic() - self._heard_at
        if self.caller is None:
            self.close(CLOSE_NO_HELLO, b"no hello")
        elif silent > IDLE_SECONDS:
            self.transport.underlying_transport.abort()
        else:
            self._deadline = asyncio.get_running_loop().call_later(IDLE_SECONDS - silent + 1, self._check_alive)
            self._look_again()

    def _look_again(self) -> None:
        if time.monotonic() - self._looked_at > LOOK_AGAIN_SECONDS:
            self._looked_at = time.monotonic()
            self._gateway.look_again(self)


class _Numbered(msgspec.Struct):
    id: int = 0


def _id_of(payload: bytes) -> int:
    """The id of a frame that could not be read as a whole, if that much could."""
    try:
        return msgspec.json.decode(payload, type=_Numbered).id
    except protocol.UNREADABLE:
        return 0
