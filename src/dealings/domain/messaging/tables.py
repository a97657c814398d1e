"""Conversations, members, messages: schema, and the SQL that writes (`tables_views` reads).

Messages are only ever appended: one row in arrival order and two indexes, of which the
once-only one begins with a time-ordered client id, so that a post touches few pages.
Posting works on all that wait at once; its few statements are written out for each store.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Boolean, and_, false, func, insert, select, text, true, update

from dealings.domain.messaging.model import Body, Kind, MemberRole, Message
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
)
from dealings.platform.db.sets import rows_for
from dealings.platform.db.tx import Doubted, Read, Tx

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
    Column("notice", Text),
    Column("notice_by", ID),
    Column("notice_at", MILLIS),
    Column("silenced", Boolean, nullable=False, server_default=false()),
    Column("history_open", Boolean, nullable=False, server_default=false()),
    Column("members_invite", Boolean, nullable=False, server_default=true()),
    Column("approval", Boolean, nullable=False, server_default=false()),
    Column("listed", Boolean, nullable=False, server_default=false()),
    Column("member_count", BigInteger, nullable=False, server_default=text("0")),
    Column("everyone_seq", BigInteger, nullable=False, server_default=text("0")),
    Column("everyone_by", ID),
)
"""`member_count` says how many rows of `members` there are, so that nobody counts them; `everyone_seq` is the last
message to all, `everyone_by` whose it is (it does not call its own writer)."""
heads = Table(
    "conversation_heads",
    METADATA,
    Column("conversation", ID, primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
    Column("commit_no", BigInteger, nullable=False),
    info=LOCAL,
)
"""The number last given out, and in which commit. Only PostgreSQL, with several writers, needs the row; SQLite asks the index."""

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
    Column("nickname", String(40)),
    Column("silenced_until", MILLIS),
    Column("received_seq", BigInteger, nullable=False, server_default=text("0")),
    Column("mentioned_seq", BigInteger, nullable=False, server_default=text("0")),
    Index("members_by_role", "conversation", "role", "joined_at", "account"),
    sqlite_with_rowid=False,
)
"""By conversation. A member reads what came after `from_seq`; `mentioned_seq` is the last message that named them."""

memberships = Table(
    "memberships",
    METADATA,
    Column("account", ID, primary_key=True),
    Column("conversation", ID, primary_key=True),
    Column("muted", Boolean, nullable=False, server_default=false()),
    Column("pinned_at", MILLIS),
    Column("draft", Text),
    Column("draft_at", MILLIS),
    sqlite_with_rowid=False,
)
"""The same pairs by account: “my conversations” asks one shard. And what is the account's own there."""

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
"""The shop's side of its conversations: what its inbox lists; `waiting_since` while the buyer waits for an answer."""
_waiting = threads.c.waiting_since.is_not(None)
Index(
    "shop_threads_waiting",
    threads.c.shop,
    threads.c.last_at,
    threads.c.conversation,
    sqlite_where=_waiting,
    postgresql_where=_waiting,
)

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

decode_body = msgspec.json.Decoder(Body).decode
encode_body = msgspec.json.Encoder().encode


def message_of(r: Any) -> Message:
    return Message(r.conversation, r.seq, r.sender or None, r.shop, r.client_id, decode_body(r.body), r.at)


# posting, set-wise


class Standing(msgspec.Struct, frozen=True):
    """What decides whether someone may write: the conversation, who they are in it, and whether they are silenced."""

    conversation: Id
    kind: Kind
    low: Id | None
    high: Id | None
    shop: Id | None
    from_seq: int | None
    """What a member reads comes after it; None: not a member."""
    role: MemberRole | None
    silenced: bool
    """All but the owner and admins are."""
    silenced_until: Millis | None


