"""One seed: a scene, devices, a server and a network; things happen, things go wrong; then all heals and is compared."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any

import structlog

from dealings.client.messenger import Messenger
from dealings.domain.identity import actions as identity
from dealings.domain.messaging.model import Post, Text
from dealings.domain.messaging.posting import post
from dealings.kernel.errors import Refusal, Unavailable
from dealings.kernel.ids import uuid7
from dealings.platform.db.run import Crashed
from dealings.platform.db.stores import Store
from tests.simulation.seeded.device import Device
from tests.simulation.seeded.network import Weather, Wire
from tests.simulation.seeded.node import OUTSIDE, Node
from tests.simulation.seeded.scene import DEVICES, INCARNATION, START, Scene, action, token
from tests.simulation.seeded.virtual import VirtualLoop

STEPS = (20, 60)
SETTLE_SECONDS = 40.0
"""Longer than a client waits for a ping and its answer."""
SETTLE_MOST = 12
HTTP_SECONDS = 10.0

Trouble = Callable[["Play"], None]


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
        self._http: set[asyncio.Task[None]] = set()
        self.wires: list[Wire] = []
        self.node = self._new_node()
        self.starting: Any = None
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
        return Node(self.loop, self.store, incarnation=INCARNATION, clock=self.clock, rng=rng, trace=self.trace)

    def _new_device(self, handle: str, name: str, messenger: type[Messenger]) -> Device:
        return Device(
            self.loop,
            self._random("device"),
            name=f"{handle}'s {name}",
            account=self.scene.accounts[handle],
            token=token(handle, name),
            base=START,
            connect=self._connect,
            trace=self.trace,
            messenger=messenger,
        )

    def _connect(self, device: Device) -> Wire:
        wire = Wire(self.loop, self._random("wire"), self.weather, device, lambda wire: self.node.accept(wire))
        self.wires.append(wire)
        return wire

    # what people do

    def anyone(self) -> Device:
        """Whose device is awake."""
        return self.rng.choice([d for d in self.devices if not d.is_asleep] or self.devices[:1])

    def somewhere(self, device: Device) -> Any:
        """A conversation that this device shows; None when it shows none."""
        shown = sorted(device.client.state.conversations)
        return device.client.state.conversations[self.rng.choice(shown)] if shown else None

    def send(self) -> None:
        device = self.anyone()
        place = self.somewhere(device)
        for _ in range(self.rng.choice((1, 1, 1, 2, 5)) if place else 0):
            self._count += 1
            text = f"{device.name} #{self._count}"
            self.trace(f"{device.name} writes #{self._count} into {place['id']}")
            device.send(place["id"], text)

    def read(self) -> None:
        device = self.anyone()
        place = self.somewhere(device)
        if place and place["last_seq"]:
            seq = self.rng.choice((place["last_seq"], self.rng.randint(1, place["last_seq"])))
            self.trace(f"{device.name} reads {place['id']} up to {seq}")
            device.do("read", place["id"], seq)

    def open(self) -> None:
        device = self.anyone()
        place = self.somewhere(device)
        if place:
            device.do("open", place["id"])

    def typing(self) -> None:
        device = self.anyone()
        place = self.somewhere(device)
        if place:
            device.do("typing", place["id"])

    def gather(self) -> None:
        """A new group."""
        owner, *others = self.rng.sample(sorted(self.scene.accounts.items()), 3)
        members = [id for handle, id in others if handle != "tao"]
        if owner[0] != "tao":
            self.ask(owner[0], action("open_group"), owner=owner[1], name=f"Group {self._count}", members=members)

    def group_change(self) -> None:
        """Someone joins, leaves, is removed, or names the group anew."""
        device = self.anyone()
        groups = sorted(c["id"] for c in device.client.state.conversations.values() if c["kind"] == "group")
        if not groups:
            return
        conversation, by = self.rng.choice(groups), device.account
        other = self.rng.choice([self.scene.accounts[h] for h in ("mei", "arun", "lin", "sofia")])
        change = self.rng.choice(("add", "add", "remove", "leave", "rename"))
        given: dict[str, Any] = {"conversation": conversation, "by": by}
        if change == "add":
            self.ask(device.name, action("add_members"), **given, accounts=[other])
        elif change == "rename":
            self.ask(device.name, action("rename_group"), **given, name=f"Named {len(self.lines)}")
        else:
            self.ask(device.name, action("remove_member"), **given, account=other if change == "remove" else by)

    def remark(self) -> None:
        one, other = self.rng.sample([self.scene.accounts[h] for h in ("mei", "arun", "lin", "sofia")], 2)
        self.ask("someone", identity.set_remark, me=one, other=other, remark=f"Remark {len(self.lines)}")

    def shop_answers(self) -> None:
        self._count += 1
        text = Text(f"shop #{self._count}")
        item = Post(self.scene.thread, self.scene.owner, uuid7(self.clock(), self.rng), text, self.scene.shop)
        self._outside(self._asked("the shop", "answers", lambda: self.node.run.one(post, item)))

    def ask(self, who: str, action: Any, **given: Any) -> None:
        """A request over HTTP: asked again under its key until there is an answer."""
        self._count += 1
        key, actor = f"key {self._count}", given.get("by") or given.get("owner") or given.get("me")
        asked = lambda: self.node.run.by(actor, key=key)(action, **given)  # noqa: E731
        self._outside(self._asked(who, f"{action.name} {given}", asked))

    async def _asked(self, who: str, what: str, ask: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        self.trace(f"{who} asks {what}")
        for _ in range(20):
            await asyncio.sleep(self.rng.uniform(0.001, 0.1))
            try:
                await asyncio.wait_for(asyncio.create_task(ask(), name=f"{OUTSIDE} ask"), HTTP_SECONDS)
                return
            except (Unavailable, TimeoutError, Crashed):
                await asyncio.sleep(1)
            except Refusal as refusal:
                self.trace(f"{who} is refused: {refusal.code}")
                return

    def _outside(self, work: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(work, name=f"{OUTSIDE} work")
        self._http.add(task)
        task.add_done_callback(self._http.discard)

    # what goes wrong

    def _wire_of_someone(self) -> Wire | None:
        device = self.anyone()
        if device.wire is not None:
            self.trace(f"trouble on {device.name}'s wire")
        return device.wire

    def cut(self) -> None:
        if (wire := self._wire_of_someone()) is not None:
            wire.cut()

    def half_open(self) -> None:
        if (wire := self._wire_of_someone()) is not None:
            wire.go_dead()

    def stall(self) -> None:
        """A client that reads nothing for a while."""
        if (wire := self._wire_of_someone()) is not None:
            wire.down.stall()
            self.loop.call_later(self.rng.uniform(1, 60), wire.down.go_on)

    def bad_proxy(self) -> None:
        self.gentle = False
        self.weather.lose, self.weather.double, self.weather.delay = (self.rng.choice((0, 0.05, 0.2)) for _ in "123")
        self.trace(f"a proxy loses {self.weather.lose}, doubles {self.weather.double}, delays {self.weather.delay}")
        self.loop.call_later(self.rng.uniform(1, 20), self._proxy_behaves)

    def _proxy_behaves(self) -> None:
        self.weather.lose = self.weather.double = self.weather.delay = 0.0

    def slow_network(self) -> None:
        self.weather.slowest = self.rng.choice((0.05, 0.5, 3.0))

    def blackout(self) -> None:
        self.trace("the network is down")
        self.weather.down = True
        for wire in self.wires:
            wire.go_dead()
        self.loop.call_later(self.rng.uniform(1, 40), self._light)

    def _light(self) -> None:
        if self.weather.down:
            self.trace("the network is back")
        self.weather.down = False
        for device in self.devices:
            if self.rng.random() < 0.5 and not device.is_asleep:
                device.do("wake")

    def no_network(self) -> None:
        device = self.anyone()
        if not device.is_asleep:
            device.do("lost_network")
            self.loop.call_later(self.rng.uniform(1, 100), lambda: None if device.is_asleep else device.do("wake"))

    def sleep(self) -> None:
        device = self.anyone()
        self.trace(f"{device.name} sleeps")
        device.sleep()
        self.loop.call_later(self.rng.choice((3, 30, 70, 200)), device.wake_up)

    def clock_jump(self) -> None:
        device = self.anyone()
        device.ahead_ms += self.rng.choice((-3_600_000, -5_000, 5_000, 120_000, 3_600_000))
        self.trace(f"{device.name}'s clock jumps to {device.ahead_ms} ms ahead")

    def server_clock_jump(self) -> None:
        self.server_ahead_ms += self.rng.choice((-2_000, 1_000, 60_000))

    def app_crash(self) -> None:
        device = self.anyone()
        if not device.is_asleep:
            self.trace(f"{device.name}'s app crashes")
            device.crash()

    def lane_crash(self) -> None:
        self.node.lanes.die = self.rng.choice(("before", "after"))

    def node_crash(self) -> None:
        if self.node.alive:
            self.trace("the server is killed")
            self.node.kill()
            self.starting = self.loop.call_later(self.rng.uniform(0.1, 5), self._start_node)

    def restart(self) -> None:
        if self.node.alive:
            self.trace("the server stops")
            self._outside(self._drained(self.node))

    async def _drained(self, node: Node) -> None:
        await node.drain()
        self._start_node()

    def _start_node(self) -> None:
        if not self.node.alive:
            self.trace("the server starts")
            self.node = self._new_node()

    # from beginning to end

    async def run(self) -> None:
        with structlog.testing.capture_logs() as logs:
            await self._happen()
            await self._heal()
        errors = [log for log in logs if log["log_level"] in ("error", "critical") and log["event"] != "lane_lost"]
        assert not errors, errors

    async def _happen(self) -> None:
        troubles = [trouble for trouble in TROUBLES if self.rng.random() < 0.3]
        await asyncio.sleep(self.rng.uniform(0, 3))
        for _ in range(self.rng.randint(*STEPS)):
            if troubles and self.rng.random() < 0.25:
                self.rng.choice(troubles)(self)
            else:
                self.rng.choices(LIFE, LIFE_WEIGHTS)[0](self)
            await asyncio.sleep(self.rng.choice((0.0, 0.01, 0.1, 0.5, 1, 3, 8)))

    async def _heal(self) -> None:
        self.trace("everything heals")
        self.weather.clear_up()
        self.node.lanes.die = ""
        if not self.node.alive and self.starting is not None:
            self._start_node()
        for wire in self.wires:
            wire.down.go_on()
        for device in self.devices:
            device.wake_up()
            device.do("wake")
        for _ in range(SETTLE_MOST):
            before = len(self.wires)
            await asyncio.sleep(SETTLE_SECONDS)
            if all(d.client.is_settled for d in self.devices) and not self._http and len(self.wires) == before:
                return
        unsettled = [(d.name, vars(d.client)) for d in self.devices if not d.client.is_settled]
        raise AssertionError(f"does not settle: {unsettled}, {len(self._http)} requests")

    async def end(self) -> None:
        """Everything stops; what is left over then should not be."""
        for device in self.devices:
            device.do("stop")
        await self.node.drain()
        await asyncio.sleep(1)
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert not left, left


LIFE: tuple[Trouble, ...] = (
    Play.send,
    Play.read,
    Play.open,
    Play.typing,
    Play.gather,
    Play.group_change,
    Play.remark,
    Play.shop_answers,
)
LIFE_WEIGHTS = (12, 5, 3, 1, 1, 3, 1, 2)
TROUBLES: tuple[Trouble, ...] = (
    Play.cut,
    Play.half_open,
    Play.stall,
    Play.bad_proxy,
    Play.slow_network,
    Play.blackout,
    Play.no_network,
    Play.sleep,
    Play.clock_jump,
    Play.server_clock_jump,
    Play.app_crash,
    Play.lane_crash,
    Play.node_crash,
    Play.restart,
)
