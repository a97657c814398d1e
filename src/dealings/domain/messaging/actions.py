"""What can be done in conversations."""

from dealings.domain.identity import api as identity
from dealings.domain.messaging import queries, tables, tables_groups
from dealings.domain.messaging.errors import NotFriends, OwnShop
from dealings.domain.messaging.events import ConversationChanged
from dealings.domain.messaging.model import Conversation
from dealings.domain.messaging.telling import tell_members
from dealings.kernel.ids import Id
from dealings.platform.db.actions import action
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams

# two people, or a buyer and a shop


@action(route="me")
def open_direct(tx: Tx, *, me: Id, other: Id) -> Conversation:
    """The one conversation of two contacts, made when first asked for."""
    found = queries.direct_of(tx, one=me, other=other)
    if found is None:
        if not identity.are_friends(tx, me, other):
            raise NotFriends()
        found = _new_direct(tx, *sorted((me, other)))
    return queries.conversation(tx, conversation=found, account=me)


def _new_direct(tx: Tx, low: Id, high: Id) -> Id:
    conversation = tx.new_id()
    tables.insert_conversation(tx, conversation, kind="direct", low=low, high=high, member_count=2)
    tables.insert_pair(tx, one=low, other=high, conversation=conversation)
    tables_groups.insert_members(tx, conversation, [low, high], role="member")
    tell_members(tx, conversation, (low, high))
    return conversation


@action(route="buyer")
def open_shop(tx: Tx, *, shop: Id, buyer: Id) -> Conversation:
    """The one thread of a buyer and a shop."""
    identity.shop(tx, shop)
    if identity.staff_role(tx, shop=shop, account=buyer):
        raise OwnShop()
    return queries.conversation(tx, conversation=open_shop_thread(tx, shop=shop, buyer=buyer), account=buyer)


def open_shop_thread(tx: Tx, *, shop: Id, buyer: Id) -> Id:
    """The thread, made when first needed; both sides are told of a new one."""
    found = queries.thread_of(tx, shop=shop, buyer=buyer)
    if found is not None:
        return found
    conversation = tx.new_id()
    tables.insert_conversation(tx, conversation, kind="shop", shop=shop, buyer=buyer, member_count=1)
    tables.insert_pair(tx, one=shop, other=buyer, conversation=conversation)
    tables_groups.insert_members(tx, conversation, [buyer], role="member")
    tables.insert_thread(tx, shop=shop, conversation=conversation)
    tell_members(tx, conversation, [buyer])
    seen_by_shop = queries.shop_view(tx, conversation=conversation)
    tx.emit(ConversationChanged(seen_by_shop), stream=streams.shop(shop))
    return conversation