STANDINGS = {
    "sqlite": "SELECT j.value->>1, c.id, c.kind, c.low, c.high, c.shop, m.from_seq,"
    " m.role, c.silenced, m.silenced_until"
    " FROM json_each(?) j CROSS JOIN conversations c ON c.id = j.value->>0"
    " LEFT JOIN members m ON m.conversation = c.id AND m.account = j.value->>1",
    "postgresql": "SELECT j.account, c.id, c.kind, c.low, c.high, c.shop, m.from_seq,"
    " m.role, c.silenced, m.silenced_until"
    " FROM unnest(%s::text[], %s::text[]) AS j(conversation, account) JOIN conversations c ON c.id = j.conversation"
    " LEFT JOIN members m ON m.conversation = j.conversation AND m.account = j.account",
}
EARLIER = {
    "sqlite": "SELECT m.conversation, m.seq, m.sender, m.shop, m.client_id, m.body, m.at FROM json_each(?) j"
    " CROSS JOIN messages m ON m.client_id = j.value->>0 AND m.sender = j.value->>1 AND m.conversation = j.value->>2",
    "postgresql": "SELECT m.conversation, m.seq, m.sender, m.shop, m.client_id, m.body, m.at"
    " FROM unnest(%s::text[], %s::text[], %s::text[]) AS j(client_id, sender, conversation)"
    # `|| ''` keeps PostgreSQL, which guesses while it has no statistics, from reading all of the conversation instead.
    " JOIN messages m ON m.client_id = j.client_id AND m.sender = j.sender AND m.conversation || '' = j.conversation",
}
NUMBERED = {
    "sqlite": "SELECT m.conversation, m.seq, m.sender, m.shop, m.client_id, m.body, m.at FROM json_each(?) j"
    " CROSS JOIN messages m ON m.conversation = j.value->>0 AND m.seq = j.value->>1",
    "postgresql": "SELECT m.conversation, m.seq, m.sender, m.shop, m.client_id, m.body, m.at"
    " FROM unnest(%s::text[], %s::bigint[]) AS j(conversation, seq)"
    " JOIN messages m ON m.conversation = j.conversation AND m.seq = j.seq",
}
NUMBERS = {
    "sqlite": "SELECT j.value->>0, coalesce((SELECT max(m.seq) FROM messages m WHERE m.conversation = j.value->>0), 0)"
    " FROM json_each(?) j",
    "postgresql": "UPDATE conversation_heads h SET last_seq = h.last_seq + j.n,"
    " commit_no = greatest(h.commit_no, j.commit_no)"
    " FROM (SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS j(conversation, n, commit_no)"
    " ORDER BY conversation) j WHERE h.conversation = j.conversation"
    " RETURNING h.conversation, h.last_seq - j.n, h.commit_no",
}
PRESENT = {
    "sqlite": "SELECT m.conversation, m.account FROM json_each(?) j"
    " CROSS JOIN members m ON m.conversation = j.value->>0 AND m.account = j.value->>1",
    "postgresql": "SELECT m.conversation, m.account FROM unnest(%s::text[], %s::text[]) AS j(conversation, account)"
    " JOIN members m ON m.conversation = j.conversation AND m.account = j.account",
}
MENTION = {
    "sqlite": "UPDATE members SET mentioned_seq = ? WHERE conversation = ? AND account = ?",
    "postgresql": "UPDATE members m SET mentioned_seq = j.seq"
    " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS j(seq, conversation, account)"
    " WHERE m.conversation = j.conversation AND m.account = j.account",
}
APPEND = {
    "sqlite": 'INSERT INTO messages (conversation, seq, sender, shop, client_id, body, "at", commit_no)'
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "postgresql": 'INSERT INTO messages (conversation, seq, sender, shop, client_id, body, "at", commit_no) SELECT * FROM'
    " unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::bigint[])",
}
MOVE_THREADS = {
    "sqlite": "UPDATE shop_threads SET last_at = ?1, commit_no = max(commit_no, ?2),"
    " waiting_since = CASE WHEN ?3 THEN ?4 ELSE coalesce(waiting_since, ?4) END WHERE shop = ?5 AND conversation = ?6",
    "postgresql": "UPDATE shop_threads t SET last_at = j.last_at, commit_no = greatest(t.commit_no, j.commit_no),"
    " waiting_since = CASE WHEN j.answered THEN j.since ELSE coalesce(t.waiting_since, j.since) END"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::bool[], %s::bigint[], %s::text[], %s::text[])"
    " AS j(last_at, commit_no, answered, since, shop, conversation)"
    " WHERE t.shop = j.shop AND t.conversation = j.conversation",
}


