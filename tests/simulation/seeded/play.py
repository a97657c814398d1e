"""One seed: a scene, devices, a server and a network; things happen, things go wrong; then all heals and is compared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from random import Random
from typing import Any

import structlog

from dealings.client.messenger import Messenger
from dealings.domain.identity import actions as identity
from dealings.edge.web.access import hash_token
from dealings.kernel.errors import Refusal, Unavailable
from dealings.platform.db.run import Crashed
from dealings.platform.db.stores import Store
from tests.simulation.seeded.device import Device
from tests.simulation.seeded.network import Weather, Wire
from tests.simulation.seeded.node import OUTSIDE, Node
from tests.simulation.seeded.scene import DEVICES, INCARNATION, PEOPLE, START, Scene, token
from tests.simulation.seeded.virtual import VirtualLoop

STEPS = (20, 60)
SETTLE_SECONDS = 40.0
"""Longer than a client waits for a ping and its answer."""
SETTLE_MOST = 12
HTTP_SECONDS = 10.0
TRIES = 60
NOTICE_SECONDS = 400
ACTORS = ("by", "owner", "me", "account")

Happening = Callable[["Play"], None]


class Play:
    """The running parts of one seed, and all that can be done to them."""

    def __init__(
        self, seed: int, store: Store, scene: Scene, loop: VirtualLoop, *, messenger: type[Messenger] = Messenger
    ) -> None:
        self.seed, self.store, self.scene, self.loop = seed, store, scene, loop
        self.rng = Random(f"play {seed}")
        self.lines: list[str] = []
        self.weather = Weather()
        self.server_ahead_ms = 0
        self.gentle = True
        """No proxy has lost or doubled a frame so far: nobody may miscount."""
        self._count = 0
        self._ending: set[Device] = set()
        self._http: set[asyncio.Task[Any]] = set()
        self.wires: list[Wire] = []
        self.node = self._new_node()
        self.devices = [self._new_device(handle, name, messenger) for handle, name in DEVICES]

    def trace(self, line: str) -> None:
        self.lines.append(f"{self.loop.now:9.3f}  {line}")

    def clock(self) -> int:
        return START + int(self.loop.now * 1000) + self.server_ahead_ms

    def _random(self, name: str) -> Random:
        self._count += 1
        return Random(f"{name} {self._count} of {self.seed}")

    def _new_node(self) -> Node:
        rng = self._random("node")
        slow = self.seed % 2 == 1
        return Node(
            self.loop,
            self.store,
            incarnation=INCARNATION,
            clock=self.clock,
            rng=rng,
            trace=self.trace,
            slow_reads=slow,
        )

    def _new_device(self, handle: str, name: str, messenger: type[Messenger]) -> Device:
        return Device(
            self.loop,
            self._random("device"),
            name=f"{handle}'s {name}",
            account=self.scene.accounts[handle],
            token=token(handle, name),
            session=self.scene.sessions[token(handle, name)],
            base=START,
            connect=self._connect,
            trace=self.trace,
            messenger=messenger,
        )

    def _connect(self, device: Device) -> Wire:
        wire = Wire(self.loop, self._random("wire"), self.weather, device, lambda wire: self.node.accept(wire))
        self.wires.append(wire)
        return wire

    # who and where

    def anyone(self) -> Device:
        """Whose device is awake."""
        return self.rng.choice([d for d in self.devices if not d.is_asleep] or self.devices[:1])

    def account(self) -> str:
        return self.scene.accounts[self.rng.choice(PEOPLE)]

    def somewhere(self, device: Device, *kinds: str) -> Any:
        """A conversation that this device shows, of one of these kinds; None when it shows none."""
        shown = device.client.state.conversations
        found = [id for id in sorted(shown) if not kinds or shown[id]["kind"] in kinds]
        return shown[self.rng.choice(found)] if found else None

    def number(self) -> int:
        """Another one each time."""
        self._count += 1
        return self._count

    # requests over HTTP

    def ask(self, who: str, action: Any, **given: Any) -> None:
        self.outside(self.asked(who, action, **given))

    async def asked(self, who: str, action: Any, **given: Any) -> Any:
        """Asked again under its key until there is an answer; None when it is refused."""
        key, actor = f"key {self.number()}", next((given[n] for n in ACTORS if n in given), None)
        return await self.insisted(
            who, f"{action.name} {given}", lambda: self.node.run.by(actor, key=key)(action, **given)
        )

    async def insisted(self, who: str, what: str, ask: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        self.trace(f"{who} asks {what}")
        for _ in range(TRIES):
            await asyncio.sleep(self.rng.uniform(0.001, 0.1))
            try:
                return await asyncio.wait_for(asyncio.create_task(ask(), name=f"{OUTSIDE} ask"), HTTP_SECONDS)
            except (Unavailable, TimeoutError, Crashed):
                await asyncio.sleep(1)
            except Refusal as refusal:
                self.trace(f"{who} is refused: {refusal.code}")
                return None
        raise AssertionError(f"{who} gets no answer to {what}")

    def start_node(self) -> None:
        if not self.node.alive:
            self.trace("the server starts")
            self.node = self._new_node()

    async def end_session(self, device: Device) -> None:
        """The device must learn of it, whatever it is doing; then someone signs in there."""
        if device in self._ending:
            return
        self._ending.add(device)
        await self.asked("someone", identity.revoke_session, account=device.account, session=device.session)
        for _ in range(NOTICE_SECONDS):
            if device.link.state == "ended":
                break
            await asyncio.sleep(1)
        assert device.link.state == "ended", f"{device.name} is {device.link.state} though its session was ended"
        token = f"token {self.number()}"
        given = {"verified": "x", "token_hash": hash_token(token), "agent": "", "address": ""}
        session = await self.asked("someone", identity.open_session, account=device.account, **given)
        device.sign_in(token, session)
        self._ending.discard(device)

    def outside(self, work: Coroutine[Any, Any, Any]) -> None:
        task = self.loop.create_task(work, name=f"{OUTSIDE} work")
        self._http.add(task)
        task.add_done_callback(self._http.discard)

    # from beginning to end

    async def run(self, life: Sequence[tuple[int, Happening]], troubles: Sequence[Happening]) -> None:
        with structlog.testing.capture_logs() as logs:
            await self._happen(life, [trouble for trouble in troubles if self.rng.random() < 0.3])
            await self._heal()
        errors = [log for log in logs if log["log_level"] in ("error", "critical") and log["event"] != "lane_lost"]
        assert not errors, errors

    async def _happen(self, life: Sequence[tuple[int, Happening]], troubles: Sequence[Happening]) -> None:
        weights = [weight for weight, _ in life]
        await asyncio.sleep(self.rng.uniform(0, 3))
        for _ in range(self.rng.randint(*STEPS)):
            if troubles and self.rng.random() < 0.25:
                self.rng.choice(troubles)(self)
            else:
                self.rng.choices(life, weights)[0][1](self)
            await asyncio.sleep(self.rng.choice((0.0, 0.01, 0.1, 0.5, 1, 3, 8)))

    async def _heal(self) -> None:
        self.trace("everything heals")
        self.weather.clear_up()
        self.node.lanes.die = ""
        self.start_node()
        for wire in self.wires:
            wire.down.go_on()
        for device in self.devices:
            device.wake_up()
            device.do("wake")
        for _ in range(SETTLE_MOST):
            assert not self.loop.broken, self.loop.broken[0]
            before = len(self.wires)
            await asyncio.sleep(SETTLE_SECONDS)
            if all(d.client.is_settled for d in self.devices) and not self._http and len(self.wires) == before:
                return
        unsettled = [d.name for d in self.devices if not d.client.is_settled]
        raise AssertionError(f"does not settle: {unsettled}, {len(self._http)} requests")

    async def end(self) -> None:
        """Everything stops; what is left over then should not be."""
        for device in self.devices:
            device.do("stop")
        await self.node.drain()
        await asyncio.sleep(1)
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert not left, left
