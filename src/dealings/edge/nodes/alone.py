"""A single process on SQLite: one lane, one order of commits, nobody else to tell."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from dealings.platform.db.actions import Stored


class Tells(Protocol):
    """The gateway, as nodes use it."""

    def publish(self, events: Sequence[Stored], horizon: int) -> None:
        """Tell sessions of events, and of the commit number up to which they have then been told everything."""
        ...

    def review(self, streams: Sequence[str]) -> None:
        """Let whoever listens to these streams look again at what they may hear."""
        ...

    def look_again(self, session: Any) -> None:
        """Let this one look again."""
        ...

    def part_all(self) -> None: ...


class Alone:
    """What was committed is told; when a lane died with events that it told to no one, everybody comes back and resumes."""

    def __init__(self, gateway: Tells, *, poke: Callable[[], None]) -> None:
        self._gateway = gateway
        self._poke = poke

    def committed(self, events: Sequence[Stored], horizon: int) -> None:
        self._gateway.publish(events, horizon)
        self._poke()

    def lost(self) -> None:
        self._gateway.part_all()

    async def start(self) -> None:
        """There is nobody to join."""

    async def stop(self) -> None:
        """There is nobody to leave."""
