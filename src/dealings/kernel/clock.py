"""Time as an argument: milliseconds since 1970-01-01 UTC, as an int."""

import time
from collections.abc import Callable

Millis = int
Clock = Callable[[], Millis]

SECOND: Millis = 1_000
MINUTE: Millis = 60 * SECOND
HOUR: Millis = 60 * MINUTE
DAY: Millis = 24 * HOUR


def system_clock() -> Millis:
    return time.time_ns() // 1_000_000


class ManualClock:
    """A clock that stands still until it is told to move (tests, simulation, sample history)."""

    def __init__(self, now: Millis) -> None:
        self.now = now

    def __call__(self) -> Millis:
        return self.now

    def advance(self, by: Millis) -> None:
        self.now += by
