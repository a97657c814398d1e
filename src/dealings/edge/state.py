"""What a client knows: all of it at once (a snapshot), or what has changed since it was last here (P2)."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from dealings.domain.identity import queries as identity
from dealings.domain.identity.events import SessionRevoked
from dealings.domain.identity.model import Contact, Person, Shop
from dealings.domain.messaging import queries as messaging
from dealings.domain.messaging import queries_devices
from dealings.domain.messaging.events import ConversationChanged, MessagePosted
from dealings.domain.messaging.model import Conversation
from dealings.domain.messaging.queries import LISTED_MOST
from dealings.domain.orders import queries as orders
from dealings.domain.wallet import queries as wallet
from dealings.kernel.ids import Id
from dealings.platform.db.tx import Read
from dealings.platform.outbox import events as streams
from dealings.platform.outbox import tables as outbox

MISSED_MOST = 1_000
"""Events sent again to a client that comes back; one that missed more starts from a snapshot."""


class Snapshot(msgspec.Struct, frozen=True):
    cursor: str
    conversations: list[Conversation]
    people: list[Person]
    shops: list[Shop]
    contacts: list[Contact]
    orders: list[Any]
    wallet: Any
    cart: list[Any]


class Resumed(msgspec.Struct, frozen=True):
    """The missed events in order, as (kind, JSON); `complete` False: too many, take a snapshot."""

    horizon: int
    complete: bool
    events: list[tuple[str, bytes]] = []


def snapshot(db: Read, *, account: Id, cursor: Callable[[int], bytes], limit: int = LISTED_MOST) -> Snapshot:
    """Everything a client of this account starts from, all of one moment; of its conversations the pinned and the
    newest."""
    conversations = messaging.conversations(db, account=account, limit=limit)
    known = {c.peer for c in conversations} | {c.last.sender for c in conversations if c.last}
    shops = {c.shop for c in conversations if c.shop}
    contacts = identity.contacts(db, account=account)
    people = identity.people(db, sorted({id for id in known if id} - {c.person.id for c in contacts}))
    return Snapshot(
        cursor(db.horizon()).decode(),
        conversations,
        list(people.values()) + [contact.person for contact in contacts],
        list(identity.shops(db, sorted(shops)).values()),
        contacts,
        orders.open_orders(db, buyer=account),
        wallet.wallet(db, owner=account),
        orders.cart(db, buyer=account),
    )


def resume(
    db: Read, *, account: Id, shops: Sequence[Id], after: int | None, mine: Sequence[Id] | None = None
) -> Resumed:
    """What an account missed after a commit: its messages, and the other events of its streams; `mine`: its
    conversations, where they are known already.

    A cursor stands for a commit up to which its client was told everything; edge/nodes sees to that where several
    lanes and nodes commit side by side. What is told twice does no harm: events carry whole values.
    """
    horizon = db.horizon()
    if after is None or after > horizon:
        return Resumed(horizon, complete=False)
    if after == horizon and db.dialect == "sqlite":  # one writer: nothing can have come from aside
        return Resumed(horizon, complete=True)
    mine = messaging.subscriptions(db, account=account) if mine is None else mine
    messages = queries_devices.missed(db, account=account, mine=mine, shops=shops, after=after, most=MISSED_MOST)
    if messages is None:
        return Resumed(horizon, complete=False)
    wanted = [streams.account(account), *(streams.shop(shop) for shop in shops)]
    wanted += [streams.conversation(c) for c in mine]
    others = outbox.read_streams(db, wanted, after=after, limit=MISSED_MOST + 1)
    if len(others) > MISSED_MOST:
        return Resumed(horizon, complete=False)
    told = [(e.kind, e.data) for e in others if e.kind != SessionRevoked.kind]  # who resumes is not the one that ended
    told += [(MessagePosted.kind, msgspec.json.encode(message)) for message in messages]
    # Last of all how each of these conversations stands now, whatever order the rest was told in.
    ids = sorted({message.conversation for message in messages})
    for view in messaging.seen_by(db, account=account, conversations=ids):
        told.append((ConversationChanged.kind, msgspec.json.encode(view)))
    return Resumed(horizon, complete=True, events=told)
