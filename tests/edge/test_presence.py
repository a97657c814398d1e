"""Who is there, who types, how far others have read: told to those who look, and to nobody else (P7)."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dealings.client.connection import Client, Refused
from dealings.edge.gateway import presence
from dealings.platform.db.stores import Store
from tests.edge.serving import Member, Served, befriend, next_event, serving
from tests.edge.test_gateway import run


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "GRACE_SECONDS", 0.3)
    monkeypatch.setattr(presence, "SETTLE_SECONDS", 0.05)


async def watch(client: Client, conversation: str | None) -> list[str]:
    seen: dict[str, Any] = await client.request("watch", dict, conversation=conversation)
    assert seen["conversation"] == conversation
    return sorted(seen["present"])


async def nothing_came(client: Client) -> None:
    """No event of any kind, though everything that was under way has been told."""
    await asyncio.sleep(0.6)
    await client.request("ping", dict)
    assert client.events.empty(), client.events.get_nowait()


async def group_of(owner: Member, *others: Member) -> str:
    for other in others:
        await befriend(owner, other)
    members = [other.id for other in others]
    made = await owner.call("POST", "/conversations", json={"kind": "group", "name": "Us", "members": members})
    return str(made["id"])


async def signed_up(served: Served, *handles: str) -> list[Member]:
    return [await served.sign_up(handle) for handle in handles]


def test_who_comes_and_goes_is_told_to_those_who_look(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, arun = await signed_up(served, "mei", "arun")
            talk = await befriend(mei, arun)
            async with mei.connected() as one, mei.connected() as elsewhere:
                assert await watch(one, talk) == []
                async with arun.connected() as other:
                    gone = {"conversation": talk, "account": arun.id, "online": False}
                    assert await next_event(one, "presence") == gone | {"online": True}
                    assert await watch(one, talk) == [arun.id]
                    assert await watch(other, talk) == [mei.id]
                assert await next_event(one, "presence") == gone
                await nothing_came(elsewhere)

    run(play())


def test_whoever_is_back_soon_was_never_away(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, arun = await signed_up(served, "mei", "arun")
            talk = await befriend(mei, arun)
            async with mei.connected() as one:
                async with arun.connected():
                    assert await watch(one, talk) == [arun.id]
                async with arun.connected(), arun.connected():
                    await nothing_came(one)

    run(play())


def test_typing_is_seen_by_those_who_look_and_kept_nowhere(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, arun, eve = await signed_up(served, "mei", "arun", "eve")
            talk = await befriend(mei, arun)
            async with mei.connected() as one, arun.connected() as other, eve.connected() as stranger:
                one.ask("typing", conversation=talk)
                await nothing_came(other)
                await watch(other, talk)
                stranger.ask("typing", conversation=talk)
                one.ask("typing", conversation=talk)
                assert await next_event(other, "typing") == {"conversation": talk, "account": mei.id}
                await watch(other, None)
                one.ask("typing", conversation=talk)
                await nothing_came(other)

    run(play())


def test_in_a_group_those_who_look_see_others_read(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, arun, lin = await signed_up(served, "mei", "arun", "lin")
            group = await group_of(mei, arun, lin)
            async with mei.connected() as one, arun.connected() as other, lin.connected() as third:
                assert await watch(one, group) == sorted([arun.id, lin.id])
                await other.request("read", dict, conversation=group, seq=1)
                moved = {"conversation": group, "reader": arun.id, "seq": 1, "unread": None}
                assert await next_event(one, "read.moved") == moved
                await nothing_came(third)
                readers = await mei.call("GET", f"/conversations/{group}/messages/1/readers")
                assert readers == {"read": [arun.id], "received": [], "unread": [lin.id]}

    run(play())


def test_P7_watching_needs_membership_and_ends_with_it(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, arun, eve = await signed_up(served, "mei", "arun", "eve")
            group = await group_of(mei, arun)
            async with mei.connected() as one, arun.connected() as other, eve.connected() as stranger:
                with pytest.raises(Refused, match="no_such_conversation"):
                    await watch(stranger, group)
                await watch(other, group)
                await mei.call("DELETE", f"/conversations/{group}/members/{arun.id}")
                await next_event(other, "conversation.left")
                one.ask("typing", conversation=group)
                await nothing_came(other)

    run(play())


def test_P7_the_blocked_see_no_one_come_type_or_read(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, arun, lin = await signed_up(served, "mei", "arun", "lin")
            talk, group = await befriend(mei, arun), await group_of(mei, arun, lin)
            async with mei.connected() as one, arun.connected() as other:
                said = await other.send(talk, "read this", client_id="a")
                assert await watch(other, group) == [mei.id]
                await mei.call("POST", f"/contacts/{arun.id}/block")
                gone = {"conversation": group, "account": mei.id, "online": False}
                assert await next_event(other, "presence") == gone
                for conversation in (group, talk):
                    assert await watch(other, conversation) == []
                    one.ask("typing", conversation=conversation)
                    await one.request("received", dict, conversation=conversation, seq=said.seq)
                    await one.request("read", dict, conversation=conversation, seq=1)
                await nothing_came(other)
                seen = await arun.call("GET", f"/conversations/{talk}")
                assert (seen["conversation"]["peer_read_seq"], seen["conversation"]["peer_received_seq"]) == (0, 0)
            async with arun.connected() as other:
                await watch(other, talk)
                async with mei.connected():
                    await nothing_came(other)

    run(play())


def test_a_shop_is_there_when_one_of_its_staff_is(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, tao = await signed_up(served, "mei", "tao")
            given = {"handle": "tea.house", "name": "Tea", "tagline": "", "currency": "CNY"}
            shop = (await tao.call("POST", "/shops", json=given))["id"]
            thread = (await mei.call("POST", "/conversations", json={"kind": "shop", "shop": shop}))["id"]
            async with mei.connected() as buyer:
                assert await watch(buyer, thread) == []
                async with tao.connected() as staff:
                    there = {"conversation": thread, "account": shop, "online": True}
                    assert await next_event(buyer, "presence") == there
                    assert await watch(staff, thread) == [mei.id]
                    staff.ask("typing", conversation=thread)
                    assert await next_event(buyer, "typing") == {"conversation": thread, "account": shop}
                assert await next_event(buyer, "presence") == there | {"online": False}

    run(play())


def test_nothing_is_kept_of_those_who_look_no_more(store: Store, tmp_path: Path) -> None:
    async def play() -> None:
        async with serving(store, tmp_path) as served:
            mei, arun = await signed_up(served, "mei", "arun")
            talk = await befriend(mei, arun)
            live = served.node.gateway._presence
            async with mei.connected() as one, arun.connected() as other:
                for client in (one, other, one):
                    await watch(client, talk)
                await watch(other, None)
                assert len(live._scenes) == 1
            await asyncio.sleep(0.1)
            assert (live._scenes, live._at, live._asked, live._shops) == ({}, {}, {}, {})

    run(play())
