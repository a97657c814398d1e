"""A loop whose time is its own: nothing waits, the clock jumps to what is due next. Same seed, same run."""

import asyncio
from collections.abc import Callable
from typing import Any


class Stuck(Exception):
    """Everything waits and nothing is due: in the real world this would hang for ever."""


class _Jump:
    """In the place of a selector: instead of waiting, time passes."""

    def __init__(self, loop: "VirtualLoop") -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> list[Any]:
        if timeout is None:
            raise Stuck()
        self._loop.now += timeout
        return []


class VirtualLoop(asyncio.BaseEventLoop):
    """Callbacks, timers and tasks as in asyncio's own loop; no sockets, no threads, no real time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.broken: list[dict[str, Any]] = []
        """What callbacks and tasks raised and nobody caught."""
        self.set_exception_handler(lambda _, context: self.broken.append(context))
        self._selector = _Jump(self)

    def time(self) -> float:
        return self.now

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:  # type: ignore[override]  # its types, loosely
        """At once and in place: a thread would come back when it likes."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:
            done.set_exception(error)
        return done

    def _process_events(self, events: list[Any]) -> None:
        """There are none."""

    def _write_to_self(self) -> None:
        """Nobody sleeps who would have to be woken."""
