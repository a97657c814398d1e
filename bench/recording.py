"""What a lane writes, recorded statement by statement, and written again by the raw driver alone.

The raw driver thus writes the same rows into the same tables with the same number of rows a commit;
what it is spared is everything else: reading, deciding, encoding, and the way through the process.
"""

import gc
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import psycopg
from sqlalchemy import create_engine, event
from sqlalchemy.pool import NullPool

from bench.measured import WARM_UP, Latencies, Measured
from dealings.kernel.clock import system_clock
from dealings.platform.db.actions import Command
from dealings.platform.db.lane import Lane
from dealings.platform.db.stores import PostgresStore, SqliteStore, Store

WRITES = ("INSERT", "UPDATE", "DELETE")


@dataclass
class Recording:
    """The writing statements of each commit, in order: (statement, parameters, for many rows?)."""

    commits: list[list[tuple[str, Any, bool]]] = field(default_factory=list)
    batch: int = 1

    def note(self, statement: Any, parameters: Any, many: bool) -> None:
        if isinstance(statement, str) and statement.lstrip().upper().startswith(WRITES):
            self.commits[-1].append((statement, parameters, many))


def record(store: Store, batches: Sequence[Sequence[Command]]) -> Recording:
    """Run these batches on a lane in this process; the store has them afterwards."""
    recording = Recording(batch=len(batches[0]))
    lane = Lane(_listening(store, recording), clock=system_clock, rng=Random(1))
    for batch in batches:
        recording.commits.append([])
        outcomes = lane.execute(batch).outcomes
        assert not any(outcome.refusal or outcome.crashed for outcome in outcomes), outcomes[0]
    lane.close()
    return recording


def _listening(store: Store, recording: Recording) -> Store:
    """The same store, whose writing connections tell of their statements."""
    if isinstance(store, SqliteStore):
        twin = SqliteStore(store.path)
        prepare = twin._prepare(write=True)
        arguments = {"check_same_thread": False, "factory": _sqlite_connection(recording)}
        engine = create_engine(store.url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=arguments)
        event.listen(engine, "connect", lambda connection, _record: prepare(connection))
        twin._writer = engine
        return twin
    postgres = PostgresStore(store.url)
    cursor = _postgres_cursor(recording)
    event.listen(postgres._writer, "connect", lambda connection, _: setattr(connection, "cursor_factory", cursor))
    return postgres


def _sqlite_connection(recording: Recording) -> type[sqlite3.Connection]:
    class Cursor(sqlite3.Cursor):
        def execute(self, statement: str, parameters: Any = (), /) -> "Cursor":
            recording.note(statement, parameters, many=False)
            super().execute(statement, parameters)
            return self

        def executemany(self, statement: str, parameters: Any, /) -> "Cursor":
            rows = list(parameters)
            recording.note(statement, rows, many=True)
            super().executemany(statement, rows)
            return self

    class Connection(sqlite3.Connection):
        def cursor(self, *_: Any) -> Any:
            return Cursor(self)

        def execute(self, statement: str, parameters: Any = (), /) -> sqlite3.Cursor:
            return Cursor(self).execute(statement, parameters)

        def executemany(self, statement: str, parameters: Any, /) -> sqlite3.Cursor:
            return Cursor(self).executemany(statement, parameters)

    return Connection


def _postgres_cursor(recording: Recording) -> type[psycopg.Cursor[Any]]:
    class Cursor(psycopg.Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **given: Any) -> Any:
            recording.note(query, params, many=False)
            return super().execute(query, params, **given)

        def executemany(self, query: Any, params_seq: Any, **given: Any) -> None:
            rows = list(params_seq)
            recording.note(query, rows, many=True)
            super().executemany(query, rows, **given)

    return Cursor


def replay(store: Store, recording: Recording) -> Measured:
    """The same writes on a store as it was before, by the driver alone; one commit after the other."""
    with store.connect(write=True) as sql:
        driver: Any = sql.connection.dbapi_connection
        cursor = driver.cursor()
        begin = store.begin(write=True)
        warm_up = int(len(recording.commits) * WARM_UP)
        seen = Latencies(float("inf"), float("inf"))
        gc.freeze()
        for number, commit in enumerate(recording.commits):
            before = time.perf_counter()
            if number == warm_up:
                seen.from_ = before
            driver.execute(begin)
            for statement, parameters, many in commit:
                (cursor.executemany if many else cursor.execute)(statement, parameters)
            driver.execute("COMMIT")
            seen.add(before, time.perf_counter(), recording.batch)
        seen.until = time.perf_counter()
        gc.unfreeze()
    return seen.measured(recording.batch)
