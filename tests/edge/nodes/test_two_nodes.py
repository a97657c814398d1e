"""Members of one conversation on different nodes: everything reaches everyone, and nobody hears what is not theirs."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dealings.client.connection import Client
from dealings.commands.offline import offline
from dealings.domain.messaging import api as messaging
from dealings.edge.nodes import missed
from dealings.platform.bus import tables, wire
from dealings.platform.bus.speaking import Speaker
from dealings.platform.db.stores import Store
from dealings.settings import Settings
from tests.edge.nodes.conftest import Open, among
from tests.edge.serving import Member, befriend, next_event

SOON_SECONDS = 20.0  # two cores may be busy with other tests
NOT_HEARD_SECONDS = 1.2


def sent(client: Client, conversation: str, n: int) -> Any:
    return client.send(conversation, f"text {n}", client_id=f"id-{n}")


async def heard(client: Client, *, count: int, within: float = SOON_SECONDS) -> list[str]:
    """The next texts that are told."""
    texts: list[str] = []
    async with asyncio.timeout(within):
        while len(texts) < count:
            body = (await next_event(client, "message.posted"))["body"]
            if body["kind"] == "text":
                texts.append(body["text"])
    return texts


async def silent(client: Client, kind: str) -> bool:
    try:
        async with asyncio.timeout(NOT_HEARD_SECONDS):
            await next_event(client, kind)
    except TimeoutError:
        return True
    return False


def test_P1_told_at_the_other_node_once_and_in_order(two: Open) -> None:
    async def play() -> None:
        async with two() as nodes:
            mei, arun = await nodes.one.sign_up("mei"), await nodes.other.sign_up("arun")
            conversation = await befriend(mei, arun)
            async with mei.connected() as hers, arun.connected() as his, nodes.at_other(mei).connected() as second:
                for n in range(50):
                    await sent(hers if n % 2 else his, conversation, n)
                expected = [f"text {n}" for n in range(50)]
                for client in (hers, his, second):
                    assert sorted(await heard(client, count=50)) == sorted(expected)
                assert await silent(his, "message.posted")

    asyncio.run(play())


def test_without_nats_the_other_node_finds_it_in_the_log(two: Open) -> None:
    async def play() -> None:
        async with two(url="") as nodes:
            mei, arun = await nodes.one.sign_up("mei"), await nodes.other.sign_up("arun")
            conversation = await befriend(mei, arun)
            async with mei.connected() as hers, arun.connected() as his:
                await asyncio.sleep(2)  # both have noticed that the other one says nothing
                for n in range(20):
                    await sent(hers, conversation, n)
                assert await heard(his, count=20) == [f"text {n}" for n in range(20)]
                assert await silent(his, "message.posted")

    asyncio.run(play())


def test_P2_what_the_bus_loses_is_told_from_the_log_and_only_that(two: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        async with two() as nodes:
            mei, arun = await nodes.one.sign_up("mei"), await nodes.other.sign_up("arun")
            conversation = await befriend(mei, arun)
            async with mei.connected() as hers, arun.connected() as his:
                await asyncio.sleep(1)
                published = among(nodes.one)._company.bus.publish
                lost: list[str] = []

                def lossy(subject: str, payload: bytes) -> None:
                    if payload[:1] == wire.EVENTS and len(lost) < 3:
                        lost.append(subject)
                    else:
                        published(subject, payload)

                monkeypatch.setattr(among(nodes.one)._company.bus, "publish", lossy)
                for n in range(6):
                    await sent(hers, conversation, n)
                assert sorted(await heard(his, count=6)) == [f"text {n}" for n in range(6)]
                assert len(lost) == 3
                assert await silent(his, "message.posted")

    asyncio.run(play())


def test_P2_a_beat_left_out_makes_the_others_look(two: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a lane that died with what it had committed."""

    async def play() -> None:
        async with two() as nodes:
            mei, arun = await nodes.one.sign_up("mei"), await nodes.other.sign_up("arun")
            conversation = await befriend(mei, arun)
            async with mei.connected() as hers, arun.connected() as his:
                await asyncio.sleep(1)
                with monkeypatch.context() as mute:
                    mute.setattr(Speaker, "tell", lambda self, events: None)
                    await sent(hers, conversation, 1)
                among(nodes.one)._speaker.leave_out_a_beat()
                assert await heard(his, count=1) == ["text 1"]

    asyncio.run(play())


