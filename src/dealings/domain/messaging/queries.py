"""Reads about conversations, as one of their sides sees them."""

from collections.abc import Iterable, Sequence

import msgspec

from dealings.domain.identity import api as identity
from dealings.domain.messaging import tables
from dealings.domain.messaging.errors import NoSuchConversation
from dealings.domain.messaging.model import PAGE_MOST, Conversation, Kind, Message, Role
from dealings.domain.messaging.tables import Row, ThreadKey
from dealings.kernel.ids import Id
from dealings.platform.db.tx import Read

MEMBERS_SHOWN = 200
BEHIND_MOST = 200
"""Messages of one conversation that are sent again to a client that comes back; it fetches what is older as history."""


class Member(msgspec.Struct, frozen=True):
    person: identity.Person
    role: Role
    read_seq: int


class Details(msgspec.Struct, frozen=True):
    """A conversation with its people: what opening it shows."""

    conversation: Conversation
    members: list[Member]
    shop: identity.Shop | None


class Side(msgspec.Struct, frozen=True):
    """How an account may read a conversation: as itself (a member), or for the shop."""

    row: Row
    member: tables.Member | None
    """None: as the shop's staff."""

    @property
    def from_seq(self) -> int:
        return self.member.from_seq if self.member else 0


def _row(db: Read, conversation: Id) -> Row:
    found = tables.select_conversations(db, [conversation])
    if not found:
        raise NoSuchConversation()
    return found[0]


def side(db: Read, *, conversation: Id, account: Id) -> Side:
    """Refuses whoever is neither a member nor staff of the thread's shop; the two cases read the same."""
    row = _row(db, conversation)
    member = tables.member(db, conversation, account)
    if member is None and not (row.shop and identity.staff_role(db, shop=row.shop, account=account)):
        raise NoSuchConversation()
    return Side(row, member)


def readable(db: Read, *, conversation: Id, account: Id, seq: int | None = None) -> bool:
    """May this account read there, and the message `seq` (not what was said before it joined)?"""
    try:
        seen = side(db, conversation=conversation, account=account)
    except NoSuchConversation:
        return False
    return seq is None or seq > seen.from_seq


def _peer(db: Read, row: Row, me: Id) -> tuple[Id | None, int | None]:
    """The other side of a direct conversation or shop thread, and how far it has read."""
    if row.kind == "shop":
        assert row.shop is not None
        return None, tables.thread_read_seq(db, shop=row.shop, conversation=row.id)
    if row.kind == "direct":
        peer = row.high if row.low == me else row.low
        assert peer is not None
        other = tables.member(db, row.id, peer)
        return peer, other.read_seq if other else None
    return None, None


def _as_member(db: Read, row: Row, member: tables.Member) -> Conversation:
    peer, peer_read = _peer(db, row, member.account)
    last_seq = row.last.seq if row.last else 0
    behind = last_seq > member.read_seq
    unread = tables.count_unread(db, row.id, after=member.read_seq, not_from=member.account) if behind else 0
    return _view(db, row, role=member.role, peer=peer, read_seq=member.read_seq, peer_read_seq=peer_read, unread=unread)


def _as_shop(db: Read, row: Row) -> Conversation:
    assert row.shop is not None and row.buyer is not None
    read_seq = tables.thread_read_seq(db, shop=row.shop, conversation=row.id)
    buyer = tables.member(db, row.id, row.buyer)
    unread = tables.count_unread(db, row.id, after=read_seq)
    peer_read = buyer.read_seq if buyer else None
    return _view(db, row, role="staff", peer=None, read_seq=read_seq, peer_read_seq=peer_read, unread=unread)


def _view(
    db: Read, row: Row, *, role: Role, peer: Id | None, read_seq: int, peer_read_seq: int | None, unread: int
) -> Conversation:
    count = tables.count_members(db, row.id) if row.kind == "group" else 2
    last_seq = row.last.seq if row.last else 0
    return Conversation(
        row.id,
        row.kind,
        row.name,
        row.picture,
        peer,
        row.shop,
        row.buyer,
        role,
        count,
        last_seq,
        row.last,
        read_seq,
        peer_read_seq,
        unread,
        row.created_at,
    )


