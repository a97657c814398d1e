"""How much room the store takes."""

from sqlalchemy import text

from dealings.platform.db.tx import Read

STORE_BYTES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}


def store_bytes(db: Read) -> int:
    """Bytes on disk; on SQLite without what still waits in the write-ahead log."""
    return int(db.sql.execute(text(STORE_BYTES[db.dialect])).scalar_one())