def test_P2_when_too_much_was_missed_everyone_comes_back_for_their_part(
    two: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play() -> None:
        async with two() as nodes:
            mei, arun = await nodes.one.sign_up("mei"), await nodes.other.sign_up("arun")
            conversation = await befriend(mei, arun)
            async with mei.connected() as hers, arun.connected() as his:
                await asyncio.sleep(1)
                monkeypatch.setattr(
                    missed, "FOUND_MOST", 0
                )  # whenever it looks: on a busy machine that may be between any two
                with monkeypatch.context() as mute:
                    mute.setattr(Speaker, "tell", lambda self, events: None)
                    for n in range(5):
                        await sent(hers, conversation, n)
                among(nodes.one)._speaker.leave_out_a_beat()
                await asyncio.wait_for(his.closed, SOON_SECONDS)
            async with arun.connected(his.cursor) as again:
                assert await heard(again, count=5) == [f"text {n}" for n in range(5)]

    asyncio.run(play())


def test_what_a_command_beside_the_nodes_commits_is_told(two: Open, shared: Store, tmp_path: Path) -> None:
    def write(conversation: str, sender: str) -> None:
        with offline(Settings(tmp_path / "offline", database_url=shared.url)) as here:
            here.one(messaging.post, messaging.Post(conversation, sender, "id-1", messaging.Text("text 1")))

    async def play() -> None:
        async with two() as nodes:
            mei, arun = await nodes.one.sign_up("mei"), await nodes.other.sign_up("arun")
            conversation = await befriend(mei, arun)
            async with mei.connected() as hers, arun.connected() as his:
                await asyncio.sleep(1)
                await asyncio.to_thread(write, conversation, mei.id)
                assert await heard(his, count=1, within=SOON_SECONDS) == await heard(hers, count=1) == ["text 1"]

    asyncio.run(play())


def test_a_cursor_of_one_node_is_good_at_the_other(two: Open) -> None:
    async def play() -> None:
        async with two() as nodes:
            mei, arun = await nodes.one.sign_up("mei"), await nodes.other.sign_up("arun")
            conversation = await befriend(mei, arun)
            async with arun.connected() as his:
                cursor = his.cursor
            async with mei.connected() as hers:
                for n in range(5):
                    await sent(hers, conversation, n)
            async with Member(nodes.one, arun.id, arun.token).connected(cursor) as his:
                assert await heard(his, count=5) == [f"text {n}" for n in range(5)]

    asyncio.run(play())


def test_P7_who_is_brought_into_a_group_hears_it_and_who_is_removed_hears_no_more(two: Open) -> None:
    async def play() -> None:
        async with two() as nodes:
            mei, arun = await nodes.one.sign_up("mei"), await nodes.other.sign_up("arun")
            await befriend(mei, arun)
            async with mei.connected() as hers, arun.connected() as his:
                given = {"kind": "group", "name": "Tea", "members": []}
                group = (await mei.call("POST", "/conversations", json=given))["id"]
                await mei.call("POST", f"/conversations/{group}/members", json={"accounts": [arun.id]})
                await sent(hers, group, 1)  # at once: the other node listens to nothing of this group yet
                assert await heard(his, count=1) == ["text 1"]
                await mei.call("DELETE", f"/conversations/{group}/members/{arun.id}")
                await next_event(his, "conversation.left")
                await sent(hers, group, 2)
                assert await silent(his, "message.posted")

    asyncio.run(play())


def test_P7_a_session_ended_at_one_node_is_closed_at_the_other(two: Open) -> None:
    async def play() -> None:
        async with two() as nodes:
            mei = await nodes.one.sign_up("mei")
            async with nodes.at_other(mei).connected() as there:
                await mei.call("DELETE", "/sessions/current")
                await next_event(there, "session.revoked")
                await asyncio.wait_for(there.closed, SOON_SECONDS)

    asyncio.run(play())


def test_P7_staff_hear_their_shop_as_long_as_they_are_staff_wherever_they_are(two: Open) -> None:
    async def play() -> None:
        async with two() as nodes:
            owner, clerk, buyer = [
                await node.sign_up(name)
                for node, name in ((nodes.one, "owner"), (nodes.other, "clerk"), (nodes.one, "buyer"))
            ]
            given = {"handle": "tea", "name": "Tea", "tagline": "", "currency": "CNY"}
            shop = (await owner.call("POST", "/shops", json=given))["id"]
            thread = (await buyer.call("POST", "/conversations", json={"kind": "shop", "shop": shop}))["id"]
            async with clerk.connected() as there, buyer.connected() as asking:
                await owner.call("POST", f"/shops/{shop}/staff", json={"handle": "clerk"})
                await next_event(there, "me.changed")
                await asyncio.sleep(0.2)
                await sent(asking, thread, 1)
                assert await heard(there, count=1) == ["text 1"]
                await owner.call("DELETE", f"/shops/{shop}/staff/{clerk.id}")
                await next_event(there, "me.changed")
                await sent(asking, thread, 2)
                assert await silent(there, "message.posted")

    asyncio.run(play())


def test_who_is_there_and_who_types_is_seen_across_nodes_by_those_who_look(two: Open) -> None:
    async def play() -> None:
        async with two() as nodes:
            mei, arun = await nodes.one.sign_up("mei"), await nodes.other.sign_up("arun")
            conversation = await befriend(mei, arun)
            async with mei.connected() as hers:
                await hers.ask("watch", conversation=conversation)
                async with arun.connected() as his:
                    there = await next_event(hers, "presence")
                    assert (there["conversation"], there["account"], there["online"]) == (conversation, arun.id, True)
                    his.ask("typing", conversation=conversation)
                    assert await next_event(hers, "typing") == {"conversation": conversation, "account": arun.id}
                    await hers.ask("watch", conversation=None)
                    his.ask("typing", conversation=conversation)
                    assert await silent(hers, "typing")

    asyncio.run(play())


def test_a_node_that_leaves_is_off_the_roster_and_its_clients_are_told_to_come_back(two: Open) -> None:
    async def play() -> None:
        async with two() as nodes:
            mei = await nodes.one.sign_up("mei")
            async with mei.connected() as hers:
                await nodes.one.node.gateway.drain()
                leaving = await next_event(hers, "leave")
                assert leaving["within_ms"] > 0
                await asyncio.wait_for(hers.closed, SOON_SECONDS)
            await among(nodes.one).stop()
            left = nodes.one.node.services.settings.node
            listed = await nodes.other.node.services.reads(tables.listed)
            assert left not in listed
            assert nodes.other.node.services.settings.node in listed

    asyncio.run(play())
