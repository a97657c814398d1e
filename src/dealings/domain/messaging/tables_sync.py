"""The SQL that finds what an account has missed: by what is new, not by how long the history is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dealings.domain.messaging.model import Message
from dealings.domain.messaging.tables import decode_body
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.platform.db.sets import rows_for
from dealings.platform.db.tx import Read

# One look at the end of each conversation: SQLite asks the index, PostgreSQL keeps the row that posting locks.
CHANGED = {
    "sqlite": "SELECT m.conversation, m.seq, coalesce(b.from_seq, 0) FROM json_each(?) j CROSS JOIN messages m"
    " ON m.conversation = j.value->>0"
    " AND m.seq = (SELECT max(n.seq) FROM messages n WHERE n.conversation = j.value->>0)"
    " LEFT JOIN members b ON b.conversation = m.conversation AND b.account = j.value->>1"
    " WHERE m.commit_no > j.value->>2",
    "postgresql": "SELECT h.conversation, h.last_seq, coalesce(b.from_seq, 0)"
    " FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS j(conversation, account, after)"
    " JOIN conversation_heads h ON h.conversation = j.conversation AND h.commit_no > j.after"
    " LEFT JOIN members b ON b.conversation = j.conversation AND b.account = j.account",
}
STRETCH = {
    "sqlite": 'SELECT m.conversation, m.seq, m.sender, m.shop, m.client_id, m.body, m."at" FROM json_each(?) j'
    " CROSS JOIN messages m ON m.conversation = j.value->>0 AND m.seq > j.value->>1 AND m.seq <= j.value->>2"
    " WHERE m.commit_no > j.value->>3",
    "postgresql": 'SELECT m.conversation, m.seq, m.sender, m.shop, m.client_id, m.body, m."at"'
    " FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[]) AS j(conversation, low, high, after)"
    " JOIN messages m ON m.conversation = j.conversation AND m.seq > j.low AND m.seq <= j.high"
    " WHERE m.commit_no > j.after",
}
RECENT = {
    "sqlite": 'SELECT c.id, coalesce((SELECT m."at" FROM messages m WHERE m.conversation = c.id'
    " ORDER BY m.seq DESC LIMIT 1), c.created_at) FROM json_each(?) j CROSS JOIN conversations c ON c.id = j.value->>0",
    "postgresql": 'SELECT c.id, coalesce(m."at", c.created_at) FROM unnest(%s::text[]) AS j(id)'
    " JOIN conversations c ON c.id = j.id LEFT JOIN LATERAL"
    ' (SELECT n."at" FROM messages n WHERE n.conversation = c.id ORDER BY n.seq DESC LIMIT 1) m ON true',
}


@dataclass(frozen=True, slots=True)
class Changed:
    """A conversation in which something new was written: up to `last_seq`, of which the account may read what
    comes after `from_seq`."""

    conversation: Id
    last_seq: int
    from_seq: int


def changed(db: Read, conversations: Iterable[Id], *, account: Id, after: int) -> list[Changed]:
    """Of these, the ones with messages of a later commit."""
    rows = rows_for(db, CHANGED, [(conversation, account, after) for conversation in conversations])
    return [Changed(*row) for row in rows if row[1] > row[2]]


def stretches(db: Read, wanted: Sequence[tuple[Id, int, int]], *, after: int) -> list[Message]:
    """Of each (conversation, low, high) the messages above low and up to high that a later commit wrote."""
    rows = rows_for(db, STRETCH, [(*stretch, after) for stretch in wanted])
    return [Message(r[0], r[1], r[2] or None, r[3], r[4], decode_body(r[5]), r[6]) for r in rows]


def recency(db: Read, conversations: Iterable[Id]) -> dict[Id, Millis]:
    """When something was last said in each, or when it was begun."""
    return dict(rows_for(db, RECENT, [(id,) for id in conversations]))
