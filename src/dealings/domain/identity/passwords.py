"""Password hashing: argon2id on threads of its own, a few at a time, the same work whoever asks.

Parameters from the OWASP Password Storage Cheat Sheet (argon2id, 19 MiB, 2 passes, 1 lane).
"""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dealings.platform.db.lanes import Overloaded

R = TypeVar("R")

HASHERS: Final = 2
"""At a time: each takes 19 MiB and a core for some 30 ms."""
MOST_WAITING: Final = 200
"""Three seconds of work; who comes beyond it is asked to come back."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class _Threads:
    """A pool with a bounded queue."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(HASHERS, thread_name_prefix="password")
        self._waiting = 0

    async def __call__(self, work: Callable[[], R]) -> R:
        if self._waiting >= MOST_WAITING:
            raise Overloaded(retry_after_seconds=5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


_threads = _Threads()


async def hashed(password: str) -> str:
    """The argon2id hash to store."""
    return await _threads(lambda: _hasher.hash(_prepared(password)))


async def matches(password: str, stored: str | None) -> bool:
    """Whether this is the password behind a stored hash.

    Without one (nobody has that handle) the work is done all the same, and the answer is no:
    how long it took tells nobody which handles exist.
    """
    return await _threads(lambda: _verified(password, stored or _nobodys()) and stored is not None)


def _verified(password: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored, _prepared(password))
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    """A hash made like all others, of a password that nobody has."""
    return _hasher.hash("")


def _prepared(password: str) -> bytes:
    """The same characters however a keyboard composed them (RFC 8265, OpaqueString)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
