"""The SQL of reading positions, receipts, drafts, mutes and pins; what is hot of it is written out for each store."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from dealings.domain.messaging.model import Kind
from dealings.domain.messaging.tables import members, memberships
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.platform.db.sets import rows_for
from dealings.platform.db.tx import Read, Tx

# reading positions


@dataclass(frozen=True, slots=True)
class Reader:
    """Where an account stands in a conversation; `read_seq` None: it is no member there."""

    account: Id
    conversation: Id
    kind: Kind
    low: Id | None
    high: Id | None
    shop: Id | None
    buyer: Id | None
    last_seq: int
    read_seq: int | None
    received_seq: int | None


_READER = "c.id, c.kind, c.low, c.high, c.shop, c.buyer"
READERS = {
    "sqlite": f"SELECT j.value->>1, {_READER}, coalesce((SELECT max(n.seq) FROM messages n"
    " WHERE n.conversation = c.id), 0), m.read_seq, m.received_seq"
    " FROM json_each(?) j CROSS JOIN conversations c ON c.id = j.value->>0"
    " LEFT JOIN members m ON m.conversation = c.id AND m.account = j.value->>1",
    "postgresql": f"SELECT j.account, {_READER}, h.last_seq, m.read_seq, m.received_seq"
    " FROM unnest(%s::text[], %s::text[]) AS j(conversation, account) JOIN conversations c ON c.id = j.conversation"
    " JOIN conversation_heads h ON h.conversation = j.conversation"
    " LEFT JOIN members m ON m.conversation = j.conversation AND m.account = j.account",
}
MOVE_MEMBERS = {
    "sqlite": "UPDATE members SET read_seq = max(read_seq, ?), received_seq = max(received_seq, ?)"
    " WHERE conversation = ? AND account = ?",
    # In one order, so that two lanes that move the same rows wait for each other and don't deadlock.
    "postgresql": "UPDATE members m SET read_seq = greatest(m.read_seq, j.read),"
    " received_seq = greatest(m.received_seq, j.received) FROM (SELECT * FROM"
    " unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS j(read, received, conversation, account)"
    " ORDER BY conversation, account) j WHERE m.conversation = j.conversation AND m.account = j.account"
    " RETURNING m.conversation, m.account, m.read_seq, m.received_seq",
}
MOVE_SHOPS = {
    "sqlite": "UPDATE shop_threads SET read_seq = max(read_seq, ?) WHERE conversation = ? AND shop = ?",
    "postgresql": "UPDATE shop_threads t SET read_seq = greatest(t.read_seq, j.read) FROM"
    " (SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS j(read, conversation, shop)"
    " ORDER BY conversation, shop) j WHERE t.shop = j.shop AND t.conversation = j.conversation"
    " RETURNING t.conversation, t.shop, t.read_seq, t.read_seq",
}
Place = tuple[Id, Id]
"""(conversation, reader): an account, or the shop whose thread it is."""


def readers(db: Read, wanted: Iterable[Place]) -> dict[Place, Reader]:
    """By (conversation, account); a conversation that isn't there is left out."""
    return {(r[1], r[0]): Reader(*r) for r in rows_for(db, READERS, list(wanted))}


@dataclass(frozen=True, slots=True)
class Positions:
    """How far a reading side has come. Normally what was read was received; `received` stays behind only where
    the reader has blocked the other side, which sees no more than that."""

    read: int
    received: int

    @property
    def shown(self) -> int:
        """As far as the other side sees it read."""
        return min(self.read, self.received)


def move_members(tx: Tx, moves: Mapping[Place, Positions]) -> dict[Place, Positions]:
    """Forward only; where each stands now, which another lane may have moved further."""
    return _move(tx, MOVE_MEMBERS, moves, [(p.read, p.received, *place) for place, p in moves.items()])


def move_shops(tx: Tx, moves: Mapping[Place, Positions]) -> dict[Place, Positions]:
    return _move(tx, MOVE_SHOPS, moves, [(p.read, *place) for place, p in moves.items()])


def _move(
    tx: Tx, statement: Mapping[str, str], moves: Mapping[Place, Positions], rows: Sequence[tuple[object, ...]]
) -> dict[Place, Positions]:
    if not rows:
        return {}
    if tx.dialect == "sqlite":  # its one writer has read what it moves in this very transaction
        tx.driver.executemany(statement["sqlite"], rows)
        return dict(moves)
    return {(r[0], r[1]): Positions(r[2], r[3]) for r in rows_for(tx, statement, rows)}


@dataclass(frozen=True, slots=True)
class Receipt:
    account: Id
    read_seq: int
    received_seq: int


def receipts(db: Read, conversation: Id, *, seq: int, but: Id | None) -> list[Receipt]:
    """Of all who may read the message `seq`, how far they are; for small groups only."""
    here = and_(members.c.conversation == conversation, members.c.from_seq < seq, members.c.account != (but or ""))
    asked = select(members.c.account, members.c.read_seq, members.c.received_seq).where(here)
    rows = db.sql.execute(asked.order_by(members.c.account))
    return [Receipt(r.account, r.read_seq, r.received_seq) for r in rows]


def accounts(db: Read, conversation: Id) -> list[Id]:
    """All members; of small groups."""
    return list(db.sql.execute(select(members.c.account).where(members.c.conversation == conversation)).scalars())


# what is an account's own


@dataclass(frozen=True, slots=True)
class Own:
    muted: bool = False
    pinned_at: Millis | None = None
    draft: str | None = None
    draft_at: Millis | None = None


OWN = {
    "sqlite": "SELECT s.conversation, s.account, s.muted, s.pinned_at, s.draft, s.draft_at FROM json_each(?) j"
    " CROSS JOIN memberships s ON s.account = j.value->>1 AND s.conversation = j.value->>0",
    "postgresql": "SELECT s.conversation, s.account, s.muted, s.pinned_at, s.draft, s.draft_at"
    " FROM unnest(%s::text[], %s::text[]) AS j(conversation, account)"
    " JOIN memberships s ON s.account = j.account AND s.conversation = j.conversation",
}


def own(db: Read, wanted: Iterable[Place]) -> dict[Place, Own]:
    """By (conversation, account), what members have for themselves."""
    return {(r[0], r[1]): Own(bool(r[2]), *r[3:]) for r in rows_for(db, OWN, list(wanted))}


def _mine(conversation: Id, account: Id) -> ColumnElement[bool]:
    return and_(memberships.c.account == account, memberships.c.conversation == conversation)


def arrange(tx: Tx, conversation: Id, account: Id, *, muted: bool | None, pinned: bool | None) -> Own:
    """Change what is given; what has been pinned keeps its time."""
    since = {None: memberships.c.pinned_at, True: func.coalesce(memberships.c.pinned_at, tx.now), False: None}
    quiet = memberships.c.muted if muted is None else muted
    mine = update(memberships).where(_mine(conversation, account)).values(muted=quiet, pinned_at=since[pinned])
    row = tx.sql.execute(mine.returning(memberships.c.muted, memberships.c.pinned_at)).one()
    return Own(row.muted, row.pinned_at)


def write_draft(tx: Tx, conversation: Id, account: Id, *, text: str | None) -> bool:
    """Unless a newer one is there."""
    older = or_(memberships.c.draft_at.is_(None), memberships.c.draft_at <= tx.now)
    mine: Any = update(memberships).where(_mine(conversation, account), older)
    return bool(tx.sql.execute(mine.values(draft=text, draft_at=tx.now)).rowcount == 1)
