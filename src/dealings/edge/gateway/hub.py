"""Who is online where: streams and the sessions that are to be told of them.

An event is encoded once and its bytes handed to every session of its stream; each session
joins what is due to it in one tick of the loop into one write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

import msgspec

from dealings.domain.identity.events import MeChanged, SessionRevoked
from dealings.edge.gateway import protocol
from dealings.kernel.ids import Id
from dealings.platform.db.actions import Stored
from dealings.platform.outbox import events as streams
from dealings.platform.telemetry import metrics


class Listener(Protocol):
    """A connection, as the hub knows it."""

    session: Id
    streams: set[str]
    told: int
    """The sum over the events of the log that it was told of (`protocol.told_with`), so that its client can compare."""

    @property
    def account(self) -> Id:
        """Whose connection it is; of one that listens to nothing yet, nobody's."""
        ...

    def tell(self, frame: bytes) -> None: ...

    def revoke(self) -> None: ...


class Elsewhere(Protocol):
    """Whoever is online at other nodes, as far as this one has to do with them."""

    def first(self, stream: str) -> None:
        """Somebody here listens to a stream that nobody here has listened to."""
        ...

    def last(self, stream: str) -> None:
        """Nobody here listens to it any more."""
        ...

    def joined(self, listener: Listener, stream: str) -> None:
        """Somebody who is online has come into a conversation; what was told there just before may have passed them by."""
        ...

    def say(self, stream: str, kind: str, data: bytes) -> None:
        """What is live only, to be passed on there."""
        ...

    def durable(self, commit_no: int) -> int:
        """This position, or an earlier one that is sure to stand for the same even after the store has crashed."""
        ...


class Nowhere:
    """A single process has everybody."""

    def first(self, stream: str) -> None: ...

    def last(self, stream: str) -> None: ...

    def joined(self, listener: Listener, stream: str) -> None: ...

    def say(self, stream: str, kind: str, data: bytes) -> None: ...

    def durable(self, commit_no: int) -> int:
        return commit_no


class _Named(msgspec.Struct):
    id: Id


class _Left(msgspec.Struct):
    conversation: Id


_named = msgspec.json.Decoder(_Named).decode
_left = msgspec.json.Decoder(_Left).decode


NOBODY: frozenset[Listener] = frozenset()


class Hub:
    """Subscriptions of one process. Live delivery may fail without harm: the log is the truth."""

    def __init__(self, incarnation: str, elsewhere: Elsewhere | None = None) -> None:
        self._incarnation = incarnation
        self._elsewhere: Elsewhere = elsewhere or Nowhere()
        self._listeners: dict[str, set[Listener]] = {}
        self.heard: Callable[[str, bytes], None] = lambda kind, data: None
        """Takes what is live only from other nodes."""

    def cursor(self, commit_no: int) -> bytes:
        """A position in this log, opaque to clients."""
        return f"{self._incarnation}.{self._elsewhere.durable(commit_no)}".encode()

    def commit_of(self, cursor: str) -> int | None:
        """The commit a cursor stands for; None for one of another log, or no cursor at all."""
        incarnation, _, number = cursor.partition(".")
        return int(number) if incarnation == self._incarnation and number.isdecimal() else None

    def subscribe(self, listener: Listener, wanted: Iterable[str]) -> None:
        for stream in wanted:
            listener.streams.add(stream)
            there = self._listeners.get(stream)
            if there is None:
                there = self._listeners[stream] = set()
                self._elsewhere.first(stream)
            there.add(listener)

    def unsubscribe(self, listener: Listener, unwanted: Iterable[str]) -> None:
        for stream in list(unwanted):
            listener.streams.discard(stream)
            there = self._listeners.get(stream)
            if there is not None:
                there.discard(listener)
                if not there:
                    del self._listeners[stream]
                    self._elsewhere.last(stream)

    def listening(self, stream: str) -> set[Listener]:
        return self._listeners.get(stream, set())

    def leave(self, listener: Listener) -> None:
        self.unsubscribe(listener, listener.streams)

    def publish(self, events: Sequence[Stored], horizon: int) -> None:
        """Tell every committed event to those it concerns, and follow what it changes in who is where."""
        at = self.cursor(horizon)
        out = 0
        same: Stored | None = None
        know: AbstractSet[Listener] = NOBODY
        for stored in events:
            there = self._there(stored.stream)
            if there:
                frame = protocol.stored_event(stored, at=at)
                personal = stored.stream.startswith("a:")
                concerned = _concerned(stored, there) if personal else there
                if same is not None and stored.data == same.data and stored.kind == same.kind:
                    concerned = concerned - know  # once to those who hear of it in several streams
                    know = know | concerned
                else:
                    same, know = stored, concerned
                mark = protocol.mark(frame)
                for listener in concerned:
                    listener.told = (listener.told * 31 + mark) & 0xFFFFFFFF  # protocol.told_with, without the call
                    listener.tell(frame)
                out += len(concerned)
                if personal:
                    self._follow(stored, there)
        metrics.EVENTS_OUT.value += out

    @property
    def alone(self) -> bool:
        """There is no other node."""
        return isinstance(self._elsewhere, Nowhere)

    def say(self, stream: str, kind: str, data: bytes) -> None:
        """What is live only, to the other nodes that have someone in a stream; there, `heard` is called with it."""
        self._elsewhere.say(stream, kind, data)

    def tell(self, listener: Listener, events: Sequence[Stored], horizon: int) -> None:
        """Events that have passed by somebody who listens by now."""
        at = self.cursor(horizon)
        for stored in events:
            if stored.stream.partition("@")[0] in listener.streams:
                frame = protocol.stored_event(stored, at=at)
                listener.told = protocol.told_with(listener.told, protocol.mark(frame))
                listener.tell(frame)

    def _there(self, stream: str) -> AbstractSet[Listener]:
        """The sessions of a stream; a shop thread's are those in it and the shop's staff."""
        if "@" not in stream:
            return self._listeners.get(stream, NOBODY)
        conversation, _, shop = stream.partition("@")
        return self._listeners.get(conversation, NOBODY) | self._listeners.get(streams.shop(shop), NOBODY)

    def _follow(self, stored: Stored, there: Iterable[Listener]) -> None:
        """Joining, leaving and sessions ended change who is to be told from now on."""
        if stored.kind == "conversation.changed":
            stream = streams.conversation(_named(stored.data).id)
            for listener in [listener for listener in there if stream not in listener.streams]:
                self.subscribe(listener, [stream])
                self._elsewhere.joined(listener, stream)
        elif stored.kind == "conversation.left":
            for listener in list(there):
                self.unsubscribe(listener, [streams.conversation(_left(stored.data).conversation)])
        elif stored.kind == MeChanged.kind:
            shops = {streams.shop(staffing.shop.id) for staffing in MeChanged.decode(stored.data).shops}
            for listener in list(there):
                self.unsubscribe(listener, {s for s in listener.streams if s.startswith("s:")} - shops)
                self.subscribe(listener, shops)
        elif stored.kind == SessionRevoked.kind:
            revoked = SessionRevoked.decode(stored.data).session
            for listener in [listener for listener in there if listener.session == revoked]:
                listener.revoke()


def _concerned(stored: Stored, there: AbstractSet[Listener]) -> AbstractSet[Listener]:
    """Everyone in the stream; but that a session was ended concerns no other of the same account."""
    if stored.kind != SessionRevoked.kind:
        return there
    revoked = SessionRevoked.decode(stored.data).session
    return {listener for listener in there if listener.session == revoked}
