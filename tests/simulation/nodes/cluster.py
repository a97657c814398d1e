"""Three nodes that can be killed: `dealings serve` three times on one PostgreSQL and a NATS cluster of three."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.nats_servers import NatsServer, nats_cluster
from tests.simulation.killing import Postgres, Server, postgres

NODES = 3
NATS_DOWN_SECONDS = 2.0
NODE_DOWN_SECONDS = 1.0


class NodeServer(Server):
    """One node. Its own folder holds its log only: pictures are not what is tested here."""

    def __init__(self, data: Path, database: Postgres, nats: list[NatsServer]) -> None:
        super().__init__(data, database)
        self._nats = nats

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), "DEALINGS_NATS_URL": ",".join(server.url for server in self._nats)}

    def kill_now(self) -> None:
        """`kill -9` of the server; its lanes notice that it is gone."""
        self._process.kill()
        self._process.wait()

    def kill_lanes(self) -> None:
        for lane in self._lanes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(lane, signal.SIGKILL)


@dataclass
class Cluster:
    database: Postgres
    nats: list[NatsServer]
    nodes: list[NodeServer]

    @property
    def addresses(self) -> list[str]:
        return [node.ws for node in self.nodes]

    async def kill_a_node(self, rng: Random) -> str:
        node = rng.choice(self.nodes)
        await asyncio.to_thread(node.kill_now)
        await asyncio.sleep(NODE_DOWN_SECONDS)
        await node.start()
        return f"node {self.nodes.index(node)}"

    async def kill_nats(self, rng: Random) -> str:
        """The first server is the one that the others were told of first."""
        server = self.nats[0] if rng.random() < 0.5 else rng.choice(self.nats)
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(NATS_DOWN_SECONDS)
        server.start()
        return f"nats {server.number}"

    async def restart_postgres(self, rng: Random) -> str:
        await asyncio.to_thread(self.database.crash_and_restart)
        return "postgres"

    async def kill_a_lane(self, rng: Random) -> str:
        node = rng.choice(self.nodes)
        await asyncio.to_thread(node.kill_lanes)
        return f"lanes of node {self.nodes.index(node)}"


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Not started yet: the nodes are, when the town is settled."""
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(postgres(folder / "postgres"))
        nats = stack.enter_context(nats_cluster(folder / "nats", size=NODES))
        nodes = [NodeServer(folder / f"node{n}", database, nats) for n in range(NODES)]
        yield Cluster(database, nats, nodes)


@contextlib.asynccontextmanager
async def started(made: Cluster) -> AsyncIterator[Cluster]:
    try:
        await made.nodes[0].start()
        await asyncio.gather(*(node.start() for node in made.nodes[1:]))
        yield made
        await asyncio.gather(*(node.stop() for node in made.nodes))
    finally:
        for node in made.nodes:
            if node.lives:
                node.end()
