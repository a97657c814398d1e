"""Reactions: what others see of a person or a shop has changed, so their conversations are told.

A conversation at a time would be many in one transaction: they are told in steps, each of which
sets a timer for the next. Telling twice is harmless, for the event carries the whole value.
"""

from collections.abc import Sequence

from dealings.domain.identity import api as identity
from dealings.domain.messaging import queries, tables_views
from dealings.kernel.ids import Id
from dealings.platform.db.actions import Stored, action
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams
from dealings.platform.outbox.consumers import consumer

TOLD_AT_ONCE = 200


@consumer("messaging.changes", kinds=[identity.PersonChanged.kind, identity.ShopChanged.kind])
def spread_changes(tx: Tx, events: Sequence[Stored]) -> None:
    for event in events:
        if event.stream != streams.INTERNAL:
            continue  # told to contacts, who are no conversations
        if event.kind == identity.PersonChanged.kind:
            tell_of_person(tx, person=identity.PersonChanged.decode(event.data).id)
        else:
            tell_of_shop(tx, shop=identity.ShopChanged.decode(event.data).id)


@action(route="person")
def tell_of_person(tx: Tx, *, person: Id, after: Id = "") -> None:
    """Tell the person's conversations how they look now."""
    changed = identity.PersonChanged(identity.person(tx, person))
    told = tables_views.memberships_after(tx, person, after=after, limit=TOLD_AT_ONCE)
    rows = [side.row for side in queries.sides(tx, conversations=told, account=person) if _known_there(side)]
    shops = {row.shop for row in rows if row.shop}  # whose staff are not members, and listen to the shop
    for stream in [*(streams.conversation(row.id) for row in rows), *map(streams.shop, sorted(shops))]:
        tx.emit(changed, stream=stream)
    if len(told) == TOLD_AT_ONCE:
        tx.schedule(tell_of_person, due_at=tx.now, person=person, after=told[-1])


def _known_there(side: queries.Side) -> bool:
    """Followers of a channel don't see each other."""
    return side.row.kind != "channel" or (side.member is not None and side.member.role != "member")


@action(route="shop")
def tell_of_shop(tx: Tx, *, shop: Id, after: Id = "") -> None:
    """Tell the buyers in the shop's threads how it looks now; its staff know from their own roles there."""
    changed = identity.ShopChanged(identity.shop(tx, shop))
    told = tables_views.threads_after(tx, shop, after=after, limit=TOLD_AT_ONCE)
    for conversation in told:
        tx.emit(changed, stream=streams.conversation(conversation))
    if len(told) == TOLD_AT_ONCE:
        tx.schedule(tell_of_shop, due_at=tx.now, shop=shop, after=told[-1])
