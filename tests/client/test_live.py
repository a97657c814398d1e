"""The client that stays, against a whole node over real sockets."""

import asyncio
from pathlib import Path

from dealings.client.live import LiveClient, live
from dealings.platform.db.stores import Store
from tests.edge.serving import befriend, serving

SECONDS = 20


async def settled(client: LiveClient) -> None:
    async with asyncio.timeout(SECONDS):
        await client.until(lambda: client.messenger.is_settled)


async def until_last_seq(client: LiveClient, conversation: str, seq: int) -> None:
    def arrived() -> bool:
        known = client.messenger.state.conversations.get(conversation)
        return known is not None and known["last_seq"] == seq

    async with asyncio.timeout(SECONDS):
        await client.until(arrived)


def test_it_comes_back_by_itself_and_says_again_what_was_not_answered(store: Store, tmp_path: Path) -> None:
    asyncio.run(_comes_back(store, tmp_path))


async def _comes_back(store: Store, folder: Path) -> None:
    async with serving(store, folder) as served:
        mei, arun = await served.sign_up("mei"), await served.sign_up("arun")
        conversation = await befriend(mei, arun)
        async with (
            live(served.ws, token=mei.token, account=mei.id) as here,
            live(served.ws, token=arun.token, account=arun.id) as there,
        ):
            await settled(here)
            await settled(there)
            before = there.messenger.state.conversations[conversation]["last_seq"]
            here.do("send", conversation, "one")
            _break_off(here)
            here.do("send", conversation, "two")
            await settled(here)
            await until_last_seq(there, conversation, before + 2)
            assert there.messenger.state.conversations[conversation]["last"]["body"]["text"] == "two"
            assert here.messenger.unsent == []


def _break_off(client: LiveClient) -> None:
    assert client._socket is not None and client._socket.transport is not None
    client._socket.transport.underlying_transport.abort()


def test_it_waits_for_a_server_that_is_not_there_yet(store: Store, tmp_path: Path) -> None:
    asyncio.run(_waits(store, tmp_path))


async def _waits(store: Store, folder: Path) -> None:
    async with serving(store, folder) as served:
        mei = await served.sign_up("mei")
        async with live("ws://127.0.0.1:1/ws", token=mei.token, account=mei.id) as client:
            async with asyncio.timeout(SECONDS):
                await client.until(lambda: client.messenger.link.state == "waiting")
            client._url = served.ws
            await settled(client)


def test_it_ends_with_its_session(store: Store, tmp_path: Path) -> None:
    asyncio.run(_ends(store, tmp_path))


async def _ends(store: Store, folder: Path) -> None:
    async with serving(store, folder) as served:
        mei = await served.sign_up("mei")
        async with live(served.ws, token=mei.token, account=mei.id) as client:
            await settled(client)
            await mei.call("DELETE", "/sessions/current")
            async with asyncio.timeout(SECONDS):
                await client.until(lambda: client.messenger.link.state == "ended")
