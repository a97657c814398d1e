"""`run`: the one way to change anything. Begins, runs the action, commits, answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from dealings.kernel.ids import Id
from dealings.platform.db.actions import Action, Command, Outcome, SetAction
from dealings.platform.db.lanes import Lanes

P = ParamSpec("P")
R = TypeVar("R")
I = TypeVar("I")  # noqa: E741


class Crashed(Exception):
    """The command hit a bug; it was logged where it happened and nothing was changed."""


class Run:
    """Runs actions for one asker: ``placed = await run(orders.place, buyer=me, lines=lines)``.

    With a key, the same key and input give the first answer again; other input is refused
    (`KeyReused`). A refusal is raised as it was raised in the action.
    """

    def __init__(self, lanes: Lanes, *, actor: Id | None = None, key: str | None = None) -> None:
        self._lanes = lanes
        self._actor = actor
        self._key = key

    def by(self, actor: Id | None, *, key: str | None = None) -> Run:
        """The same lanes for another asker."""
        return Run(self._lanes, actor=actor, key=key)

    async def __call__(self, action: Action[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        assert not args, "name the arguments: they are stored, hashed and routed by name"
        return cast(R, _value(await self._lanes.submit(Command(action.name, kwargs, self._actor, self._key))))

    def hand(self, action: SetAction[I, R], item: I, done: Callable[[Outcome], None]) -> None:
        """Hand over one item without waiting: for the hot path, which goes on in a callback."""
        self._lanes.hand(action, item, done)

    def one(self, action: SetAction[I, R], item: I) -> asyncio.Future[R]:
        """Hand one item to a set-wise action; the lane runs it with all others that wait."""
        answered: asyncio.Future[R] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            if answered.done():  # whoever asked has gone
                return
            if outcome.refusal is not None or outcome.crashed:
                answered.set_exception(outcome.refusal or Crashed())
            else:
                answered.set_result(outcome.value)

        self._lanes.hand(action, item, done)
        return answered


def _value(outcome: Outcome) -> object:
    if outcome.refusal is not None:
        raise outcome.refusal
    if outcome.crashed:
        raise Crashed()
    return outcome.value
