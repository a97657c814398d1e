"""The log: events, the positions of those who read it, timers, and answers kept by key."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, delete, func, select, text, tuple_, update

from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.platform.db.actions import Stored
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
    upsert,
)
from dealings.platform.db.sets import rows_for, write_rows
from dealings.platform.db.tx import Emitted, Read, Scheduled, Tx

log = Table(
    "log",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("incarnation", ID, nullable=False),
    Column("commit_offset", BigInteger, nullable=False),
    info=LOCAL,
)
"""One row: which log this is (a restored copy is another), and what PostgreSQL's transaction ids start from."""

events = Table(
    "events",
    METADATA,
    Column("commit_no", BigInteger, primary_key=True, autoincrement=False),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", String(36), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("data", Text, nullable=False),
    Column("cause", String(80), nullable=False),
    Column("at", MILLIS, nullable=False),
    sqlite_with_rowid=False,  # clustered by its key, which only grows: an event touches one place
)
# Messages are found by their conversation; leaving them out keeps one random page write off every post.
_not_message = events.c.kind != "message.posted"
Index(
    "events_by_stream",
    events.c.stream,
    events.c.commit_no,
    sqlite_where=_not_message,
    postgresql_where=_not_message,
)

consumers = Table(
    "consumers",
    METADATA,
    Column("name", String(40), primary_key=True),
    Column("commit_no", BigInteger, nullable=False),
    Column("n", BigInteger, nullable=False),
)

timers = Table(
    "timers",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("due_at", MILLIS, nullable=False),
    Column("action", String(60), nullable=False),
    Column("arguments", Text, nullable=False),
    Column("cause", String(80), nullable=False),
    Index("timers_due", "due_at"),
)

