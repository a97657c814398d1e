"""Commands: how a function over a transaction becomes something that `run` can be asked for.

``@action`` marks one command a call; ``@setwise`` one that takes what waits as a list (the hot ones).
Both stay callable with a transaction, so actions are built from actions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, update_wrapper
from hashlib import sha256
from inspect import signature
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, get_args, get_type_hints

import msgspec

from dealings.kernel.errors import Refusal
from dealings.platform.db.tx import Tx

P = ParamSpec("P")
R = TypeVar("R")
I = TypeVar("I")  # noqa: E741  (the item of a set-wise action)

REGISTRY: dict[str, Action[..., Any] | SetAction[Any, Any]] = {}


class Command(msgspec.Struct):
    """One asked-for action on its way to a lane."""

    action: str
    arguments: dict[str, Any]
    actor: str | None = None
    key: str | None = None
    item: Any = None
    """The one item of a set-wise action; then `arguments` is empty."""

    def fingerprint(self, unkeyed: frozenset[str]) -> str:
        """What "the same input" means for a key: the action and its arguments, less what differs at each sending."""
        kept = {name: value for name, value in self.arguments.items() if name not in unkeyed}
        return sha256(msgspec.json.encode([self.action, kept], order="sorted")).hexdigest()


def _name(function: Callable[..., Any]) -> str:
    module = function.__module__.split(".")
    noun = module[-2] if module[-1] in ("actions", "handlers", "consumers", "timers") else module[-1]
    return f"{noun}.{function.__name__}"


class Action(Generic[P, R]):
    """A command: ``run(place, buyer=…)`` asks a lane for it, ``place(tx, buyer=…)`` calls it inside one."""

    def __init__(self, function: Callable[Concatenate[Tx, P], R], *, route: str, unkeyed: Sequence[str]) -> None:
        self.name = _name(function)
        self.function = function
        self.route = route
        self.unkeyed = frozenset(unkeyed)
        self.__doc__ = function.__doc__
        self.__signature__ = signature(function)
        assert self.name not in REGISTRY, self.name
        REGISTRY[self.name] = self

    @property
    def returns(self) -> Any:
        return get_type_hints(self.function)["return"]

    def __call__(self, tx: Tx, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(tx, *args, **kwargs)


class Together(Action[P, R]):
    """A hot command that people ask for by name, with or without a key, like any other; the lane hands over all that
    wait at once, as a list of what each was given.

    The function answers one by one, in order, and writes nothing for those it refuses: what is refused is decided
    before anything is changed, each seeing those before it.
    """

    def __init__(
        self,
        function: Callable[[Tx, Sequence[I]], list[R | Refusal]],
        *,
        given: Callable[P, I],
        route: str,
        unkeyed: Sequence[str],
    ) -> None:
        def single(tx: Tx, /, *args: P.args, **kwargs: P.kwargs) -> R:
            (answer,) = function(tx, [given(*args, **kwargs)])
            if isinstance(answer, Refusal):
                raise answer
            return answer

        super().__init__(update_wrapper(single, function), route=route, unkeyed=unkeyed)
        self._all: Callable[[Tx, Sequence[Any]], list[R | Refusal]] = function
        self._given: Callable[..., Any] = given

    @cached_property
    def returns(self) -> Any:
        (answer,) = get_args(get_type_hints(self._all)["return"])
        kept, *more = (each for each in get_args(answer) if each is not Refusal)
        for each in more:
            kept |= each
        return kept

    def all(self, tx: Tx, arguments: Iterable[dict[str, Any]]) -> list[R | Refusal]:
        return self._all(tx, [self._given(**each) for each in arguments])


class SetAction(Generic[I, R]):
    """A hot command: the lane hands it all that wait at once; it answers one by one, in order.

    A *steady* one changes nothing that lanes remember between batches: who is where, and may do what.
    """

    def __init__(self, function: Callable[[Tx, Sequence[I]], list[R | Refusal]], *, route: str, steady: bool) -> None:
        self.name = _name(function)
        self.function = function
        self.route = route
        self.steady = steady
        self.__doc__ = function.__doc__
        assert self.name not in REGISTRY, self.name
        REGISTRY[self.name] = self

    def __call__(self, tx: Tx, items: Sequence[I], /) -> list[R | Refusal]:
        return self.function(tx, items)

    def one(self, tx: Tx, item: I, /) -> R:
        """A list of one, its refusal raised: how an action uses it inside a transaction."""
        (answer,) = self.function(tx, [item])
        if isinstance(answer, Refusal):
            raise answer
        return answer

    @cached_property
    def items(self) -> msgspec.msgpack.Decoder[list[I]]:
        """Reads what another process packed: the items of its function's annotation."""
        parameter = list(signature(self.function).parameters)[1]
        (item,) = get_args(get_type_hints(self.function)[parameter])
        return msgspec.msgpack.Decoder(list[item])  # type: ignore[valid-type]

    @cached_property
    def answers(self) -> msgspec.msgpack.Decoder[list[R | None]]:
        """Reads what the function answered; None where it refused."""
        (answer,) = get_args(get_type_hints(self.function)["return"])
        kept: Any = None
        for each in get_args(answer):
            kept = kept if each is Refusal else each | kept
        return msgspec.msgpack.Decoder(list[kept])


def action(
    *, route: str = "", unkeyed: Sequence[str] = ()
) -> Callable[[Callable[Concatenate[Tx, P], R]], Action[P, R]]:
    """Register a command. `route` names the argument whose commands should share a lane (fewer lock waits);
    `unkeyed` those that differ at each sending (a fresh token's hash)."""
    return lambda function: Action(function, route=route, unkeyed=unkeyed)


def together(
    given: Callable[P, I], *, route: str = "", unkeyed: Sequence[str] = ()
) -> Callable[[Callable[[Tx, Sequence[I]], list[R | Refusal]]], Together[P, R]]:
    """Register a command that is run for all who wait; `given` is the type of what each gives, asked for by its fields."""
    return lambda function: Together(function, given=given, route=route, unkeyed=unkeyed)


def setwise(
    *, route: str = "", steady: bool = False
) -> Callable[[Callable[[Tx, Sequence[I]], list[R | Refusal]]], SetAction[I, R]]:
    """Register a set-wise command; `route` names the attribute of an item that chooses its lane."""
    return lambda function: SetAction(function, route=route, steady=steady)


class Calls(msgspec.Struct):
    """Commands of one `Together` that arrived one after the other."""

    action: str
    commands: list[Command]


class Items(msgspec.Struct):
    """Items of one set-wise action that arrived one after the other."""

    action: str
    items: list[Any]


class Outcome(msgspec.Struct):
    """What became of one command: a value, a refusal, or (value None, crashed) a bug that was logged."""

    value: Any = None
    refusal: Refusal | None = None
    crashed: bool = False


class Stored(msgspec.Struct, array_like=True):
    """An event as written: `commit_no` and `n` order it, `data` is its JSON, encoded once for disk and wire."""

    commit_no: int
    n: int
    stream: str
    kind: str
    data: bytes
    cause: str
    at: int


class Batch(msgspec.Struct):
    """What one commit did: an outcome a command, in order, and the events that are now on disk."""

    outcomes: list[Outcome]
    events: list[Stored] = []
    horizon: int = 0
    """Up to here (a commit number) everything is visible; known only when there are events."""
    commit_seconds: float = 0.0
    doubtful: bool = False
    """The connection broke: whether all of it was committed is not known, and of what was, nobody was told."""
    committed_at: float = 0.0
    """By time.monotonic(), which is one clock for all processes of a machine."""
    retries: int = 0
    """Attempts that failed before this one."""
