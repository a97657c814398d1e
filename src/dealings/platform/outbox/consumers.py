"""Durable consumers and timers: reactions that happen once though every node could run them.

A consumer's reaction and its new position are one transaction, so its effects inside the
store happen exactly once; a timer is claimed by deleting its row in the transaction that acts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dealings.kernel.clock import Millis
from dealings.platform.db.actions import REGISTRY, Action, Stored, action
from dealings.platform.db.tx import Read, Tx
from dealings.platform.outbox import tables
from dealings.platform.outbox.tables import Position

MOST_EVENTS = 500
"""Per transaction: a backlog is worked off in steps that keep the lane free for people."""
GATHERED_MOST = 5_000
"""What does not concern a consumer may gather up to this, and is passed over in one step."""

Handle = Callable[[Tx, Sequence[Stored]], None]
CONSUMERS: dict[str, "Consumer"] = {}


@dataclass(frozen=True, slots=True)
class Consumer:
    name: str
    kinds: frozenset[str]
    handle: Handle


def consumer(name: str, *, kinds: Sequence[str]) -> Callable[[Handle], Handle]:
    """Register a reaction to these kinds of event. It sees each at least once, in order."""

    def register(handle: Handle) -> Handle:
        assert name not in CONSUMERS, name
        CONSUMERS[name] = Consumer(name, frozenset(kinds), handle)
        return handle

    return register


@action(route="name")
def consume(tx: Tx, *, name: str) -> int:
    """Let a consumer deal with its next events; how many there were."""
    position = tables.consumer_position(tx, name)
    registered = CONSUMERS[name]
    coming = tables.ahead(tx, position, limit=GATHERED_MOST)
    concerned = [place for place, (_, kind) in enumerate(coming) if kind in registered.kinds]
    if len(concerned) > MOST_EVENTS:
        coming = coming[: concerned[MOST_EVENTS]]
    if not coming:
        return 0
    last, _ = coming[-1]
    if tables.advance_consumer(tx, name, seen=position, to=last) and concerned:
        tx.cause = f"consumer {name}"
        registered.handle(tx, tables.read_between(tx, position, last, kinds=registered.kinds))
    return len(coming)


@action(route="timer")
def fire_timer(tx: Tx, *, timer: str) -> bool:
    """Run what a timer is for; False when it was already run."""
    taken = tables.take_timer(tx, timer)
    if taken is None:
        return False
    registered = REGISTRY[taken.action]
    assert isinstance(registered, Action), taken.action
    tx.cause = f"timer {taken.action}"
    registered(tx, **taken.arguments)
    return True


@dataclass(frozen=True, slots=True)
class Look:
    """How far one has looked ahead for a consumer, over how many events, and whether any of the new ones concerns it."""

    upto: Position
    gathered: int
    concerned: bool


def look(db: Read, name: str, *, before: Look | None) -> Look:
    """Look on from where the look before ended: a busy log is not read over and over to find that nothing is to do."""
    start = before or Look(tables.consumer_position(db, name), 0, concerned=False)
    coming = tables.ahead(db, start.upto, limit=GATHERED_MOST)
    concerned = not CONSUMERS[name].kinds.isdisjoint(kind for _, kind in coming)
    return Look(coming[-1][0] if coming else start.upto, start.gathered + len(coming), concerned)


def lag(db: Read, name: str, *, most: int) -> int:
    """How many events a consumer has yet to look at, counted up to `most`."""
    return tables.count_unread(db, tables.consumer_position(db, name), most=most)


@action(route="timer")
def postpone_timer(tx: Tx, *, timer: str, by: Millis) -> None:
    """Put off a timer whose action failed, so that it is tried again without spinning."""
    tables.put_off_timer(tx, timer, due_at=tx.now + by)


@action()
def forget_answers(tx: Tx, *, kept: Millis) -> int:
    """Drop the answers of keys older than this; nobody repeats a request for so long."""
    return tables.delete_answers(tx, before=tx.now - kept)
