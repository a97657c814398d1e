"""Identifiers: 16 characters, sortable by time, the same text in Python, SQL and the browser."""

from collections.abc import Callable
from random import Random

from dealings.kernel.clock import Clock, Millis

Id = str
NewId = Callable[[], Id]

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
TIME_CHARS = 9  # 45 bits of milliseconds: until the year 3084
RANDOM_CHARS = 7  # 35 bits: two ids of one millisecond meet once in 3 * 10^10


def encode(value: int, width: int) -> str:
    chars = []
    for _ in range(width):
        chars.append(ALPHABET[value & 31])
        value >>= 5
    return "".join(reversed(chars))


class Ids:
    """Makes ids from a clock and a source of randomness, both passed in."""

    def __init__(self, clock: Clock, rng: Random) -> None:
        self._clock = clock
        self._rng = rng

    def __call__(self) -> Id:
        return encode(self._clock(), TIME_CHARS) + encode(self._rng.getrandbits(35), RANDOM_CHARS)


def uuid7(now: Millis, rng: Random) -> str:
    """A time-ordered UUID (RFC 9562, version 7), as clients name their messages."""
    random_a, random_b = rng.getrandbits(12), rng.getrandbits(62)
    value = (now & (1 << 48) - 1) << 80 | 7 << 76 | random_a << 64 | 2 << 62 | random_b
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
