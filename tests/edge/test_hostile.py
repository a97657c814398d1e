"""Clients that mean no good, and luck that means none either: sockets held open, rights that end at the wrong moment."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from picows import WSMsgType

from dealings.client.connection import Disconnected, Refused
from dealings.domain.identity import actions as identity
from dealings.edge.gateway import gateway, greeting, session
from dealings.edge.gateway.greeting import Look
from dealings.edge.web import http
from dealings.kernel.clock import system_clock
from dealings.platform.db.actions import Stored
from dealings.platform.db.direct import Direct
from dealings.platform.db.reads import Reads
from dealings.platform.db.stores import Store
from dealings.platform.outbox import events as streams
from tests.edge.serving import Member, Served, befriend, next_event, serving
from tests.edge.test_gateway import _raw, run

UNREADABLE = {
    "no UTF-8": b'{"op":"typing","id":7,"conversation":"\xff"}',
    "no JSON": b"\xff\xfe",
    "nested": b'{"op":"ping","id":7,"x":' + b"[" * 30_000,
    "nested and closed": b'{"op":"ping","id":7,"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "too large a number": b'{"op":"ping","id":1e400}',
    "half a pair": b'{"op":"typing","id":7,"conversation":"\\ud800"}',
}


def test_a_frame_that_cannot_be_read_is_answered_and_ends_nothing(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            transport, raw = await _raw(served)
            for name, frame in UNREADABLE.items():
                transport.send(WSMsgType.TEXT, frame)
                async with asyncio.timeout(5):
                    answer = json.loads(await raw.heard.get())
                assert answer["error"]["code"] == "protocol.bad_frame", name
            transport.disconnect()

    run(play())


def test_frames_that_cannot_be_read_are_counted_too(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path, frames_per_second=5) as served:
            transport, raw = await _raw(served)
            for _ in range(400):
                transport.send(WSMsgType.TEXT, b"{")
            async with asyncio.timeout(5):
                codes = [json.loads(await raw.heard.get())["error"]["code"] for _ in range(400)]
            assert codes.count("protocol.too_fast") >= 8  # an address has ten seconds' worth at once
            transport.disconnect()

    run(play())


def test_what_is_costly_counts_for_more(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path, frames_per_second=20) as served:
            mei = await served.sign_up("mei")
            async with mei.connected() as one:
                asked = await asyncio.gather(*(one.ask("state") for _ in range(20)), return_exceptions=True)
                assert 10 <= sum(isinstance(answer, Refused) for answer in asked) < 20

    run(play())


def test_P7_a_connection_is_one_session_for_good(store: Store, tmp_path: Path) -> None:
    """Else it would go on hearing what the first one hears after that has ended."""

    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, eve = await served.sign_up("mei"), await served.sign_up("eve")
            (of_mei,) = await mei.call("GET", "/sessions")
            async with mei.connected() as one:
                with pytest.raises(Refused, match=r"protocol\.hello_once"):
                    await one.hello(token=eve.token)
                await mei.call("DELETE", f"/sessions/{of_mei['id']}")
                async with asyncio.timeout(5):
                    await one.closed

    run(play())


def meanwhile(served: Served, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], Awaitable[object]]) -> None:
    """Let something happen, and be told, between the look at what an account may hear and the listening to it,
    as it can wherever a look takes a moment."""
    greeter = served.node.gateway._greeter
    original = greeter._ask
    left = [happens]

    async def ask(asked: Mapping[str, Any]) -> Look:
        found = await original(asked)
        while left:
            await left.pop()()
        return found

    monkeypatch.setattr(greeter, "_ask", ask)
    monkeypatch.setattr(Reads, "on_the_spot", False)


def test_P7_a_session_that_ends_during_hello_hears_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei = await served.sign_up("mei")
            (of_mei,) = await mei.call("GET", "/sessions")
            meanwhile(served, monkeypatch, lambda: mei.call("DELETE", f"/sessions/{of_mei['id']}"))
            with pytest.raises((Refused, Disconnected)):
                async with mei.connected():
                    pass
            assert not served.node.gateway._hub._listeners

    run(play())


async def group(owner: Member, other: Member) -> str:
    await befriend(owner, other)
    made = await owner.call("POST", "/conversations", json={"kind": "group", "name": "Tea", "members": [other.id]})
    return str(made["id"])


def test_P7_a_group_left_during_hello_is_not_heard(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, eve = await served.sign_up("mei"), await served.sign_up("eve")
            tea = await group(mei, eve)
            meanwhile(served, monkeypatch, lambda: mei.call("DELETE", f"/conversations/{tea}/members/{eve.id}"))
            async with eve.connected() as removed:
                async with mei.connected() as one:
                    await one.send(tea, "she is gone", client_id="a")
                await removed.request("ping", dict)
                heard = [removed.events.get_nowait() for _ in range(removed.events.qsize())]
                assert not [e for e in heard if e.kind == "message.posted" and "gone" in str(bytes(e.data))]

    run(play())


def test_P7_dismissed_staff_hear_nothing_whatever_is_told_late(store: Store, tmp_path: Path) -> None:
    """Two lanes commit side by side: what an account is may be told after what it has become since."""

    async def play() -> None:
        async with serving(store, tmp_path) as served:
            lin, wang = await served.sign_up("lin"), await served.sign_up("wang")
            shop = (await lin.call("POST", "/shops", json={"handle": "tea", "name": "Tea", "currency": "CNY"}))["id"]
            await lin.call("POST", f"/shops/{shop}/staff", json={"handle": "wang"})
            was = await wang.call("GET", "/me")
            async with wang.connected() as one:
                await lin.call("DELETE", f"/shops/{shop}/staff/{wang.id}")
                assert (await next_event(one, "me.changed"))["shops"] == []
                late = Stored(1, 0, streams.account(wang.id), "me.changed", json.dumps(was).encode(), "", 0)
                served.node.gateway.publish([late], 1)
                await next_event(one, "me.changed")
                await one.request("ping", dict)
                while served.node.gateway._tasks:  # noqa: ASYNC110  (the gateway's own, without an event)
                    await asyncio.sleep(0.01)
                assert not served.node.gateway._hub.listening(streams.shop(shop))

    run(play())


def test_who_goes_during_hello_leaves_nothing_behind(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei = await served.sign_up("mei")
            transport, raw = await _raw(served)

            async def go() -> None:
                transport.disconnect()
                await raw.closed
                await asyncio.sleep(0.1)

            meanwhile(served, monkeypatch, go)
            transport.send(WSMsgType.TEXT, json.dumps({"op": "hello", "id": 1, "token": mei.token}).encode())
            async with asyncio.timeout(5):
                await raw.closed
                while served.node.gateway._tasks:  # noqa: ASYNC110  (the gateway's own, without an event)
                    await asyncio.sleep(0.01)
            assert not served.node.gateway._hub._listeners

    run(play())


def test_one_account_cannot_take_all_places(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greeting, "CONNECTIONS_AN_ACCOUNT", 2)

    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei = await served.sign_up("mei")
            async with mei.connected(), mei.connected():
                with pytest.raises(Refused, match=r"protocol\.too_many_connections"):
                    async with mei.connected():
                        pass
            await asyncio.sleep(0.1)
            async with mei.connected():
                pass

    run(play())


def elsewhere(store: Store, **given: Any) -> None:
    """A session is ended by another node on the same store, whose events don't come here."""
    other = Direct(store, clock=system_clock, rng=Random(7))
    other.run(identity.revoke_session, **given)
    other.close()


