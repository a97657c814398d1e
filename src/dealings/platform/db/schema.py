"""What every table definition starts from: one metadata, and the column types both stores agree on."""

from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Column, Index, MetaData, String, Table, Text
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from dealings.platform.db.tx import Read

METADATA = MetaData()

ID = String(16)
MILLIS = BigInteger
MINOR_UNITS = BigInteger
LOCAL = {"local": True}
"""As `info` of a table: its rows belong to this copy of the store; a backup leaves them out."""

__all__ = [
    "ID",
    "LOCAL",
    "METADATA",
    "MILLIS",
    "MINOR_UNITS",
    "BigInteger",
    "Column",
    "Index",
    "String",
    "Table",
    "Text",
    "insert_new",
    "upsert",
]


def upsert(tx: "Read", table: Table) -> Any:
    """An INSERT that understands ON CONFLICT, which both stores have and Core spells per dialect."""
    return (sqlite if tx.dialect == "sqlite" else postgresql).insert(table)


def insert_new(tx: "Read", table: Table, **values: object) -> bool:
    """Insert a row unless a unique key stands against it; False when one does."""
    statement = upsert(tx, table).values(**values).on_conflict_do_nothing().returning(*table.primary_key.columns)
    return tx.sql.execute(statement).first() is not None
