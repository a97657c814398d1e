"""What can be done in conversations."""

from collections.abc import Sequence

import msgspec

from dealings.domain.identity import api as identity
from dealings.domain.messaging import model, queries, tables
from dealings.domain.messaging.errors import (
    GroupFull,
    GroupNameInvalid,
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
from dealings.domain.messaging.model import Conversation, GroupFacts, Left, Notice, Post, ReadMoved, ReadState
from dealings.domain.messaging.posting import post
from dealings.kernel.ids import Id
from dealings.platform.db.actions import action
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams


def _tell_members(tx: Tx, conversation: Id, accounts: Sequence[Id]) -> None:
    for account in accounts:
        view = queries.conversation(tx, conversation=conversation, account=account)
        tx.emit(ConversationChanged(view), stream=streams.account(account))


def _notify(tx: Tx, conversation: Id, by: Id, code: str, **params: str) -> None:
    post.one(tx, Post(conversation, by, tx.new_id(), Notice(code, params)))


@action(route="me")
def open_direct(tx: Tx, *, me: Id, other: Id) -> Conversation:
    """The one conversation of two contacts, made when first asked for."""
    low, high = sorted((me, other))
    found = tables.pair_conversation(tx, one=low, other=high)
    if found is not None:
        return queries.conversation(tx, conversation=found, account=me)
    if not identity.are_friends(tx, me, other):
        raise NotFriends()
    conversation = tx.new_id()
    tables.insert_conversation(tx, conversation, kind="direct", low=low, high=high)
    tables.insert_pair(tx, one=low, other=high, conversation=conversation)
    for account in (low, high):
        tables.insert_member(tx, conversation, account, role="member")
    _tell_members(tx, conversation, (low, high))
    return queries.conversation(tx, conversation=conversation, account=me)


@action(route="buyer")
def open_shop(tx: Tx, *, shop: Id, buyer: Id) -> Conversation:
    """The one thread of a buyer and a shop."""
    identity.shop(tx, shop)
    if identity.staff_role(tx, shop=shop, account=buyer):
        raise OwnShop()
    return queries.conversation(tx, conversation=open_shop_thread(tx, shop=shop, buyer=buyer), account=buyer)


def open_shop_thread(tx: Tx, *, shop: Id, buyer: Id) -> Id:
    """The thread, made when first needed; both sides are told of a new one."""
    found = tables.pair_conversation(tx, one=shop, other=buyer)
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


def _group_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= model.GROUP_NAME_MOST:
        raise GroupNameInvalid(most=model.GROUP_NAME_MOST)
    return cleaned


@action(route="owner")
def open_group(tx: Tx, *, owner: Id, name: str, members: list[Id]) -> Conversation:
    """A group of the owner and some of the owner's contacts."""
    invited = [account for account in dict.fromkeys(members) if account != owner]
    _check_invited(tx, by=owner, invited=invited, present=1)
    conversation = tx.new_id()
    tables.insert_conversation(tx, conversation, kind="group", name=_group_name(name))
    tables.insert_member(tx, conversation, owner, role="owner")
    for account in invited:
        tables.insert_member(tx, conversation, account, role="member")
    _notify(tx, conversation, owner, "group.created", name=_group_name(name))
    _tell_members(tx, conversation, [owner, *invited])
    return queries.conversation(tx, conversation=conversation, account=owner)


def _check_invited(tx: Tx, *, by: Id, invited: Sequence[Id], present: int) -> None:
    if present + len(invited) > model.GROUP_MOST:
        raise GroupFull(most=model.GROUP_MOST)
    if not all(identity.are_friends(tx, by, account) for account in invited):
        raise NotFriends()


def _group_side(tx: Tx, conversation: Id, account: Id) -> queries.Side:
    seen = queries.side(tx, conversation=conversation, account=account)
    if seen.row.kind != "group":
        raise NotAGroup()
    return seen


def _require_owner(seen: queries.Side) -> None:
    if seen.member is None or seen.member.role != "owner":
        raise NotGroupOwner()


def _names(tx: Tx, accounts: Sequence[Id]) -> str:
    return ", ".join(person.name for person in identity.people(tx, accounts).values())


def _tell_group(tx: Tx, conversation: Id) -> None:
    (row,) = tables.select_conversations(tx, [conversation])
    facts = GroupFacts(row.id, row.name, row.picture, tables.count_members(tx, conversation))
    tx.emit(GroupChanged(facts), stream=streams.conversation(conversation))


@action(route="conversation")
def add_members(tx: Tx, *, conversation: Id, by: Id, accounts: list[Id]) -> Conversation:
    """Any member may bring in own contacts; they read from here on."""
    seen = _group_side(tx, conversation, by)
    last_seq = seen.row.last.seq if seen.row.last else 0
    _check_invited(tx, by=by, invited=accounts, present=tables.count_members(tx, conversation))
    added = [a for a in accounts if tables.insert_member(tx, conversation, a, role="member", from_seq=last_seq)]
    if added:
        _notify(tx, conversation, by, "member.added", names=_names(tx, added))
        _tell_group(tx, conversation)
        _tell_members(tx, conversation, added)
    return queries.conversation(tx, conversation=conversation, account=by)


@action(route="conversation")
def remove_member(tx: Tx, *, conversation: Id, by: Id, account: Id) -> None:
    """The owner removes; anyone may leave. When the owner leaves, whoever has been there longest takes over."""
    seen = _group_side(tx, conversation, by)
    if account != by:
        _require_owner(seen)
    elif seen.member is not None and seen.member.role == "owner":
        _hand_over(tx, conversation, leaving=account)
    code = "member.left" if account == by else "member.removed"
    _notify(tx, conversation, by, code, names=_names(tx, [account]))
    if tables.delete_member(tx, conversation, account):
        _tell_group(tx, conversation)
        tx.emit(ConversationLeft(Left(conversation)), stream=streams.account(account))


def _hand_over(tx: Tx, conversation: Id, *, leaving: Id) -> None:
    heirs = [m.account for m in tables.select_members(tx, conversation, limit=2) if m.account != leaving]
    if heirs:
        tables.set_role(tx, conversation, heirs[0], "owner")
        _tell_members(tx, conversation, heirs[:1])


@action(route="conversation")
def rename_group(tx: Tx, *, conversation: Id, by: Id, name: str) -> Conversation:
    _require_owner(_group_side(tx, conversation, by))
    cleaned = _group_name(name)
    tables.rename(tx, conversation, cleaned)
    _notify(tx, conversation, by, "group.renamed", name=cleaned)
    _tell_group(tx, conversation)
    return queries.conversation(tx, conversation=conversation, account=by)


@action(route="conversation")
def mark_read(tx: Tx, *, conversation: Id, by: Id, seq: int) -> ReadState:
    """Move the reading side of this account forward; all its devices, and the other side, are told."""
    seen = queries.side(tx, conversation=conversation, account=by)
    if not 0 <= seq <= (seen.row.last.seq if seen.row.last else 0):
        raise NothingToRead(seq=seq)
    if seen.member is not None:
        if tables.move_member(tx, conversation, by, to=seq):
            _tell_member_read(tx, seen.row, by)
        view = queries.conversation(tx, conversation=conversation, account=by)
    else:
        if tables.move_shop(tx, conversation, seen.row.shop or "", to=seq):
            _tell_shop_read(tx, seen.row)
        view = queries.shop_view(tx, conversation=conversation)
    return ReadState(view.read_seq, view.unread)


def _tell_member_read(tx: Tx, row: tables.Row, account: Id) -> None:
    view = queries.conversation(tx, conversation=row.id, account=account)
    moved = ReadMoved(row.id, account, view.read_seq, view.unread)
    tx.emit(ReadPositionMoved(moved), stream=streams.account(account))
    seen_by_others = msgspec.structs.replace(moved, unread=None)
    if row.kind == "direct" and view.peer is not None:
        tx.emit(ReadPositionMoved(seen_by_others), stream=streams.account(view.peer))
    if row.shop is not None:
        tx.emit(ReadPositionMoved(seen_by_others), stream=streams.shop(row.shop))


def _tell_shop_read(tx: Tx, row: tables.Row) -> None:
    assert row.shop is not None and row.buyer is not None
    view = queries.shop_view(tx, conversation=row.id)
    moved = ReadMoved(row.id, row.shop, view.read_seq, view.unread)
    tx.emit(ReadPositionMoved(moved), stream=streams.shop(row.shop))
    tx.emit(ReadPositionMoved(msgspec.structs.replace(moved, unread=None)), stream=streams.account(row.buyer))
