"""What hostile clients do, one kind after another. Each is a generator: it opens its connections, and then does a
turn's worth whenever it is asked to go on."""

import gzip
import itertools
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from bench.hostile.lines import Hostile, frame
from bench.peers import frames
from bench.peers.engine import Engine
from bench.peers.frames import UPGRADE

LEAVING_IT = 512
"""Bytes that a connection may have unsent before it sends no more: the server has stopped to read."""


@dataclass
class Target:
    """Where it goes, and in whose names."""

    port: int
    tokens: Sequence[str]
    conversation: str
    """A group whose members they are."""


@dataclass
class Attack:
    """`told` counts what the server answered and how it ended connections; `sent` what was asked of it."""

    engine: Engine
    target: Target
    scale: float = 1.0
    told: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    lines: list[Hostile] = field(default_factory=list)

    def open(self, opening: bytes, *, buffer: int = 0) -> Hostile:
        def make(engine: Engine, sock: socket.socket) -> Hostile:
            if buffer:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
            return Hostile(engine, sock, told=self.told, opening=opening)

        line = self.engine.connect(self.target.port, make)
        self.lines.append(line)
        return line

    def hello(self, number: int = 0) -> bytes:
        return UPGRADE + frames.hello(self.target.tokens[number % len(self.target.tokens)])

    def count(self, most: int) -> int:
        return max(1, int(most * self.scale))

    def living(self) -> list[Hostile]:
        self.lines = [line for line in self.lines if not line.ended]
        return self.lines


def paced(a_second: float) -> Iterator[int]:
    """How many are due now, so that it is so many a second; what is late is not made up for beyond a moment."""
    last = perf_counter()
    owed = 0.0
    while True:
        now = perf_counter()
        owed = min(owed + (now - last) * a_second, a_second / 10 + 1)
        last = now
        due = int(owed)
        owed -= due
        yield due


# slowly


def drip(attack: Attack) -> Iterator[None]:
    """A byte a second: of a head, of an upgrade, of a frame before hello, and of one after it."""
    ping = frames.masked(b'{"op":"ping","id":7,"x":"%b"}' % (b"x" * 3_000))
    slowly = [(b"", UPGRADE), (b"", b"GET / HTTP/1.1\r\nHost: x\r\n"), (UPGRADE, ping), (attack.hello(), ping)]
    dripping = [(attack.open(opening), bytes(rest)) for opening, rest in slowly for _ in range(attack.count(50))]
    for second in itertools.count():
        for line, rest in dripping:
            line.write(rest[second % len(rest) : second % len(rest) + 1])
            attack.sent += 1
        until = perf_counter() + 1
        while perf_counter() < until:
            yield


def half_open(attack: Attack) -> Iterator[None]:
    """Connections of which nothing comes, or half a head, or an upgrade and then nothing."""
    for number in range(attack.count(5_000)):
        attack.open((b"", b"GET /ws HTTP/1.1\r\nHost: x\r\n", UPGRADE)[number % 3])
        attack.sent += 1
        if number % 20 == 19:
            yield
    while True:
        yield


def stalled(attack: Attack) -> Iterator[None]:
    """Members of a busy group who read nothing any more, and come back when they are cut; one of them sees to it that
    it is busy."""
    writer = attack.open(attack.hello())
    form = frames.send_form(attack.target.conversation, "满" * 10_000)
    for due in paced(150):
        for number in range(len(attack.living()), attack.count(20) + 1):
            attack.open(attack.hello(number), buffer=4_096).stall()
        for _ in range(due):
            attack.sent += 1
            writer.write(form % (frames.FIRST_ID + attack.sent, frames.name(0, attack.sent)))
        yield


def deaf(attack: Attack) -> Iterator[None]:
    """Pings, the protocol's own, and frames that are refused, from those who never read what they are answered."""
    unit = frame(0x89, b"x" * 125) * 20 + frames.masked(b'{"op":"nothing","id":7}') * 20
    for due in paced(100 * attack.scale):
        for _ in range(len(attack.living()), 10):
            attack.open(attack.hello(), buffer=4_096).stall()
        for line in attack.living() if due else []:
            if len(line.unsent) < LEAVING_IT:
                attack.sent += 40
                line.write(unit)
        yield


# in floods


