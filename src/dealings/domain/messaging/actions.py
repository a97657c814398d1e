"""What can be done in conversations."""

from collections.abc import Sequence

import msgspec

from dealings.domain.identity import api as identity
from dealings.domain.messaging import model, queries, tables, tables_groups, tables_views
from dealings.domain.messaging.errors import (
    GroupFull,
    NoSuchMember,
    NotAGroup,
    NotFriends,
    NotGroupOwner,
    NothingToRead,
    OwnShop,
)
from dealings.domain.messaging.events import (
    ConversationChanged,
    ConversationLeft,
    GroupChanged,
    ReadPositionMoved,
)
from dealings.domain.messaging.model import (
    Conversation,
    GroupFacts,
    Left,
    Message,
    Notice,
    Post,
    ReadMoved,
    ReadState,
)
from dealings.domain.messaging.posting import post
from dealings.kernel.ids import Id
from dealings.platform.db.actions import action
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams

NAMES_SHOWN = 10


def _tell_members(tx: Tx, conversation: Id, accounts: Sequence[Id]) -> None:
    for account, view in queries.member_views(tx, conversation=conversation, accounts=accounts):
        tx.emit(ConversationChanged(view), stream=streams.account(account))


def _notify(tx: Tx, conversation: Id, by: Id, code: str, **params: str) -> Message:
    return post.one(tx, Post(conversation, by, tx.new_id(), Notice(code, params)))


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
    tables.insert_conversation(tx, conversation, kind="direct", low=low, high=high)
    tables.insert_pair(tx, one=low, other=high, conversation=conversation)
    for account in (low, high):
        tables.insert_member(tx, conversation, account, role="member")
    _tell_members(tx, conversation, (low, high))
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
    tables.insert_conversation(tx, conversation, kind="shop", shop=shop, buyer=buyer)
    tables.insert_pair(tx, one=shop, other=buyer, conversation=conversation)
    tables.insert_member(tx, conversation, buyer, role="member")
    tables.insert_thread(tx, shop=shop, conversation=conversation)
    _tell_members(tx, conversation, [buyer])
    seen_by_shop = queries.shop_view(tx, conversation=conversation)
    tx.emit(ConversationChanged(seen_by_shop), stream=streams.shop(shop))
    return conversation


# groups


@action(route="owner")
def open_group(tx: Tx, *, owner: Id, name: str, members: list[Id]) -> Conversation:
    """A group of the owner and some of the owner's contacts."""
    cleaned = model.group_name(name)
    invited = [account for account in dict.fromkeys(members) if account != owner]
    _check_invited(tx, by=owner, invited=invited, present=1)
    conversation = tx.new_id()
    tables.insert_conversation(tx, conversation, kind="group", name=cleaned)
    tables.insert_member(tx, conversation, owner, role="owner")
    for account in invited:
        tables.insert_member(tx, conversation, account, role="member")
    _notify(tx, conversation, owner, "group.created", name=cleaned)
    _tell_members(tx, conversation, [owner, *invited])
    return queries.conversation(tx, conversation=conversation, account=owner)


def _check_invited(tx: Tx, *, by: Id, invited: Sequence[Id], present: int) -> None:
    if present + len(invited) > model.GROUP_MOST:
        raise GroupFull(most=model.GROUP_MOST)
    if len(identity.friends_among(tx, by, invited)) != len(invited):
        raise NotFriends()


def _group_side(tx: Tx, conversation: Id, account: Id) -> tuple[queries.Side, tables_views.Member]:
    """The group and the member who asks; nobody joins, leaves or writes there until this commits."""
    tables.hold(tx, conversation)
    seen = queries.side(tx, conversation=conversation, account=account)
    if seen.row.kind != "group" or seen.member is None:
        raise NotAGroup()
    return seen, seen.member


def _require_owner(member: tables_views.Member) -> None:
    if member.role != "owner":
        raise NotGroupOwner()


def _names(tx: Tx, accounts: Sequence[Id]) -> str:
    people = identity.people(tx, accounts[:NAMES_SHOWN])
    more = ["…"] if len(accounts) > NAMES_SHOWN else []
    return ", ".join([people[account].name for account in accounts if account in people] + more)


