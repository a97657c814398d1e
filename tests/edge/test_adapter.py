"""One port for both: what a connection's first bytes are decides, however they are cut."""

import asyncio
import base64
from pathlib import Path

import pytest

from dealings.edge.web import http
from dealings.platform.db.stores import Store
from tests.edge.serving import Served, serving
from tests.edge.test_gateway import run

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + base64.b64encode(b"0" * 16) + b"\r\n\r\n"
)
PING = b"\x81\x80\x00\x00\x00\x00"
"""An empty masked text frame: answered as one that can't be read."""


async def _said(served: Served, parts: list[bytes], *, enough: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.02)
        async with asyncio.timeout(5):
            heard = b""
            while enough not in heard and (more := await reader.read(65536)):
                heard += more
            return heard
    finally:
        writer.close()


@pytest.mark.parametrize("size", [1, 3, 50, len(UPGRADE) - 1, len(UPGRADE) + len(PING)])
def test_a_socket_is_upgraded_however_its_head_is_cut(store: Store, tmp_path: Path, size: int) -> None:
    whole = UPGRADE + PING
    parts = [whole[at : at + size] for at in range(0, len(whole), size)]

    async def play() -> None:
        async with serving(store, tmp_path) as served:
            heard = await _said(served, parts, enough=b"protocol.bad_frame")
            assert heard.startswith(b"HTTP/1.1 101")
            assert b"protocol.bad_frame" in heard

    run(play())


def test_http_begins_like_an_upgrade_or_not(store: Store, tmp_path: Path) -> None:
    asked = (
        [b"GET /w", b"hat HTTP/1.1\r\nHost: localhost\r\n\r\n"],
        [b"G", b"ET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    )

    async def play() -> None:
        async with serving(store, tmp_path) as served:
            for parts in asked:
                assert (await _said(served, parts, enough=b"\r\n\r\n")).startswith(b"HTTP/1.1 ")
            for path in (b"/ws", b"/wsx"):
                plain = [b"GET " + path + b" HTTP/1.1\r\nHost: localhost\r\n\r\n"]
                assert b" 101 " not in await _said(served, plain, enough=b"\r\n\r\n")

    run(play())


def test_an_endless_head_and_one_that_never_comes_are_cut(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "HEAD_SECONDS", 0.3)

    async def play() -> None:
        async with serving(store, tmp_path) as served:
            endless = [b"GET /ws HTTP/1.1\r\n", *[b"a: " + b"b" * 16_000 + b"\r\n"] * 5]
            for parts in (endless, [], [b"GET /w"]):
                try:
                    assert await _said(served, parts, enough=b"never") == b""
                except ConnectionError:
                    continue

    run(play())
