"""Presence across nodes: two hubs, and a wire between them that carries a stream to whoever listens to it there."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from dealings.domain.messaging.events import ReadPositionMoved
from dealings.domain.messaging.model import Kind, ReadMoved
from dealings.domain.messaging.queries_devices import Watched
from dealings.edge.gateway import presence, remote
from dealings.edge.gateway.hub import Hub, Listener
from dealings.edge.gateway.presence import Presence
from dealings.platform.db.actions import Stored

TALK, GROUP = "talk", "group"
KINDS: dict[str, Kind] = {TALK: "direct", GROUP: "group"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "GRACE_SECONDS", 0.02)
    monkeypatch.setattr(presence, "SETTLE_SECONDS", 0.01)
    monkeypatch.setattr(remote, "AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(remote, "KEPT_SECONDS", 0.2)


@dataclass(eq=False)
class Connection:
    """A device as a hub knows it; keeps what it is told."""

    account: str
    session: str = ""
    told: int = 0
    streams: set[str] = field(default_factory=set)
    heard: list[tuple[str, Any]] = field(default_factory=list)

    def tell(self, frame: bytes) -> None:
        event = msgspec.json.decode(frame[frame.index(b'{"') :])
        self.heard.append((event["ev"], event["data"]))

    def revoke(self) -> None: ...


class Wire:
    """To the other node; what it has nobody for does not arrive there."""

    def __init__(self) -> None:
        self.other: Node | None = None
        self.said: list[str] = []

    def first(self, stream: str) -> None: ...

    def last(self, stream: str) -> None: ...

    def joined(self, listener: Listener, stream: str) -> None: ...

    def durable(self, commit_no: int) -> int:
        return commit_no

    def say(self, stream: str, kind: str, data: bytes) -> None:
        self.said.append(kind)
        conversation, _, shop = stream.partition("@")
        if self.other and (self.other.hub.listening(conversation) or (shop and self.other.hub.listening(f"s:{shop}"))):
            self.other.hub.heard(kind, data)


class Reads:
    """Everyone may look at everything; nobody has blocked anybody."""

    async def __call__(self, _: Any, *, conversation: str, account: str) -> Watched:
        return Watched(KINDS[conversation], account, None, named=True, hidden=frozenset())


class Node:
    def __init__(self) -> None:
        self.wire = Wire()
        self.hub = Hub("0" * 16, self.wire)
        self.presence = Presence(self.hub, Reads())  # type: ignore[arg-type]  # as much of Reads as it needs

    def comes(self, account: str) -> Connection:
        it = Connection(account)
        self.hub.subscribe(it, [f"a:{account}", f"c:{TALK}", f"c:{GROUP}"])
        self.presence.arrived(it)
        return it

    def goes(self, it: Connection) -> None:
        self.presence.parting(it)
        self.hub.leave(it)


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(3):
        while not so():  # noqa: ASYNC110  (what is looked at has no event)
            await asyncio.sleep(0.005)


def play(scene: Callable[[Node, Node], Awaitable[None]]) -> None:
    async def both() -> None:
        one, other = Node(), Node()
        one.wire.other, other.wire.other = other, one
        await scene(one, other)

    asyncio.run(both())


def online(account: str, now: bool) -> tuple[str, Any]:
    return "presence", {"conversation": TALK, "account": account, "online": now}


def test_who_is_on_another_node_is_there() -> None:
    async def scene(one: Node, other: Node) -> None:
        mei, arun = one.comes("mei"), other.comes("arun")
        await one.presence.watch(mei, "mei", TALK)
        await until(lambda: online("arun", True) in mei.heard)
        beside = one.comes("mei")
        assert (await one.presence.watch(beside, "mei", TALK)).present == ["arun"]
        other.goes(arun)
        await until(lambda: mei.heard[-1] == online("arun", False))
        other.comes("arun")
        await until(lambda: mei.heard[-1] == online("arun", True))

    play(scene)


def test_someone_on_two_nodes_is_gone_only_when_gone_from_both() -> None:
    async def scene(one: Node, other: Node) -> None:
        mei, here, there = one.comes("mei"), one.comes("arun"), other.comes("arun")
        await one.presence.watch(mei, "mei", TALK)
        await until(lambda: "c:talk" in other.presence.remote.watched)
        one.goes(here)
        await asyncio.sleep(0.1)
        assert online("arun", False) not in mei.heard
        other.goes(there)
        await until(lambda: online("arun", False) in mei.heard)

    play(scene)


def test_typing_and_reading_reach_those_who_look_elsewhere() -> None:
    async def scene(one: Node, other: Node) -> None:
        mei, arun = one.comes("mei"), other.comes("arun")
        await one.presence.watch(mei, "mei", GROUP)
        other.presence.type(arun, "arun", GROUP)
        assert mei.heard == [("typing", {"conversation": GROUP, "account": "arun"})]
        moved = msgspec.json.encode(ReadMoved(GROUP, "arun", 7, 2))
        other.presence.follow([Stored(1, 0, "a:arun", ReadPositionMoved.kind, moved, "", 0)])
        shown = {"conversation": GROUP, "reader": "arun", "seq": 7, "unread": None}
        assert mei.heard[1:] == [("read.moved", shown)]

    play(scene)


def test_a_node_that_ends_without_a_word_is_forgotten() -> None:
    async def scene(one: Node, other: Node) -> None:
        mei = one.comes("mei")
        other.comes("arun")
        await one.presence.watch(mei, "mei", TALK)
        await until(lambda: online("arun", True) in mei.heard)
        one.wire.other = other.wire.other = None
        await until(lambda: mei.heard[-1] == online("arun", False))

    play(scene)


def test_nothing_is_said_where_nobody_looks() -> None:
    async def scene(one: Node, other: Node) -> None:
        mei, arun = one.comes("mei"), other.comes("arun")
        other.presence.type(arun, "arun", TALK)
        other.goes(arun)
        one.goes(mei)
        await asyncio.sleep(0.1)
        assert {*one.wire.said, *other.wire.said} <= {"asking"}  # whoever comes first asks whether somebody looks

    play(scene)


def test_the_blocked_are_told_on_every_node() -> None:
    async def scene(one: Node, other: Node) -> None:
        mei = one.comes("mei")
        other.comes("arun")
        await one.presence.watch(mei, "mei", TALK)
        await until(lambda: online("arun", True) in mei.heard)
        other.presence.remote.blocked("arun", "mei")
        assert mei.heard[-1] == online("arun", False)
        other.presence.type(next(iter(other.hub.listening("a:arun"))), "arun", TALK)
        assert mei.heard[-1] == online("arun", False)

    play(scene)
