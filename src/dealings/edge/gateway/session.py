"""One WebSocket connection: reads frames, answers them, is told of events; bounded everywhere.

A connection that says nothing is a few hundred bytes here: no task, no timer, no buffer of its own.
"""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport

from dealings.edge.gateway import protocol
from dealings.edge.gateway.protocol import AnyFrame, BadFrame, Send, TooFast
from dealings.edge.web.observe import Bucket
from dealings.kernel.errors import Refusal, Unavailable
from dealings.platform.telemetry import metrics

if TYPE_CHECKING:
    from dealings.domain.identity.model import Caller
    from dealings.edge.gateway.gateway import Gateway
    from dealings.kernel.ids import Id

QUEUE_MOST = 4 * 1024 * 1024
"""Bytes waiting for one connection. A reader slower than that is cut off and catches up from the log."""
SLOW_BYTES = 64 * 1024
"""From here on a connection counts as slow, and to what all slow ones together may hold."""
SMALL_BYTES = 8 * 1024
"""Up to here, what is due to a connection leaves at once, whatever else does (see `gateway.TICK_BYTES`)."""
UNDER_WAY_MOST = 256
"""Requests of one connection that are not answered yet."""
HELD_MOST = 4_096
"""Live events kept back while a connection catches up; beyond it, it has to start again."""
LARGE_FRAME = 16 * 1024
"""A frame beyond this makes its connection's buffer grow, which is never given back."""
HELLO_SECONDS = 10.0
IDLE_SECONDS = 75.0
"""Clients ping every 25 s; three missed and the connection is taken for dead."""
LOOK_AGAIN_SECONDS = 300.0
"""How long a connection outlives rights that ran out, or were taken where this process did not hear of it."""
AT_ONCE = struct.pack("ii", 1, 0)
"""What SO_LINGER makes of a close: a reset (tcp(7))."""
CLOSE_RESTART = 1012
CLOSE_REVOKED = 4001
CLOSE_NO_HELLO = 4002

logger = structlog.get_logger("dealings.gateway")


