"""What is live only, across nodes: where somebody looks on another one, and who is there of those looked at here.

Nodes tell each other on the streams' own subjects, so that only those hear it who have someone there. What a node says
holds for a while and is said again: one that has ended is forgotten by itself.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from dealings.domain.messaging.model import ReadMoved
from dealings.edge.gateway.protocol import Typed, encode
from dealings.kernel.ids import Id
from dealings.platform.outbox import events as streams

if TYPE_CHECKING:
    from dealings.edge.gateway.hub import Hub, Listener
    from dealings.edge.gateway.presence import Presence, Scene

AGAIN_SECONDS = 20.0
KEPT_SECONDS = 65.0
"""Three times unheard, and it holds no more."""
WATCHING, ASKING, HERE, PRESENCE = "watching", "asking", "here", "presence"
TYPING, READ, BLOCKED = "typing", "read", "blocked"


class Watching(msgspec.Struct, frozen=True):
    conversation: Id
    shop: Id | None


class Asking(msgspec.Struct, frozen=True):
    """Does anybody look at this conversation? This node has had nobody there and so has not heard."""

    conversation: Id


class Here(msgspec.Struct, frozen=True):
    """All who are there on a node."""

    conversation: Id
    node: str
    ids: list[Id]


class Changed(msgspec.Struct, frozen=True):
    conversation: Id
    node: str
    id: Id
    online: bool


class Blocked(msgspec.Struct, frozen=True):
    one: Id
    other: Id


@dataclass(slots=True)
class Heard:
    """What another node said of a conversation, and when."""

    at: float
    ids: set[Id] = field(default_factory=set)


class Remote:
    """The other nodes, as presence knows them; alone there are none, and nothing is said."""

    def __init__(self, presence: Presence, hub: Hub) -> None:
        self._presence = presence
        self._hub = hub
        self._again: asyncio.TimerHandle | None = None
        self._node = secrets.token_hex(8)
        self._watched: dict[str, tuple[float, Id | None]] = {}
        """Streams of conversations that are looked at on other nodes: until when that holds, and whose thread it is."""
        self._there: dict[str, dict[str, Heard]] = {}
        """By the stream of a conversation looked at here: what each node says."""

    @property
    def watched(self) -> AbstractSet[str]:
        return self._watched.keys()

    def has(self, stream: str, id: Id) -> bool:
        """Is it there on another node?"""
        return any(id in heard.ids for heard in self._there.get(stream, {}).values())

    # telling the others

    def looking(self, scene: Scene) -> None:
        """Somebody begins, or goes on, to look here."""
        self._keep_saying()
        self._tell(scene.stream, scene.facts.shop, WATCHING, Watching(scene.conversation, scene.facts.shop))

    def arrived(self, listener: Listener) -> None:
        """Where it is the first of this node, it is not known yet whether somebody looks elsewhere."""
        if self._hub.alone:
            return
        for stream in listener.streams:
            if stream.startswith("c:") and stream not in self._watched and len(self._hub.listening(stream)) == 1:
                self._tell(stream, None, ASKING, Asking(stream[2:]))

    def announce(self, stream: str, id: Id, *, online: bool) -> None:
        """Someone is there on this node, or not any more: told where it is looked at."""
        if stream in self._watched:
            _, shop = self._watched[stream]
            self._tell(stream, shop, PRESENCE, Changed(stream[2:], self._node, id, online))

    def typed(self, stream: str, typed: Typed) -> None:
        if stream in self._watched:
            self._tell(stream, self._watched[stream][1], TYPING, typed)

    def read(self, stream: str, moved: ReadMoved) -> None:
        if stream in self._watched:
            self._tell(stream, self._watched[stream][1], READ, moved)

    def blocked(self, one: Id, other: Id) -> None:
        for id in (one, other):
            self._tell(streams.account(id), None, BLOCKED, Blocked(one, other))

    def _tell(self, stream: str, shop: Id | None, kind: str, value: object) -> None:
        if not self._hub.alone:
            self._hub.say(f"{stream}@{shop}" if shop else stream, kind, encode(value))

    def _keep_saying(self) -> None:
        if self._again is None and not self._hub.alone:
            self._again = asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._say_again)

    def _say_again(self) -> None:
        """Say again what is looked at here, and forget what was not said again."""
        self._again = None
        now = asyncio.get_running_loop().time()
        self._watched = {stream: kept for stream, kept in self._watched.items() if kept[0] > now}
        looked_at = {scene.stream: scene for scene in self._presence.scenes}
        for stream in self._there.keys() - looked_at.keys():
            del self._there[stream]
        for stream, nodes in self._there.items():
            for node in [node for node, heard in nodes.items() if heard.at + KEPT_SECONDS < now]:
                self._presence.doubt((stream, id) for id in nodes.pop(node).ids)
        for scene in looked_at.values():
            if scene.facts.named:
                self.looking(scene)
        if self._watched or self._there:
            self._keep_saying()

    # hearing the others

    def heard(self, kind: str, data: bytes) -> None:
        """What another node passed on."""
        if kind == WATCHING:
            self._answer(msgspec.json.decode(data, type=Watching))
        elif kind == ASKING:
            scene = self._presence.scene(streams.conversation(msgspec.json.decode(data, type=Asking).conversation))
            if scene is not None and scene.facts.named:
                self.looking(scene)
        elif kind == HERE:
            here = msgspec.json.decode(data, type=Here)
            self._note(streams.conversation(here.conversation), here.node, set(here.ids))
        elif kind == PRESENCE:
            changed = msgspec.json.decode(data, type=Changed)
            stream = streams.conversation(changed.conversation)
            known = self._there.get(stream, {}).get(changed.node) or Heard(0.0)
            self._note(stream, changed.node, known.ids | {changed.id} if changed.online else known.ids - {changed.id})
        elif kind == BLOCKED:
            both = msgspec.json.decode(data, type=Blocked)
            self._presence.hide(both.one, both.other)
        elif kind == TYPING:
            typed = msgspec.json.decode(data, type=Typed)
            self._show("typing", typed.conversation, data, of=typed.account)
        elif kind == READ:
            moved = msgspec.json.decode(data, type=ReadMoved)
            self._show("read.moved", moved.conversation, data, of=moved.reader)

    def _show(self, kind: str, conversation: Id, data: bytes, *, of: Id) -> None:
        scene = self._presence.scene(streams.conversation(conversation))
        if scene is not None and scene.facts.named and (kind == "typing" or scene.facts.kind == "group"):
            self._presence.show(scene, kind, data, of=of)

    def _answer(self, watching: Watching) -> None:
        stream = streams.conversation(watching.conversation)
        self._keep_saying()
        self._watched[stream] = asyncio.get_running_loop().time() + KEPT_SECONDS, watching.shop
        here = Here(watching.conversation, self._node, sorted(self._presence.here(stream, watching.shop)))
        self._tell(stream, watching.shop, HERE, here)

    def _note(self, stream: str, node: str, ids: set[Id]) -> None:
        """A node's word on who is there; what it changes is told soon."""
        if self._presence.scene(stream) is None or node == self._node:
            return
        nodes = self._there.setdefault(stream, {})
        before = nodes[node].ids if node in nodes else set()
        nodes[node] = Heard(asyncio.get_running_loop().time(), ids)
        self._presence.doubt((stream, id) for id in before ^ ids)
