"""Where the index is kept: the one table that Core can't describe, because each store has its own kind.

SQLite: an FTS5 table. Its `ascii` tokenizer parts words at ASCII signs only, and takes every other
character as it stands, so that the words are exactly those of `words.py`. `rowid` is a number
made from kind and id, because FTS5 finds nothing else without reading all.
PostgreSQL: a `tsvector` written out word by word, so that no parser or locale of the server has a
say in it; its key begins with the scope (the shop), by which it can be distributed.
"""

from typing import Final

from sqlalchemy import DDL, event
from sqlalchemy.schema import ExecutableDDLElement

from dealings.platform.db.schema import METADATA

CREATE: Final = {
    "sqlite": (
        """CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5(
        kind UNINDEXED, scope UNINDEXED, id UNINDEXED, title, body, tokenize = 'ascii')""",
    ),
    "postgresql": (
        """CREATE TABLE IF NOT EXISTS search (
        scope varchar(16) NOT NULL, kind varchar(20) NOT NULL, id varchar(16) NOT NULL, words tsvector NOT NULL,
        PRIMARY KEY (scope, kind, id))""",
        "CREATE INDEX IF NOT EXISTS search_words ON search USING gin (words)",
    ),
}
"""In this order, by store: a migration executes the same."""

for _dialect, _statements in CREATE.items():
    for _statement in _statements:
        _ddl: ExecutableDDLElement = DDL(_statement)  # type: ignore[no-untyped-call]  # SQLAlchemy left its init untyped
        event.listen(METADATA, "after_create", _ddl.execute_if(dialect=_dialect))
