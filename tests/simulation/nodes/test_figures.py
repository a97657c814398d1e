"""Three nodes tell each other how they are: whichever an operator asks knows of all."""

import asyncio
from pathlib import Path
from random import SystemRandom
from typing import Any

import httpx

from dealings.domain.identity import actions as identity
from dealings.domain.identity import tokens
from dealings.kernel.clock import system_clock
from dealings.kernel.ids import Ids
from dealings.platform.db.direct import Direct
from dealings.platform.db.migrate import migrate
from dealings.platform.db.stores import PostgresStore
from tests.simulation.nodes.cluster import NODES, Cluster, NodeServer, cluster, started

TOLD_SECONDS = 20.0


def operator(here: Direct) -> str:
    """The token of one."""
    account = here.run(identity.sign_up, handle="olga", name="Olga", password_hash="x")
    here.run(identity.grant_operator, account=account)
    token = tokens.new_token()
    here.run(
        identity.open_session,
        account=account,
        verified="x",
        token_hash=tokens.digest(token),
        agent="test",
        address="127.0.0.1",
    )
    return token


async def asked(node: NodeServer, token: str) -> Any:
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as client:
        return (await client.get(f"{node.http}/api/v1/operator/health")).raise_for_status().json()


async def all_known(node: NodeServer, token: str) -> Any:
    async with asyncio.timeout(TOLD_SECONDS):
        while len((told := await asked(node, token))["nodes"]) < NODES:  # noqa: ASYNC110  # it is another process
            await asyncio.sleep(0.2)
    return told


async def play(made: Cluster, token: str) -> None:
    async with started(made):
        told = [await all_known(node, token) for node in made.nodes]
    assert len({each["node"] for each in told}) == NODES
    for each in told:
        assert {other["node"] for other in each["nodes"]} == {one["node"] for one in told}
        assert all(other["sample"]["memory_bytes"] > 0 for other in each["nodes"])
        verdicts = {vital["code"]: vital["verdict"] for vital in each["vitals"]}
        assert (verdicts["bus"], verdicts["lanes"], verdicts["store"]) == ("fine", "fine", "fine")
        assert each["series"]["seconds"]


def test_every_node_knows_how_the_others_are(short_folder: Path) -> None:
    with cluster(short_folder) as made:
        store = PostgresStore(made.database.url)
        migrate(store, incarnation=Ids(system_clock, SystemRandom())())
        here = Direct(store, clock=system_clock, rng=SystemRandom())
        token = operator(here)
        here.close()
        asyncio.run(play(made, token))
