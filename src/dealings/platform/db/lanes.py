"""Lanes as the event loop sees them: hand over a command, await its outcome.

What arrives in one tick of the loop goes to the lane in one write; what the lane committed
together comes back in one read. `on_events` is told of every committed event, in commit order
per lane, before the outcomes are handed to those who wait.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import structlog

from dealings.kernel.errors import Limited, Unavailable
from dealings.platform.db.actions import REGISTRY, Batch, Command, Outcome, SetAction, Stored
from dealings.platform.db.lane import Lane
from dealings.platform.db.lane_process import Frames, frame
from dealings.platform.telemetry import metrics

MOST_WAITING = 20_000
"""Commands under way per lane; beyond it new ones are refused, so that memory stays bounded under any load."""
RESTART_SECONDS = 0.2

OnEvents = Callable[[Sequence[Stored], int], None]
"""Told of committed events, and of the horizon that was known when they were."""

logger = structlog.get_logger("dealings.lanes")


class Overloaded(Limited):
    code = "overloaded"
    text = "The server is busy. Try again in {retry_after_seconds} seconds."


class Lanes(Protocol):
    """Where commands go. `InlineLanes` in tests and tools, `LaneProcesses` in a server."""

    def submit(self, command: Command) -> asyncio.Future[Outcome]: ...

    async def close(self) -> None: ...


class InlineLanes:
    """A lane in this process and thread: the same code without the socket."""

    def __init__(self, lane: Lane, on_events: OnEvents = lambda events, horizon: None) -> None:
        self._lane = lane
        self._on_events = on_events

    def submit(self, command: Command) -> asyncio.Future[Outcome]:
        batch = self._lane.execute([command])
        if batch.events:
            self._on_events(batch.events, batch.horizon)
        answered = asyncio.get_running_loop().create_future()
        answered.set_result(batch.outcomes[0])
        return answered

    async def close(self) -> None:
        self._lane.close()


class _LaneProcess(asyncio.Protocol):
    """The parent's end of one lane's socket, and the process behind it."""

    def __init__(
        self, argv: Sequence[str], environment: Mapping[str, str], on_events: OnEvents, on_lost: Callable[[], None]
    ) -> None:
        self._argv = argv
        self._environment = environment
        self._on_events = on_events
        self._on_lost = on_lost
        self._outgoing: list[tuple[int, Command]] = []
        self._waiting: dict[int, asyncio.Future[Outcome]] = {}
        self._number = 0
        self._up = False
        self._closing = False

    async def start(self) -> None:
        loop = self._loop = asyncio.get_running_loop()
        self._frames = Frames()
        self._ready: asyncio.Future[None] = loop.create_future()
        ours, theirs = socket.socketpair()
        with theirs:
            argv = [sys.executable, *self._argv, str(theirs.fileno())]
            # Not asyncio's: a blocking fork and exec takes a millisecond, and nothing is served yet.
            self._process = subprocess.Popen(  # noqa: ASYNC220
                argv, pass_fds=[theirs.fileno()], start_new_session=True, env={**os.environ, **self._environment}
            )
        transport, _ = await loop.create_connection(lambda: self, sock=ours)
        self._transport = transport
        await self._ready

    def submit(self, command: Command) -> asyncio.Future[Outcome]:
        if len(self._waiting) >= MOST_WAITING:
            raise Overloaded(retry_after_seconds=1)
        answered = self._loop.create_future()
        if not self._up:
            answered.set_result(Outcome(refusal=Unavailable()))
            return answered
        self._number += 1
        self._waiting[self._number] = answered
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append((self._number, command))
        return answered

    def _flush(self) -> None:
        if self._outgoing and self._up:
            self._transport.write(frame(self._outgoing))
        self._outgoing = []

    def data_received(self, data: bytes) -> None:
        for value in self._frames.feed(data):
            if value == "ready":
                self._up = True
                self._ready.set_result(None)
            else:
                self._deliver(*value)  # type: ignore[misc]  # frames carry what lane_process.serve put in

    def _deliver(self, numbers: Sequence[int], batch: Batch) -> None:
        metrics.LANE_BATCH.observe(len(numbers))
        metrics.LANE_COMMIT.observe(batch.commit_seconds)
        if batch.events:
            self._on_events(batch.events, batch.horizon)
        for number, outcome in zip(numbers, batch.outcomes, strict=True):
            answered = self._waiting.pop(number)
            if not answered.done():
                answered.set_result(outcome)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits hears that it is not known; a lane that was up is started again, a start that failed is told of."""
        was_up, self._up = self._up, False
        self._outgoing = []
        for answered in self._waiting.values():
            if not answered.done():
                answered.set_result(Outcome(refusal=Unavailable()))
        self._waiting.clear()
        if not was_up:
            self._ready.set_exception(RuntimeError("the lane did not start"))
        elif not self._closing:
            logger.error("lane_lost", pid=self._process.pid)
            self._on_lost()
            self._restarting = self._loop.create_task(self._restart())

    async def _restart(self) -> None:
        """Whatever killed the lane, what it acknowledged is on disk: a new one goes on from there."""
        self._process.wait()
        while not self._closing:
            await asyncio.sleep(RESTART_SECONDS)
            try:
                await self.start()
            except (OSError, RuntimeError) as error:
                logger.error("lane_restart_failed", error=str(error))
            else:
                break

    async def close(self) -> None:
        """Wait for what is under way, then let the process end."""
        self._closing = True
        self._flush()
        if self._waiting:
            await asyncio.wait(list(self._waiting.values()))
        self._transport.close()
        await asyncio.to_thread(self._process.wait)


class LaneProcesses:
    """One lane process (SQLite has one writer) or several (PostgreSQL), chosen by what a command concerns."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        count: int,
        environment: Mapping[str, str],
        on_events: OnEvents,
        on_lost: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_lost` hears, before anything else is committed, that a lane died: its last events were told to no one."""
        self._lanes = [_LaneProcess(argv, environment, on_events, on_lost) for _ in range(count)]

    async def start(self) -> None:
        await asyncio.gather(*(lane.start() for lane in self._lanes))

    def submit(self, command: Command) -> asyncio.Future[Outcome]:
        chosen = _route(command) % len(self._lanes) if len(self._lanes) > 1 else 0
        return self._lanes[chosen].submit(command)

    async def close(self) -> None:
        await asyncio.gather(*(lane.close() for lane in self._lanes))


def _route(command: Command) -> int:
    registered = REGISTRY[command.action]
    if isinstance(registered, SetAction):
        value: Any = getattr(command.item, registered.route, None)
    else:
        value = command.arguments.get(registered.route)
    return zlib.crc32(str(value or command.actor or command.action).encode())
