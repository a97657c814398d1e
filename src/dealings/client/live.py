"""A client that stays: over picows, on asyncio, it comes back by itself and says again what was not answered.

    async with live("ws://127.0.0.1:8000/ws", token=token, account=account) as client:
        client.do("send", conversation, "still on for tea?")
        await client.until(lambda: client.messenger.is_settled)

What to do is decided by `dealings.client.messenger`; here are the socket, the clock and one timer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from random import Random
from typing import Any

import msgspec
from picows import WSError, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from dealings.client.link import Do, Json, Link
from dealings.client.messenger import Messenger, Unsent
from dealings.client.state import State
from dealings.kernel.clock import Clock, system_clock
from dealings.kernel.ids import Id, uuid7

OnDone = Callable[[Do], None]


class _Socket(WSListener):
    """One connection; what it brings is told to the client as long as it is the client's current one."""

    def __init__(self, client: LiveClient) -> None:
        self._client = client
        self._code = 1006
        self.transport: WSTransport | None = None

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        self._client.told(self, "opened")

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            code: Any = frame.get_close_code()
            self._code = int(code)
            transport.disconnect()
        elif frame.msg_type is WSMsgType.TEXT:
            self._client.told(self, "received", frame.get_payload_as_utf8_text())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._client.told(self, "closed", self._code)

    def send(self, frame: Json) -> None:
        if self.transport is not None:
            self.transport.send(WSMsgType.TEXT, msgspec.json.encode(frame))

    def close(self) -> None:
        if self.transport is not None:
            self.transport.disconnect()


class LiveClient:
    """Calls of the messenger go through `do`; whatever it wants known (events, what to keep) is given to `on_done`."""

    def __init__(self, url: str, messenger: Messenger, *, clock: Clock, on_done: OnDone = lambda done: None) -> None:
        self.messenger = messenger
        self._url = url
        self._clock = clock
        self._on_done = on_done
        self._loop = asyncio.get_running_loop()
        self._socket: _Socket | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._opening: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    def do(self, name: str, *given: Any, **more: Any) -> Any:
        """A call of the messenger by its name, and all that follows from it."""
        answer = getattr(self.messenger, name)(self._clock(), *given, **more)
        for done in self.messenger.take():
            self._carry_out(done)
        self._set_timer()
        self._changed.set()
        return answer

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something to be so, looking whenever anything has happened."""
        while not holds():
            self._changed.clear()
            await self._changed.wait()

    def told(self, socket: _Socket, name: str, *given: Any) -> None:
        if socket is self._socket:
            self.do(name, *given)

    async def close(self) -> None:
        self.do("stop")
        if self._opening:
            await asyncio.wait(self._opening)

    def _carry_out(self, done: Do) -> None:
        match done:
            case Do("open"):
                self._open()
            case Do("close"):
                socket, self._socket = self._socket, None
                if socket is not None:
                    socket.close()
            case Do("send", frame) if self._socket is not None:
                self._socket.send(frame)
            case _:
                self._on_done(done)

    def _open(self) -> None:
        socket = self._socket = _Socket(self)
        task = self._loop.create_task(self._connect(socket))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _connect(self, socket: _Socket) -> None:
        try:
            await ws_connect(lambda: socket, self._url)
        except (OSError, WSError):
            self.told(socket, "closed")
        else:
            if socket is not self._socket:  # given up meanwhile
                socket.close()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self.messenger.due
        if due is not None:
            self._timer = self._loop.call_later(max(0, due - self._clock()) / 1000, self.do, "tick")


@asynccontextmanager
async def live(
    url: str, *, token: str, account: Id, unsent: Iterable[Unsent] = (), on_done: OnDone = lambda done: None
) -> AsyncIterator[LiveClient]:
    """Started; ended for good at the end. `unsent`: what an earlier client was asked to keep and not to forget."""
    rng = Random()
    link = Link(random=rng.random, hello={"token": token, "agent": "python"})
    messenger = Messenger(link, State(account), lambda now: uuid7(now, rng), list(unsent))
    client = LiveClient(url, messenger, clock=system_clock, on_done=on_done)
    client.do("start")
    try:
        yield client
    finally:
        await client.close()
