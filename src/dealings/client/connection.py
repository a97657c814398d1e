"""A typed client of the WebSocket protocol: for tests, bots and benchmarks.

    async with connected("ws://127.0.0.1:8000/ws", token=token) as client:
        sent = await client.send(conversation, "hello", client_id=client_id)

Every request is answered or raises `Refused`; a broken connection raises `Disconnected` to all
that wait. Resending with the same client id is safe: it gives the first answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import msgspec
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from dealings.kernel.ids import Id

T = TypeVar("T")
PROTOCOL = 1
REPLY_SECONDS = 10.0
"""No answer for so long means that the connection is dead."""


class Refused(Exception):
    """The server's answer was no, with a stable code."""

    def __init__(self, code: str, message: str, retry_after_seconds: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retry_after_seconds = retry_after_seconds


class Disconnected(Exception):
    """The connection ended before the answer came: whether it was done is not known."""


class Failure(msgspec.Struct):
    code: str
    message: str
    retry_after_seconds: int | None = None


class Incoming(msgspec.Struct):
    """A reply (`re`) or an event (`ev`)."""

    re: int = 0
    ok: msgspec.Raw = msgspec.Raw(b"null")
    error: Failure | None = None
    ev: str = ""
    at: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


class Event(msgspec.Struct, frozen=True):
    kind: str
    data: msgspec.Raw

    def decode(self, type: type[T]) -> T:
        return msgspec.json.decode(self.data, type=type)


class Sent(msgspec.Struct, frozen=True):
    seq: int
    at: int


class Greeting(msgspec.Struct, frozen=True):
    cursor: str
    resumed: bool
    server_time: int


_decode = msgspec.json.Decoder(Incoming).decode
_encode = msgspec.json.Encoder().encode
OnEvent = Callable[[Event], None]


class Client(WSListener):
    """One connection. `cursor` is the position to come back with."""

    def __init__(self, on_event: OnEvent | None = None) -> None:
        self.cursor = ""
        self.events: asyncio.Queue[Event] = asyncio.Queue()
        self._on_event: OnEvent = on_event or self.events.put_nowait
        self._waiting: dict[int, asyncio.Future[msgspec.Raw]] = {}
        self._number = 0
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.closed.done():
            self.closed.set_result(None)
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(Disconnected())
        self._waiting.clear()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            transport.disconnect()
            return
        incoming = _decode(frame.get_payload_as_memoryview())
        if incoming.ev:
            self.cursor = incoming.at or self.cursor
            self._on_event(Event(incoming.ev, msgspec.Raw(bytes(incoming.data))))
        else:
            self._answered(incoming)

    def _answered(self, incoming: Incoming) -> None:
        answer = self._waiting.pop(incoming.re, None)
        if answer is None or answer.done():
            return
        if incoming.error is not None:
            error = incoming.error
            answer.set_exception(Refused(error.code, error.message, error.retry_after_seconds))
        else:
            answer.set_result(msgspec.Raw(bytes(incoming.ok)))

    def ask(self, op: str, **fields: Any) -> asyncio.Future[msgspec.Raw]:
        """Send a request; the future is its answer."""
        answer: asyncio.Future[msgspec.Raw] = asyncio.get_running_loop().create_future()
        if self.closed.done():
            answer.set_exception(Disconnected())
            return answer
        self._number += 1
        self._waiting[self._number] = answer
        self.transport.send(WSMsgType.TEXT, _encode({"op": op, "id": self._number, **fields}))
        return answer

    async def request(self, op: str, type: type[T], **fields: Any) -> T:
        async with asyncio.timeout(REPLY_SECONDS):
            return msgspec.json.decode(await self.ask(op, **fields), type=type)

    async def hello(self, *, token: str | None, cursor: str | None = None) -> Greeting:
        greeting = await self.request("hello", Greeting, protocol=PROTOCOL, token=token, cursor=cursor)
        self.cursor = greeting.cursor
        return greeting

    async def send(self, conversation: Id, text: str, *, client_id: str) -> Sent:
        """A text, on disk when this returns."""
        body = {"kind": "text", "text": text}
        return await self.request("send", Sent, conversation=conversation, client_id=client_id, body=body)

    def close(self) -> None:
        self.transport.disconnect()


@asynccontextmanager
async def connected(
    url: str, *, token: str | None = None, cursor: str | None = None, on_event: OnEvent | None = None
) -> AsyncIterator[Client]:
    """A greeted connection, closed at the end."""
    client = Client(on_event)
    client.transport, _ = await ws_connect(lambda: client, url)
    try:
        await client.hello(token=token, cursor=cursor)
        yield client
    finally:
        client.close()
