"""What carries events from node to node: nothing where there is one, NATS where there are several.

A bus may lose whatever it carries: the log is the truth. What it promises is order: whoever hears two
messages of one node hears them as they were published.
"""

from collections.abc import Callable
from typing import Protocol

Hear = Callable[[str, bytes], None]
"""Told of a message on a subject that is listened to; never of one's own."""


class Bus(Protocol):
    """Publish and listen by subject. None of it waits; what can't be sent is dropped."""

    @property
    def carries(self) -> bool:
        """Is there any use in publishing?"""
        ...

    async def start(self, hear: Hear) -> None: ...

    def publish(self, subject: str, payload: bytes) -> None: ...

    def listen(self, subject: str) -> None: ...

    def ignore(self, subject: str) -> None: ...

    async def close(self) -> None:
        """Send what was published, then end."""
        ...


class NoBus:
    """For a single process: whoever is to be told is here."""

    carries = False

    async def start(self, hear: Hear) -> None:
        """Nobody speaks."""

    def publish(self, subject: str, payload: bytes) -> None:
        """Nobody listens."""

    def listen(self, subject: str) -> None:
        """Nobody speaks."""

    def ignore(self, subject: str) -> None:
        """Nobody speaks."""

    async def close(self) -> None:
        """There is nothing to end."""
