"""What a query and an action work with: a connection, and inside a transaction also time, ids, randomness and facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from dealings.kernel.clock import Millis
    from dealings.kernel.ids import Id, NewId
    from dealings.platform.outbox.events import Fact

Dialect = Literal["sqlite", "postgresql"]

_OFFSET = "(SELECT commit_offset FROM log)"
HORIZON = {
    "sqlite": "SELECT coalesce(max(commit_no), 0) FROM events",
    "postgresql": f"SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1 + {_OFFSET}",
}
COMMIT_NO = {
    "sqlite": "SELECT coalesce(max(commit_no), 0) + 1, coalesce(max(commit_no), 0) + 1 FROM events",
    "postgresql": f"SELECT pg_current_xact_id()::text::bigint + {_OFFSET},"
    f" pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1 + {_OFFSET}",
}
"""This commit's number, and the horizon once it is committed: asked together, for every batch asks."""


class LostRace(Exception):
    """Another transaction changed what this one was decided on: the lane runs it again, as after a deadlock."""


class Doubted(Exception):
    """What was taken for granted is not so (see `Tx.cautious`)."""


class Read:
    """A consistent view of the store. `sql` is for Core statements, `driver` for the few written out."""

    def __init__(self, sql: Connection, dialect: Dialect) -> None:
        self.sql = sql
        self.dialect: Dialect = dialect

    @cached_property
    def driver(self) -> Any:
        """The driver's own connection (sqlite3.Connection or psycopg.Connection)."""
        return self.sql.connection.dbapi_connection

    def horizon(self) -> int:
        """The newest commit number at or below which no event can still appear.

        On SQLite there is one writer, so it is the last commit. On PostgreSQL transactions
        commit out of the order of their numbers: it lies below the oldest one still open.
        """
        return int(self.driver.execute(HORIZON[self.dialect]).fetchone()[0])


class Emitted(msgspec.Struct):
    fact: Fact[Any]
    stream: str
    cause: str
    logged: bool


class Scheduled(msgspec.Struct):
    action: str
    due_at: Millis
    arguments: dict[str, str | int]
    cause: str


@dataclass(slots=True)
class Staged:
    """What joins the commit: facts told and timers set, dropped again when the command is refused."""

    emitted: list[Emitted] = field(default_factory=list)
    scheduled: list[Scheduled] = field(default_factory=list)

    def mark(self) -> tuple[int, int]:
        return len(self.emitted), len(self.scheduled)

    def cut(self, mark: tuple[int, int]) -> None:
        del self.emitted[mark[0] :]
        del self.scheduled[mark[1] :]


class Tx(Read):
    """A running transaction. Actions change state through it and never commit: the lane does.

    `now` is the time of the whole batch; `actor` the account that asked (None: the system itself);
    `cause` what led here, stamped on every event (P6).
    """

    def __init__(self, sql: Connection, dialect: Dialect, *, now: Millis, ids: NewId, rng: Random) -> None:
        super().__init__(sql, dialect)
        self.now = now
        self.ids = ids
        self.rng = rng
        self.actor: Id | None = None
        self.cause = ""
        self.cautious = True
        """False: what is all but sure may be taken for granted, if the statement that relies on it raises `Doubted`
        when it was wrong. The lane then runs the whole batch again, cautiously."""
        self.remembered: dict[str, dict[Any, Any]] = {}
        """What this lane knows of the store from earlier batches, as long as nobody else has written and nothing but
        steady actions has run here since (see `actions.SetAction`). Empty where that can't be known."""
        self.staged = Staged()
        self._commit: tuple[int, int] | None = None

    def new_id(self) -> Id:
        return self.ids()

    @property
    def commit_no(self) -> int:
        """The number of this commit: what cursors and consumers compare."""
        return self._numbers()[0]

    @property
    def commit_horizon(self) -> int:
        """The horizon (see `horizon`) that is sure to hold after this commit."""
        return self._numbers()[1]

    def _numbers(self) -> tuple[int, int]:
        if self._commit is None:
            commit_no, horizon = self.driver.execute(COMMIT_NO[self.dialect]).fetchone()
            self._commit = commit_no, horizon
        return self._commit

    def emit(self, fact: Fact[Any], *, stream: str, logged: bool = True) -> None:
        """Say that something happened; it is on disk with this commit, and delivered after it, at least once.

        `logged=False` is for what the log tells already, in another form: it is delivered, but has no row of its own.
        """
        self.staged.emitted.append(Emitted(fact, stream, self.cause, logged))

    def schedule(self, action: Callable[..., Any], *, due_at: Millis, **arguments: str | int) -> None:
        """Run a registered action once, at or after `due_at`, if this transaction commits."""
        name: str = action.name  # type: ignore[attr-defined]  # every Action has one; Callable can't say so
        self.staged.scheduled.append(Scheduled(name, due_at, arguments, self.cause))
