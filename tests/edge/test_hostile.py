"""Clients that mean no good, and luck that means none either: sockets held open, rights that end at the wrong moment."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from itertools import pairwise
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from picows import WSMsgType

from dealings.client.connection import Disconnected, Refused
from dealings.domain.identity import actions as identity
from dealings.edge.gateway import gateway, greeting, session
from dealings.edge.gateway.greeting import Look
from dealings.edge.gateway.hub import Hub
from dealings.edge.web import http
from dealings.edge.web.observe import Bucket, Turns
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


def test_what_is_long_counts_for_more(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path, frames_per_second=20) as served:
            mei, arun = await served.sign_up("mei"), await served.sign_up("arun")
            conversation = await befriend(mei, arun)
            async with mei.connected() as one:
                sending = [one.send(conversation, "满" * 10_000, client_id=f"long{n}") for n in range(10)]
                answers = await asyncio.gather(*sending, return_exceptions=True)
                refused = {answer.code for answer in answers if isinstance(answer, Refused)}
                assert refused == {"protocol.too_fast"}
                assert 1 <= sum(not isinstance(answer, Refused) for answer in answers) < 6

    run(play())


def test_what_is_compressed_is_refused_unread_and_who_pipelines_is_told_slowly(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served, served.client() as client:
            packed = {"content-encoding": "gzip", "content-type": "application/json"}
            answered = await client.post("/accounts", content=b"\x1f\x8b" + bytes(1000), headers=packed)
            assert (answered.status_code, answered.json()["code"]) == (415, "compressed_request")
            assert answered.headers["accept-encoding"] == "identity"
            began = asyncio.get_running_loop().time()
            reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
            writer.write(b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
            told = await reader.read()
            assert told.endswith(b"Invalid HTTP request received.")
            assert told.count(b"HTTP/1.1 ") <= 2
            assert asyncio.get_running_loop().time() - began >= http.REFUSED_AFTER_SECONDS
            writer.close()

    run(play())


def test_what_costs_more_than_there_can_be_is_not_refused_for_ever() -> None:
    bucket = Bucket(rate=1, burst=5, at=0)
    assert bucket.take(0, 30)
    assert not bucket.take(1, 30)
    assert not bucket.take(1, 3)
    assert bucket.take(6, 30)


def test_requests_begin_one_a_tick_and_others_come_between() -> None:
    order: list[str] = []

    async def request(turns: Turns, name: str) -> None:
        await turns.wait()
        order.append(name)

    async def play() -> None:
        loop, turns = asyncio.get_running_loop(), Turns()
        asked = [loop.create_task(request(turns, f"request {n}")) for n in range(4)]
        asked[2].cancel()

        def tick(left: int) -> None:
            order.append("tick")
            if left:
                loop.call_soon(tick, left - 1)

        tick(12)
        await asyncio.gather(*asked, return_exceptions=True)
        assert [each for each in order if each != "tick"] == ["request 0", "request 1", "request 3"]
        for one, other in pairwise([at for at, each in enumerate(order) if each != "tick"]):
            assert other - one > 1, order
        order.clear()
        await request(turns, "later")
        assert order == ["later"]

    run(play())


def test_what_is_large_leaves_little_by_little_and_what_is_small_at_once() -> None:
    async def play() -> None:
        here = gateway.Gateway(Hub("0"), None, None, None, clock=system_clock, frames_per_second=200)  # type: ignore[arg-type]  # nothing is asked
        large = [Pretended(here) for _ in range(30)]
        for each in large:
            each.session.tell(b"x" * 100_000)
        small = Pretended(here)
        small.session.tell(b"answer")
        here._flush()
        assert small.written == [b"answer"]
        first = sum(len(data) for each in large for data in each.written)
        assert gateway.TICK_BYTES <= first <= gateway.TICK_BYTES + 100_000
        for each in large:
            each.session.tell(b"more")
        for _ in range(20):
            await asyncio.sleep(0)
        assert {b"".join(each.written) for each in large} == {b"x" * 100_000 + b"more"}

    run(play())


class Pretended:
    """A connection that takes whatever is written."""

    def __init__(self, here: gateway.Gateway) -> None:
        self.written: list[bytes] = []
        self.session = session.Session(here, bucket=Bucket(rate=1, burst=1, at=0), cookie=None)
        socket = SimpleNamespace(write=self.written.append, is_closing=lambda: False, get_write_buffer_size=lambda: 0)
        self.session.transport = SimpleNamespace(underlying_transport=socket)  # type: ignore[assignment]  # as much as is used


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
