"""Which nodes there are, and which of them does what only one should do."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Column, String, Table, delete, func, select, text, update

from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.platform.db.schema import ID, LOCAL, METADATA, MILLIS, upsert
from dealings.platform.db.tx import Read, Tx

nodes = Table(
    "nodes",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("seen_at", MILLIS, nullable=False),
    info=LOCAL,
)
"""Whoever may commit: a row is there before a node's first event, and until its last one is known to all."""

leases = Table(
    "leases",
    METADATA,
    Column("name", String(60), primary_key=True),
    Column("holder", ID, nullable=False),
    Column("until", MILLIS, nullable=False),
    info=LOCAL,
)
"""A job and the node that does it for now."""

NOW = {
    "sqlite": "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
    "postgresql": "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint",
}
UP_SINCE = {
    "sqlite": "SELECT 0",
    "postgresql": "SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000)::bigint",
}
NEXT = {"sqlite": "SELECT 0", "postgresql": "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"}
OFFSET = "SELECT commit_offset FROM log"
SESSIONS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = :name"
END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"


def store_time(db: Read) -> Millis:
    """By the store's clock, which is the same for all nodes."""
    return int(db.sql.execute(text(NOW[db.dialect])).scalar_one())


def up_since(db: Read) -> Millis:
    """When the store was started."""
    return int(db.sql.execute(text(UP_SINCE[db.dialect])).scalar_one())


def next_number(db: Read) -> int:
    """No commit that is under way now has this number or a higher one. (SQLite has none under way.)"""
    numbers = [db.sql.execute(text(statement)).scalar_one() for statement in (NEXT[db.dialect], OFFSET)]
    return sum(map(int, numbers))


def session_name(node: Id) -> str:
    """What the connections of a node to PostgreSQL are called (application_name)."""
    return f"dealings {node}"


def see(tx: Tx, node: Id, *, now: Millis) -> None:
    seen = upsert(tx, nodes).values(id=node, seen_at=now)
    tx.sql.execute(seen.on_conflict_do_update(index_elements=[nodes.c.id], set_={"seen_at": now}))


def forget(tx: Tx, node: Id) -> None:
    tx.sql.execute(delete(nodes).where(nodes.c.id == node))


def listed(db: Read) -> list[Id]:
    return [row.id for row in db.sql.execute(select(nodes.c.id).order_by(nodes.c.id))]


def silent_since(db: Read, before: Millis) -> list[Id]:
    return [row.id for row in db.sql.execute(select(nodes.c.id).where(nodes.c.seen_at < before))]


def count_seen(db: Read, *, since: Millis) -> int:
    return int(db.sql.execute(select(func.count()).select_from(nodes).where(nodes.c.seen_at >= since)).scalar_one())


def end_sessions(tx: Tx, node: Id) -> bool:
    """End what a node that is taken for dead may still have open in the store; True when there was nothing."""
    if tx.dialect == "sqlite":
        return True
    name = {"name": session_name(node)}
    left = int(tx.sql.execute(text(SESSIONS), name).scalar_one())
    if left:
        tx.sql.execute(text(END_SESSIONS), name)
    return left == 0


def held(db: Read, *, now: Millis) -> dict[str, Id]:
    """Who does what."""
    rows = db.sql.execute(select(leases.c.name, leases.c.holder).where(leases.c.until > now))
    return {row.name: row.holder for row in rows}


def renew(tx: Tx, names: Sequence[str], *, holder: Id, until: Millis) -> list[str]:
    """Those that it still held."""
    mine = leases.c.name.in_(names) & (leases.c.holder == holder)
    renewed = update(leases).where(mine).values(until=until).returning(leases.c.name)
    return [row.name for row in tx.sql.execute(renewed)]


def take(tx: Tx, names: Iterable[str], *, holder: Id, now: Millis, until: Millis) -> list[str]:
    """Claim leases; those that were got. One that another node holds stays with it."""
    return [name for name in names if _take(tx, name, holder=holder, now=now, until=until)]


def _take(tx: Tx, name: str, *, holder: Id, now: Millis, until: Millis) -> bool:
    wanted = upsert(tx, leases).values(name=name, holder=holder, until=until)
    free = (leases.c.until <= now) | (leases.c.holder == holder)
    taken = wanted.on_conflict_do_update(
        index_elements=[leases.c.name], set_={"holder": holder, "until": until}, where=free
    )
    return tx.sql.execute(taken.returning(leases.c.name)).first() is not None


def release(tx: Tx, names: Sequence[str], *, holder: Id) -> None:
    mine = leases.c.name.in_(names) & (leases.c.holder == holder)
    tx.sql.execute(update(leases).where(mine).values(until=0))


def release_all(tx: Tx, *, holder: Id) -> None:
    tx.sql.execute(update(leases).where(leases.c.holder == holder).values(until=0))