def _seen_by(db: Read, seen: Side) -> Conversation:
    return _as_member(db, seen.row, seen.member) if seen.member else _as_shop(db, seen.row)


def conversation(db: Read, *, conversation: Id, account: Id) -> Conversation:
    """As this account sees it: its own side if it is a member, the shop's if it is staff."""
    return _seen_by(db, side(db, conversation=conversation, account=account))


def details(db: Read, *, conversation: Id, account: Id) -> Details:
    seen = side(db, conversation=conversation, account=account)
    listed = tables.select_members(db, conversation, limit=MEMBERS_SHOWN)
    people = identity.people(db, [m.account for m in listed])
    shop = identity.shop(db, seen.row.shop) if seen.row.shop else None
    members = [Member(people[m.account], m.role, m.read_seq) for m in listed if m.account in people]
    return Details(_seen_by(db, seen), members, shop)


def conversations(db: Read, *, account: Id) -> list[Conversation]:
    """Those the account is a member of, the one with the newest message first."""
    return _listed(db, tables.select_conversations(db, tables.conversations_of(db, account)), account)


def _listed(db: Read, rows: Iterable[Row], account: Id) -> list[Conversation]:
    views = []
    for row in sorted(rows, key=lambda row: (row.last.at if row.last else row.created_at, row.id), reverse=True):
        member = tables.member(db, row.id, account)
        if member is not None:
            views.append(_as_member(db, row, member))
    return views


def shop_view(db: Read, *, conversation: Id) -> Conversation:
    """A thread as its shop sees it."""
    return _as_shop(db, _row(db, conversation))


def inbox(
    db: Read, *, shop: Id, account: Id, before: ThreadKey | None, waiting: bool, limit: int
) -> tuple[list[Conversation], ThreadKey | None]:
    """A page of the shop's threads, newest first, and where the next begins."""
    identity.require_staff(db, shop=shop, account=account)
    keys = tables.list_threads(db, shop, before=before, waiting=waiting, limit=limit)
    rows = {row.id: row for row in tables.select_conversations(db, [key.conversation for key in keys])}
    views = [_as_shop(db, rows[key.conversation]) for key in keys]
    return views, keys[-1] if len(keys) == limit else None


def history(
    db: Read, *, conversation: Id, account: Id, before: int | None, after: int | None, limit: int
) -> list[Message]:
    """Messages in order: the ones after a position, or the last ones before one (or before the end)."""
    seen = side(db, conversation=conversation, account=account)
    return tables.select_history(
        db, conversation, from_seq=seen.from_seq, before=before, after=after, limit=min(limit, PAGE_MOST)
    )


def message(db: Read, *, conversation: Id, seq: int) -> Message | None:
    return tables.select_message(db, conversation, seq)


def kind_of(db: Read, conversation: Id) -> Kind | None:
    found = tables.select_conversations(db, [conversation])
    return found[0].kind if found else None


def direct_of(db: Read, *, one: Id, other: Id) -> Id | None:
    low, high = sorted((one, other))
    return tables.pair_conversation(db, one=low, other=high)


def thread_of(db: Read, *, shop: Id, buyer: Id) -> Id | None:
    return tables.pair_conversation(db, one=shop, other=buyer)


def subscriptions(db: Read, *, account: Id) -> list[Id]:
    """The conversations whose messages a connection of this account is sent."""
    return tables.conversations_of(db, account)


def missed(db: Read, *, account: Id, shops: Sequence[Id], after: int, most: int) -> list[Message] | None:
    """All messages the account may read that were written after a commit; None when they are too many."""
    found: list[Message] = []
    mine = set(tables.conversations_of(db, account))
    theirs = set(tables.threads_changed(db, shops, after=after, limit=most)) if shops else set()
    for row in tables.select_conversations(db, sorted(mine | theirs)):
        if row.last_commit > after:
            member = tables.member(db, row.id, account) if row.id in mine else None
            from_seq = member.from_seq if member else 0
            found += tables.select_since(db, row.id, commit_no=after, from_seq=from_seq, limit=BEHIND_MOST)
        if len(found) > most:
            return None
    return found