def _flood(attack: Attack, opening: bytes, unit: bytes, *, a_second: float, connections: int) -> Iterator[None]:
    """So many a second over all connections, whatever is answered; a connection that was cut is opened again."""
    turn = itertools.count()
    for due in paced(a_second * attack.scale):
        living = attack.living()
        if len(living) < connections:
            living.append(attack.open(opening))
        line = living[next(turn) % len(living)]
        if due and len(line.unsent) < LEAVING_IT and (line.upgraded or not opening):
            attack.sent += due
            line.write(unit * due)
        yield


def requests(attack: Attack) -> Iterator[None]:
    """10,000 requests a second from all devices of one account."""
    ping = frames.masked(b'{"op":"ping","id":7}')
    return _flood(attack, attack.hello(), ping, a_second=10_000, connections=10)


def garbage(attack: Attack) -> Iterator[None]:
    """10,000 frames a second that mean nothing, from someone who has not said hello."""
    return _flood(attack, UPGRADE, frames.masked(b'{"op":"nothing","id":7}'), a_second=10_000, connections=10)


def pings(attack: Attack) -> Iterator[None]:
    """10,000 pings a second, the protocol's own, of the most bytes that they may have."""
    return _flood(attack, attack.hello(), frame(0x89, b"x" * 125), a_second=10_000, connections=10)


def http(attack: Attack) -> Iterator[None]:
    """10,000 requests a second over HTTP, without waiting for answers."""
    return _flood(attack, b"", b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\n\r\n", a_second=10_000, connections=10)


# against the rules

MALFORMED = {
    "unmasked": frame(0x81, b'{"op":"ping","id":1}', mask=False),
    "giant": frame(0x81, b"x", length=b"\x7f" + (2**31).to_bytes(8, "big")),
    "beyond all numbers": frame(0x81, b"x", length=b"\x7f" + (2**64 - 1).to_bytes(8, "big")),
    "a little too long": frame(0x81, b"x", length=b"\x7f" + (65_537).to_bytes(8, "big")),
    "reserved bit": frame(0x91, b"{}"),
    "compressed": frame(0xC1, b"\xaa\x56\x4a\x2c\x28\xc8\x01\x00"),
    "reserved operation": frame(0x83, b"{}"),
    "long ping": frame(0x89, b"x" * 200),
    "ping in parts": frame(0x09, b"x"),
    "binary": frame(0x82, b"{}"),
    "continuation of nothing": frame(0x80, b"x"),
    "close without a reason's code": frame(0x88, b"x"),
    "close with a code of its own": frame(0x88, (999).to_bytes(2, "big")),
}
"""Each of them ends its connection."""


def malformed(attack: Attack) -> Iterator[None]:
    """Frames that no client sends, a connection each."""
    kinds = itertools.cycle(MALFORMED.values())
    for due in paced(50):
        for _ in range(due):
            attack.sent += 1
            attack.open(UPGRADE + next(kinds))
        yield


def fragments(attack: Attack) -> Iterator[None]:
    """A message in parts, of which there is no last one."""
    first, more = frame(0x01, b"x" * 100), frame(0x00, b"x" * 100)
    for due in paced(50):
        for _ in range(due):
            attack.sent += 1
            attack.open(attack.hello() + first + more * 1_000)
        yield


def bombs(attack: Attack) -> Iterator[None]:
    """Bodies of a few kilobytes that would be 100 MB, and compression offered where there is none."""
    packed = gzip.compress(bytes(100_000_000))
    head = b"POST /api/v1/accounts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    bomb = head + b"Content-Length: %d\r\n\r\n" % len(packed) + packed
    offer = UPGRADE.replace(b"\r\n\r\n", b"\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
    for number in paced(10):
        for _ in range(number):
            attack.sent += 2
            attack.open(bomb)
            attack.open(offer + MALFORMED["compressed"])
        yield


@dataclass(frozen=True)
class Kind:
    """`ends`: the server has to end each of its connections by itself; otherwise it refuses what they ask."""

    play: Callable[[Attack], Iterator[None]]
    ends: bool


KINDS = {
    "a byte a second": Kind(drip, ends=True),
    "half-open": Kind(half_open, ends=True),
    "stalled readers": Kind(stalled, ends=False),
    "deaf": Kind(deaf, ends=False),
    "requests": Kind(requests, ends=False),
    "garbage": Kind(garbage, ends=False),
    "pings": Kind(pings, ends=False),
    "HTTP requests": Kind(http, ends=False),
    "malformed": Kind(malformed, ends=True),
    "fragments": Kind(fragments, ends=True),
    "bombs": Kind(bombs, ends=False),
}
