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

MOST_EVENTS = 500
"""Per transaction: a backlog is worked off in steps that keep the lane free for people."""

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
    coming = tables.ahead(tx, position, limit=MOST_EVENTS)
    if not coming:
        return 0
    last, _ = coming[-1]
    if tables.advance_consumer(tx, name, seen=position, to=last):
        registered = CONSUMERS[name]
        tx.cause = f"consumer {name}"
        if not registered.kinds.isdisjoint(kind for _, kind in coming):
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


def behind(db: Read, name: str, *, idle: bool) -> bool:
    """Is there anything for this consumer to do? When the node is not idle, what does not concern it may gather for a
    while: one step over much of it costs no more than one over little."""
    coming = tables.ahead(db, tables.consumer_position(db, name), limit=1 if idle else MOST_EVENTS)
    concerned = not CONSUMERS[name].kinds.isdisjoint(kind for _, kind in coming)
    return concerned or len(coming) == (1 if idle else MOST_EVENTS)


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
