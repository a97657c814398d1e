"""Take a backup while the server runs: one consistent view of all tables, and the stored files.

Files come after the rows: a file is on disk before the row that names it is committed, and is
never changed, so every file that the view knows is there.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import Table, select

from dealings.kernel.clock import system_clock
from dealings.platform.backup.archive import FORMAT, HEADER, Header, Writer, writing_archive
from dealings.platform.db import migrate
from dealings.platform.db.schema import METADATA
from dealings.platform.db.stores import Store
from dealings.platform.db.tx import Read
from dealings.platform.db.views import reading

PART_BYTES: Final = 4 << 20
"""Rows are gathered up to this, so memory does not grow with the store."""
ROWS_AT_A_TIME: Final = 1_000


class Contents(msgspec.Struct, frozen=True):
    """What a backup holds, or what a restore brought back."""

    rows: dict[str, int]
    files: int


def carried() -> list[Table]:
    """The tables that a backup holds, those that others refer to first."""
    return [table for table in METADATA.sorted_tables if not table.info.get("local")]


def backup(store: Store, *, files_folder: Path, destination: Path) -> Contents:
    """Write everything that is committed now to a new archive, beside a running server and without stopping it."""
    with writing_archive(destination) as archive, reading(store) as db:
        archive.add(HEADER, msgspec.json.encode(_header(db)))
        rows = {str(table.name): _add_table(archive, db, table) for table in carried()}
        files = sum(1 for path in stored_files(files_folder) if _add_file(archive, files_folder, path))
    return Contents(rows, files)


def _header(db: Read) -> Header:
    columns = {str(table.name): [str(column.name) for column in table.columns] for table in carried()}
    return Header(FORMAT, migrate.revision(db), db.dialect, system_clock(), columns)


def _add_table(archive: Writer, db: Read, table: Table) -> int:
    count = 0
    for number, (rows, part) in enumerate(_parts(db, table), start=1):
        archive.add(f"tables/{table.name}/{number:06d}.jsonl", part)
        count += rows
    return count


def _parts(db: Read, table: Table) -> Iterator[tuple[int, bytes]]:
    encode = msgspec.json.Encoder().encode
    part, rows = bytearray(), 0
    every = select(table).execution_options(stream_results=True, yield_per=ROWS_AT_A_TIME)
    for row in db.sql.execute(every):
        part += encode(tuple(row)) + b"\n"
        rows += 1
        if len(part) >= PART_BYTES:
            yield rows, bytes(part)
            part, rows = bytearray(), 0
    if rows:
        yield rows, bytes(part)


def stored_files(folder: Path) -> Iterator[Path]:
    """The files that are finished; one that is being written begins with a dot."""
    return (path for path in sorted(folder.glob("*/*")) if path.is_file() and not path.name.startswith("."))


def _add_file(archive: Writer, folder: Path, path: Path) -> bool:
    archive.add_file(f"files/{path.relative_to(folder).as_posix()}", path)
    return True
