"""A server without sockets: the real gateway, hub, lane and reads on a store, and the ways in which they can die."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from random import Random
from types import SimpleNamespace
from typing import Any

from picows import WSMsgType

from dealings.edge.gateway.gateway import Gateway
from dealings.edge.gateway.hub import Hub
from dealings.edge.web.access import Access
from dealings.kernel.clock import Clock
from dealings.kernel.errors import Unavailable
from dealings.platform.db.actions import Command, Items, Outcome, SetAction
from dealings.platform.db.lane import Lane
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.db.stores import Store
from dealings.platform.db.tx import Read
from tests.simulation.seeded.network import CLOSE, Wire, frame

FRAMES_PER_SECOND = 200
LANE_RESTART_SECONDS = 0.2
OUTSIDE = "outside"
"""How the names of tasks begin that are not the server's."""
UPGRADE: Any = SimpleNamespace(path=b"/ws", headers={})
Done = Callable[[Outcome], None]


class Underlying:
    """What the gateway uses of an asyncio transport."""

    def __init__(self, end: ServerEnd) -> None:
        self._end = end
        self.closing = False

    def write(self, data: bytes) -> None:
        if not self.closing:
            self._end.wire.send_down(bytes(data))

    def writelines(self, parts: list[bytes]) -> None:
        self.write(b"".join(parts))

    def is_closing(self) -> bool:
        return self.closing

    def get_write_buffer_size(self) -> int:
        return self._end.wire.down.waiting

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        known = {"peername": (self._end.wire.address, 40_000), "socket": Kernel()}
        return known.get(name, default)

    def close(self) -> None:
        self._end.disconnect()

    def abort(self) -> None:
        self._end.abort()


class Kernel:
    """What the gateway asks of the socket itself."""

    def setsockopt(self, *_: object) -> None:
        """Nothing here keeps what was written."""


class ServerEnd:
    """What the gateway uses of picows' WSTransport, and the calls that picows makes to its listener."""

    def __init__(self, wire: Wire, listener: Any) -> None:
        self.wire = wire
        self.is_close_frame_sent = False
        self.underlying_transport = Underlying(self)
        self._listener = listener
        listener.on_ws_connected(self)

    def send(self, kind: Any, message: Any, *_: Any, **__: Any) -> None:
        self.underlying_transport.write(frame(int(kind), bytes(message)))

    def send_close(self, code: Any = 1000, reason: bytes | None = None) -> None:
        self.is_close_frame_sent = True
        self.underlying_transport.write(frame(CLOSE, int(code).to_bytes(2, "big") + (reason or b"")))

    def disconnect(self, graceful: bool = True) -> None:
        if not self.underlying_transport.closing:
            self.underlying_transport.closing = True
            self.wire.server_closes()
            asyncio.get_running_loop().call_soon(self.lost)

    def abort(self) -> None:
        if not self.underlying_transport.closing:
            self.underlying_transport.closing = True
            self.wire.cut()
            asyncio.get_running_loop().call_soon(self.lost)

    # what comes from the wire

    def arrived(self, opcode: int, payload: bytes) -> None:
        if self._listener is not None and not self.underlying_transport.closing:
            self._listener.on_ws_frame(self, Frame(WSMsgType(opcode), payload))

    def lost(self) -> None:
        self.underlying_transport.closing = True
        if self._listener is not None:
            listener, self._listener = self._listener, None
            listener.on_ws_disconnected(self)

    def vanish(self) -> None:
        """Its process has died: nobody is told anything."""
        self._listener = None
        self.underlying_transport.closing = True
        self.wire.server_is_gone()


class Frame:
    """What the gateway uses of picows' WSFrame."""

    fin = True
    rsv1 = rsv2 = rsv3 = False

    def __init__(self, msg_type: WSMsgType, payload: bytes) -> None:
        self.msg_type = msg_type
        self._payload = payload

    @property
    def payload_size(self) -> int:
        return len(self._payload)

    def get_payload_as_bytes(self) -> bytes:
        return self._payload

    def get_payload_as_memoryview(self) -> memoryview:
        return memoryview(self._payload)

    def get_payload_as_utf8_text(self) -> str:
        return self._payload.decode()

    def get_close_code(self) -> int:
        return int.from_bytes(self._payload[:2], "big")


