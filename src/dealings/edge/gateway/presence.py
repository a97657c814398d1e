"""What is live only: who is there, who types, how far others in a group have read. Kept nowhere.

It costs nothing where nobody looks: each connection says which one conversation is on its screen (`watch`), and only
those conversations are followed. Who is there is known from who listens to the conversation's stream; nothing is
counted up and down, so nothing can drift. Presence changes only when it has been so for some seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from dealings.domain.identity.events import ContactChanged
from dealings.domain.messaging import queries_devices
from dealings.domain.messaging.events import ConversationChanged, ConversationLeft, ReadPositionMoved
from dealings.domain.messaging.model import ReadMoved
from dealings.edge.gateway import protocol
from dealings.edge.gateway.protocol import Presence as Change
from dealings.edge.gateway.protocol import Seen, Typed
from dealings.edge.gateway.remote import Remote
from dealings.kernel.ids import Id
from dealings.platform.outbox import events as streams

if TYPE_CHECKING:
    from dealings.domain.messaging.queries_devices import Watched
    from dealings.edge.gateway.hub import Hub, Listener
    from dealings.platform.db.actions import Stored
    from dealings.platform.db.reads import Reads

GRACE_SECONDS = 5.0
"""Whoever is back within it was never away: phones change their network all the time."""
SETTLE_SECONDS = 0.5
"""Comings are told together, for after a restart all come at once."""
CHANGES_MOST = 20
"""More changes at once than this are told as one list of who is there."""
FOLLOWED = {ReadPositionMoved.kind, ConversationChanged.kind, ConversationLeft.kind, ContactChanged.kind}


@dataclass(slots=True)
class Watcher:
    """A connection that looks at a conversation."""

    listener: Listener
    side: Id
    hidden: set[Id]

    def sees(self, id: Id) -> bool:
        return id != self.side and id not in self.hidden


@dataclass(slots=True)
class Scene:
    """A conversation that somebody looks at."""

    conversation: Id
    stream: str
    facts: Watched
    watchers: dict[Listener, Watcher] = field(default_factory=dict)
    present: set[Id] = field(default_factory=set)
    """Who was last told to be there."""


class Presence:
    """Which connections watch which conversation, and what they are told."""

    def __init__(self, hub: Hub, reads: Reads) -> None:
        self._hub = hub
        self._reads = reads
        self._scenes: dict[str, Scene] = {}
        self._shops: dict[str, set[str]] = {}
        """The streams of scenes in which a shop is one side, by the shop's."""
        self._at: dict[Listener, Scene] = {}
        self._asked: dict[Listener, object] = {}
        self._doubted: set[tuple[str, Id]] = set()
        self._settling: asyncio.TimerHandle | None = None
        self.remote = Remote(self, hub)
        hub.heard = self.remote.heard

    # looking

    async def watch(self, listener: Listener, account: Id, conversation: Id | None) -> Seen:
        """Look at this conversation, and at no other any more. Refuses whoever may not read there."""
        self.look_away(listener)
        if conversation is None:
            return Seen(None)
        mine = self._asked[listener] = object()
        try:
            facts = await self._reads(queries_devices.watched, conversation=conversation, account=account)
            newest = self._asked.get(listener) is mine
        finally:
            if self._asked.get(listener) is mine:
                del self._asked[listener]
        watcher = Watcher(listener, facts.side, set(facts.hidden))
        if not newest or not self._hears(listener, conversation, facts.shop):
            return Seen(conversation)
        scene = self._enter(watcher, conversation, facts)
        return Seen(conversation, [id for id in scene.present if watcher.sees(id)])

    def _hears(self, listener: Listener, conversation: Id, shop: Id | None) -> bool:
        """Does it still listen there? It may have gone, or been removed, since it asked."""
        own = streams.conversation(conversation) in listener.streams
        return own or (shop is not None and streams.shop(shop) in listener.streams)

    def _enter(self, watcher: Watcher, conversation: Id, facts: Watched) -> Scene:
        stream = streams.conversation(conversation)
        scene = self._scenes.get(stream)
        if scene is None:
            scene = self._scenes[stream] = Scene(conversation, stream, facts)
            if facts.shop:
                self._shops.setdefault(streams.shop(facts.shop), set()).add(stream)
            if facts.named:
                scene.present = self.here(stream, facts.shop)
                self.remote.looking(scene)
        scene.facts = facts
        scene.watchers[watcher.listener] = watcher
        self._at[watcher.listener] = scene
        return scene

    def look_away(self, listener: Listener) -> None:
        self._asked.pop(listener, None)
        scene = self._at.pop(listener, None)
        if scene is None:
            return
        del scene.watchers[listener]
        if not scene.watchers:
            del self._scenes[scene.stream]
            if scene.facts.shop:
                there = self._shops[streams.shop(scene.facts.shop)]
                there.discard(scene.stream)
                if not there:
                    del self._shops[streams.shop(scene.facts.shop)]

    def scene(self, stream: str) -> Scene | None:
        return self._scenes.get(stream)

    @property
    def scenes(self) -> Iterable[Scene]:
        return self._scenes.values()

    # coming and going

    def arrived(self, listener: Listener) -> None:
        """A connection has said hello."""
        self.remote.arrived(listener)
        concerned = self._concerned(listener)
        if concerned:
            self.doubt(concerned)

    def parting(self, listener: Listener) -> None:
        """A connection has ended; it still has its streams."""
        self.look_away(listener)
        concerned = self._concerned(listener)
        if concerned:
            asyncio.get_running_loop().call_later(GRACE_SECONDS, self.doubt, concerned)

    def _concerned(self, listener: Listener) -> list[tuple[str, Id]]:
        """Where it matters whether this connection is there, and for whom; nowhere, when nobody looks."""
        if not self._scenes and not self.remote.watched:
            return []
        followed = self._scenes.keys() | self.remote.watched if self.remote.watched else self._scenes.keys()
        concerned = [(stream, listener.account) for stream in followed & listener.streams]
        for shop in self._shops.keys() & listener.streams:
            concerned += [(stream, shop[2:]) for stream in self._shops[shop]]
        return concerned

    def doubt(self, concerned: Iterable[tuple[str, Id]]) -> None:
        """Look soon whether these are where they were said to be."""
        self._doubted.update(concerned)
        if self._settling is None and self._doubted:
            self._settling = asyncio.get_running_loop().call_later(SETTLE_SECONDS, self._settle)

    def _settle(self) -> None:
        doubted, self._doubted, self._settling = self._doubted, set(), None
        changes: dict[str, list[tuple[Id, bool]]] = {}
        for stream, id in doubted:
            self.remote.announce(stream, id, online=self.is_here(stream, id))
            scene = self._scenes.get(stream)
            if scene is not None and scene.facts.named:
                online = self.is_here(stream, id) or self.remote.has(stream, id)
                if online != (id in scene.present):
                    (scene.present.add if online else scene.present.discard)(id)
                    changes.setdefault(stream, []).append((id, online))
        for stream, changed in changes.items():
            self._tell_presence(self._scenes[stream], changed)

    def here(self, stream: str, shop: Id | None) -> set[Id]:
        """Who has a connection on this node that listens there; the shop, when one of its staff has."""
        present = {listener.account for listener in self._hub.listening(stream)}
        return present | {shop} if shop and self._hub.listening(streams.shop(shop)) else present

    def is_here(self, stream: str, id: Id) -> bool:
        if any(stream in listener.streams for listener in self._hub.listening(streams.account(id))):
            return True
        shop = streams.shop(id)
        return stream in self._shops.get(shop, ()) and bool(self._hub.listening(shop))

    def _tell_presence(self, scene: Scene, changed: Sequence[tuple[Id, bool]]) -> None:
        if len(changed) > CHANGES_MOST:
            for watcher in self._watching(scene):
                seen = Seen(scene.conversation, [id for id in scene.present if watcher.sees(id)])
                watcher.listener.tell(_live("presence", protocol.encode(seen)))
            return
        for id, online in changed:
            self.show(scene, "presence", protocol.encode(Change(scene.conversation, id, online)), of=id)

    # telling

    def _watching(self, scene: Scene) -> list[Watcher]:
        """Those who still may: who was removed meanwhile does not listen there any more."""
        for listener in list(scene.watchers):
            if not self._hears(listener, scene.conversation, scene.facts.shop):
                self.look_away(listener)
        return list(scene.watchers.values())

    def show(self, scene: Scene, kind: str, data: bytes, *, of: Id, but: Listener | None = None) -> None:
        """Tell what this side does there to all who look and can see it."""
        frame = _live(kind, data)
        for watcher in self._watching(scene):
            own = watcher.side == of and kind != "typing"  # a colleague types for the same shop
            if watcher.listener is not but and of not in watcher.hidden and not own:
                watcher.listener.tell(frame)

    def type(self, listener: Listener, account: Id, conversation: Id) -> None:
        """Seen by those who look; in what few enough can see, and where the one who types takes part."""
        stream = streams.conversation(conversation)
        scene = self._scenes.get(stream)
        member = stream in listener.streams
        if scene is None:
            if member:
                self.remote.typed(stream, Typed(conversation, account))
        elif scene.facts.named and self._hears(listener, conversation, scene.facts.shop):
            typed = Typed(conversation, account if member else scene.facts.shop or account)
            self.show(scene, "typing", protocol.encode(typed), of=typed.account, but=listener)
            self.remote.typed(stream, typed)

    # following what is committed

    def follow(self, events: Sequence[Stored]) -> None:
        """What changes for those who look: others read, join, leave, block."""
        if not self._scenes and not self.remote.watched:
            return
        for stored in events:
            if stored.kind in FOLLOWED and stored.stream.startswith("a:"):
                self._follow(stored, stored.stream[2:])

    def _follow(self, stored: Stored, account: Id) -> None:
        if stored.kind == ReadPositionMoved.kind:
            self._read(ReadPositionMoved.decode(stored.data), account)
        elif stored.kind == ContactChanged.kind:
            contact = ContactChanged.decode(stored.data)
            if contact.state == "blocked":
                self.hide(account, contact.person.id)
                self.remote.blocked(account, contact.person.id)
        else:
            where = _where(stored.data)
            stream = streams.conversation(where.id or where.conversation)
            if stream in self._scenes or stream in self.remote.watched:
                self.doubt([(stream, account)])

    def _read(self, moved: ReadMoved, account: Id) -> None:
        """The reader's own devices are told by the log; in a group, so are those who look."""
        stream = streams.conversation(moved.conversation)
        shown = ReadMoved(moved.conversation, account, moved.seq)
        scene = self._scenes.get(stream)
        if moved.reader == account:
            if scene is not None and scene.facts.kind == "group" and scene.facts.named:
                self.show(scene, ReadPositionMoved.kind, protocol.encode(shown), of=account)
            self.remote.read(stream, shown)

    def hide(self, one: Id, other: Id) -> None:
        """From now on these two don't see each other, wherever they look."""
        for id, gone in ((one, other), (other, one)):
            for listener in self._hub.listening(streams.account(id)):
                scene = self._at.get(listener)
                if scene is not None and scene.watchers[listener].sees(gone):
                    scene.watchers[listener].hidden.add(gone)
                    if gone in scene.present:
                        left = Change(scene.conversation, gone, online=False)
                        listener.tell(_live("presence", protocol.encode(left)))


class _Where(msgspec.Struct):
    """The conversation that an event is about, by either name."""

    id: Id = ""
    conversation: Id = ""


_where = msgspec.json.Decoder(_Where).decode


def _live(kind: str, data: bytes) -> bytes:
    return protocol.event(kind, data, at=b"")
