"""The WebSocket from outside: hello, sending once, resuming, limits, hostile clients."""

import asyncio
import json
import struct
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from dealings.client.connection import Disconnected, Event, Refused, connected
from dealings.domain.messaging.model import TEXT_MOST
from dealings.edge.gateway.protocol import FRAME_MOST, text_frame
from dealings.platform.db.stores import Store
from tests.edge.serving import Served, befriend, next_event, serving


def run(work: Coroutine[Any, Any, None]) -> None:
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_a_server_frame_is_what_rfc_6455_says(size: int) -> None:
    frame = text_frame(b"x" * size)
    short = frame[1]
    length = (
        struct.unpack(">H", frame[2:4])[0]
        if short == 126
        else struct.unpack(">Q", frame[2:10])[0]
        if short == 127
        else short
    )
    assert frame[0] == 0x81
    assert length == size
    assert frame.endswith(b"x" * size)


def test_P1_a_message_is_acknowledged_delivered_and_sent_again_without_doubling(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, arun = await served.sign_up("mei"), await served.sign_up("arun")
            conversation = await befriend(mei, arun)
            async with mei.connected() as one, arun.connected() as other:
                sent = await one.send(conversation, "你好 👋", client_id="a")
                assert (await next_event(other, "message.posted"))["body"]["text"] == "你好 👋"
                assert await one.send(conversation, "你好 👋", client_id="a") == sent
                with pytest.raises(Refused, match="key_reused"):
                    await one.send(conversation, "something else", client_id="a")
                history = await other.request("history", dict, conversation=conversation)
                assert [m["seq"] for m in history["messages"]] == [1]

    run(play())


def test_P2_a_client_that_comes_back_is_told_what_it_missed(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, arun = await served.sign_up("mei"), await served.sign_up("arun")
            conversation = await befriend(mei, arun)
            async with arun.connected() as other:
                cursor = other.cursor
            async with mei.connected() as one:
                for number in range(3):
                    await one.send(conversation, str(number), client_id=str(number))
            told: list[Event] = []
            async with connected(served.ws, token=arun.token, cursor=cursor, on_event=told.append) as other:
                await other.request("ping", dict)
                texts = [e.decode(dict)["body"]["text"] for e in told if e.kind == "message.posted"]
                assert texts == ["0", "1", "2"]
                kinds = [e.kind for e in told]
                assert "message.posted" not in kinds[kinds.index("resumed") :]
            transport, raw = await _raw(served)
            hello = {"op": "hello", "id": 1, "token": arun.token, "cursor": "another-log.7"}
            transport.send(WSMsgType.TEXT, json.dumps(hello).encode())
            assert json.loads(await raw.heard.get())["ok"]["resumed"] is False
            transport.disconnect()

    run(play())


def test_P7_nothing_is_told_to_a_stranger(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, arun, eve = [await served.sign_up(handle) for handle in ("mei", "arun", "eve")]
            conversation = await befriend(mei, arun)
            async with mei.connected() as one, eve.connected() as stranger:
                await one.send(conversation, "between us", client_id="a")
                for op, fields in (
                    ("send", {"client_id": "x", "body": {"kind": "text", "text": "hi"}}),
                    ("history", {}),
                    ("read", {"seq": 1}),
                ):
                    with pytest.raises(Refused, match="no_such_conversation"):
                        await stranger.request(op, dict, conversation=conversation, **fields)
                stranger.ask("typing", conversation=conversation)
                await stranger.request("ping", dict)
                assert stranger.events.empty()
                assert not (await stranger.request("state", dict))["conversations"]

    run(play())


def test_a_revoked_session_is_closed(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei = await served.sign_up("mei")
            (session,) = await mei.call("GET", "/sessions")
            async with mei.connected() as one:
                await mei.call("DELETE", f"/sessions/{session['id']}")
                async with asyncio.timeout(5):
                    await one.closed
            with pytest.raises(Refused, match="not_signed_in"):
                async with mei.connected():
                    pass

    run(play())


def test_what_cannot_be_read_is_refused_with_a_code(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, arun = await served.sign_up("mei"), await served.sign_up("arun")
            conversation = await befriend(mei, arun)
            async with mei.connected() as one:
                for fields in (
                    {"op": "no such op"},
                    {"op": "history", "conversation": conversation, "limit": 0},
                    {"op": "history", "conversation": conversation, "limit": 10**9},
                    {"op": "read", "conversation": conversation, "seq": -1},
                    {
                        "op": "send",
                        "conversation": conversation,
                        "client_id": "",
                        "body": {"kind": "text", "text": "x"},
                    },
                    {"op": "send", "conversation": conversation, "client_id": "a", "body": {"kind": "order"}},
                    {"op": "send", "conversation": conversation, "client_id": "a", "body": {"kind": "text", "text": 5}},
                ):
                    op = str(fields.pop("op"))
                    with pytest.raises(Refused, match=r"protocol\.bad_frame"):
                        await one.request(op, dict, **fields)
                with pytest.raises(Refused, match=r"messaging\.too_long"):
                    await one.send(conversation, "长" * (TEXT_MOST + 1), client_id="a")
                with pytest.raises(Refused, match=r"messaging\.empty"):
                    await one.send(conversation, " \n ", client_id="a")
                assert (await one.send(conversation, "长" * TEXT_MOST, client_id="a")).seq == 1

    run(play())


def test_a_frame_that_is_too_large_ends_only_its_own_connection(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, arun = await served.sign_up("mei"), await served.sign_up("arun")
            conversation = await befriend(mei, arun)
            async with arun.connected() as other:
                async with mei.connected() as one:
                    with pytest.raises(Disconnected):
                        await one.send(conversation, "x" * (FRAME_MOST + 1), client_id="a")
                async with mei.connected() as one:
                    await one.send(conversation, "still here", client_id="b")
                assert (await next_event(other, "message.posted"))["seq"] == 1

    run(play())


def test_too_many_requests_are_refused_and_say_when_to_come_back(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path, frames_per_second=5) as served:
            mei = await served.sign_up("mei")
            async with mei.connected() as one:
                answers = await asyncio.gather(*(one.ask("ping") for _ in range(60)), return_exceptions=True)
                refused = [a for a in answers if isinstance(a, Refused)]
                assert 20 <= len(refused) < 60
                assert {r.code for r in refused} == {"protocol.too_fast"}
                assert refused[0].retry_after_seconds == 1

    run(play())


class Raw(WSListener):
    """A client that says whatever it is told to, and writes down how it ended."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()
        self.closed = asyncio.get_running_loop().create_future()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is WSMsgType.CLOSE:
            self.closed.set_result(frame.get_close_code())
            transport.disconnect()
        else:
            self.heard.put_nowait(frame.get_payload_as_bytes())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


async def _raw(served: Served, **headers: str) -> tuple[Any, Raw]:
    listener = Raw()
    transport, _ = await ws_connect(lambda: listener, served.ws, extra_headers=headers)
    return transport, listener


def test_hello_comes_first(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            transport, raw = await _raw(served)
            transport.send(WSMsgType.TEXT, json.dumps({"op": "state", "id": 1}).encode())
            transport.send(WSMsgType.TEXT, b'{"op":"hello","id":2,"protocol":99,"token":"x"}')
            transport.send(WSMsgType.TEXT, b'{"op":"hello","id":3,"token":"wrong"}')
            transport.send(WSMsgType.TEXT, b"not json at all")
            async with asyncio.timeout(5):
                heard = [await raw.heard.get() for _ in range(4)]
            codes = sorted(json.loads(told)["error"]["code"] for told in heard)
            assert codes == [
                "identity.not_signed_in",
                "protocol.bad_frame",
                "protocol.hello_first",
                "protocol.version",
            ]
            transport.disconnect()

    run(play())


def test_binary_frames_are_not_spoken_here(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            transport, raw = await _raw(served)
            transport.send(WSMsgType.BINARY, b"\x00\x01")
            async with asyncio.timeout(5):
                assert await raw.closed == WSCloseCode.UNSUPPORTED_DATA

    run(play())


def test_P7_a_page_of_another_site_cannot_connect(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            with pytest.raises(Exception, match="404|refused|upgrade|negotiat"):
                await _raw(served, Origin="https://evil.example")
            transport, _ = await _raw(served, Origin=served.http)
            transport.disconnect()

    run(play())
