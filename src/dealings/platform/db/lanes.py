"""Lanes as the event loop sees them: hand over a command, await its outcome.

What arrives in one tick of the loop goes to the lane in one write; what the lane committed
together comes back in one read. `on_events` is told of every committed event, in commit order
per lane, before the outcomes are handed to those who wait.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import structlog

from dealings.kernel.errors import Limited, Unavailable
from dealings.platform.db import lane_start
from dealings.platform.db.actions import REGISTRY, Command, Items, Outcome, SetAction, Stored
from dealings.platform.db.lane import Lane
from dealings.platform.db.lane_process import Frames, Run, Told, frame, outcomes_of, packed, unpack_events
from dealings.platform.db.lane_start import Started
from dealings.platform.telemetry import metrics, tracing

MOST_WAITING = 20_000
"""Commands under way per lane; beyond it new ones are refused, so that memory stays bounded under any load."""
RESTART_SECONDS = 0.2

OnEvents = Callable[[Sequence[Stored], int], None]
"""Told of committed events, and of the horizon that was known when they were."""
Done = Callable[[Outcome], None]
"""Told what became of an item."""

logger = structlog.get_logger("dealings.lanes")


class Overloaded(Limited):
    code = "overloaded"
    text = "The server is busy. Try again in {retry_after_seconds} seconds."


class Lanes(Protocol):
    """Where commands go. `InlineLanes` in tests and tools, `LaneProcesses` in a server."""

    def submit(self, command: Command) -> asyncio.Future[Outcome]: ...

    def hand(self, action: SetAction[Any, Any], item: Any, done: Done) -> None:
        """One item of a set-wise action; `done` is called when it is committed or refused. The hot path: no future, no task."""
        ...

    async def close(self) -> None: ...


class InlineLanes:
    """A lane in this process and thread: the same code without the socket."""

    def __init__(self, lane: Lane, on_events: OnEvents = lambda events, horizon: None) -> None:
        self._lane = lane
        self._on_events = on_events

    def submit(self, command: Command) -> asyncio.Future[Outcome]:
        answered = asyncio.get_running_loop().create_future()
        answered.set_result(self._execute(command))
        return answered

    def hand(self, action: SetAction[Any, Any], item: Any, done: Done) -> None:
        done(self._execute(Items(action.name, [item])))

    def _execute(self, asked: Command | Items) -> Outcome:
        batch = self._lane.execute([asked])
        if batch.events:
            self._on_events(batch.events, batch.horizon)
        return batch.outcomes[0]

    async def close(self) -> None:
        self._lane.close()


class _LaneProcess(asyncio.Protocol):
    """The parent's end of one lane's socket, and the process behind it."""

    def __init__(
        self,
        start: Callable[[], Started],
        first: Started | None,
        on_events: OnEvents,
        on_lost: Callable[[], None],
    ) -> None:
        """`first`: the process to begin with, when it runs already."""
        self._start = start
        self._first = first
        self._on_events = on_events
        self._on_lost = on_lost
        self._outgoing: list[Run] = []
        self._waiting: deque[Done] = deque()
        """Of everything handed over and not answered yet, in order: the lane answers in that order."""
        self.answered = 0
        self._up = False
        self._closing = False

    async def start(self) -> None:
        loop = self._loop = asyncio.get_running_loop()
        self._frames = Frames()
        self._ready: asyncio.Future[None] = loop.create_future()
        self._process, self._first = self._first or self._start(), None
        transport, _ = await loop.create_connection(lambda: self, sock=self._process.socket)
        self._transport = transport
        await self._ready

    def submit(self, command: Command) -> asyncio.Future[Outcome]:
        answered = self._loop.create_future()
        done: Done = lambda outcome: None if answered.done() else answered.set_result(outcome)  # noqa: E731
        if tracing.on is not None:
            done = tracing.on.command(done, command.action)
        self._wait(done, command)
        return answered

    def hand(self, action: SetAction[Any, Any], item: Any, done: Done) -> None:
        if tracing.on is not None:
            done = tracing.on.command(done, action.name)
        outgoing = self._outgoing
        if outgoing and self._up and len(self._waiting) < MOST_WAITING:
            last = outgoing[-1]
            if isinstance(last, Items) and last.action == action.name:
                last.items.append(item)
                self._waiting.append(done)
                return
        self._wait(done, Items(action.name, [item]))

    def _wait(self, done: Done, run: Run) -> None:
        if len(self._waiting) >= MOST_WAITING:
            metrics.OVERLOADED.inc()
            raise Overloaded(retry_after_seconds=1)
        if not self._up:
            done(Outcome(refusal=Unavailable()))
            return
        self._waiting.append(done)
        if not self._outgoing:
            self._loop.call_soon(self._flush)
        self._outgoing.append(run)

    def under_way(self) -> int:
        return len(self._waiting)

    def is_up(self) -> bool:
        return self._up

    @property
    def given(self) -> int:
        """How many were ever handed over."""
        return self.answered + len(self._waiting)

    def _flush(self) -> None:
        if self._outgoing and self._up:
            self._transport.write(frame(packed(self._outgoing)))
        self._outgoing = []

    def data_received(self, data: bytes) -> None:
        for value in self._frames.feed(data):
            if value == "ready":
                self._up = True
                self._ready.set_result(None)
            else:
                self._deliver(*value)  # type: ignore[misc]  # frames carry what lane_process.serve put in

    def _deliver(self, *told: *Told) -> None:
        """Events first: whoever is answered has then been told what their command did."""
        answers, events, happened, horizon, seconds, doubtful, committed_at, retries = told
        metrics.LANE_COMMIT.observe(seconds)
        metrics.LANE_RETRIES.value += retries
        if doubtful:
            self._on_lost()
        if happened:
            self._on_events(unpack_events(events), horizon)
            self._loop.call_soon(_delivered, committed_at, happened)  # after the writes that this has made due
        if tracing.on is not None:
            commands = sum(1 for _ in outcomes_of(answers))
            tracing.on.committing(commands=commands, seconds=seconds, committed_at=committed_at)
        waiting = self._waiting
        before = len(waiting)
        for outcome in outcomes_of(answers):
            waiting.popleft()(outcome)
        self.answered += before - len(waiting)
        metrics.LANE_BATCH.observe(before - len(waiting))

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits hears that it is not known; a lane that was up is started again, a start that failed is told of."""
        was_up, self._up = self._up, False
        self._outgoing = []
        waiting, self._waiting = self._waiting, deque()
        self.answered += len(waiting)
        for done in waiting:
            done(Outcome(refusal=Unavailable()))
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
                metrics.LANE_RESTARTS.inc()
                await self.start()
            except (OSError, RuntimeError) as error:
                logger.error("lane_restart_failed", error=str(error))
            else:
                break

    async def close(self) -> None:
        """Wait for what is under way, then let the process end."""
        self._closing = True
        self._flush()
        if self._waiting:  # answers come in order: when this one is there, so are all
            last = self._loop.create_future()
            done = self._waiting.pop()

            def both(outcome: Outcome) -> None:
                done(outcome)
                last.set_result(None)

            self._waiting.append(both)
            await last
        self._transport.close()
        await asyncio.to_thread(self._process.wait)