def _tell_group(tx: Tx, conversation: Id) -> None:
    (row,) = tables_views.select_conversations(tx, [conversation])
    count = tables_views.count_members(tx, [conversation])[conversation]
    facts = GroupFacts(row.id, row.name, row.picture, count)
    tx.emit(GroupChanged(facts), stream=streams.conversation(conversation))


@action(route="conversation")
def add_members(tx: Tx, *, conversation: Id, by: Id, accounts: list[Id]) -> Conversation:
    """Any member may bring in own contacts; they read from here on."""
    seen, _ = _group_side(tx, conversation, by)
    wanted = list(dict.fromkeys(accounts))
    present = tables_views.members_at(tx, [(conversation, account) for account in wanted])
    added = [account for account in wanted if (conversation, account) not in present]
    _check_invited(tx, by=by, invited=added, present=tables_views.count_members(tx, [conversation])[conversation])
    if added:
        for account in added:
            tables.insert_member(tx, conversation, account, role="member", from_seq=seen.row.last_seq)
        _notify(tx, conversation, by, "member.added", names=_names(tx, added))
        _tell_group(tx, conversation)
        _tell_members(tx, conversation, added)
    return queries.conversation(tx, conversation=conversation, account=by)


@action(route="conversation")
def remove_member(tx: Tx, *, conversation: Id, by: Id, account: Id) -> None:
    """The owner removes; anyone may leave. When the owner leaves, whoever has been there longest takes over."""
    _, member = _group_side(tx, conversation, by)
    if account != by:
        _require_owner(member)
        if tables_views.member(tx, conversation, account) is None:
            raise NoSuchMember()
    code = "member.left" if account == by else "member.removed"
    _notify(tx, conversation, by, code, names=_names(tx, [account]))
    tables.delete_member(tx, conversation, account)
    if account != by:
        tables_groups.note_removal(tx, conversation, account)
    tx.emit(ConversationLeft(Left(conversation)), stream=streams.account(account))
    _tell_group(tx, conversation)
    if account == by and member.role == "owner":
        _hand_over(tx, conversation)


def _hand_over(tx: Tx, conversation: Id) -> None:
    for heir in tables_views.select_members(tx, conversation, limit=1):
        tables.set_role(tx, conversation, heir.account, "owner")
        _tell_members(tx, conversation, [heir.account])


@action(route="conversation")
def rename_group(tx: Tx, *, conversation: Id, by: Id, name: str) -> Conversation:
    """The owner's to do; everyone sees who did it."""
    seen, member = _group_side(tx, conversation, by)
    _require_owner(member)
    cleaned = model.group_name(name)
    if cleaned != seen.row.name:
        tables.rename(tx, conversation, cleaned)
        _notify(tx, conversation, by, "group.renamed", name=cleaned)
        _tell_group(tx, conversation)
    return queries.conversation(tx, conversation=conversation, account=by)


# reading


@action(route="conversation")
def mark_read(tx: Tx, *, conversation: Id, by: Id, seq: int) -> ReadState:
    """Move the reading side of this account forward; all its devices, and the other side, are told."""
    seen = queries.side(tx, conversation=conversation, account=by)
    if not 0 <= seq <= seen.row.last_seq:
        raise NothingToRead(seq=seq)
    if seen.member is not None:
        moved = tables.move_member(tx, conversation, by, to=seq)
    else:
        moved = tables.move_shop(tx, conversation, seen.row.shop or "", to=seq)
    (view,) = queries.views(tx, [queries.side(tx, conversation=conversation, account=by)])
    if moved:
        _tell_read(tx, seen, view)
    return ReadState(view.read_seq, view.unread)


def _tell_read(tx: Tx, seen: queries.Side, view: Conversation) -> None:
    """The reading side, with what is left for it; and the other side of two, without."""
    reader = seen.member.account if seen.member else seen.row.shop or ""
    own = streams.account(reader) if seen.member else streams.shop(reader)
    moved = ReadMoved(view.id, reader, view.read_seq, view.unread)
    tx.emit(ReadPositionMoved(moved), stream=own)
    others = []
    if seen.peer is not None:
        others.append(streams.account(seen.peer))
    if seen.member and seen.row.shop:
        others.append(streams.shop(seen.row.shop))
    for stream in others:
        tx.emit(ReadPositionMoved(msgspec.structs.replace(moved, unread=None)), stream=stream)
