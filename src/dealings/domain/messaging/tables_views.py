"""The SQL that reads conversations: lists at once, never one by one; pages by one index range."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from sqlalchemy import Select, select, tuple_

from dealings.domain.messaging.membership import MemberPlace
from dealings.domain.messaging.model import UNREAD_MOST, Kind, MemberRole, Message
from dealings.domain.messaging.tables import (
    decode_body,
    members,
    memberships,
    message_of,
    messages,
    pairs,
    threads,
)
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.platform.db.sets import rows_for
from dealings.platform.db.tx import Read
from dealings.platform.files import store as files

# conversations


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation as stored, with its last message and the commit that wrote it."""

    id: Id
    kind: Kind
    name: str | None
    picture: str | None
    low: Id | None
    high: Id | None
    shop: Id | None
    buyer: Id | None
    created_at: Millis
    notice: str | None
    notice_by: Id | None
    notice_at: Millis | None
    silenced: bool
    history_open: bool
    members_invite: bool
    approval: bool
    listed: bool
    member_count: int
    everyone_seq: int
    everyone_by: Id | None
    last: Message | None
    last_commit: int

    @property
    def last_seq(self) -> int:
        return self.last.seq if self.last else 0


ROW = (
    "c.id, c.kind, c.name, c.picture, c.low, c.high, c.shop, c.buyer, c.created_at, c.notice, c.notice_by, c.notice_at,"
    " c.silenced, c.history_open, c.members_invite, c.approval, c.listed, c.member_count, c.everyone_seq, c.everyone_by,"
    ' m.seq, m.sender, m.shop, m.client_id, m.body, m."at", m.commit_no'
)
ROWS = {
    "sqlite": f"SELECT {ROW} FROM json_each(?) j CROSS JOIN conversations c ON c.id = j.value->>0"
    " LEFT JOIN messages m ON m.conversation = c.id"
    " AND m.seq = (SELECT max(n.seq) FROM messages n WHERE n.conversation = c.id)",
    "postgresql": f"SELECT {ROW} FROM unnest(%s::text[]) AS j(id) JOIN conversations c ON c.id = j.id"
    " LEFT JOIN LATERAL (SELECT * FROM messages n WHERE n.conversation = c.id ORDER BY n.seq DESC LIMIT 1) m ON true",
}


def select_conversations(db: Read, ids: Iterable[Id]) -> list[Row]:
    """Those that are there, each with its last message, found by one index seek."""
    return [_row(r) for r in rows_for(db, ROWS, [(id,) for id in ids])]


def _row(r: Sequence[Any]) -> Row:
    seq, sender, shop, client_id, body, at, commit_no = r[-7:]
    last = Message(r[0], seq, sender or None, shop, client_id, decode_body(body), at) if seq else None
    settings = map(bool, r[12:17])  # SQLite knows only 0 and 1
    picture = files.url(r[3]) if r[3] else None
    values: list[Any] = [*r[:3], picture, *r[4:12], *settings, *r[17:20], last, commit_no or 0]
    return Row(*values)


MINE = {
    "sqlite": "SELECT conversation FROM memberships WHERE account = ?",
    "postgresql": "SELECT conversation FROM memberships WHERE account = %s",
}


def conversations_of(db: Read, account: Id) -> list[Id]:
    return [row[0] for row in db.driver.execute(MINE[db.dialect], (account,)).fetchall()]


def memberships_after(db: Read, account: Id, *, after: Id, limit: int) -> list[Id]:
    """An account's conversations in the order of their ids."""
    mine = memberships.c.conversation
    query = select(mine).where(memberships.c.account == account, mine > after).order_by(mine).limit(limit)
    return [row.conversation for row in db.sql.execute(query)]


def pair_conversation(db: Read, *, one: Id, other: Id) -> Id | None:
    query = select(pairs.c.conversation).where(pairs.c.one == one, pairs.c.other == other)
    found: Id | None = db.sql.execute(query).scalar()
    return found


