"""Reads about conversations, as one of their sides sees them."""

from collections.abc import Sequence

import msgspec

from dealings.domain.identity import api as identity
from dealings.domain.messaging import membership, tables_devices, tables_groups, tables_sync
from dealings.domain.messaging import tables_views as tables
from dealings.domain.messaging.errors import NoSuchConversation
from dealings.domain.messaging.membership import MemberPlace
from dealings.domain.messaging.model import PAGE_MOST, Conversation, Kind, Message, Role
from dealings.domain.messaging.model_devices import RECEIPTS_MOST
from dealings.domain.messaging.tables_devices import Own, Positions
from dealings.domain.messaging.tables_views import Behind, Row, ThreadKey
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.platform.db.tx import Read

MEMBERS_SHOWN = 200
MANAGED = ("group", "channel")
"""Kinds of conversation that have an owner."""
LISTED_MOST = 2_000
"""Conversations that are listed at once; older ones are looked up one by one, or found by search."""


class Member(msgspec.Struct, frozen=True):
    person: identity.Person
    role: Role
    read_seq: int
    nickname: str | None = None
    silenced_until: Millis | None = None


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

    @property
    def peer(self) -> Id | None:
        """The account on the other side of a direct conversation, or of a thread seen by its shop."""
        if self.member is None:
            return self.row.buyer
        if self.row.kind != "direct":
            return None
        return self.row.high if self.row.low == self.member.account else self.row.low


def _row(db: Read, conversation: Id) -> Row:
    found = tables.select_conversations(db, [conversation])
    if not found:
        raise NoSuchConversation()
    return found[0]


def sides(db: Read, *, conversations: Sequence[Id], account: Id) -> list[Side]:
    """Of these conversations, the ones that the account may read: as a member, or as staff of the thread's shop."""
    rows = tables.select_conversations(db, conversations)
    members = tables.members_at(db, [(row.id, account) for row in rows])
    shops = {row.shop for row in rows if row.shop and (row.id, account) not in members}
    staffed = identity.staffed(db, {(shop, account) for shop in shops})
    seen = [Side(row, members.get((row.id, account))) for row in rows]
    return [side for side in seen if side.member or (side.row.shop, account) in staffed]


def side(db: Read, *, conversation: Id, account: Id) -> Side:
    """Refuses whoever is neither a member nor staff of the thread's shop; the two cases read the same."""
    seen = sides(db, conversations=[conversation], account=account)
    if not seen:
        raise NoSuchConversation()
    return seen[0]


def readable(db: Read, *, conversation: Id, account: Id, seq: int | None = None) -> bool:
    """May this account read there, and the message `seq` (not what was said before it joined)?"""
    try:
        seen = side(db, conversation=conversation, account=account)
    except NoSuchConversation:
        return False
    return seq is None or seq > seen.from_seq


# how conversations look from their sides, many at once


class _Facts:
    """What the views of some sides are made of, read in one statement a kind of fact."""

    def __init__(self, db: Read, sides: Sequence[Side]) -> None:
        self.of_shops = tables.read_by_shops(db, {(s.row.shop, s.row.id) for s in sides if s.row.shop})
        self.of_peers = tables.members_at(db, {(s.row.id, s.peer) for s in sides if s.peer})
        self.own = tables_devices.own(db, {(s.row.id, s.member.account) for s in sides if s.member})
        managed = {s.row.id for s in sides if s.row.kind in MANAGED and s.member and s.member.role != "member"}
        self.requests = tables_groups.count_requests(db, managed)

    def read_seq(self, side: Side) -> int:
        return side.member.read_seq if side.member else self.of_shops[side.row.id]

    def peer_at(self, side: Side) -> Positions | None:
        """How far the other side is; in groups there is none."""
        if side.peer is not None:
            peer = self.of_peers.get((side.row.id, side.peer))
            return Positions(peer.read_seq, peer.received_seq) if peer else None
        if side.row.shop is None:
            return None
        return Positions(self.of_shops[side.row.id], self.of_shops[side.row.id])

    def own_of(self, side: Side) -> Own:
        """What the side keeps for itself; a shop's staff nothing."""
        return self.own[side.row.id, side.member.account] if side.member else Own()


