"""Statements written out for many rows at once: JSON on SQLite, arrays on PostgreSQL.

On SQLite `json_each(?) j CROSS JOIN t ON …` uses every column of an index and keeps the order of the
join, where `IN (SELECT …)` uses only the first: look at the plan of each (`EXPLAIN QUERY PLAN`).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from dealings.platform.db.tx import Read, Tx

Statement = Mapping[str, str]
"""The same statement for each store: on SQLite with one parameter, the rows as JSON (`j.value->>0` …);
on PostgreSQL with one parameter a column, an array (`unnest(%s::text[], …)`)."""


def rows_for(db: Read, statement: Statement, rows: Sequence[tuple[object, ...]]) -> list[Any]:
    """What the statement answers for all these rows; nothing is asked when there are none."""
    if not rows:
        return []
    if db.dialect == "sqlite":
        found = db.driver.execute(statement["sqlite"], (msgspec.json.encode(rows).decode(),))
    else:
        found = db.driver.execute(statement["postgresql"], [list(column) for column in zip(*rows, strict=True)])
    return list(found.fetchall())


def write_rows(tx: Tx, statement: Statement, rows: Sequence[tuple[object, ...]]) -> int:
    """Run the statement for all these rows; how many it changed. Here SQLite's takes one row, by place: it is prepared once."""
    if not rows:
        return 0
    if tx.dialect == "sqlite":
        changed = tx.driver.executemany(statement["sqlite"], rows).rowcount
    else:
        columns = [list(column) for column in zip(*rows, strict=True)]
        changed = tx.driver.execute(statement["postgresql"], columns).rowcount
    return int(changed)