# members

ROLES: tuple[MemberRole, ...] = ("owner", "admin", "member")
"""In the order in which members are listed."""


@dataclass(frozen=True, slots=True)
class Member:
    account: Id
    role: MemberRole
    from_seq: int
    read_seq: int
    received_seq: int
    joined_at: Millis
    nickname: str | None
    silenced_until: Millis | None
    mentioned_seq: int


MEMBER = (
    "m.conversation, m.account, m.role, m.from_seq, m.read_seq, m.received_seq, m.joined_at, m.nickname,"
    " m.silenced_until, m.mentioned_seq"
)
MEMBERS = {
    "sqlite": f"SELECT {MEMBER} FROM json_each(?) j"
    " CROSS JOIN members m ON m.conversation = j.value->>0 AND m.account = j.value->>1",
    "postgresql": f"SELECT {MEMBER} FROM unnest(%s::text[], %s::text[]) AS j(conversation, account)"
    " JOIN members m ON m.conversation = j.conversation AND m.account = j.account",
}


def members_at(db: Read, wanted: Iterable[tuple[Id, Id]]) -> dict[tuple[Id, Id], Member]:
    """By (conversation, account), those who are members."""
    return {(r[0], r[1]): Member(*r[1:]) for r in rows_for(db, MEMBERS, list(wanted))}


def member(db: Read, conversation: Id, account: Id) -> Member | None:
    return members_at(db, [(conversation, account)]).get((conversation, account))


def list_members(db: Read, conversation: Id, *, after: MemberPlace | None, limit: int) -> list[Member]:
    """The owner, the admins, the members, each by when they came; after a place, or from the start."""
    found: list[Member] = []
    for role in ROLES[ROLES.index(after.role) if after else 0 :]:
        if len(found) < limit:
            place = after if after and after.role == role else None
            found += _with_role(db, conversation, role, after=place, limit=limit - len(found))
    return found


def _with_role(db: Read, conversation: Id, role: MemberRole, *, after: MemberPlace | None, limit: int) -> list[Member]:
    query = select(members).where(members.c.conversation == conversation, members.c.role == role)
    if after is not None:
        query = query.where(tuple_(members.c.joined_at, members.c.account) > (after.joined_at, after.account))
    rows = db.sql.execute(query.order_by(members.c.joined_at, members.c.account).limit(limit))
    return [_member(r) for r in rows]


def _member(r: Any) -> Member:
    own = r.received_seq, r.joined_at, r.nickname, r.silenced_until, r.mentioned_seq
    return Member(r.account, r.role, r.from_seq, r.read_seq, *own)


# shops' threads

READ_BY_SHOP = {
    "sqlite": "SELECT t.conversation, t.read_seq FROM json_each(?) j"
    " CROSS JOIN shop_threads t ON t.shop = j.value->>0 AND t.conversation = j.value->>1",
    "postgresql": "SELECT t.conversation, t.read_seq FROM unnest(%s::text[], %s::text[]) AS j(shop, conversation)"
    " JOIN shop_threads t ON t.shop = j.shop AND t.conversation = j.conversation",
}


def read_by_shops(db: Read, wanted: Iterable[tuple[Id, Id]]) -> dict[Id, int]:
    """How far the shop's side has read, by conversation, of (shop, conversation)."""
    return dict(rows_for(db, READ_BY_SHOP, list(wanted)))


@dataclass(frozen=True, slots=True)
class ThreadKey:
    """A place in a shop's inbox."""

    last_at: Annotated[Millis, msgspec.Meta(ge=0, le=2**53)]
    conversation: Annotated[Id, msgspec.Meta(pattern="^[0-9a-z]{16}$")]


