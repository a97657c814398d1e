"""One load for so long: how much came through, how long it took, and what it cost both sides."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from bench.peers import processes
from bench.peers.engine import Engine
from bench.peers.journal import Acks, Spread, Wrong, check, spread
from bench.peers.players import Player, Sent
from bench.peers.processes import Used

WARM_UP = 0.25
"""The part of the time that is not counted."""
DRAIN_SECONDS = 20.0


@dataclass(frozen=True)
class Window:
    """What both sides had used at the beginning and at the end of what counts."""

    start: float
    end: float
    server: dict[str, Used]
    """By process, within the window."""
    generator: float

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @property
    def server_share(self) -> float:
        return sum(one.both for one in self.server.values()) / self.seconds

    @property
    def generator_share(self) -> float:
        return self.generator / self.seconds


@dataclass(frozen=True)
class Result:
    """`rate` of what was counted a second; `answer` from sending to the answer, `delivery` to the receiver."""

    rate: float
    messages: float
    """Messages a second; of a group, each is many deliveries."""
    window: Window
    answer: Spread | None = None
    delivery: Spread | None = None

    @property
    def a_cpu_second(self) -> float:
        """Messages for each second of CPU that the server used."""
        return self.messages / max(self.window.server_share, 1e-9)


def windowed(engine: Engine, pids: Sequence[int], *, seconds: float) -> Window:
    """Let the load run; what is counted begins after a quarter."""
    start = perf_counter() + seconds * WARM_UP
    while perf_counter() < start:
        engine.turn(0.01)

    def load() -> None:
        until = perf_counter() + seconds * (1 - WARM_UP)
        while perf_counter() < until:
            engine.turn(0.01)

    return within(pids, load)


def within(pids: Sequence[int], work: Callable[[], object]) -> Window:
    """What a piece of work took, and cost both sides."""
    before, own, start = processes.used(list(pids)), sum(os.times()[:2]), perf_counter()
    work()
    after, own_after, end = processes.used(list(pids)), sum(os.times()[:2]), perf_counter()
    named = {f"{pid} {processes.title(pid)}": after[pid] - before.get(pid, Used(0, 0)) for pid in after}
    return Window(start, end, named, own_after - own)


@contextmanager
def undisturbed() -> Iterator[None]:
    """The generator's own garbage collection waits until a load is over."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def latencies(sent: Sent, noted: Iterable[Acks], window: Window) -> Spread:
    at, start, end = sent.at, window.start, window.end
    return spread(
        time - at[number]
        for some in noted
        for number, time in zip(some.numbers, some.times, strict=True)
        if start <= time <= end
    )


def counted(noted: Iterable[Acks], window: Window) -> float:
    """How many a second were noted within the window."""
    return sum(window.start <= time <= window.end for some in noted for time in some.times) / window.seconds


@dataclass(frozen=True)
class Talking:
    """A conversation's connections: who writes there, and who reads."""

    writer: Player
    readers: Sequence[Player]
    before: int | None = 0
    """Messages that were there already; None: this server does not number them."""

    def quiet(self) -> bool:
        """All is answered and delivered."""
        for reader in self.readers:
            reader.catch_up()
        answered = len(self.writer.acks.seqs)
        return self.writer.under_way == 0 and all(len(reader.deliveries.seqs) >= answered for reader in self.readers)


def settled(engine: Engine, talking: Sequence[Talking]) -> None:
    """Wait for the last answers and deliveries; then every message has to be there exactly once."""
    until = perf_counter() + DRAIN_SECONDS
    while not all(talk.quiet() for talk in talking) and perf_counter() < until:
        engine.turn(0.02)
    for _ in range(3):
        engine.turn(0.02)  # what comes twice, comes late
    for talk in talking:
        if not talk.quiet():
            raise Wrong(f"{talk.writer.under_way} messages without an answer, or not delivered")
        check([talk.writer.acks], [reader.deliveries for reader in talk.readers], before=talk.before)
