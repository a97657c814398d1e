"""The SQL that finds, in conversations that somebody listens to, what was written after a commit."""

from collections.abc import Sequence

from dealings.domain.messaging.model import Message
from dealings.domain.messaging.tables import decode_body
from dealings.kernel.ids import Id
from dealings.platform.db.sets import rows_for
from dealings.platform.db.tx import Read

MISSED_MOST = 200
"""Messages of one conversation; who missed more finds the gap in its numbers and fetches it."""

SINCE = {
    "sqlite": "SELECT m.commit_no, m.conversation, m.seq, m.sender, m.shop, m.client_id, m.body, m.at FROM json_each(?) j"
    " CROSS JOIN messages m ON m.conversation = j.value->>0 AND m.commit_no > j.value->>1 AND m.seq >"
    f" (SELECT max(l.seq) - {MISSED_MOST} FROM messages l WHERE l.conversation = j.value->>0)"
    " JOIN conversations c ON c.id = m.conversation WHERE c.shop IS NULL ORDER BY m.conversation, m.seq",
    "postgresql": "SELECT m.commit_no, m.conversation, m.seq, m.sender, m.shop, m.client_id, m.body, m.at"
    " FROM unnest(%s::text[], %s::bigint[]) AS j(id, after)"
    " JOIN conversation_heads h ON h.conversation = j.id AND h.commit_no > j.after"
    " JOIN conversations c ON c.id = j.id AND c.shop IS NULL"
    " CROSS JOIN LATERAL (SELECT * FROM messages l WHERE l.conversation = j.id"
    f" ORDER BY l.seq DESC LIMIT {MISSED_MOST}) m WHERE m.commit_no > j.after ORDER BY m.conversation, m.seq",
}


def select_since(db: Read, conversations: Sequence[Id], *, after: int) -> list[tuple[int, Message]]:
    """With the commit that each was written under; see `tables.Head` for which that is."""
    rows = rows_for(db, SINCE, [(conversation, after) for conversation in conversations])
    return [(r[0], Message(r[1], r[2], r[3] or None, r[4], r[5], decode_body(r[6]), r[7])) for r in rows]
