"""P1, P2 and P8 on three nodes: members of one conversation on different nodes, any of which may die.

Nodes are killed with `kill -9`, and NATS servers, lanes, PostgreSQL, while more than five hundred clients chat. Who checks
believes only what these wrote down: nothing acknowledged is lost, doubled or out of order, and every client is told of
everything within ten seconds.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from bench.peers.town import Builder
from dealings.edge.operation import doctor
from dealings.kernel.clock import system_clock
from dealings.kernel.ids import Ids
from dealings.platform.db.migrate import migrate
from dealings.platform.db.stores import PostgresStore, Store
from tests.simulation.nodes.checking import CURRENT_SECONDS, Verdict, check
from tests.simulation.nodes.cluster import Cluster, cluster, started
from tests.simulation.nodes.residents import Resident

RESIDENTS = 510
GROUP = 30
PAUSE_SECONDS = 0.5
"""Between two messages of one writer."""
WRITERS = 20
OFTEN = (16, 1, 4)
"""How often each speaks in the own group, to everybody, and to a friend."""
CALM_SECONDS = 3.0
FINISH_SECONDS = 30.0


def settle(store: Store, rng: Random, addresses: Sequence[str]) -> list[Resident]:
    """Groups of thirty, one of everybody, and pairs."""
    migrate(store, incarnation=Ids(system_clock, rng)())
    builder = Builder()
    people = [builder.person(n) for n in range(RESIDENTS)]
    talks = [builder.group(people[at : at + GROUP]) for at in range(0, RESIDENTS, GROUP)]
    talks.append(builder.group(people))
    talks += [builder.pair(people[n], people[-1 - n]) for n in range(GROUP)]
    builder.write(store)
    mine: dict[str, list[str]] = {person.account: [] for person in people}
    for talk in talks:
        for person in talk.people:
            mine[person.account].append(talk.conversation)
    return [Resident(p.account, p.token, mine[p.account], addresses, Random(rng.random())) for p in people]


async def write(residents: Sequence[Resident], rng: Random, stop: asyncio.Event) -> None:
    """Somebody says something somewhere, again and again; the group of everybody is spoken in now and then."""
    while not stop.is_set():
        speaker = rng.choice(residents)
        talks = list(speaker.journal.seen)
        (talk,) = rng.choices(talks, OFTEN[: len(talks)])
        await speaker.say(talk)
        await asyncio.sleep(rng.uniform(0, 2 * PAUSE_SECONDS))


Trouble = Callable[[Cluster, Random], Awaitable[str]]
EVERY_TROUBLE: list[Trouble] = [
    Cluster.kill_a_node,
    Cluster.kill_nats,
    Cluster.restart_postgres,
    Cluster.kill_a_lane,
]


async def play(made: Cluster, residents: Sequence[Resident], rng: Random, troubles: Sequence[Trouble]) -> None:
    """Everybody lives through all of it, then says the last word and is told of it."""
    stop, silence = asyncio.Event(), asyncio.Event()
    async with started(made):
        lives = [asyncio.create_task(resident.live(stop)) for resident in residents]
        await asyncio.wait_for(asyncio.gather(*(resident.here.wait() for resident in residents)), FINISH_SECONDS)
        writers = [asyncio.create_task(write(residents, Random(rng.random()), silence)) for _ in range(WRITERS)]
        for trouble in troubles:
            await asyncio.sleep(rng.uniform(0.5, 1.5) * CALM_SECONDS)
            print(f"{time.strftime('%X')} killed:", await trouble(made, rng))
            assert not any(task.done() for task in [*lives, *writers])
        await asyncio.sleep(CALM_SECONDS)
        silence.set()
        await asyncio.wait_for(asyncio.gather(*writers), FINISH_SECONDS)
        await asyncio.sleep(CURRENT_SECONDS if not _all_told(residents) else 0)
        stop.set()
        await asyncio.gather(*lives)


def _all_told(residents: Sequence[Resident]) -> bool:
    last: dict[str, int] = {}
    for resident in residents:
        for note in resident.journal.said:
            last[note.conversation] = max(last.get(note.conversation, 0), note.seq)
    return all(seq in r.journal.seen[talk] for r in residents for talk, seq in last.items() if talk in r.journal.seen)


def survive(folder: Path, *, seed: int, troubles: Sequence[Trouble]) -> Verdict:
    rng = Random(seed)
    with cluster(folder) as made:
        store = PostgresStore(made.database.url)
        residents = settle(store, rng, made.addresses)
        asyncio.run(play(made, residents, rng, troubles))
        verdict = check(residents)
        print(verdict)
        assert doctor.examine(store) == []
        return verdict


def test_P8_whatever_dies_of_three_nodes_everyone_is_told_everything_once_in_order_and_soon(short_folder: Path) -> None:
    verdict = survive(short_folder, seed=3, troubles=EVERY_TROUBLE)
    assert verdict.said > 300
    assert verdict.told > 20 * verdict.said
    assert verdict.counts["repeated"]
    assert verdict.counts["broken"] > RESIDENTS / 4


@pytest.mark.soak
def test_P8_soak_of_three_nodes(short_folder: Path) -> None:
    until = time.monotonic() + float(os.environ.get("SOAK_SECONDS", "600")) / 2
    seed = time.time_ns()
    while time.monotonic() < until:
        print("seed", seed)
        rng = Random(seed)
        survive(short_folder / str(seed % 10_000), seed=seed, troubles=rng.choices(EVERY_TROUBLE, k=20))
        seed += 1