def _delivered(committed_at: float, events: int) -> None:
    metrics.DELIVERY.observe(time.monotonic() - committed_at, times=events)


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
        running: Sequence[Started] = (),
    ) -> None:
        """`on_lost` hears that a lane died, or that it lost its store: what it committed last was told to no one.
        `running`: the first processes, where they were started before this one had loaded the rest of itself."""
        spawn = partial(lane_start.spawn, argv, environment)
        firsts = [*running, *[None] * (count - len(running))]
        self._lanes = [_LaneProcess(spawn, first, on_events, on_lost) for first in firsts]
        for number, lane in enumerate(self._lanes):
            metrics.LANE_WAITING.labels(number).read_by(partial(_LaneProcess.under_way, lane))
            metrics.LANE_UP.labels(number).read_by(partial(_LaneProcess.is_up, lane))

    async def start(self) -> None:
        await asyncio.gather(*(lane.start() for lane in self._lanes))

    def submit(self, command: Command) -> asyncio.Future[Outcome]:
        registered = REGISTRY[command.action]
        assert not isinstance(registered, SetAction), "its items are handed over"
        route = command.arguments.get(registered.route) or command.actor or command.action
        return self._lane_of(route).submit(command)

    def hand(self, action: SetAction[Any, Any], item: Any, done: Done) -> None:
        self._lane_of(getattr(item, action.route, None) or action.name).hand(action, item, done)

    def _lane_of(self, route: object) -> _LaneProcess:
        """Whatever concerns the same thing goes to the same lane: fewer wait for each other's locks."""
        lanes = self._lanes
        return lanes[zlib.crc32(str(route).encode()) % len(lanes)] if len(lanes) > 1 else lanes[0]

    def mark(self) -> list[int]:
        """All that has been handed over until now; see `passed`."""
        return [lane.given for lane in self._lanes]

    def passed(self, mark: Sequence[int]) -> bool:
        """Has all of it been answered, and its events been told?"""
        return all(lane.answered >= given for lane, given in zip(self._lanes, mark, strict=True))

    async def close(self) -> None:
        await asyncio.gather(*(lane.close() for lane in self._lanes))