class SlowLane:
    """The real lane behind a queue and an answer that takes its time, as between two processes; it can die in between."""

    def __init__(self, node: Node, rng: Random) -> None:
        self._node, self._rng = node, rng
        self._queue: list[tuple[Command | Items, Done]] = []
        self._busy = False
        self.up = True
        self.die: str = ""
        """"before" or "after" the next commit."""
        self._lane = node.new_lane()

    def submit(self, command: Command) -> asyncio.Future[Outcome]:
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._put(command, lambda outcome: None if answered.done() else answered.set_result(outcome))
        return answered

    def hand(self, action: SetAction[Any, Any], item: Any, done: Done) -> None:
        self._put(Items(action.name, [item]), done)

    def _put(self, asked: Command | Items, done: Done) -> None:
        if not self.up:
            done(Outcome(refusal=Unavailable()))
            return
        if isinstance(asked, Command) and asked.item is not None:
            asked = Items(asked.action, [asked.item])
        self._queue.append((asked, done))
        self._work_soon()

    def _work_soon(self) -> None:
        if self._queue and not self._busy:
            self._busy = True
            self._node.later(self._rng.uniform(0.0005, 0.01), self._commit)

    def _commit(self) -> None:
        taken, self._queue = self._queue, []
        if self.die == "before":
            self._perish([done for _, done in taken])
            return
        batch = self._lane.execute([asked for asked, _ in taken])
        if self.die == "after":
            self._perish([done for _, done in taken])
            return
        self._node.later(self._rng.uniform(0.0005, 0.01), lambda: self._answer(batch, [done for _, done in taken]))

    def _answer(self, batch: Any, waiting: list[Done]) -> None:
        """Events first, as the real lanes do."""
        if batch.events:
            self._node.committed(batch.events, batch.horizon)
        for done, outcome in zip(waiting, batch.outcomes, strict=True):
            done(outcome)
        self._busy = False
        self._work_soon()

    def _perish(self, waiting: list[Done]) -> None:
        """As LaneProcesses does when a lane is lost."""
        self._node.trace(f"the lane dies {self.die} the commit of {len(waiting)}")
        self.up, self.die, self._busy = False, "", False
        waiting += [done for _, done in self._queue]
        self._queue = []
        for done in waiting:
            done(Outcome(refusal=Unavailable()))
        self._node.gateway.part_all()
        self._lane.close()
        self._node.later(LANE_RESTART_SECONDS, self._start_again)

    def _start_again(self) -> None:
        self._lane = self._node.new_lane()
        self.up = True

    async def close(self) -> None:
        """The node closes what it made."""

    def end(self) -> None:
        if self.up:
            self._lane.close()
        self.up = False


class SlowReads(Reads):
    """As on PostgreSQL: between asking and answering other things happen."""

    on_the_spot = False

    def __init__(self, store: Store, rng: Random) -> None:
        super().__init__(store)
        self._rng = rng

    async def __call__(self, query: Any, /, *args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(self._rng.uniform(0, 0.02))
        answer = await super().__call__(query, *args, **kwargs)
        await asyncio.sleep(self._rng.uniform(0, 0.02))
        return answer


class Node:
    """One server process on a store; `kill` ends it as kill -9 does, `drain` as SIGTERM does."""

    def __init__(
        self,
        loop: Any,
        store: Store,
        *,
        incarnation: str,
        clock: Clock,
        rng: Random,
        trace: Callable[[str], None],
        slow_reads: bool,
    ) -> None:
        self.loop, self.store, self.clock, self.rng, self.trace = loop, store, clock, rng, trace
        self.alive = True
        self._ends: list[ServerEnd] = []
        self.lanes = SlowLane(self, rng)
        self.reads = SlowReads(store, rng) if slow_reads else Reads(store)
        self.run = Run(self.lanes)
        self._watcher = store.connect(write=False)
        self.gateway = Gateway(
            Hub(incarnation),
            self.run,
            self.reads,
            Access(self.reads, self.run, clock=clock, public_url=""),
            clock=clock,
            frames_per_second=FRAMES_PER_SECOND,
        )

    def new_lane(self) -> Lane:
        return Lane(self.store, clock=self.clock, rng=Random(self.rng.random()))

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        self.loop.call_later(seconds, lambda: do() if self.alive else None)

    def committed(self, events: Any, horizon: int) -> None:
        stored = Read(self._watcher, self.store.dialect).horizon()
        assert horizon <= stored, f"told of commit {horizon}, there are {stored}"
        self.gateway.publish(events, horizon)

    def accept(self, wire: Wire) -> ServerEnd | None:
        session = self.gateway.accept(UPGRADE, wire.address) if self.alive else None
        if session is None:
            return None
        self._ends.append(ServerEnd(wire, session))
        return self._ends[-1]

    def kill(self) -> None:
        """What it was doing stops in the middle; only the store remains."""
        self.alive = False
        for task in asyncio.all_tasks(self.loop):
            if not task.get_name().startswith(OUTSIDE):
                task.cancel()
        for end in self._ends:
            end.vanish()
        self._close()

    async def drain(self) -> None:
        await self.gateway.drain()
        self.alive = False
        await asyncio.sleep(0.5)
        self._close()

    def _close(self) -> None:
        self.lanes.end()
        self.reads.close()
        self._watcher.close()
