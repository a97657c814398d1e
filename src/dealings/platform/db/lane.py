"""The lane: one connection that runs commands in batches, one commit a batch.

Each command runs under its own savepoint, so one that is refused leaves no trace and
does not stop the others. When the store asks for a retry (a deadlock, a lost race for a
unique key) the batch is taken apart and each command runs alone, a bounded number of times.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import Any, NamedTuple

import structlog

from dealings.kernel.clock import Clock
from dealings.kernel.errors import Refusal, Unavailable
from dealings.kernel.ids import Ids
from dealings.platform.db import once
from dealings.platform.db.actions import REGISTRY, Action, Batch, Calls, Command, Items, Outcome, SetAction, Together
from dealings.platform.db.stores import Store
from dealings.platform.db.tx import Doubted, Tx
from dealings.platform.outbox import tables as outbox

TRIES = 5
"""A command that loses this many races in a row is answered `unavailable`; the caller may repeat it."""
REMEMBERED_MOST = 100_000
"""Entries that a lane keeps between batches; beyond it, it begins anew."""

Asked = Command | Items | Calls
logger = structlog.get_logger("dealings.lane")


class _Guard(NamedTuple):
    """What is sent around a command, so that it can be undone without the others of its batch."""

    set: tuple[str, ...]
    undo: tuple[str, ...]
    keep: tuple[str, ...]


SAVEPOINT = _Guard(("SAVEPOINT command",), ("ROLLBACK TO SAVEPOINT command",), ("RELEASE SAVEPOINT command",))


class Lane:
    """Runs batches on one writing connection. Time, randomness and ids come from outside."""

    def __init__(self, store: Store, *, clock: Clock, rng: Random) -> None:
        self.store = store
        self._clock = clock
        self._rng = rng
        self._ids = Ids(clock, rng)
        self._sql = store.connect(write=True)
        self._whole = _Guard(set=(), undo=("ROLLBACK", store.begin(write=True)), keep=())
        self._remembered: dict[str, dict[Any, Any]] = {}
        self._others: object = None
        self._failed = 0

    def close(self) -> None:
        self._sql.close()

    def execute(self, asked: Sequence[Asked]) -> Batch:
        """Run and commit these together; answers come in their order. Nothing is acknowledged before the commit."""
        runs = list(_runs(asked))
        try:
            try:
                return self._attempt(runs, cautious=False)
            except Doubted:
                return self._attempt(runs, cautious=True)
        except Exception as error:
            return self._apart(runs, error)

    def _apart(self, runs: Sequence[Asked], error: Exception) -> Batch:
        """After a failure: each by itself, for one of them may be at fault and the others not."""
        if self.store.lost(error):  # whether it was committed is not known: only a key makes a repeat safe
            return Batch([Outcome(refusal=Unavailable()) for _ in range(sum(map(_count, runs)))], doubtful=True)
        singles = list(_singles(runs))
        if len(singles) > 1:
            return _joined([self.execute([single]) for single in singles])
        return self._retry(singles, error)

    def _retry(self, single: Sequence[Asked], error: Exception) -> Batch:
        for _ in range(TRIES - 1):
            if not self.store.retryable(error):
                break
            try:
                return self._attempt(single, cautious=True)
            except Exception as again:
                error = again
        if self.store.retryable(error) or self.store.lost(error):
            logger.warning("command_gave_up", action=single[0].action, error=str(error))
            return Batch([Outcome(refusal=Unavailable())], doubtful=self.store.lost(error))
        logger.error("command_failed", action=single[0].action, exc_info=error)
        return Batch([Outcome(crashed=True)])

    def _attempt(self, runs: Sequence[Asked], *, cautious: bool) -> Batch:
        self._connect_again()
        started = time.monotonic()
        self._send(self.store.begin(write=True))
        try:
            tx = Tx(self._sql, self.store.dialect, now=self._clock(), ids=self._ids, rng=self._rng)
            tx.cautious = cautious
            self._recall(tx)
            outcomes: list[Outcome] = []
            guard = SAVEPOINT if len(runs) > 1 else self._whole
            alone = len(runs) == 1 and _count(runs[0]) == 1
            for run in runs:
                outcomes += self._guarded(tx, run, guard, alone=alone)
            events = outbox.insert_events(tx, tx.staged.emitted) if tx.staged.emitted else []
            if tx.staged.scheduled:
                outbox.insert_timers(tx, tx.staged.scheduled)
            horizon = tx.commit_horizon if events else 0
            self._send("COMMIT")
        except BaseException:
            self._failed += 1
            self._remembered.clear()
            self._roll_back()
            raise
        ended, failed = time.monotonic(), self._failed
        self._failed = 0
        return Batch(outcomes, events, horizon, ended - started, committed_at=ended, retries=failed)

    def _recall(self, tx: Tx) -> None:
        """Hand over what is remembered, if nobody else has written since. Only SQLite can tell, for it has one writer."""
        if self.store.dialect == "sqlite":
            (others,) = tx.driver.execute("PRAGMA data_version").fetchone()
            if others != self._others or sum(map(len, self._remembered.values())) > REMEMBERED_MOST:
                self._remembered.clear()
                self._others = others
            tx.remembered = self._remembered

    def _guarded(self, tx: Tx, run: Asked, guard: _Guard, *, alone: bool) -> list[Outcome]:
        """Run one command, or the set of one set-wise action, so that a refusal undoes exactly that."""
        mark = tx.staged.mark()
        registered = REGISTRY[run.action]
        steady = isinstance(registered, SetAction) and registered.steady
        if not steady:
            tx.remembered.clear()
        tx.actor = _actor(run)
        tx.cause = f"{run.action} {tx.actor or '-'}"
        self._send_all(guard.set)
        try:
            outcomes = _answer(tx, registered, run)
        except Refusal as refusal:
            self._undo(tx, guard, mark)
            outcomes = [Outcome(refusal=refusal)]
        except Exception as error:
            if self.store.retryable(error) or self.store.lost(error) or isinstance(error, Doubted) or not alone:
                raise
            logger.error("command_failed", action=run.action, exc_info=error)
            self._undo(tx, guard, mark)
            outcomes = [Outcome(crashed=True)]
        self._send_all(guard.keep)
        if not steady:
            tx.remembered.clear()
        return outcomes

    def _undo(self, tx: Tx, guard: _Guard, mark: tuple[int, int]) -> None:
        self._send_all(guard.undo)
        tx.staged.cut(mark)
        tx.remembered.clear()

    def _send_all(self, statements: Sequence[str]) -> None:
        for statement in statements:
            self._send(statement)

    def _send(self, statement: str) -> None:
        self._sql.connection.dbapi_connection.execute(statement)  # type: ignore[union-attr]

    def _roll_back(self) -> None:
        try:
            self._send("ROLLBACK")
        except Exception:
            self._sql.invalidate()

    def _connect_again(self) -> None:
        whole = not (self._sql.closed or self._sql.invalidated)
        if not whole or getattr(self._sql.connection.dbapi_connection, "closed", False):
            self._sql.close()
            self._sql = self.store.connect(write=True)
            self._remembered.clear()


def _count(run: Asked) -> int:
    match run:
        case Items(items=several) | Calls(commands=several):
            return len(several)
        case _:
            return 1


def _runs(asked: Iterable[Asked]) -> Iterator[Asked]:
    """Single commands, and stretches of the same set-wise action, or of commands that are run together, as one."""
    stretch: Asked | None = None
    for each in map(_setlike, asked):
        if stretch is not None and _joins(stretch, each):
            continue
        if stretch is not None:
            yield stretch
        stretch = each
    if stretch is not None:
        yield stretch


def _joins(stretch: Asked, each: Asked) -> bool:
    """Add to a stretch what is its like; False for what is not."""
    match stretch, each:
        case (Items(items=so_far), Items(items=more)) | (Calls(commands=so_far), Calls(commands=more)):
            if stretch.action == each.action:
                so_far.extend(more)
                return True
    return False


def _actor(run: Asked) -> str | None:
    """Who asked; of a set nobody in particular."""
    match run:
        case Command(actor=actor) | Calls(commands=[Command(actor=actor)]):
            return actor
        case _:
            return None


def _setlike(asked: Asked) -> Asked:
    """What can be joined with its like, as a list of its own."""
    match asked, REGISTRY[asked.action]:
        case Command(item=item), SetAction():
            return Items(asked.action, [item])
        case Command(), Together():
            return Calls(asked.action, [asked])
        case Items(items=items), _:
            return Items(asked.action, list(items))
        case _:
            return asked


def _singles(runs: Iterable[Asked]) -> Iterator[Asked]:
    for run in runs:
        match run:
            case Items(action, items):
                yield from (Items(action, [item]) for item in items)
            case Calls(commands=commands):
                yield from commands
            case _:
                yield run


def _answer(tx: Tx, registered: Action[..., Any] | SetAction[Any, Any], run: Asked) -> list[Outcome]:
    match run, registered:
        case Items(items=items), SetAction():
            answers = registered(tx, items)
            return [Outcome(refusal=a) if isinstance(a, Refusal) else Outcome(a) for a in answers]
        case Calls(commands=commands), Together():
            return once.answer_all(tx, registered, commands)
        case Command(), Action():
            return [Outcome(once.answer(tx, registered, run) if run.key else registered(tx, **run.arguments))]
    raise AssertionError(run)


def _joined(batches: Sequence[Batch]) -> Batch:
    return Batch(
        [outcome for batch in batches for outcome in batch.outcomes],
        [event for batch in batches for event in batch.events],
        min((batch.horizon for batch in batches if batch.events), default=0),
        sum(batch.commit_seconds for batch in batches),
        any(batch.doubtful for batch in batches),
        max(batch.committed_at for batch in batches),
        sum(batch.retries for batch in batches),
    )
