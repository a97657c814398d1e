"""The lane: one connection that runs commands in batches, one commit a batch.

Each command runs under its own savepoint, so one that is refused leaves no trace and
does not stop the others. When the store asks for a retry (a deadlock, a lost race for a
unique key) the batch is taken apart and each command runs alone, a bounded number of times.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, NamedTuple

import msgspec
import structlog

from dealings.kernel.clock import Clock
from dealings.kernel.errors import KeyReused, Refusal, Unavailable
from dealings.kernel.ids import Ids
from dealings.platform.db.actions import REGISTRY, Action, Batch, Command, Outcome, SetAction
from dealings.platform.db.stores import Store
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import tables as outbox

TRIES = 5
"""A command that loses this many races in a row is answered `unavailable`; the caller may repeat it."""

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

    def close(self) -> None:
        self._sql.close()

    def execute(self, commands: Sequence[Command]) -> Batch:
        """Run and commit these together; answers come in their order. Nothing is acknowledged before the commit."""
        try:
            return self._attempt(commands)
        except Exception as error:
            if self.store.lost(error):  # whether it was committed is not known: only a key makes a repeat safe
                return Batch([Outcome(refusal=Unavailable()) for _ in commands])
            if len(commands) > 1:
                return _joined([self.execute([command]) for command in commands])
            return self._retry(commands, error)

    def _retry(self, commands: Sequence[Command], error: Exception) -> Batch:
        for _ in range(TRIES - 1):
            if not self.store.retryable(error):
                break
            try:
                return self._attempt(commands)
            except Exception as again:
                error = again
        if self.store.retryable(error) or self.store.lost(error):
            logger.warning("command_gave_up", action=commands[0].action, error=str(error))
            return Batch([Outcome(refusal=Unavailable())])
        logger.error("command_failed", action=commands[0].action, exc_info=error)
        return Batch([Outcome(crashed=True)])

    def _attempt(self, commands: Sequence[Command]) -> Batch:
        self._connect_again()
        started = time.perf_counter()
        self._send(self.store.begin(write=True))
        try:
            tx = Tx(self._sql, self.store.dialect, now=self._clock(), ids=self._ids, rng=self._rng)
            causes = _Causes()
            outcomes: list[Outcome] = []
            runs = list(_runs(commands))
            guard = SAVEPOINT if len(runs) > 1 else self._whole
            for run in runs:
                outcomes += self._guarded(tx, run, guard, alone=len(commands) == 1)
                causes.fill(tx)
            events = outbox.insert_events(tx, tx.staged.emitted, causes.emitted) if tx.staged.emitted else []
            if tx.staged.scheduled:
                outbox.insert_timers(tx, tx.staged.scheduled, causes.scheduled)
            horizon = tx.commit_horizon if events else 0
            self._send("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        return Batch(outcomes, events, horizon, time.perf_counter() - started)

    def _guarded(self, tx: Tx, commands: Sequence[Command], guard: _Guard, *, alone: bool) -> list[Outcome]:
        """Run one command, or the set of one set-wise action, so that a refusal undoes exactly that."""
        mark = tx.staged.mark()
        tx.actor, tx.cause = commands[0].actor, f"{commands[0].action} {commands[0].actor or '-'}"
        self._send_all(guard.set)
        try:
            outcomes = _answer(tx, commands)
        except Refusal as refusal:
            self._send_all(guard.undo)
            tx.staged.cut(mark)
            outcomes = [Outcome(refusal=refusal)]
        except Exception as error:
            if self.store.retryable(error) or self.store.lost(error) or not alone:
                raise
            logger.error("command_failed", action=commands[0].action, exc_info=error)
            self._send_all(guard.undo)
            tx.staged.cut(mark)
            outcomes = [Outcome(crashed=True)]
        self._send_all(guard.keep)
        return outcomes

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


class _Causes:
    """The cause of each fact and timer, taken while the command that told them is known."""

    def __init__(self) -> None:
        self.emitted: list[str] = []
        self.scheduled: list[str] = []

    def fill(self, tx: Tx) -> None:
        emitted, scheduled = tx.staged.mark()
        self.emitted += [tx.cause] * (emitted - len(self.emitted))
        self.scheduled += [tx.cause] * (scheduled - len(self.scheduled))


def _runs(commands: Sequence[Command]) -> Iterator[Sequence[Command]]:
    """Cut a batch into single commands and stretches of the same set-wise action."""
    start = 0
    for end in range(1, len(commands) + 1):
        first = commands[start]
        same = end < len(commands) and commands[end].action == first.action
        if not (same and isinstance(REGISTRY[first.action], SetAction)):
            yield commands[start:end]
            start = end


def _answer(tx: Tx, commands: Sequence[Command]) -> list[Outcome]:
    registered = REGISTRY[commands[0].action]
    if isinstance(registered, SetAction):
        answers = registered(tx, [command.item for command in commands])
        return [Outcome(refusal=a) if isinstance(a, Refusal) else Outcome(a) for a in answers]
    (command,) = commands
    return [Outcome(_once(tx, registered, command) if command.key else registered(tx, **command.arguments))]


def _once(tx: Tx, registered: Action[..., Any], command: Command) -> Any:
    """Run under a key: the first time does it, every other time gives the first answer."""
    assert command.key is not None
    actor = command.actor or "-"
    fingerprint = command.fingerprint(registered.unkeyed)
    found = outbox.find_answer(tx, actor=actor, key=command.key)
    if found is not None:
        if found.fingerprint != fingerprint:
            raise KeyReused()
        return msgspec.json.decode(found.value, type=registered.returns)
    value = registered(tx, **command.arguments)
    answer = outbox.Answer(fingerprint, msgspec.json.encode(value).decode())
    outbox.insert_answer(tx, actor=actor, key=command.key, answer=answer)
    return value


def _joined(batches: Sequence[Batch]) -> Batch:
    return Batch(
        [outcome for batch in batches for outcome in batch.outcomes],
        [event for batch in batches for event in batch.events],
        min((batch.horizon for batch in batches if batch.events), default=0),
        sum(batch.commit_seconds for batch in batches),
    )
