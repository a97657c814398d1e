"""Conversations, members, messages: schema and SQL.

Messages are only ever appended: one row in arrival order and two indexes, of which the
once-only one begins with a time-ordered client id, so that a post touches few pages.
Posting works on all that wait at once; its few statements are written out for each store.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Select, and_, delete, func, insert, literal_column, not_, or_, select, update

from dealings.domain.messaging.model import UNREAD_MOST, Body, Kind, MemberRole, Message
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.platform.backup.derived import derived
from dealings.platform.db.schema import (
    ID,
    LOCAL,
    METADATA,
    MILLIS,
    BigInteger,
    Column,
    Index,
    String,
    Table,
    Text,
    insert_new,
)
from dealings.platform.db.tx import Read, Tx

SYSTEM = ""
"""The sender of what nobody said, in the store: a unique key holds only for values that are not null."""

conversations = Table(
    "conversations",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("name", String(40)),
    Column("picture", String(80)),
    Column("low", ID),
    Column("high", ID),
    Column("shop", ID),
    Column("buyer", ID),
    Column("created_at", MILLIS, nullable=False),
)
heads = Table(
    "conversation_heads",
    METADATA,
    Column("conversation", ID, primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
    info=LOCAL,
)
"""The number last given out. Only PostgreSQL, with several writers, needs the row; SQLite asks the index."""

pairs = Table(
    "conversation_pairs",
    METADATA,
    Column("one", ID, primary_key=True),
    Column("other", ID, primary_key=True),
    Column("conversation", ID, nullable=False),
    sqlite_with_rowid=False,
)
"""The one conversation of two accounts (lower id first), or of a shop and a buyer."""

members = Table(
    "members",
    METADATA,
    Column("conversation", ID, primary_key=True),
    Column("account", ID, primary_key=True),
    Column("role", String(8), nullable=False),
    Column("from_seq", BigInteger, nullable=False),
    Column("read_seq", BigInteger, nullable=False),
    Column("joined_at", MILLIS, nullable=False),
    sqlite_with_rowid=False,
)
"""By conversation. A member reads what came after `from_seq`."""

memberships = Table(
    "memberships",
    METADATA,
    Column("account", ID, primary_key=True),
    Column("conversation", ID, primary_key=True),
    sqlite_with_rowid=False,
)
"""The same pairs by account: “my conversations” asks one shard."""

threads = Table(
    "shop_threads",
    METADATA,
    Column("shop", ID, primary_key=True),
    Column("conversation", ID, primary_key=True),
    Column("read_seq", BigInteger, nullable=False),
    Column("last_at", MILLIS, nullable=False),
    Column("waiting_since", MILLIS),
    Column("commit_no", BigInteger, nullable=False),
    Index("shop_threads_newest", "shop", "last_at", "conversation"),
    Index("shop_threads_changed", "shop", "commit_no"),
    sqlite_with_rowid=False,
)
"""The shop's side of its conversations: what its inbox lists."""

