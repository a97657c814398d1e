"""P8: `kill -9` at any moment loses nothing acknowledged and leaves nothing half done.

A real server is killed, or its lane, or PostgreSQL, again and again while people chat, order, pay and
top up. Who checks believes only what they wrote down when they were answered.
"""

import asyncio
import os
import time
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from dealings.domain.messaging import api as messaging
from dealings.domain.orders import queries as orders
from dealings.domain.wallet import api as wallet
from dealings.edge.operation import doctor
from dealings.kernel.ids import Id
from dealings.platform.db.tx import Read
from dealings.platform.db.views import reading
from tests.simulation.killing import Server, postgres
from tests.simulation.load import PRICE, Journal, settle_in

KILLS = 20
MOST_SECONDS_ALIVE = 0.3
HELD_OR_SPENT = {"paid", "shipped", "received", "settled"}


async def kill_and_kill(server: Server, rng: Random, *, kills: int) -> Journal:
    """Let people live through so many deaths; what they wrote down."""
    journal = Journal()
    await server.start()
    town = await settle_in(server.http, server.ws, journal, rng)
    stop = asyncio.Event()
    life = asyncio.create_task(town.live(stop))
    for _ in range(kills):
        await asyncio.sleep(rng.uniform(0, MOST_SECONDS_ALIVE))
        await server.kill(rng)
        assert not life.done(), life.exception()
    stop.set()
    await asyncio.wait_for(life, 60)
    await town.leave()
    await server.stop()
    return journal


def check(db: Read, journal: Journal) -> None:
    """Everything that was acknowledged is there, once, and nothing else."""
    check_messages(db, journal)
    for buyer, states in journal.orders.items():
        page = orders.purchases(db, buyer=buyer, state=None, cursor=None, limit=1_000_000)
        assert {order.id: order.state for order in page.items} == states
        paid = sum(PRICE for state in states.values() if state in HELD_OR_SPENT)
        (balance,) = wallet.wallet(db, owner=buyer).balances
        assert balance.available == journal.topped_up[buyer] - paid


def check_messages(db: Read, journal: Journal) -> None:
    by_place = {(said.conversation, said.seq): said for said in journal.said}
    assert len(by_place) == len(journal.said), "two messages were given the same number"
    for (conversation, seq), said in by_place.items():
        message = messaging.message(db, conversation=conversation, seq=seq)
        assert message is not None, said
        assert (message.sender, message.client_id, message.body) == (
            said.sender,
            said.client_id,
            messaging.Text(said.text),
        )
    for conversation in {said.conversation for said in journal.said}:
        last = max(said.seq for said in journal.said if said.conversation == conversation)
        assert messaging.message(db, conversation=conversation, seq=last + 1) is None
        assert count(journal, conversation) == last


def count(journal: Journal, conversation: Id) -> int:
    return sum(said.conversation == conversation for said in journal.said)


def survive(engine: str, folder: Path, *, seed: int, kills: int) -> Server:
    """One whole game on one kind of store, checked."""
    with ExitStack() as stack:
        database = stack.enter_context(postgres(folder / "postgres")) if engine == "postgres" else None
        server = Server(folder / "data", database)
        stack.callback(server.end)
        journal = asyncio.run(kill_and_kill(server, Random(seed), kills=kills))
        assert journal.repeated
        assert journal.said
        assert all(journal.orders.values())
        with reading(server.store) as db:
            check(db, journal)
        assert doctor.examine(server.store) == []
        return server


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_P8_killed_again_and_again_nothing_acknowledged_is_lost(engine: str, short_folder: Path) -> None:
    survive(engine, short_folder, seed=8, kills=KILLS)


@pytest.mark.soak
@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_P8_soak(engine: str, short_folder: Path) -> None:
    until = time.monotonic() + float(os.environ.get("SOAK_SECONDS", "600")) / 2
    seed = time.time_ns()
    while time.monotonic() < until:
        print("seed", seed)
        survive(engine, short_folder / str(seed % 10_000), seed=seed, kills=KILLS)
        seed += 1
