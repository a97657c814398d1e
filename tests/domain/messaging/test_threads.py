"""Direct conversations, shop threads and the shop's inbox; and that news of people and shops arrives there."""

import msgspec
import pytest

from dealings.domain.identity import actions as identity
from dealings.domain.identity import api as people
from dealings.domain.identity.errors import NoSuchShop, NotStaff
from dealings.domain.messaging import actions, groups, handlers, queries, queries_devices
from dealings.domain.messaging.errors import NotFriends, OwnShop
from dealings.domain.messaging.model import Conversation, Notice, Post, Text
from dealings.domain.messaging.posting import post
from dealings.domain.messaging.tables_views import ThreadKey
from dealings.platform.db.actions import Command
from dealings.platform.outbox import events as streams
from tests.domain.town import Town

HELLO = Text("hello")


def test_two_contacts_have_one_conversation(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    town.befriend(mei, arun)
    opened = town.world.run(actions.open_direct, me=mei, other=arun)
    assert (opened.kind, opened.peer, opened.role, opened.member_count) == ("direct", arun, "member", 2)
    for account in (mei, arun):
        (told,) = town.told(streams.account(account), "conversation.changed")
        assert msgspec.json.decode(told.data, type=Conversation) == town.view(account, opened.id)
    town.forget()
    assert town.world.run(actions.open_direct, me=arun, other=mei).id == opened.id
    assert town.world.events == []
    assert town.world.read(queries.direct_of, one=arun, other=mei) == opened.id
    for other in (lin, mei, "0" * 16):
        with pytest.raises(NotFriends):
            town.world.run(actions.open_direct, me=mei, other=other)


def test_a_conversation_stays_when_its_two_are_no_contacts_any_more(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    town.say(mei, talk)
    town.world.run(identity.remove_contact, me=mei, other=arun)
    assert town.world.run(actions.open_direct, me=mei, other=arun).id == talk
    assert len(town.history(arun, talk)) == 1


def test_opened_from_both_ends_at_once_it_is_one(town: Town) -> None:
    mei, arun, tao = town.people("mei", "arun", "tao")
    town.befriend(mei, arun)
    shop = town.shop(tao)
    both = [
        Command(actions.open_direct.name, {"me": me, "other": other}) for me, other in ((mei, arun), (arun, mei))
    ] * 2
    assert len({answers[0].value.id for answers in town.at_once([[command] for command in both])}) == 1
    thread = Command(actions.open_shop.name, {"shop": shop, "buyer": mei})
    assert len({answers[0].value.id for answers in town.at_once([[thread]] * 4)}) == 1
    assert len(town.world.read(queries.conversations, account=mei)) == 2


def test_a_buyer_and_a_shop_have_one_thread(town: Town) -> None:
    mei, tao, lin = town.people("mei", "tao", "lin")
    shop = town.shop(tao, "tea.house", "lin")
    town.forget()
    opened = town.world.run(actions.open_shop, shop=shop, buyer=mei)
    assert (opened.kind, opened.shop, opened.buyer, opened.peer, opened.role) == ("shop", shop, mei, None, "member")
    (told,) = town.told(streams.shop(shop))
    assert msgspec.json.decode(told.data, type=Conversation) == town.view(lin, opened.id)
    assert town.view(lin, opened.id).role == "staff"
    assert town.world.run(actions.open_shop, shop=shop, buyer=mei).id == opened.id
    assert town.world.read(queries.thread_of, shop=shop, buyer=mei) == opened.id
    for staff in (tao, lin):
        with pytest.raises(OwnShop):
            town.world.run(actions.open_shop, shop=shop, buyer=staff)
    with pytest.raises(NoSuchShop):
        town.world.run(actions.open_shop, shop="0" * 16, buyer=mei)


def inbox(town: Town, shop: str, staff: str, *, waiting: bool = False) -> list[str]:
    seen, _ = town.world.read(queries.inbox, shop=shop, account=staff, before=None, waiting=waiting, limit=100)
    return [c.buyer or "" for c in seen]


def test_the_inbox_shows_who_waits(town: Town) -> None:
    mei, arun, tao = town.people("mei", "arun", "tao")
    shop = town.shop(tao)
    mine, other = town.thread(shop, mei), town.thread(shop, arun)
    assert inbox(town, shop, tao, waiting=True) == []
    for sender, thread, waits in (
        (mei, mine, [mei]),
        (arun, other, [arun, mei]),
        (mei, mine, [mei, arun]),
        (tao, mine, [arun]),
        (None, mine, [arun]),
        (mei, mine, [mei, arun]),
        (tao, other, [mei]),
    ):
        town.world.clock.advance(1)
        town.say(sender, thread)
        assert inbox(town, shop, tao, waiting=True) == waits


def test_notices_keep_nobody_waiting_and_an_answer_counts_although_more_follows(town: Town) -> None:
    mei, tao = town.people("mei", "tao")
    shop = town.shop(tao)
    thread = town.thread(shop, mei)
    town.world.one(post, Post(thread, mei, "a", Notice("order.paid")))
    assert inbox(town, shop, tao, waiting=True) == []

    def said(sender: str | None, client_id: str) -> Command:
        return Command(post.name, {}, item=Post(thread, sender, client_id, Notice("x") if sender is None else HELLO))

    town.world.batch([said(mei, "b"), said(tao, "c"), said(None, "d")])
    assert inbox(town, shop, tao, waiting=True) == []
    town.world.batch([said(tao, "e"), said(mei, "f"), said(None, "g")])
    assert inbox(town, shop, tao, waiting=True) == [mei]


def test_the_inbox_is_read_page_by_page(town: Town) -> None:
    tao = town.sign_up("tao")
    shop = town.shop(tao)
    buyers = town.people(*(f"buyer{n}" for n in range(7)))
    threads = [town.thread(shop, buyer) for buyer in buyers]
    for n in (3, 0, 5):  # the others all have the same time
        town.world.clock.advance(1)
        town.say(buyers[n], threads[n])
    pages: list[list[str]] = []
    before: ThreadKey | None = None
    while not pages or before is not None:
        seen, before = town.world.read(queries.inbox, shop=shop, account=tao, before=before, waiting=False, limit=2)
        pages.append([c.id for c in seen])
    assert [len(page) for page in pages] == [2, 2, 2, 1]
    listed = [id for page in pages for id in page]
    assert listed[:3] == [threads[n] for n in (5, 0, 3)]
    assert sorted(listed) == sorted(threads)


def test_P7_the_inbox_is_the_staffs(town: Town) -> None:
    mei, tao = town.people("mei", "tao")
    shop = town.shop(tao)
    town.thread(shop, mei)
    with pytest.raises(NotStaff):
        inbox(town, shop, mei)


def test_conversations_are_listed_newest_first_as_each_is_seen_alone(town: Town) -> None:
    mei, arun, lin, tao = town.people("mei", "arun", "lin", "tao")
    shop = town.shop(tao)
    opened = [town.direct(mei, arun), town.group(mei, arun, lin), town.thread(shop, mei)]
    for n in (1, 2, 0):
        town.world.clock.advance(1)
        town.say(mei, opened[n])
        town.say(arun if n < 2 else tao, opened[n])
    listed = town.world.read(queries.conversations, account=mei)
    assert listed == [town.view(mei, opened[n]) for n in (0, 2, 1)]
    assert [c.unread for c in listed] == [1, 1, 1]
    assert town.world.read(queries.conversations, account=tao) == []  # the shop's are in its inbox


def test_P2_a_new_name_reaches_all_conversations_and_the_shops_that_answer_there(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "TOLD_AT_ONCE", 2)
    mei, arun, lin, tao = town.people("mei", "arun", "lin", "tao")
    shop = town.shop(tao)
    opened = [town.direct(mei, arun), town.group(mei, arun, lin), town.thread(shop, mei)]
    opened += [town.group(mei, arun), town.group(arun, lin)]
    town.world.react()
    town.forget()
    town.world.run(identity.edit_profile, account=mei, name="Mei Lin")
    town.world.react()
    town.world.pass_time(0)
    told = [e for e in town.world.events if e.kind == "person.changed" and e.stream[0] in "cs"]
    assert {e.stream for e in told} == {streams.conversation(id) for id in opened[:4]} | {streams.shop(shop)}
    assert {e.data for e in told} == {msgspec.json.encode(town.world.read(people.person, mei))}


def test_P2_a_shops_new_name_reaches_its_threads(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handlers, "TOLD_AT_ONCE", 2)
    tao = town.sign_up("tao")
    shop = town.shop(tao)
    threads = [town.thread(shop, buyer) for buyer in town.people("one", "two", "three", "four", "five")]
    town.world.react()
    town.forget()
    town.world.run(identity.edit_shop, shop=shop, by=tao, name="Tea & Pots")
    town.world.react()
    town.world.pass_time(0)
    told = [e.stream for e in town.world.events if e.kind == "shop.changed" and e.stream != streams.INTERNAL]
    assert sorted(told) == sorted(map(streams.conversation, threads))


def test_P2_missed_messages_are_those_one_may_read(town: Town) -> None:
    mei, arun, lin, tao = town.people("mei", "arun", "lin", "tao")
    shop = town.shop(tao)
    talk, group, thread = town.direct(mei, arun), town.group(mei, arun), town.thread(shop, mei)
    since = town.world.read(lambda db: db.horizon())
    said = [town.say(sender, where) for sender, where in ((mei, talk), (arun, group), (mei, thread), (tao, thread))]
    town.befriend(mei, lin)
    town.world.run(groups.add_members, conversation=group, by=mei, accounts=[lin])
    welcome = town.history(lin, group)

    def missed(account: str, *shops: str, most: int = 100) -> list[tuple[str, int]] | None:
        mine = town.world.read(queries.subscriptions, account=account)
        found = town.world.read(
            queries_devices.missed, account=account, mine=mine, shops=list(shops), after=since, most=most
        )
        return None if found is None else sorted((m.conversation, m.seq) for m in found)

    everything = [(m.conversation, m.seq) for m in said + welcome]
    assert missed(mei) == sorted(everything)
    assert missed(arun) == sorted(key for key in everything if key[0] != thread)
    assert missed(lin) == [(group, welcome[0].seq)]
    assert missed(tao) == []
    assert missed(tao, shop) == sorted(key for key in everything if key[0] == thread)
    assert missed(mei, most=2) is None
