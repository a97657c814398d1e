"""Which jobs this node shall do now: given with each signature on the roster, and for a while only."""

import time
from collections.abc import Callable, Iterable

from dealings.kernel.clock import SECOND
from dealings.platform.bus.roster import LEASE

MARGIN_SECONDS = 1.0
"""A job is stopped that long before another node may take it."""


class Duties:
    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._jobs: frozenset[str] = frozenset()
        self._until = 0.0

    def give(self, jobs: Iterable[str], *, asked_at: float) -> None:
        """`asked_at`: when the roster was asked to sign, by this clock."""
        self._jobs = frozenset(jobs)
        self._until = asked_at + LEASE / SECOND - MARGIN_SECONDS

    def __call__(self, job: str) -> bool:
        return job in self._jobs and self._clock() < self._until


def every(job: str) -> bool:
    """Of a node that is alone."""
    return True