def standings(db: Read, wanted: Iterable[tuple[Id, Id]]) -> dict[tuple[Id, Id], Standing]:
    """By (conversation, account); a conversation that isn't there is left out."""
    return {(r[1], r[0]): Standing(*r[1:]) for r in rows_for(db, STANDINGS, list(wanted))}


def present(db: Read, wanted: Iterable[tuple[Id, Id]]) -> set[tuple[Id, Id]]:
    """Of these (conversation, account), the members."""
    return {(r[0], r[1]) for r in rows_for(db, PRESENT, list(wanted))}


def _listed(r: Sequence[Any]) -> Message:
    return Message(r[0], r[1], r[2] or None, r[3], r[4], decode_body(r[5]), r[6])


def earlier(db: Read, wanted: Iterable[tuple[str, Id, Id]]) -> dict[tuple[str, Id, Id], Message]:
    """Messages that are there already, by (client id, sender, conversation)."""
    return {(r[4], r[2], r[0]): _listed(r) for r in rows_for(db, EARLIER, list(wanted))}


def numbered(db: Read, wanted: Iterable[tuple[Id, int]]) -> dict[tuple[Id, int], Message]:
    """Messages by (conversation, number)."""
    return {(r[0], r[1]): _listed(r) for r in rows_for(db, NUMBERED, list(wanted))}


class Head(msgspec.Struct, frozen=True):
    last_seq: int
    """The last number in use."""
    commit_no: int
    """What the next messages are written under: never below that of an earlier number, although
    PostgreSQL's transactions commit out of the order of theirs. So who has seen a commit has seen
    all lower numbers of the conversation, too."""


def take_numbers(tx: Tx, counts: Mapping[Id, int]) -> dict[Id, Head]:
    """Where each conversation stands that is about to get `counts` more; others who write there wait for this commit."""
    if tx.dialect == "sqlite":
        return _take_remembered(tx, counts)
    rows = rows_for(tx, NUMBERS, [(conversation, count, tx.commit_no) for conversation, count in counts.items()])
    return {r[0]: Head(r[1], r[2]) for r in rows}


def _take_remembered(tx: Tx, counts: Mapping[Id, int]) -> dict[Id, Head]:
    """The one writer of SQLite knows the last number of each conversation in which it wrote before."""
    last: dict[Id, int] = tx.remembered.setdefault("last numbers", {})
    unknown = [(conversation,) for conversation in counts if conversation not in last]
    last.update(rows_for(tx, NUMBERS, unknown))
    commit_no = tx.commit_no
    heads = {conversation: Head(last[conversation], commit_no) for conversation in counts}
    for conversation, count in counts.items():
        last[conversation] += count
    return heads


def append(tx: Tx, posted: Sequence[Message], heads: Mapping[Id, Head]) -> None:
    """Write messages under their numbers; a client id that is there already raises `Doubted`, unless this is cautious."""
    rows = [
        (
            m.conversation,
            m.seq,
            m.sender or SYSTEM,
            m.shop,
            m.client_id,
            encode_body(m.body).decode(),
            m.at,
            heads[m.conversation].commit_no,
        )
        for m in posted
    ]
    statement = APPEND[tx.dialect] if tx.cautious else f"{APPEND[tx.dialect]} ON CONFLICT DO NOTHING"
    if tx.dialect == "sqlite":
        written = tx.driver.executemany(statement, rows).rowcount
    else:
        written = tx.driver.execute(statement, [list(column) for column in zip(*rows, strict=True)]).rowcount
    if written != len(rows):
        raise Doubted()


