"""Bring a store to the newest schema. Migrations only go forward and keep data."""

from hashlib import sha256

from sqlalchemy import text

from dealings.kernel.ids import Id
from dealings.platform.db.schema import METADATA
from dealings.platform.db.stores import Store
from dealings.platform.db.tx import Read


def migrate(store: Store, *, incarnation: Id) -> None:
    """Create or upgrade all tables; a fresh log gets its name."""
    with store.connect(write=True) as sql:
        METADATA.create_all(sql)
        if sql.execute(text("SELECT count(*) FROM log")).scalar_one() == 0:
            statement = text("INSERT INTO log (id, incarnation, commit_offset) VALUES (1, :incarnation, 0)")
            sql.execute(statement, {"incarnation": incarnation})


def revision(db: Read) -> str:
    """Which schema the store has: the same for both kinds of store."""
    columns = [f"{table.name}.{column.name}" for table in METADATA.sorted_tables for column in table.columns]
    return sha256(" ".join(sorted(columns)).encode()).hexdigest()[:16]