def views(db: Read, sides: Sequence[Side]) -> list[Conversation]:
    """Each side's conversation, in order."""
    facts = _Facts(db, sides)
    unread = _unread(db, sides, facts)
    return [_view(side, facts, unread) for side in sides]


def _reader(side: Side) -> Id:
    return side.member.account if side.member else ""


def _unread(db: Read, sides: Sequence[Side], facts: _Facts) -> dict[tuple[Id, Id], int]:
    behind = [
        Behind(side.row.id, facts.read_seq(side), _reader(side))
        for side in sides
        if side.row.last_seq > facts.read_seq(side)
    ]
    return tables.count_unread(db, behind)


def _view(side: Side, facts: _Facts, unread: dict[tuple[Id, Id], int]) -> Conversation:
    row, peer, own = side.row, facts.peer_at(side), facts.own_of(side)
    role: Role = side.member.role if side.member else "staff"
    return Conversation(
        id=row.id,
        kind=row.kind,
        name=row.name,
        picture=row.picture,
        peer=side.peer if side.member else None,
        shop=row.shop,
        buyer=row.buyer,
        role=role,
        member_count=membership.shown_count(row.kind, row.member_count),
        last_seq=row.last_seq,
        last=row.last if row.last_seq > side.from_seq else None,
        read_seq=facts.read_seq(side),
        peer_read_seq=peer.shown if peer else None,
        unread=unread.get((row.id, _reader(side)), 0),
        created_at=row.created_at,
        notice=row.notice,
        notice_by=row.notice_by,
        notice_at=row.notice_at,
        silenced=row.silenced,
        history_open=row.history_open,
        members_invite=row.members_invite,
        approval=row.approval,
        listed=row.listed,
        nickname=side.member.nickname if side.member else None,
        silenced_until=side.member.silenced_until if side.member else None,
        may=membership.may(row.kind, role, silenced=row.silenced, members_invite=row.members_invite),
        requests=facts.requests.get(row.id, 0),
        mentioned=_mentioned(side),
        muted=own.muted,
        pinned_at=own.pinned_at,
        draft=own.draft,
        draft_at=own.draft_at,
        peer_received_seq=peer.received if peer else None,
    )


def _mentioned(side: Side) -> int | None:
    """The newest unread message that calls this member, or everyone; no one is called by what they say to all."""
    if side.member is None:
        return None
    to_all = side.row.everyone_seq if side.row.everyone_by != side.member.account else 0
    newest = max(side.member.mentioned_seq, to_all)
    return newest if newest > side.member.read_seq else None


def conversation(db: Read, *, conversation: Id, account: Id) -> Conversation:
    """As this account sees it: its own side if it is a member, the shop's if it is staff."""
    return views(db, [side(db, conversation=conversation, account=account)])[0]


def seen_by(db: Read, *, account: Id, conversations: Sequence[Id]) -> list[Conversation]:
    """Those of these that the account may read, each as it sees it."""
    return views(db, sides(db, conversations=conversations, account=account))


def member_views(db: Read, *, conversation: Id, accounts: Sequence[Id]) -> list[tuple[Id, Conversation]]:
    """As each of these members sees it."""
    row = _row(db, conversation)
    members = tables.members_at(db, [(conversation, account) for account in accounts])
    seen = views(db, [Side(row, members[conversation, account]) for account in accounts])
    return list(zip(accounts, seen, strict=True))


def shop_view(db: Read, *, conversation: Id) -> Conversation:
    """A thread as its shop sees it."""
    return views(db, [Side(_row(db, conversation), None)])[0]


