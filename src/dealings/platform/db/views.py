"""A transaction of one's own, beside the lanes: for backup, restore and the doctor, which work for minutes."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import SystemRandom

from sqlalchemy import Connection, inspect

from dealings.kernel.clock import system_clock
from dealings.kernel.ids import Ids
from dealings.platform.db.stores import Store
from dealings.platform.db.tx import Read, Tx


def _send(sql: Connection, statement: str) -> None:
    driver = sql.connection.dbapi_connection
    assert driver is not None
    driver.execute(statement)


def is_there(store: Store) -> bool:
    """Has anyone ever made a schema here? Looks without making one."""
    with store.connect(write=False) as sql:
        return inspect(sql).has_table("log")


@contextmanager
def reading(store: Store) -> Iterator[Read]:
    """One consistent view, however long the block lasts; writers are not stopped by it."""
    with store.connect(write=False) as sql:
        _send(sql, store.begin(write=False))
        try:
            yield Read(sql, store.dialect)
        finally:
            _send(sql, "ROLLBACK")


@contextmanager
def writing(store: Store) -> Iterator[Tx]:
    """All that the block writes, or nothing when it raises."""
    rng = SystemRandom()
    with store.connect(write=True) as sql:
        _send(sql, store.begin(write=True))
        try:
            yield Tx(sql, store.dialect, now=system_clock(), ids=Ids(system_clock, rng), rng=rng)
            _send(sql, "COMMIT")
        except BaseException:
            _send(sql, "ROLLBACK")
            raise
