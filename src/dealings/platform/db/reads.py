"""Reads: consistent views on read-only connections, away from the lanes.

On SQLite a short read takes tens of microseconds and runs where it is asked; a long one
(search, reports, export) runs on a thread with its own connection. On PostgreSQL every
read waits for a network answer, so all run on threads.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Connection

from dealings.kernel.errors import Unavailable
from dealings.platform.db.stores import Store
from dealings.platform.db.tx import Read

P = ParamSpec("P")
R = TypeVar("R")

THREADS = {"sqlite": 2, "postgresql": 8}
TRIES = 2
"""A read changes nothing, so that it can be asked again."""


class Reads:
    """``await reads(queries.order, id=id)``: runs a query function in one read-only transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._begin = store.begin(write=False)
        self._inline = store.connect(write=False) if store.dialect == "sqlite" else None
        self._threads = ThreadPoolExecutor(THREADS[store.dialect], thread_name_prefix="read")
        self._local = threading.local()
        self._opened: list[Connection] = []

    @property
    def on_the_spot(self) -> bool:
        """Does a short read happen while it is asked for, so that nothing else happens in between?"""
        return self._inline is not None

    async def __call__(self, query: Callable[Concatenate[Read, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._inline is None:
            return await self.long(query, *args, **kwargs)
        return self.at_once(query, *args, **kwargs)

    def at_once(self, query: Callable[Concatenate[Read, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Where `on_the_spot`: for the hot path, which awaits nothing."""
        assert self._inline is not None
        read = Read(self._inline, self._store.dialect)
        read.driver.execute(self._begin)
        try:
            return query(read, *args, **kwargs)
        finally:
            read.driver.execute("ROLLBACK")

    async def long(self, query: Callable[Concatenate[Read, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """For what takes milliseconds on any store: never on the event loop."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: self._on_thread(query, *args, **kwargs)
        )

    def _on_thread(self, query: Callable[Concatenate[Read, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Once more on a fresh connection when the store has broken this one; Unavailable when it is down."""
        for _ in range(TRIES):
            try:
                with self._view(self._own()) as read:
                    return query(read, *args, **kwargs)
            except Exception as error:
                if not self._store.lost(error):
                    raise
                self._forget()
        raise Unavailable()

    def _own(self) -> Connection:
        """This thread's connection."""
        if getattr(self._local, "sql", None) is None:
            self._local.sql = self._store.connect(write=False)
            self._opened.append(self._local.sql)
        return cast(Connection, self._local.sql)

    def _forget(self) -> None:
        if getattr(self._local, "sql", None) is not None:
            self._opened.remove(self._local.sql)
            self._local.sql.invalidate()
            self._local.sql.close()
            self._local.sql = None

    @contextmanager
    def _view(self, sql: Connection) -> Iterator[Read]:
        read = Read(sql, self._store.dialect)
        read.driver.execute(self._begin)
        try:
            yield read
        finally:
            read.driver.execute("ROLLBACK")

    def close(self) -> None:
        self._threads.shutdown()
        for sql in self._opened + ([self._inline] if self._inline else []):
            sql.close()
