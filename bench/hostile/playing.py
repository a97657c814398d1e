"""Hostile clients in a process of their own, so that what they cost their side is not felt by those who are measured."""

import multiprocessing
import os
from collections import Counter
from collections.abc import Iterator, Set
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import perf_counter

from bench.hostile.attacks import KINDS, Attack, Target
from bench.peers.engine import Engine

NETWORK = "127.0.1"
"""They come from other addresses than those who behave."""
ENDING_SECONDS = 120.0
"""Longer than the server waits for anything."""


@dataclass(frozen=True)
class Outcome:
    """`left`: how many connections the server had not ended, `opened` of how many that stood when the attack was over."""

    sent: int
    told: Counter[str]
    opened: int
    left: int


class Playing:
    """A running attack. Told to end, it waits until the server has ended what it has to end, then has an outcome."""

    def __init__(self, process: multiprocessing.process.BaseProcess, pipe: "Connection[str, Outcome | None]") -> None:
        self._process = process
        self._pipe = pipe

    def end(self) -> None:
        self._pipe.send("end")

    @property
    def told_all(self) -> bool:
        """Whether it was told all that it should be told; ask until it is so, and then no more."""
        return self._pipe.poll() and self._pipe.recv() is None

    @property
    def ended(self) -> bool:
        return self._pipe.poll()

    def outcome(self) -> Outcome:
        outcome = self._pipe.recv()
        assert outcome is not None
        self._process.join()
        return outcome

    def stop(self) -> None:
        self._process.kill()
        self._process.join()


@contextmanager
def playing(name: str, target: Target, *, scale: float, wanted: Set[str]) -> Iterator[Playing]:
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_play, args=(name, target, scale, wanted, theirs), daemon=True)
    process.start()
    play = Playing(process, ours)
    try:
        yield play
    finally:
        play.stop()


def _play(name: str, target: Target, scale: float, wanted: Set[str], pipe: "Connection[Outcome | None, str]") -> None:
    os.sched_setscheduler(
        0, os.SCHED_IDLE, os.sched_param(0)
    )  # the core is for those who are measured whenever they want it
    engine = Engine(network=NETWORK)
    attack = Attack(engine, target, scale)
    play = KINDS[name].play(attack)
    told_all = False
    while not pipe.poll():
        next(play)
        engine.turn(0.002)
        if not told_all and wanted <= attack.told.keys():
            told_all = True
            pipe.send(None)
    opened = len(attack.living())
    until = perf_counter() + (ENDING_SECONDS if KINDS[name].ends else 0.5)
    while attack.living() and perf_counter() < until:
        engine.turn(0.1)
    left = len(attack.living())
    for line in attack.lines:
        line.leave()
    pipe.send(Outcome(attack.sent, attack.told, opened, left))