def list_threads(db: Read, shop: Id, *, before: ThreadKey | None, waiting: bool, limit: int) -> list[ThreadKey]:
    """A shop's threads, newest first."""
    query = select(threads.c.last_at, threads.c.conversation).where(threads.c.shop == shop)
    if waiting:
        query = query.where(threads.c.waiting_since.is_not(None))
    if before is not None:
        place = tuple_(threads.c.last_at, threads.c.conversation)
        query = query.where(place < (before.last_at, before.conversation))
    query = query.order_by(threads.c.last_at.desc(), threads.c.conversation.desc()).limit(limit)
    return [ThreadKey(r.last_at, r.conversation) for r in db.sql.execute(query)]


def threads_changed(db: Read, shops: Sequence[Id], *, after: int, limit: int) -> list[Id]:
    query = select(threads.c.conversation).where(threads.c.shop.in_(shops), threads.c.commit_no > after)
    return [row.conversation for row in db.sql.execute(query.limit(limit))]


def threads_after(db: Read, shop: Id, *, after: Id, limit: int) -> list[Id]:
    """A shop's threads in the order of their ids."""
    id = threads.c.conversation
    query = select(id).where(threads.c.shop == shop, id > after).order_by(id).limit(limit)
    return [row.conversation for row in db.sql.execute(query)]


# messages


@dataclass(frozen=True, slots=True)
class Behind:
    """A reading side that may have unread messages: an account or, with reader "", the shop."""

    conversation: Id
    after: int
    reader: Id


# A member did not write what bears another sender or a shop; a shop did not write what bears no shop.
# Counted from the newest on, since up to the limit it is all one: whoever has missed much reads what was just written, which is
# close together and at hand, and not a page of long ago for each message.
THEIRS = "CASE WHEN {reader} = '' THEN m.shop IS NULL ELSE m.sender <> {reader} OR m.shop IS NOT NULL END"
UNREAD = {
    "sqlite": "SELECT j.value->>0, j.value->>2, (SELECT count(*) FROM (SELECT 1 FROM messages m"
    " WHERE m.conversation = j.value->>0 AND m.seq > j.value->>1"
    f" AND {THEIRS.format(reader='(j.value->>2)')} ORDER BY m.seq DESC LIMIT {UNREAD_MOST})) FROM json_each(?) j",
    "postgresql": "SELECT j.id, j.reader, (SELECT count(*) FROM (SELECT 1 FROM messages m"
    f" WHERE m.conversation = j.id AND m.seq > j.after AND {THEIRS.format(reader='j.reader')}"
    f" ORDER BY m.seq DESC LIMIT {UNREAD_MOST}) s)"
    " FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS j(id, after, reader)",
}


def count_unread(db: Read, behind: Iterable[Behind]) -> dict[tuple[Id, Id], int]:
    """By (conversation, reader): messages after a position that it did not write itself, up to what is shown."""
    rows = rows_for(db, UNREAD, [(b.conversation, b.after, b.reader) for b in behind])
    return {(conversation, reader): count for conversation, reader, count in rows}


def _page(query: Select[Any], *, before: int | None, after: int | None, limit: int) -> tuple[Select[Any], bool]:
    """Forward after a position, or backward from one (or from the end)."""
    if after is not None:
        return query.where(messages.c.seq > after).order_by(messages.c.seq).limit(limit), False
    if before is not None:
        query = query.where(messages.c.seq < before)
    return query.order_by(messages.c.seq.desc()).limit(limit), True


def select_history(
    db: Read, conversation: Id, *, from_seq: int, before: int | None, after: int | None, limit: int
) -> list[Message]:
    query = select(messages).where(messages.c.conversation == conversation, messages.c.seq > from_seq)
    query, newest_first = _page(query, before=before, after=after, limit=limit)
    found = [message_of(r) for r in db.sql.execute(query)]
    return found[::-1] if newest_first else found


def select_message(db: Read, conversation: Id, seq: int) -> Message | None:
    query = select(messages).where(messages.c.conversation == conversation, messages.c.seq == seq)
    row = db.sql.execute(query).first()
    return message_of(row) if row else None