answers = Table(
    "answers",
    METADATA,
    Column("actor", ID, primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("value", Text, nullable=False),
    Column("at", MILLIS, nullable=False),
    Index("answers_at", "at"),
)

encode_fact = msgspec.json.Encoder().encode
INSERT_EVENTS = {
    "sqlite": 'INSERT INTO events (commit_no, n, stream, kind, data, cause, "at") VALUES (?, ?, ?, ?, ?, ?, ?)',
    "postgresql": 'INSERT INTO events (commit_no, n, stream, kind, data, cause, "at") SELECT %s, * FROM unnest'
    "(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])",
}


def insert_events(tx: Tx, staged: Sequence[Emitted]) -> list[Stored]:
    """Write the facts of a commit in one statement, numbered in the order they were told; all of them, to be delivered.

    Those that are not written are numbered after the others, so that the log has no gaps.
    """
    commit_no, now = tx.commit_no, tx.now
    written, unwritten = count(), count(sum(told.logged for told in staged))
    stored = [
        Stored(
            commit_no,
            next(written if told.logged else unwritten),
            told.stream,
            told.fact.kind,
            encode_fact(told.fact.value),
            told.cause,
            now,
        )
        for told in staged
    ]
    rows = [
        (e.n, e.stream, e.kind, e.data.decode(), e.cause, e.at)
        for e, told in zip(stored, staged, strict=True)
        if told.logged
    ]
    if tx.dialect == "sqlite":
        tx.driver.executemany(INSERT_EVENTS["sqlite"], [(commit_no, *row) for row in rows])
    elif rows:
        tx.driver.execute(INSERT_EVENTS["postgresql"], (commit_no, *map(list, zip(*rows, strict=True))))
    return stored


def _stored(rows: Iterable[Any]) -> list[Stored]:
    return [Stored(r.commit_no, r.n, r.stream, r.kind, r.data.encode(), r.cause, r.at) for r in rows]


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader of the log has come: the last event it has dealt with."""

    commit_no: int = 0
    n: int = -1


def _after(position: Position) -> ColumnElement[bool]:
    return tuple_(events.c.commit_no, events.c.n) > (position.commit_no, position.n)


def read_after(db: Read, position: Position, *, limit: int) -> list[Stored]:
    """The next events in order, none of which can be overtaken by one not yet visible."""
    query = select(events).where(_after(position), events.c.commit_no <= db.horizon())
    return _stored(db.sql.execute(query.order_by(events.c.commit_no, events.c.n).limit(limit)))


def read_between(db: Read, after: Position, last: Position, *, kinds: Collection[str]) -> list[Stored]:
    """The events of these kinds from the one after a position up to another, in order."""
    upto = tuple_(events.c.commit_no, events.c.n) <= (last.commit_no, last.n)
    query = select(events).where(_after(after), upto, events.c.kind.in_(sorted(kinds)))
    return _stored(db.sql.execute(query.order_by(events.c.commit_no, events.c.n)))


AHEAD = (
    "SELECT commit_no, n, kind FROM events WHERE (commit_no, n) > ({0}, {0}) AND commit_no <= {0}"
    " ORDER BY commit_no, n LIMIT {0}"
)
AHEADS = {"sqlite": AHEAD.format("?"), "postgresql": AHEAD.format("%s")}


def ahead(db: Read, position: Position, *, limit: int) -> list[tuple[Position, str]]:
    """Of the events that `read_after` would give, only where they are and of what kind: cheap where none is wanted."""
    rows = db.driver.execute(AHEADS[db.dialect], (position.commit_no, position.n, db.horizon(), limit)).fetchall()
    return [(Position(commit_no, n), kind) for commit_no, n, kind in rows]


def read_unread(db: Read, position: Position, *, limit: int) -> list[Stored]:
    """All that can be seen beyond a position, also what a consumer has to wait with."""
    rows = db.sql.execute(select(events).where(_after(position)).order_by(events.c.commit_no, events.c.n).limit(limit))
    return _stored(rows)


def count_unread(db: Read, position: Position, *, most: int) -> int:
    """How many events there are beyond a position, counted up to `most`."""
    unread = select(events.c.n).where(_after(position)).limit(most).subquery()
    return int(db.sql.execute(select(func.count()).select_from(unread)).scalar_one())


# Not in an order: with many streams all that happened in them would be sorted for the few that are wanted.
IN_STREAMS = {
    "sqlite": 'SELECT e.commit_no, e.n, e.stream, e.kind, e.data, e.cause, e."at" FROM json_each(?) j'
    " CROSS JOIN events e ON e.stream = j.value->>0 AND e.commit_no > j.value->>1 AND e.kind <> 'message.posted'",
    "postgresql": 'SELECT e.commit_no, e.n, e.stream, e.kind, e.data, e.cause, e."at"'
    " FROM unnest(%s::text[], %s::bigint[]) AS j(stream, after)"
    " JOIN events e ON e.stream = j.stream AND e.commit_no > j.after AND e.kind <> 'message.posted'",
}


STREAMS = {
    "sqlite": 'SELECT e.commit_no, e.n, e.stream, e.kind, e.data, e.cause, e."at" FROM json_each(?1) j'
    " CROSS JOIN events e ON e.stream = j.value AND e.commit_no > ?2 AND e.kind <> 'message.posted'"
    " ORDER BY e.commit_no, e.n LIMIT ?3",
    "postgresql": 'SELECT commit_no, n, stream, kind, data, cause, "at" FROM events'
    " WHERE stream = ANY(%s::text[]) AND commit_no > %s AND kind <> 'message.posted' ORDER BY commit_no, n LIMIT %s",
}


def read_streams(db: Read, streams: Sequence[str], *, after: int, limit: int) -> list[Stored]:
    """What happened in these streams after a commit, messages aside, in order. Asked by every client that comes back."""
    wanted = msgspec.json.encode(streams).decode() if db.dialect == "sqlite" else list(streams)
    rows = db.driver.execute(STREAMS[db.dialect], (wanted, after, limit)).fetchall()
    return [Stored(r[0], r[1], r[2], r[3], r[4].encode(), r[5], r[6]) for r in rows]


def consumer_position(db: Read, name: str) -> Position:
    row = db.sql.execute(select(consumers).where(consumers.c.name == name)).first()
    return Position(row.commit_no, row.n) if row else Position()


def advance_consumer(tx: Tx, name: str, *, seen: Position, to: Position) -> bool:
    """Move a consumer on, if nobody else has; False leaves all as it was."""
    if seen == Position():
        tx.sql.execute(upsert(tx, consumers).values(name=name, commit_no=0, n=-1).on_conflict_do_nothing())
    moved = tx.sql.execute(
        update(consumers)
        .where(consumers.c.name == name, consumers.c.commit_no == seen.commit_no, consumers.c.n == seen.n)
        .values(commit_no=to.commit_no, n=to.n)
    )
    return moved.rowcount == 1


INSERT_TIMERS = {
    "sqlite": "INSERT INTO timers (id, due_at, action, arguments, cause) VALUES (?, ?, ?, ?, ?)",
    "postgresql": "INSERT INTO timers (id, due_at, action, arguments, cause) SELECT * FROM"
    " unnest(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[])",
}


def insert_timers(tx: Tx, scheduled: Sequence[Scheduled]) -> None:
    rows = [(tx.new_id(), s.due_at, s.action, encode_fact(s.arguments).decode(), s.cause) for s in scheduled]
    write_rows(tx, INSERT_TIMERS, rows)


@dataclass(frozen=True, slots=True)
class Timer:
    id: str
    due_at: Millis
    action: str
    arguments: dict[str, str | int]


def due_timers(db: Read, *, now: Millis, limit: int) -> list[str]:
    rows = db.sql.execute(select(timers.c.id).where(timers.c.due_at <= now).order_by(timers.c.due_at).limit(limit))
    return [row.id for row in rows]


def count_timers(db: Read, *, due_by: Millis) -> int:
    """How many timers will have been due by then."""
    return int(db.sql.execute(select(func.count()).select_from(timers).where(timers.c.due_at <= due_by)).scalar_one())


def next_due(db: Read) -> Millis | None:
    row = db.sql.execute(select(timers.c.due_at).order_by(timers.c.due_at).limit(1)).first()
    return row.due_at if row else None


def take_timer(tx: Tx, id: str) -> Timer | None:
    """Claim a timer by deleting it: of all who try, one gets it."""
    row = tx.sql.execute(delete(timers).where(timers.c.id == id).returning(timers)).first()
    return Timer(row.id, row.due_at, row.action, msgspec.json.decode(row.arguments)) if row else None


def put_off_timer(tx: Tx, id: str, *, due_at: Millis) -> None:
    tx.sql.execute(update(timers).where(timers.c.id == id).values(due_at=due_at))


@dataclass(frozen=True, slots=True)
class Answer:
    fingerprint: str
    value: str


FIND_ANSWERS = {
    "sqlite": "SELECT a.actor, a.key, a.fingerprint, a.value FROM json_each(?) j"
    " CROSS JOIN answers a ON a.actor = j.value->>0 AND a.key = j.value->>1",
    "postgresql": "SELECT a.actor, a.key, a.fingerprint, a.value FROM unnest(%s::text[], %s::text[]) AS j(actor, key)"
    " JOIN answers a ON a.actor = j.actor AND a.key = j.key",
}
INSERT_ANSWERS = {
    "sqlite": 'INSERT INTO answers (actor, key, fingerprint, value, "at") VALUES (?, ?, ?, ?, ?)',
    "postgresql": 'INSERT INTO answers (actor, key, fingerprint, value, "at") SELECT * FROM'
    " unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])",
}


def find_answers(tx: Tx, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Answer]:
    """What was answered before, by (actor, key)."""
    rows = rows_for(tx, FIND_ANSWERS, list(keys))
    return {(actor, key): Answer(fingerprint, value) for actor, key, fingerprint, value in rows}


def insert_answers(tx: Tx, given: Mapping[tuple[str, str], Answer]) -> None:
    rows = [(actor, key, answer.fingerprint, answer.value, tx.now) for (actor, key), answer in given.items()]
    write_rows(tx, INSERT_ANSWERS, rows)


def delete_answers(tx: Tx, *, before: Millis) -> int:
    return tx.sql.execute(delete(answers).where(answers.c.at < before)).rowcount


def incarnation(db: Read) -> str:
    return str(db.sql.execute(select(log.c.incarnation)).scalar_one())


TRANSACTION_NUMBER = {"sqlite": "SELECT 0", "postgresql": "SELECT pg_current_xact_id()::text::bigint"}


def rename_log(tx: Tx, *, incarnation: Id, above: int) -> None:
    """Make this another log, whose next commit numbers are above `above`, wherever PostgreSQL's transaction ids are."""
    number = int(tx.sql.execute(text(TRANSACTION_NUMBER[tx.dialect])).scalar_one())
    tx.sql.execute(update(log).values(incarnation=incarnation, commit_offset=max(0, above - number)))