messages = Table(
    "messages",
    METADATA,
    Column("conversation", ID, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("sender", ID, nullable=False),
    Column("shop", ID),
    Column("client_id", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("at", MILLIS, nullable=False),
    Column("commit_no", BigInteger, nullable=False),
    Index("messages_once", "client_id", "sender", "conversation", unique=True),
)

_decode_body = msgspec.json.Decoder(Body).decode
encode_body = msgspec.json.Encoder().encode


def _message(r: Any) -> Message:
    return Message(r.conversation, r.seq, r.sender or None, r.shop, r.client_id, _decode_body(r.body), r.at)


# posting, set-wise


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether someone may write: the conversation, and whether they are a member."""

    conversation: Id
    kind: Kind
    low: Id | None
    high: Id | None
    shop: Id | None
    buyer: Id | None
    member: bool


STANDINGS = {
    "sqlite": "SELECT j.value->>1, c.id, c.kind, c.low, c.high, c.shop, c.buyer, m.account IS NOT NULL"
    " FROM json_each(?) j CROSS JOIN conversations c ON c.id = j.value->>0"
    " LEFT JOIN members m ON m.conversation = c.id AND m.account = j.value->>1",
    "postgresql": "SELECT j.account, c.id, c.kind, c.low, c.high, c.shop, c.buyer, m.account IS NOT NULL"
    " FROM unnest(%s::text[], %s::text[]) AS j(conversation, account) JOIN conversations c ON c.id = j.conversation"
    " LEFT JOIN members m ON m.conversation = j.conversation AND m.account = j.account",
}
EARLIER = {
    "sqlite": "SELECT m.client_id, m.sender, m.conversation, m.seq, m.shop, m.body, m.at FROM json_each(?) j"
    " CROSS JOIN messages m ON m.client_id = j.value->>0 AND m.sender = j.value->>1 AND m.conversation = j.value->>2",
    "postgresql": "SELECT m.client_id, m.sender, m.conversation, m.seq, m.shop, m.body, m.at"
    " FROM unnest(%s::text[], %s::text[], %s::text[]) AS j(client_id, sender, conversation)"
    " JOIN messages m ON m.client_id = j.client_id AND m.sender = j.sender AND m.conversation = j.conversation",
}
NUMBERS = {
    "sqlite": "SELECT j.value->>0, coalesce((SELECT max(m.seq) FROM messages m WHERE m.conversation = j.value->>0), 0)"
    " FROM json_each(?) j",
    "postgresql": "UPDATE conversation_heads h SET last_seq = h.last_seq + j.n"
    " FROM (SELECT * FROM unnest(%s::text[], %s::bigint[]) AS j(conversation, n) ORDER BY conversation) j"
    " WHERE h.conversation = j.conversation RETURNING h.conversation, h.last_seq - j.n",
}
APPEND = {
    "sqlite": 'INSERT INTO messages (conversation, seq, sender, shop, client_id, body, "at", commit_no)'
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "postgresql": 'INSERT INTO messages (conversation, seq, sender, shop, client_id, body, "at", commit_no)'
    " SELECT *, %s, %s FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])",
}


def _hot(db: Read, statement: dict[str, str], rows: Sequence[tuple[object, ...]]) -> list[tuple[Any, ...]]:
    """Run one of the written-out statements for all rows: JSON on SQLite, arrays on PostgreSQL."""
    if db.dialect == "sqlite":
        found = db.driver.execute(statement["sqlite"], (msgspec.json.encode(rows).decode(),))
    else:
        found = db.driver.execute(statement["postgresql"], [list(column) for column in zip(*rows, strict=True)])
    return list(found.fetchall())


def standings(db: Read, wanted: Iterable[tuple[Id, Id]]) -> dict[tuple[Id, Id], Standing]:
    """By (conversation, account); a conversation that isn't there is left out."""
    rows = _hot(db, STANDINGS, list(wanted))
    return {(r[1], r[0]): Standing(r[1], r[2], r[3], r[4], r[5], r[6], bool(r[7])) for r in rows}


def earlier(db: Read, wanted: Sequence[tuple[str, Id, Id]]) -> dict[tuple[str, Id, Id], Message]:
    """Messages that are there already, by (client id, sender, conversation)."""
    return {
        (r[0], r[1], r[2]): Message(r[2], r[3], r[1] or None, r[4], r[0], _decode_body(r[5]), r[6])
        for r in _hot(db, EARLIER, wanted)
    }


def last_numbers(tx: Tx, counts: dict[Id, int]) -> dict[Id, int]:
    """The last number in use, for each conversation that is about to get `counts` more."""
    return dict(_hot(tx, NUMBERS, list(counts.items())))


def append(tx: Tx, posted: Sequence[Message]) -> None:
    rows = [
        (m.conversation, m.seq, m.sender or SYSTEM, m.shop, m.client_id, encode_body(m.body).decode()) for m in posted
    ]
    if tx.dialect == "sqlite":
        tx.driver.executemany(APPEND["sqlite"], [(*row, tx.now, tx.commit_no) for row in rows])
    else:
        columns = [list(column) for column in zip(*rows, strict=True)]
        tx.driver.execute(APPEND["postgresql"], [tx.now, tx.commit_no, *columns])


def move_threads(tx: Tx, last: Iterable[tuple[Id, Message]]) -> None:
    """Bring the inbox of each shop up to its thread's last message; who waits is who wrote last."""
    for shop, message in last:
        values: dict[str, Any] = {"last_at": message.at, "commit_no": tx.commit_no}
        if message.shop is not None:
            values["waiting_since"] = None
        elif message.sender is not None:
            values["waiting_since"] = func.coalesce(threads.c.waiting_since, message.at)
        mine = and_(threads.c.shop == shop, threads.c.conversation == message.conversation)
        tx.sql.execute(update(threads).where(mine).values(**values))


# opening


def insert_conversation(tx: Tx, id: Id, *, kind: Kind, **values: Id | str | None) -> None:
    tx.sql.execute(insert(conversations).values(id=id, kind=kind, created_at=tx.now, **values))
    if tx.dialect == "postgresql":
        tx.sql.execute(insert(heads).values(conversation=id, last_seq=0))


def pair_conversation(db: Read, *, one: Id, other: Id) -> Id | None:
    query = select(pairs.c.conversation).where(pairs.c.one == one, pairs.c.other == other)
    found: Id | None = db.sql.execute(query).scalar()
    return found


@derived
def rebuild_heads(tx: Tx) -> None:
    """After a restore, numbers go on where the messages end."""
    if tx.dialect == "postgresql":
        last = func.coalesce(func.max(messages.c.seq), 0)
        each = select(conversations.c.id, last).outerjoin(messages, messages.c.conversation == conversations.c.id)
        tx.sql.execute(insert(heads).from_select(["conversation", "last_seq"], each.group_by(conversations.c.id)))


def insert_pair(tx: Tx, *, one: Id, other: Id, conversation: Id) -> None:
    """A second conversation of the same two breaks the key; the loser of a race finds the first when run again."""
    tx.sql.execute(insert(pairs).values(one=one, other=other, conversation=conversation))


def insert_thread(tx: Tx, *, shop: Id, conversation: Id) -> None:
    tx.sql.execute(
        insert(threads).values(
            shop=shop, conversation=conversation, read_seq=0, last_at=tx.now, waiting_since=None, commit_no=tx.commit_no
        )
    )


def insert_member(tx: Tx, conversation: Id, account: Id, *, role: MemberRole, from_seq: int = 0) -> bool:
    """False when they are in already."""
    values = {"role": role, "from_seq": from_seq, "read_seq": from_seq, "joined_at": tx.now}
    added = insert_new(tx, members, conversation=conversation, account=account, **values)
    if added:
        tx.sql.execute(insert(memberships).values(account=account, conversation=conversation))
    return added


def delete_member(tx: Tx, conversation: Id, account: Id) -> bool:
    mine = and_(members.c.conversation == conversation, members.c.account == account)
    gone = tx.sql.execute(delete(members).where(mine)).rowcount == 1
    both = and_(memberships.c.account == account, memberships.c.conversation == conversation)
    tx.sql.execute(delete(memberships).where(both))
    return bool(gone)


def set_role(tx: Tx, conversation: Id, account: Id, role: MemberRole) -> None:
    mine = and_(members.c.conversation == conversation, members.c.account == account)
    tx.sql.execute(update(members).where(mine).values(role=role))


def rename(tx: Tx, conversation: Id, name: str) -> None:
    tx.sql.execute(update(conversations).where(conversations.c.id == conversation).values(name=name))


# reading


@dataclass(frozen=True, slots=True)
class Member:
    account: Id
    role: MemberRole
    from_seq: int
    read_seq: int


def select_members(db: Read, conversation: Id, *, limit: int) -> list[Member]:
    query = select(members).where(members.c.conversation == conversation)
    rows = db.sql.execute(query.order_by(members.c.joined_at, members.c.account).limit(limit))
    return [Member(r.account, r.role, r.from_seq, r.read_seq) for r in rows]


def member(db: Read, conversation: Id, account: Id) -> Member | None:
    query = select(members).where(members.c.conversation == conversation, members.c.account == account)
    r = db.sql.execute(query).first()
    return Member(r.account, r.role, r.from_seq, r.read_seq) if r else None


def count_members(db: Read, conversation: Id) -> int:
    return int(db.sql.execute(select(func.count()).where(members.c.conversation == conversation)).scalar_one())


def conversations_of(db: Read, account: Id) -> list[Id]:
    rows = db.sql.execute(select(memberships.c.conversation).where(memberships.c.account == account))
    return [row.conversation for row in rows]


def thread_read_seq(db: Read, *, shop: Id, conversation: Id) -> int:
    query = select(threads.c.read_seq).where(threads.c.shop == shop, threads.c.conversation == conversation)
    return int(db.sql.execute(query).scalar() or 0)


@dataclass(frozen=True, slots=True)
class ThreadKey:
    conversation: Id
    last_at: Millis


def list_threads(db: Read, shop: Id, *, before: ThreadKey | None, waiting: bool, limit: int) -> list[ThreadKey]:
    """A shop's threads, newest first."""
    query = select(threads.c.conversation, threads.c.last_at).where(threads.c.shop == shop)
    if waiting:
        query = query.where(threads.c.waiting_since.is_not(None))
    if before is not None:
        older = and_(threads.c.last_at == before.last_at, threads.c.conversation < before.conversation)
        query = query.where(or_(threads.c.last_at < before.last_at, older))
    query = query.order_by(threads.c.last_at.desc(), threads.c.conversation.desc()).limit(limit)
    return [ThreadKey(r.conversation, r.last_at) for r in db.sql.execute(query)]


def threads_changed(db: Read, shops: Sequence[Id], *, after: int, limit: int) -> list[Id]:
    query = select(threads.c.conversation).where(threads.c.shop.in_(shops), threads.c.commit_no > after)
    return [row.conversation for row in db.sql.execute(query.limit(limit))]


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
    last: Message | None
    last_commit: int


def select_conversations(db: Read, ids: Sequence[Id]) -> list[Row]:
    """Each with its last message, found by one index seek."""
    every = messages.alias()
    last_seq = select(func.max(every.c.seq)).where(every.c.conversation == conversations.c.id)
    newest = and_(messages.c.conversation == conversations.c.id, messages.c.seq == last_seq.scalar_subquery())
    columns = [column.label(f"m_{column.name}") for column in messages.c]
    query = select(conversations, *columns).select_from(conversations.outerjoin(messages, newest))
    found = []
    for start in range(0, len(ids), 500):
        rows = db.sql.execute(query.where(conversations.c.id.in_(ids[start : start + 500])))
        found += [_row(r) for r in rows]
    return found


def _row(r: Any) -> Row:
    last = None
    if r.m_seq is not None:
        last = Message(r.id, r.m_seq, r.m_sender or None, r.m_shop, r.m_client_id, _decode_body(r.m_body), r.m_at)
    return Row(r.id, r.kind, r.name, r.picture, r.low, r.high, r.shop, r.buyer, r.created_at, last, r.m_commit_no or 0)


def count_unread(db: Read, conversation: Id, *, after: int, not_from: Id | None = None) -> int:
    """Messages after a position that the reading side did not write itself, up to the most that is shown.

    The reader is an account (`not_from`) or, without it, the shop, which did not write what bears no shop.
    """
    theirs = not_(and_(messages.c.sender == not_from, messages.c.shop.is_(None)))
    if not_from is None:
        theirs = messages.c.shop.is_(None)
    some: Select[Any] = select(literal_column("1")).where(
        messages.c.conversation == conversation, messages.c.seq > after, theirs
    )
    return int(db.sql.execute(select(func.count()).select_from(some.limit(UNREAD_MOST).subquery())).scalar_one())


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
    found = [_message(r) for r in db.sql.execute(query)]
    return found[::-1] if newest_first else found


def select_message(db: Read, conversation: Id, seq: int) -> Message | None:
    query = select(messages).where(messages.c.conversation == conversation, messages.c.seq == seq)
    row = db.sql.execute(query).first()
    return _message(row) if row else None


def select_since(db: Read, conversation: Id, *, commit_no: int, from_seq: int, limit: int) -> list[Message]:
    """Of the newest messages, those written after a commit, oldest first.

    The commit is looked at here and not in the statement: with nothing to stop it,
    the store would read the whole history for the few that are newer.
    """
    query = select(messages).where(messages.c.conversation == conversation, messages.c.seq > from_seq)
    rows = db.sql.execute(query.order_by(messages.c.seq.desc()).limit(limit))
    return [_message(r) for r in rows if r.commit_no > commit_no][::-1]


def move_member(tx: Tx, conversation: Id, account: Id, *, to: int) -> bool:
    """Forward only; False when it is there already."""
    mine = and_(members.c.conversation == conversation, members.c.account == account, members.c.read_seq < to)
    return bool(tx.sql.execute(update(members).where(mine).values(read_seq=to)).rowcount == 1)


def move_shop(tx: Tx, conversation: Id, shop: Id, *, to: int) -> bool:
    mine = and_(threads.c.shop == shop, threads.c.conversation == conversation, threads.c.read_seq < to)
    return bool(tx.sql.execute(update(threads).where(mine).values(read_seq=to)).rowcount == 1)
