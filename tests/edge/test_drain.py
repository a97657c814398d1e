"""A node that is told to stop drains: it says so, takes nothing new, answers what is under way, and then closes."""

import asyncio
import os
import signal
from pathlib import Path

import httpx
import pytest

from dealings.client.connection import Client, Disconnected, Event, Refused, connected
from dealings.platform.db.stores import SqliteStore
from tests.edge.serving import PASSWORD, serving
from tests.edge.test_process import fetch, program

MESSAGES = 200
"""Under way at once, fewer than a connection may have."""


async def sign_up(http: httpx.AsyncClient, handle: str) -> tuple[str, str]:
    given = {"handle": handle, "name": handle.title(), "password": PASSWORD}
    answered = (await http.post("/accounts", json=given)).raise_for_status().json()
    return answered["me"]["id"], answered["token"]


async def friends(address: str) -> tuple[str, str]:
    """Someone's token, and their conversation with a friend."""
    async with httpx.AsyncClient(base_url=f"{address}/api/v1", timeout=20) as http:
        (mei, token), (arun, other) = await sign_up(http, "mei"), await sign_up(http, "arun")
        mine, theirs = ({"Authorization": f"Bearer {t}"} for t in (token, other))
        (await http.post("/contacts", json={"account": arun}, headers=mine)).raise_for_status()
        (await http.post(f"/contacts/{mei}/accept", headers=theirs)).raise_for_status()
        opened = await http.post("/conversations", json={"kind": "direct", "account": arun}, headers=mine)
        return token, str(opened.json()["id"])


def ask(client: Client, conversation: str, n: int) -> asyncio.Future[object]:
    body = {"kind": "text", "text": f"text {n}"}
    return client.ask("send", conversation=conversation, client_id=f"id-{n}", body=body)  # type: ignore[return-value]


async def outcome(answer: asyncio.Future[object]) -> str:
    try:
        await answer
    except Refused as refused:
        return refused.code
    except Disconnected:
        return "nothing"
    return "ok"


@pytest.mark.parametrize("wanted", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_is_answered_before_the_connection_is_closed(tmp_path: Path, wanted: signal.Signals) -> None:
    async def play(address: str, pid: int) -> None:
        token, conversation = await friends(address)
        told: list[Event] = []
        async with connected(address.replace("http", "ws") + "/ws", token=token, on_event=told.append) as client:
            first = ask(client, conversation, 0)
            await first
            answers = [ask(client, conversation, n) for n in range(1, MESSAGES)]
            os.kill(pid, wanted)
            outcomes = [await outcome(answer) for answer in answers]
            await asyncio.wait_for(client.closed, 10)
        assert set(outcomes) <= {"ok", "unavailable"}
        assert outcomes.count("ok") > 0
        (leave,) = [event.decode(dict) for event in told if event.kind == "leave"]
        assert leave["within_ms"] > 0

    with program(tmp_path, DEALINGS_FRAMES_PER_SECOND="10000") as (process, address):
        fetch(address, "/healthz")
        asyncio.run(play(address, process.pid))
        assert process.wait(timeout=20) == 0


def test_while_it_drains_nothing_new_is_taken(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "dealings.db"
    path.write_bytes(sqlite_template.read_bytes())

    async def play() -> None:
        async with serving(SqliteStore(path), tmp_path / "data") as served:
            token, conversation = await friends(served.http)
            async with connected(served.ws, token=token) as client:
                held: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                gateway = served.node.gateway

                async def hold() -> None:
                    await held

                gateway.go(hold())  # something that takes its time
                draining = asyncio.create_task(gateway.drain())
                await asyncio.sleep(0.05)
                assert await outcome(ask(client, conversation, 1)) == "unavailable"
                with pytest.raises(Exception, match="."):
                    async with connected(served.ws, token=token):
                        pass
                held.set_result(None)
                await asyncio.wait_for(draining, 5)
                await asyncio.wait_for(client.closed, 5)

    asyncio.run(play())
