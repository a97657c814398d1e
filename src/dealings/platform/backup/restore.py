"""Give a backup back, into an empty store of either kind."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from random import SystemRandom
from typing import Any, Final

import msgspec
from sqlalchemy import Table, func, literal, select

from dealings.kernel.clock import system_clock
from dealings.kernel.ids import Ids
from dealings.platform.backup.archive import Header, Member, members, verify
from dealings.platform.backup.backup import Contents, carried
from dealings.platform.backup.derived import REBUILDS
from dealings.platform.backup.errors import BrokenArchive, OtherSchema, StoreNotEmpty
from dealings.platform.db import migrate
from dealings.platform.db.stores import Store
from dealings.platform.db.tx import Read, Tx
from dealings.platform.db.views import writing
from dealings.platform.outbox import tables as outbox

_PART: Final = re.compile(r"tables/([a-z_]+)/[0-9]{6}\.jsonl")
_FILE: Final = re.compile(r"files/([0-9a-f]{2})/([0-9a-z-]+\.[0-9a-z]+)")
_rows: Final = msgspec.json.Decoder(list[Any])


def restore(archive: Path, store: Store, *, files_folder: Path) -> Contents:
    """Verify all of it, then write all of it in one transaction.

    The log gets a new name, by which clients see that it is another copy and fetch everything afresh.
    """
    header = verify(archive)
    ids = Ids(system_clock, SystemRandom())
    migrate.migrate(store, incarnation=ids())
    with writing(store) as tx:
        _require_same_schema(header, tx)
        _require_empty(tx)
        done = _Restoring(header, files_folder)
        for member in members(archive):
            done.take(tx, member)
        outbox.rename_log(tx, incarnation=ids(), above=_newest_commit(tx))
        for rebuild in REBUILDS:
            rebuild(tx)
    return Contents(done.rows, done.files)


class _Restoring:
    """Puts each member where it belongs, and counts."""

    def __init__(self, header: Header, files_folder: Path) -> None:
        self._columns = header.tables
        self._tables = {table.name: table for table in carried()}
        self._folder = files_folder
        self.rows = dict.fromkeys(header.tables, 0)
        self.files = 0

    def take(self, tx: Tx, member: Member) -> None:
        if part := _PART.fullmatch(member.name):
            name = part[1]
            rows = _rows.decode_lines(member.read())
            _insert(tx, self._tables[name], self._columns[name], rows)
            self.rows[name] += len(rows)
        elif file := _FILE.fullmatch(member.name):
            _write_file(self._folder / file[1] / file[2], member)
            self.files += 1
        elif "/" in member.name:
            raise BrokenArchive(problem=f"{member.name} does not belong there")


def _require_same_schema(header: Header, db: Read) -> None:
    known = {table.name: {column.name for column in table.columns} for table in carried()}
    for table, columns in header.tables.items():
        for column in columns:
            if column not in known.get(table, set()):
                raise OtherSchema(problem=f"{table}.{column}")
    if header.schema != migrate.revision(db):
        raise OtherSchema(problem=f"schema {header.schema}")


def _require_empty(db: Read) -> None:
    for table in carried():
        if db.sql.execute(select(literal(1)).select_from(table).limit(1)).first():
            raise StoreNotEmpty(table=str(table.name))


def _insert(tx: Tx, table: Table, columns: Sequence[str], rows: list[list[Any]]) -> None:
    """The driver's own way for many rows: values are what the driver gave when they were read."""
    names = ", ".join(f'"{column}"' for column in columns)
    if tx.dialect == "sqlite":
        marks = ", ".join("?" * len(columns))
        tx.driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)
        return
    with tx.driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _newest_commit(db: Read) -> int:
    """The highest commit number that any restored row bears."""
    columns = [table.c["commit_no"] for table in carried() if "commit_no" in table.c]
    return max(int(db.sql.execute(select(func.coalesce(func.max(column), 0))).scalar_one()) for column in columns)


def _write_file(path: Path, member: Member) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for chunk in member.chunks():
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