def mention(tx: Tx, named: Mapping[tuple[Id, Id], int]) -> None:
    """By (conversation, account), the last message that names them."""
    rows = [(seq, *who) for who, seq in sorted(named.items())]
    if tx.dialect == "sqlite":
        tx.driver.executemany(MENTION["sqlite"], rows)
    else:
        tx.driver.execute(MENTION["postgresql"], [list(column) for column in zip(*rows, strict=True)])


def mention_all(tx: Tx, conversation: Id, *, by: Id, seq: int) -> None:
    """A message calls everyone but its writer, who is still called by what another said to all before."""
    here = conversations.c.id == conversation
    before = select(conversations.c.everyone_seq).where(here, conversations.c.everyone_by != by).scalar_subquery()
    mine = and_(members.c.conversation == conversation, members.c.account == by, members.c.mentioned_seq < before)
    tx.sql.execute(update(members).where(mine).values(mentioned_seq=before))
    tx.sql.execute(update(conversations).where(here).values(everyone_seq=seq, everyone_by=by))


class ThreadMove(msgspec.Struct, frozen=True):
    """What new messages mean for a shop's inbox: answered or not, and since when the buyer waits after it."""

    shop: Id
    conversation: Id
    answered: bool
    waiting_since: Millis | None


def move_threads(tx: Tx, moves: Iterable[ThreadMove], heads: Mapping[Id, Head]) -> None:
    rows = [
        (tx.now, heads[m.conversation].commit_no, m.answered, m.waiting_since, m.shop, m.conversation) for m in moves
    ]
    if tx.dialect == "sqlite":
        tx.driver.executemany(MOVE_THREADS["sqlite"], rows)
    else:
        tx.driver.execute(MOVE_THREADS["postgresql"], [list(column) for column in zip(*rows, strict=True)])


# opening


def insert_conversation(tx: Tx, id: Id, *, kind: Kind, **values: Id | str | bool | int | None) -> None:
    tx.sql.execute(insert(conversations).values(id=id, kind=kind, created_at=tx.now, **values))
    if tx.dialect == "postgresql":
        tx.sql.execute(insert(heads).values(conversation=id, last_seq=0, commit_no=0))


@derived
def rebuild_heads(tx: Tx) -> None:
    """After a restore, numbers go on where the messages end."""
    if tx.dialect == "postgresql":
        last = [func.coalesce(func.max(column), 0) for column in (messages.c.seq, messages.c.commit_no)]
        each = select(conversations.c.id, *last).outerjoin(messages, messages.c.conversation == conversations.c.id)
        each = each.group_by(conversations.c.id)
        tx.sql.execute(insert(heads).from_select(["conversation", "last_seq", "commit_no"], each))


def insert_pair(tx: Tx, *, one: Id, other: Id, conversation: Id) -> None:
    """A second conversation of the same two breaks the key; the loser of a race finds the first when run again."""
    tx.sql.execute(insert(pairs).values(one=one, other=other, conversation=conversation))


def insert_thread(tx: Tx, *, shop: Id, conversation: Id) -> None:
    tx.sql.execute(
        insert(threads).values(
            shop=shop, conversation=conversation, read_seq=0, last_at=tx.now, waiting_since=None, commit_no=tx.commit_no
        )
    )


def hold(tx: Tx, conversation: Id) -> None:
    """Let others who write to this conversation wait for this commit, so that what is read now still holds in it.

    SQLite has one writer, who holds everything.
    """
    if tx.dialect == "postgresql":
        mine = update(heads).where(heads.c.conversation == conversation)
        tx.sql.execute(mine.values(last_seq=heads.c.last_seq))
