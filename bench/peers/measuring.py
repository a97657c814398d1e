"""One load for so long: how much came through, how long it took, and what it cost both sides."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from bench.peers import processes
from bench.peers.engine import Engine
from bench.peers.journal import Acks, Deliveries, Spread, Wrong, check, spread
from bench.peers.members import Sent
from bench.peers.processes import Used

WARM_UP = 0.25
"""The part of the time that is not counted."""
DRAIN_SECONDS = 20.0


@dataclass(frozen=True)
class Window:
    """What both sides had used at the beginning and at the end of what counts."""

    start: float
    end: float
    server: dict[int, Used]
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
    before, own, start = processes.used(list(pids)), sum(os.times()[:2]), perf_counter()
    while perf_counter() < start + seconds * (1 - WARM_UP):
        engine.turn(0.01)
    after, own_after, end = processes.used(list(pids)), sum(os.times()[:2]), perf_counter()
    return Window(start, end, {pid: after[pid] - before.get(pid, Used(0, 0)) for pid in after}, own_after - own)


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
    """What a conversation's connections noted: those who write there, and those who read."""

    acks: Sequence[Acks]
    deliveries: Sequence[Deliveries]
    before: int = 0
    """Messages that were there already."""


def settled(engine: Engine, talking: Sequence[Talking], under_way: Callable[[], int]) -> None:
    """Wait until all is answered and delivered; then every message has to be there exactly once."""

    def quiet() -> bool:
        return under_way() == 0 and all(
            len(delivered.seqs) >= sum(len(ack.seqs) for ack in talk.acks)
            for talk in talking
            for delivered in talk.deliveries
        )

    try:
        engine.until(quiet, seconds=DRAIN_SECONDS, what="the last answers")
    except TimeoutError as late:
        raise Wrong(f"{under_way()} messages without an answer or not delivered") from late
    for _ in range(3):
        engine.turn(0.02)  # what comes twice, comes late
    for talk in talking:
        check(talk.acks, talk.deliveries, before=talk.before)
