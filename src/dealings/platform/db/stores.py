"""The two stores behind one interface: SQLite (a file) and PostgreSQL (a URL).

Both are driven in the driver's autocommit mode: BEGIN, SAVEPOINT and COMMIT are sent by
the lane (writes) and by `Reads` (consistent views), nowhere else.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool

from dealings.platform.db.tx import Dialect, LostRace

BUSY_TIMEOUT_MS = 10_000
"""How long a second writer (a restore, an import beside a running server) waits for the write lock."""
CACHE_KIB = 64 * 1024
CHECKPOINT_PAGES = 4 * 1024
"""Of the write-ahead log (16 MiB) before they go into the database: each commit writes the same busy pages again, and the
default of 1,000 would copy them, with two waits for the disk, after every few commits."""


class Store(Protocol):
    """Where everything is kept. A connection is used by one thread of one process."""

    dialect: Dialect
    url: str

    def connect(self, *, write: bool) -> Connection: ...

    def begin(self, *, write: bool) -> str:
        """The statement that opens a transaction."""
        ...

    def retryable(self, error: BaseException) -> bool:
        """Did the store ask for the transaction to be run again (deadlock, serialisation, lost connection)?"""
        ...

    def lost(self, error: BaseException) -> bool:
        """Did the connection break, so that nobody knows whether the commit happened?"""
        ...


class SqliteStore:
    """One file in WAL mode, every commit on disk before it is answered (synchronous=FULL)."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}"
        self._writer = _engine(self.url, self._prepare(write=True))
        self._reader = _engine(self.url, self._prepare(write=False))

    def _prepare(self, *, write: bool) -> Callable[[Any], None]:
        def prepare(connection: sqlite3.Connection) -> None:
            connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA temp_store=MEMORY")
            connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
            if write:
                connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
            else:
                connection.execute("PRAGMA query_only=ON")

        return prepare

    def connect(self, *, write: bool) -> Connection:
        return (self._writer if write else self._reader).connect()

    def begin(self, *, write: bool) -> str:
        return "BEGIN IMMEDIATE" if write else "BEGIN"

    def retryable(self, error: BaseException) -> bool:
        original = getattr(error, "orig", error)
        return isinstance(original, sqlite3.OperationalError) and "locked" in str(original)

    def lost(self, error: BaseException) -> bool:
        return False


CONNECTION_BROKEN = ("08", "57P")
"""SQLSTATE classes: connection exceptions, and a server that stops or starts. psycopg gives none where it lost the line."""
LANE_PLANS = (
    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off;"
    " SET enable_hashjoin = off; SET enable_mergejoin = off"
)
"""Lanes look up a batch of rows by their keys, always the same way: planning anew each time takes longer than
the look-up, and with no statistics yet (a new table) the planner would read all of it for every batch."""


class PostgresStore:
    """A PostgreSQL database. Isolation is READ COMMITTED for writes: what is limited is guarded by
    conditional updates and unique keys, so that it also holds when tables are spread over nodes."""

    dialect: Dialect = "postgresql"

    def __init__(self, url: str) -> None:
        self.url = url
        _, _, rest = url.partition("://")
        self._writer = _engine(f"postgresql+psycopg://{rest}", self._prepare(write=True))
        self._reader = _engine(f"postgresql+psycopg://{rest}", self._prepare(write=False))

    def _prepare(self, *, write: bool) -> Callable[[Any], None]:
        def prepare(connection: Any) -> None:
            from dealings.platform.db.arrays import write_arrays_fast

            write_arrays_fast(connection)
            if write:
                connection.execute(LANE_PLANS)

        return prepare

    def connect(self, *, write: bool) -> Connection:
        return (self._writer if write else self._reader).connect()

    def begin(self, *, write: bool) -> str:
        return "BEGIN" if write else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

    def retryable(self, error: BaseException) -> bool:
        import psycopg

        original = getattr(error, "orig", error)
        return isinstance(
            original,
            LostRace
            | psycopg.errors.DeadlockDetected
            | psycopg.errors.SerializationFailure
            | psycopg.errors.UniqueViolation,
        )

    def lost(self, error: BaseException) -> bool:
        import psycopg

        original = getattr(error, "orig", error)
        if not isinstance(original, psycopg.OperationalError):
            return False
        return original.sqlstate is None or original.sqlstate.startswith(CONNECTION_BROKEN)


def _engine(url: str, prepare: Callable[[Any], None]) -> Engine:
    connect_args: dict[str, object] = {"check_same_thread": False} if url.startswith("sqlite") else {}
    # What people wrote is among the parameters, and errors are logged.
    engine = create_engine(
        url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=connect_args, hide_parameters=True
    )
    event.listen(engine, "connect", lambda connection, _record: prepare(connection))
    return engine


def open_store(location: str | Path) -> Store:
    """A store by where it is: a PostgreSQL URL, or the path of a SQLite file."""
    if isinstance(location, str) and location.startswith(("postgres://", "postgresql://")):
        return PostgresStore(location)
    return SqliteStore(Path(location))
