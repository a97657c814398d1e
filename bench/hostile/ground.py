"""A server with its people: those who behave, and those in whose names others are hostile."""

import socket
import sys
from collections.abc import Iterator, Set
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

from bench.hostile.attacks import Target
from bench.hostile.playing import Outcome, playing
from bench.hostile.steady import Steady
from bench.peers import processes, servers
from bench.peers.journal import Spread
from bench.peers.servers import Served
from bench.peers.town import Builder, Talk
from dealings.platform.db.migrate import migrate
from dealings.platform.db.stores import SqliteStore

PAIRS = 50
HOSTILE = 30
PROGRAM = "dealings.cli"
NOTHING: Set[str] = frozenset()
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True)
class Ground:
    """A running server, those who behave on it, and where hostile clients go."""

    served: Served
    steady: Steady
    target: Target


@dataclass(frozen=True)
class Seen:
    before: Spread
    meanwhile: Spread
    kib_before: int
    kib_most: int
    kib_after: int
    outcome: Outcome


@contextmanager
def ground(folder: Path, *, pairs: int = PAIRS, program: str = PROGRAM, apart: bool = True) -> Iterator[Ground]:
    """On the default limits; `apart`: the server on a core of its own."""
    talks, group = _settle(folder, pairs)
    ours, others = (servers.SERVER_CORES, servers.GENERATOR_CORES) if apart else (servers.ALL_CORES,) * 2
    port = processes.free_port()
    argv = [sys.executable, "-m", program, "serve", "--data", str(folder), "--port", str(port)]
    with ExitStack() as stack:
        served = stack.enter_context(servers.running(argv, port=port, cores=ours, log=folder / "server.log"))
        listening(served)
        stack.enter_context(processes.on_cores(others))
        steady = Steady(port, talks)
        stack.callback(steady.close)
        yield Ground(served, steady, Target(port, [p.token for p in group.people], group.conversation))


def listening(served: Served) -> None:
    until = perf_counter() + servers.START_SECONDS
    while perf_counter() < until:
        assert served.alive(), served.last_words()
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", served.port)):
            return
        sleep(0.01)
    raise TimeoutError("the server does not listen")


def _settle(folder: Path, pairs: int) -> tuple[list[Talk], Talk]:
    store = SqliteStore(folder / "dealings.db")
    migrate(store, incarnation="0" * 16)
    builder = Builder()
    people = [builder.person(number) for number in range(2 * pairs + HOSTILE)]
    talks = [builder.pair(*people[2 * n : 2 * n + 2]) for n in range(pairs)]
    group = builder.group(people[2 * pairs :])
    builder.write(store)
    return talks, group


def suffer(
    here: Ground, name: str, *, seconds: float, looks: int = 1, scale: float = 1.0, wanted: Set[str] = NOTHING
) -> Seen:
    """One kind of attack: those who behave before and meanwhile, and the memory. It goes on until it was told `wanted`.

    `looks`: of so many, each of `seconds`, before and meanwhile, the middle one counts: a machine of several stops for
    milliseconds now and then, whoever is hostile.
    """
    before, kib_before = _middle(here, seconds, looks), processes.resident_kib(here.served.pids())
    with playing(name, here.target, scale=scale, wanted=wanted) as attack:
        here.steady.run(1.0)  # until it has begun
        meanwhile, kib_most = _middle(here, seconds, looks), processes.resident_kib(here.served.pids())
        patience = perf_counter() + PATIENCE_SECONDS
        while not attack.told_all and perf_counter() < patience:
            here.steady.run(0.1)
        attack.end()
        while not attack.ended:
            here.steady.run(0.5)
        outcome = attack.outcome()
    return Seen(before, meanwhile, kib_before, kib_most, processes.resident_kib(here.served.pids()), outcome)


def _middle(here: Ground, seconds: float, looks: int) -> Spread:
    return sorted((here.steady.run(seconds) for _ in range(looks)), key=lambda spread: spread.p99)[looks // 2]
