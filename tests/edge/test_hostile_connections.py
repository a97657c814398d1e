"""One hostile connection at a time, to see what exactly it is told."""

import asyncio
import contextlib
from pathlib import Path

import pytest
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.hostile.attacks import MALFORMED
from dealings.edge.gateway import adapter
from dealings.platform.db.stores import Store
from tests.edge.serving import Served, serving
from tests.edge.test_adapter import UPGRADE
from tests.edge.test_gateway import run


async def _ended(reader: asyncio.StreamReader) -> bytes:
    """What it is told until its end."""
    heard = b""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(10):
            while more := await reader.read(65536):
                heard += more
    return heard


async def _silent(served: Served) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", served.port)


def test_of_too_many_who_say_nothing_the_oldest_have_to_go(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "DOORS_MOST", 5)

    async def play() -> None:
        async with serving(store, tmp_path) as served:
            lines = [await _silent(served) for _ in range(8)]
            for reader, _ in lines[:3]:
                assert await _ended(reader) == b""
            for reader, writer in lines[3:]:
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                assert b"200 OK" in await _ended(reader)
            for _, writer in lines:
                writer.close()

    run(play())


class Pinging(WSListener):
    def __init__(self) -> None:
        self.pongs: asyncio.Queue[bytes] = asyncio.Queue()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.PONG:
            self.pongs.put_nowait(frame.get_payload_as_bytes())


@pytest.mark.parametrize("payload", [b"", b"still there?", b"x" * 125], ids=["nothing", "some", "most"])
def test_a_ping_is_answered_with_what_it_says(store: Store, tmp_path: Path, payload: bytes) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            pinging = Pinging()
            transport, _ = await ws_connect(lambda: pinging, served.ws)
            transport.send_ping(payload)
            async with asyncio.timeout(5):
                assert await pinging.pongs.get() == payload
            transport.disconnect()

    run(play())


def test_what_no_client_sends_ends_the_connection(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            for name, frame in MALFORMED.items():
                reader, writer = await _silent(served)
                writer.write(UPGRADE + frame)
                heard = await _ended(reader)
                assert heard.startswith(b"HTTP/1.1 101"), name
                assert b"bad_frame" not in heard, name
                writer.close()

    run(play())


def test_compression_is_offered_in_vain(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            reader, writer = await _silent(served)
            offer = b"\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
            writer.write(UPGRADE.replace(b"\r\n\r\n", offer))
            async with asyncio.timeout(5):
                head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 101")
            assert b"extensions" not in head.lower()
            writer.close()

    run(play())
