"""Timers and consumers on three nodes: each thing is done once, by one node, and soon by another when that one is killed."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from random import SystemRandom

import httpx

from dealings.domain.orders.actions import close_unpaid
from dealings.kernel.clock import system_clock
from dealings.kernel.ids import Ids
from dealings.platform.db.actions import action
from dealings.platform.db.direct import Direct
from dealings.platform.db.migrate import migrate
from dealings.platform.db.stores import PostgresStore
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import consumers
from dealings.platform.outbox import tables as outbox
from tests.simulation.nodes.cluster import Cluster, NodeServer, cluster, started

TIMERS = 200
TAKEN_OVER_SECONDS = 20.0


@action()
def set_timers(tx: Tx, *, count: int) -> None:
    """Orders that are not there: closing them changes nothing, so that only who did it matters."""
    for _ in range(count):
        tx.schedule(close_unpaid, due_at=tx.now, order=tx.new_id())


async def fired(node: NodeServer) -> int:
    """How many timers a node has run."""
    async with httpx.AsyncClient() as client:
        text = (await client.get(f"{node.http}/metrics")).text
    found = re.search(r"^dealings_timers_fired_total (\S+)$", text, re.MULTILINE)
    return int(float(found[1])) if found else 0


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(TAKEN_OVER_SECONDS):
        while not await asyncio.to_thread(true):  # noqa: ASYNC110  # what is waited for is in the store
            await asyncio.sleep(0.1)


async def play(made: Cluster, here: Direct) -> None:
    def all_fired() -> bool:
        return here.read(outbox.count_timers, due_by=system_clock()) == 0

    def all_consumed() -> bool:
        return not any(here.read(consumers.lag, name=name, most=1) for name in consumers.CONSUMERS)

    async with started(made):
        await asyncio.sleep(2)  # everybody has signed, and work is shared
        here.run(set_timers, count=TIMERS)
        await until(all_fired)
        shares = [await fired(node) for node in made.nodes]
        assert sorted(shares) == [0, 0, TIMERS]
        busy = made.nodes[shares.index(TIMERS)]
        await asyncio.to_thread(busy.kill_now)
        here.run(set_timers, count=TIMERS)
        await until(all_fired)
        await until(all_consumed)
        left = [await fired(node) for node in made.nodes if node is not busy]
        assert sorted(left) == [0, TIMERS]
        await busy.start()


def test_P8_timers_are_fired_by_one_node_and_taken_over_when_it_is_killed(short_folder: Path) -> None:
    with cluster(short_folder) as made:
        store = PostgresStore(made.database.url)
        migrate(store, incarnation=Ids(system_clock, SystemRandom())())
        here = Direct(store, clock=system_clock, rng=SystemRandom())
        asyncio.run(play(made, here))
        here.close()