def test_P7_rights_that_ended_elsewhere_are_noticed(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "SWEEP_SECONDS", 0.05)
    monkeypatch.setattr(session, "LOOK_AGAIN_SECONDS", 0.0)

    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei = await served.sign_up("mei")
            (of_mei,) = await mei.call("GET", "/sessions")
            async with mei.connected() as one:
                await asyncio.to_thread(elsewhere, store, account=mei.id, session=of_mei["id"])
                async with asyncio.timeout(5):
                    await one.closed

    run(play())


# HTTP heads


async def _ended(served: Served, *sent: bytes) -> bytes:
    """What comes back until the server ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    try:
        for part in sent:
            writer.write(part)
            await writer.drain()
        async with asyncio.timeout(5):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


HEADS = {
    "a header": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 2_000_000,
    "headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 300_000,
    "a request line": b"GET /" + b"a" * 2_000_000,
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_a_head_without_end_is_cut_off(store: Store, tmp_path: Path, head: bytes) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            assert b"200 OK" not in await _ended(
                served, *(head[at : at + 50_000] for at in range(0, len(head), 50_000))
            )

    run(play())


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX: "], ids=["nothing", "a", "b"])
def test_a_head_that_does_not_come_is_not_waited_for(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(http, "HEAD_SECONDS", 0.3)

    async def play() -> None:
        async with serving(store, tmp_path) as served:
            assert await _ended(served, sent) == b""

    run(play())


def test_a_long_cookie_of_someone_else_does_not_matter(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei = await served.sign_up("mei")
            theirs = "\\\\" * 6_000
            cookie = f'theirs="{theirs}"; [bad]; dealings_session={mei.token}'
            transport, raw = await _raw(served, Cookie=cookie)
            transport.send(WSMsgType.TEXT, b'{"op":"hello","id":1}')
            async with asyncio.timeout(5):
                assert json.loads(await raw.heard.get())["ok"]["me"]["id"] == mei.id
            transport.disconnect()

    run(play())


def test_P7_behind_a_proxy_the_metrics_need_their_token(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served, served.client() as browser:
            assert (await browser.get(f"{served.http}/metrics")).status_code == 200
            for header in ({"X-Forwarded-For": "127.0.0.1"}, {"X-Real-IP": "127.0.0.1"}, {"Via": "1.1 proxy"}):
                assert (await browser.get(f"{served.http}/metrics", headers=header)).status_code == 403

    run(play())


@pytest.mark.parametrize("host", ["a" * 3_000, "a b", '"><script>', ""])
def test_a_host_that_is_none_makes_no_link(store: Store, tmp_path: Path, host: str) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei = await served.sign_up("mei")
            head = f"GET /api/v1/me/card HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {mei.token}\r\n\r\n"
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(head.encode())
            assert (await reader.readline()).split()[1] in (b"400", b"422")
            writer.close()

    run(play())