class Session(WSListener):
    """The state of one connection: who it is, what it listens to, what waits to be written."""

    __slots__ = (
        "_bucket",
        "_gateway",
        "_heard_at",
        "_held",
        "_looked_at",
        "_under_way",
        "_waiting",
        "caller",
        "cookie",
        "session",
        "streams",
        "token",
        "told",
        "transport",
    )

    def __init__(self, gateway: Gateway, *, bucket: Bucket, cookie: str | None) -> None:
        self._gateway = gateway
        self._bucket = bucket
        self.cookie = cookie
        self.caller: Caller | None = None
        self.session = ""
        self.token = ""
        """Whose hello it took, once there was one; a connection has one for good."""
        self.streams: set[str] = set()
        self.told = 0
        self._waiting: list[bytes] | None = None
        """What goes out at the end of this tick."""
        self._held: list[bytes] | None = None
        self._under_way = 0
        self._heard_at = self._looked_at = gateway.time()

    # picows

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self._gateway.joined(self)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._gateway.parted(self)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        self._heard_at = self._gateway.time()
        if frame.rsv1 or frame.rsv2 or frame.rsv3:  # compressed, say: nothing of the kind was agreed on
            self.close(WSCloseCode.PROTOCOL_ERROR, b"reserved bits")
        elif frame.msg_type is WSMsgType.TEXT and frame.fin:
            metrics.FRAMES_IN.value += 1
            if frame.payload_size > LARGE_FRAME:
                self._gateway.grown(self, frame.payload_size)
            self._receive(frame.get_payload_as_bytes())
        elif frame.msg_type is WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()
        elif frame.msg_type not in (WSMsgType.PING, WSMsgType.PONG):
            self.close(WSCloseCode.UNSUPPORTED_DATA, b"text frames only, unfragmented")
        elif not self._admitted(1):  # a flood of pings is not answered: cut off, it would only come back
            metrics.TOO_FAST.value += 1
        elif frame.msg_type is WSMsgType.PING:  # by ourselves: an answer waits and is counted like all that we write
            self.tell_now(protocol.pong(frame.get_payload_as_bytes()))

    def pause_writing(self) -> None:
        """The socket is full; what comes waits here, up to QUEUE_MOST."""

    def resume_writing(self) -> None:
        """The socket takes more."""

    # requests

    def _receive(self, payload: bytes) -> None:
        try:
            frame = protocol.decode(payload)
        except protocol.UNREADABLE as error:
            metrics.BAD_FRAMES.value += 1
            refusal = BadFrame(problem=str(error)[:200]) if self._admitted(1) else TooFast(retry_after_seconds=1)
            self.tell_now(protocol.failure(_id_of(payload), refusal))
            return
        kind = type(frame)
        cost = protocol.COSTS.get(kind, 1) + len(payload) // protocol.COUNTED_BYTES
        if self._under_way >= UNDER_WAY_MOST or not self._admitted(cost):
            metrics.TOO_FAST.value += 1
            self.tell_now(protocol.failure(frame.id, TooFast(retry_after_seconds=1)))
            return
        self._under_way += 1
        if kind is Send and self.caller is not None:
            self._gateway.send(self, self.caller, frame)
        else:
            self._gateway.handle(self, frame)

    def _admitted(self, cost: int) -> bool:
        return self._bucket.take(self._heard_at, cost)

    def is_of(self, caller: Caller, bucket: Bucket) -> None:
        """From now on it asks in this name, and shares what an account may ask with all devices of it."""
        self.caller, self.session, self._bucket = caller, caller.session, bucket

    @property
    def is_waiting(self) -> bool:
        """For the answer to something that it has asked."""
        return self._under_way > 0

    def answered(self, id: int, answer: bytes | None) -> None:
        self._under_way -= 1
        if answer is not None and id:
            self.tell_now(answer)

    def failed(self, frame: AnyFrame, error: BaseException) -> None:
        """A refusal is answered as it is; anything else is a bug, logged and told as `unavailable`."""
        if not isinstance(error, Refusal):
            logger.error("frame_failed", op=type(frame).__name__, exc_info=error)
            error = Unavailable()
        metrics.REFUSALS.labels(error.code).inc()
        self.answered(frame.id, protocol.failure(frame.id, error))

    # telling

    def hold(self) -> None:
        """Keep live events back while the missed ones are being read."""
        self._held = []

    def release(self) -> None:
        held, self._held = self._held or (), None
        for frame in held:
            self.tell_now(frame)

    def tell(self, frame: bytes) -> None:
        """An event: written with everything else of this tick, or held until the client has caught up."""
        if self._held is None:
            self.tell_now(frame)
        elif len(self._held) < HELD_MOST:
            self._held.append(frame)
        else:
            self._reset()

    def tell_now(self, frame: bytes) -> None:
        if self._waiting is None:
            self._waiting = [frame]
            self._gateway.due(self)
        else:
            self._waiting.append(frame)

    def flush(self, room: int) -> int:
        """One write for all that is due, and how many bytes it was; what is large waits for another tick where there is no
        more room in this one, so that what is small does not wait behind it."""
        frames, self._waiting = self._waiting, None
        transport: Any = self.transport.underlying_transport
        if not frames or transport.is_closing():
            return 0
        data = b"".join(frames) if len(frames) > 1 else frames[0]
        if room <= 0 and len(data) > SMALL_BYTES:
            self.tell_now(data)
            return 0
        waiting = transport.get_write_buffer_size()
        if waiting:
            metrics.BYTES_WAITING.observe(waiting)
            if waiting > QUEUE_MOST:
                self.cut()
                return 0
            if waiting > SLOW_BYTES:
                self._gateway.slow.add(self)
        transport.write(data)
        return len(data)

    # ending

    def revoke(self) -> None:
        self._gateway.after_flush(lambda: self.close(CLOSE_REVOKED, b"session ended"))

    def close(self, code: int | WSCloseCode, reason: bytes) -> None:
        if not self.transport.is_close_frame_sent:
            self.transport.send_close(code, reason)  # type: ignore[arg-type]  # any RFC 6455 code will do
        self.transport.disconnect()

    def check(self, now: float) -> None:
        """Asked now and then: half-open connections are noticed; those that never say hello are not kept."""
        if self.transport.is_close_frame_sent:  # and does not read it: nothing of it is waited for
            self._reset()
        elif self.caller is None:
            if now - self._looked_at > HELLO_SECONDS:
                self.close(CLOSE_NO_HELLO, b"no hello")
        elif now - self._heard_at > IDLE_SECONDS:
            metrics.SILENT_CUT.value += 1
            self._reset()
        elif now - self._looked_at > LOOK_AGAIN_SECONDS:
            self._looked_at = now
            self._gateway.look_again(self)

    def cut(self) -> None:
        """It reads too slowly to be waited for: what it misses is in the log."""
        metrics.SLOW_CUT.value += 1
        self._reset()

    def _reset(self) -> None:
        """End it without a word; what the kernel keeps for it goes, too, for who reads nothing could have megabytes kept."""
        transport: Any = self.transport.underlying_transport
        with suppress(OSError):
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        transport.abort()

    @property
    def account(self) -> Id:
        return self.caller.account if self.caller else ""

    @property
    def bytes_waiting(self) -> int:
        return int(self.transport.underlying_transport.get_write_buffer_size())


class _Numbered(msgspec.Struct):
    id: int = 0


def _id_of(payload: bytes) -> int:
    """The id of a frame that could not be read as a whole, if that much could."""
    try:
        return msgspec.json.decode(payload, type=_Numbered).id
    except protocol.UNREADABLE:
        return 0