def details(db: Read, *, conversation: Id, account: Id) -> Details:
    seen = side(db, conversation=conversation, account=account)
    listed, _ = member_rows(db, seen, after=None, limit=MEMBERS_SHOWN)
    people = identity.people(db, [m.account for m in listed])
    shop = identity.shop(db, seen.row.shop) if seen.row.shop else None
    read = _read_by(db, seen, account, listed)
    members = [
        Member(people[m.account], m.role, read.get(m.account, 0), m.nickname, m.silenced_until)
        for m in listed
        if m.account in people
    ]
    return Details(views(db, [seen])[0], members, shop)


def _read_by(db: Read, seen: Side, account: Id, listed: Sequence[tables.Member]) -> dict[Id, int]:
    """How far these have read, as far as the account may see it: not in channels and large groups, and of those who
    have blocked it no further than when they did, or nothing at all."""
    if seen.row.kind == "channel" or seen.row.member_count > RECEIPTS_MOST:
        return {}
    if seen.row.kind != "group":
        return {m.account: m.read_seq if m.account == account else min(m.read_seq, m.received_seq) for m in listed}
    hiding = identity.blocks(db, {(m.account, account) for m in listed})
    return {m.account: m.read_seq for m in listed if (m.account, account) not in hiding}


def member_rows(
    db: Read, seen: Side, *, after: MemberPlace | None, limit: int
) -> tuple[list[tables.Member], MemberPlace | None]:
    """A page of the members, and where it ends, unless there are no more. Followers are nobody's business but those
    of who runs the channel."""
    listed = tables.list_members(db, seen.row.id, after=after, limit=limit)
    more = len(listed) == limit
    if seen.row.kind == "channel" and seen.member and seen.member.role == "member":
        open_ones = [m for m in listed if m.role != "member"]
        listed, more = open_ones, more and len(open_ones) == len(listed)
    last = listed[-1] if listed and more else None
    return listed, MemberPlace(last.role, last.joined_at, last.account) if last else None


def conversations(db: Read, *, account: Id, limit: int = LISTED_MOST) -> list[Conversation]:
    """Those the account is a member of, the one with the newest message first; of more than `limit`, the pinned
    ones and the newest."""
    mine = tables.conversations_of(db, account)
    if len(mine) > limit:
        mine = _newest(db, mine, account, limit)
    return sorted(seen_by(db, account=account, conversations=mine), key=_recency, reverse=True)


def _newest(db: Read, conversations: Sequence[Id], account: Id, limit: int) -> list[Id]:
    last_at = tables_sync.recency(db, conversations)
    own = tables_devices.own(db, [(conversation, account) for conversation in conversations])
    pinned = {conversation for (conversation, _), kept in own.items() if kept.pinned_at is not None}
    return sorted(last_at, key=lambda id: (id in pinned, last_at[id], id), reverse=True)[:limit]


def _recency(seen: Conversation) -> tuple[int, Id]:
    return (seen.last.at if seen.last else seen.created_at, seen.id)


def inbox(
    db: Read, *, shop: Id, account: Id, before: ThreadKey | None, waiting: bool, limit: int
) -> tuple[list[Conversation], ThreadKey | None]:
    """A page of the shop's threads, newest first, and where the next begins."""
    identity.require_staff(db, shop=shop, account=account)
    keys = tables.list_threads(db, shop, before=before, waiting=waiting, limit=limit)
    rows = {row.id: row for row in tables.select_conversations(db, [key.conversation for key in keys])}
    seen = views(db, [Side(rows[key.conversation], None) for key in keys])
    return seen, keys[-1] if len(keys) == limit else None


def history(
    db: Read,
    *,
    conversation: Id,
    account: Id,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int,
) -> list[Message]:
    """Messages in order: those around a position, the ones after one, or the last ones before one (or before the end)."""
    seen = side(db, conversation=conversation, account=account)
    limit = min(limit, PAGE_MOST)

    def page(count: int, *, before: int | None = None, after: int | None = None) -> list[Message]:
        return tables.select_history(db, conversation, from_seq=seen.from_seq, before=before, after=after, limit=count)

    if around is None:
        return page(limit, before=before, after=after)
    older = page((limit + 1) // 2, before=around + 1)
    return older + page(limit - len(older), after=around)


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
