"""The store without a server: one inline lane and one reader, for the command line, samples and tests."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from dealings.kernel.clock import Clock
from dealings.kernel.ids import Id
from dealings.platform.db.actions import Action, Batch, Command, Outcome, SetAction
from dealings.platform.db.lane import Lane
from dealings.platform.db.run import Crashed
from dealings.platform.db.stores import Store
from dealings.platform.db.tx import Read
from dealings.platform.outbox import consumers
from dealings.platform.outbox import tables as outbox

P = ParamSpec("P")
R = TypeVar("R")
I = TypeVar("I")  # noqa: E741


class Direct:
    """``run`` and ``read`` as plain calls. Time and randomness come from outside, as in a lane."""

    def __init__(self, store: Store, *, clock: Clock, rng: Random, alongside: Command | None = None) -> None:
        """`alongside` is run in every commit, besides what was asked for."""
        self.store = store
        self._alongside = alongside
        self.lane = Lane(store, clock=clock, rng=rng)
        self._reader = store.connect(write=False)
        self._clock = clock

    def close(self) -> None:
        self.lane.close()
        self._reader.close()

    def execute(self, commands: Sequence[Command]) -> Batch:
        if self._alongside is None:
            return self.lane.execute(commands)
        batch = self.lane.execute([*commands, self._alongside])
        batch.outcomes.pop()
        return batch

    def submit(self, command: Command) -> Any:
        """One command, one commit; a refusal is raised."""
        (outcome,) = self.execute([command]).outcomes
        return answer(outcome)

    def run(self, action: Action[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        """As the system itself."""
        assert not args
        return cast(R, self.submit(Command(action.name, kwargs)))

    def one(self, action: SetAction[I, R], item: I, *, actor: Id | None = None) -> R:
        return cast(R, self.submit(Command(action.name, {}, actor, item=item)))

    @contextmanager
    def view(self) -> Iterator[Read]:
        driver = self._reader.connection.dbapi_connection
        assert driver is not None
        driver.execute(self.store.begin(write=False))
        try:
            yield Read(self._reader, self.store.dialect)
        finally:
            driver.execute("ROLLBACK")

    def read(self, query: Callable[Concatenate[Read, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.view() as view:
            return query(view, *args, **kwargs)

    def fire_due(self) -> int:
        """Run the timers that are due by the clock; how many there were."""
        due = self.read(outbox.due_timers, now=self._clock(), limit=1000)
        for timer in due:
            self.run(consumers.fire_timer, timer=timer)
        return len(due)

    def react(self) -> None:
        """Let every consumer catch up."""
        for name in consumers.CONSUMERS:
            while self.run(consumers.consume, name=name):
                pass


def answer(outcome: Outcome) -> Any:
    if outcome.refusal is not None:
        raise outcome.refusal
    if outcome.crashed:
        raise Crashed()
    return outcome.value
