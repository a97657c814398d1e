"""A whole node in the test's process: lanes as processes, a real port, real sockets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from dealings import lane
from dealings.client.connection import Client, OnEvent, connected
from dealings.edge import serve
from dealings.edge.serve import LaneProgram, Node
from dealings.platform.db.stores import Store
from dealings.settings import Settings

PASSWORD = "a long enough passphrase"


@dataclass
class Served:
    """A running node and where it listens."""

    node: Node
    port: int

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, token: str | None = None) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(base_url=f"{self.http}/api/v1", headers=headers, timeout=20)

    async def sign_up(self, handle: str) -> "Member":
        async with self.client() as http:
            given = {"handle": handle, "name": handle.title(), "password": PASSWORD}
            answered = (await http.post("/accounts", json=given)).raise_for_status().json()
        return Member(self, answered["me"]["id"], answered["token"])


@dataclass
class Member:
    """Someone signed in."""

    served: Served
    id: str
    token: str

    async def call(self, method: str, path: str, **given: Any) -> Any:
        async with self.served.client(self.token) as http:
            answered = await http.request(method, path, **given)
        answered.raise_for_status()
        return answered.json() if answered.content else None

    def connected(self, cursor: str | None = None, on_event: OnEvent | None = None) -> Any:
        return connected(self.served.ws, token=self.token, cursor=cursor, on_event=on_event)


@asynccontextmanager
async def serving(store: Store, data: Path, **given: Any) -> AsyncIterator[Served]:
    location = store.url if store.dialect == "postgresql" else str(store.path)  # type: ignore[attr-defined]
    settings = Settings(data, port=0, database_url=location if store.dialect == "postgresql" else "", **given)
    program = LaneProgram(lane.ARGV, {lane.LOCATION: location})
    async with serve.running(settings, store, program) as node:
        server = serve.server(settings, node)
        listening = serve.bind(settings)
        task = asyncio.get_running_loop().create_task(server.serve([listening]))
        await _until_started(server)
        try:
            yield Served(node, listening.getsockname()[1])
        finally:
            server.should_exit = True
            await node.gateway.drain()
            await task


async def _until_started(server: uvicorn.Server) -> None:
    async with asyncio.timeout(10):
        while not server.started:  # noqa: ASYNC110  (uvicorn has a flag and no event)
            await asyncio.sleep(0.01)


async def befriend(one: Member, other: Member) -> str:
    """Two contacts and their conversation."""
    await one.call("POST", "/contacts", json={"account": other.id})
    await other.call("POST", f"/contacts/{one.id}/accept")
    opened = await one.call("POST", "/conversations", json={"kind": "direct", "account": other.id})
    return str(opened["id"])


async def next_event(client: Client, kind: str) -> Any:
    """The next event of this kind, decoded."""
    async with asyncio.timeout(5):
        while True:
            event = await client.events.get()
            if event.kind == kind:
                return event.decode(dict)
