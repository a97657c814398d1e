"""Channels: found, followed, written by few; followers see the posts and not each other."""

import pytest

from dealings.domain.identity import actions as identity
from dealings.domain.messaging import channels, groups, handlers, membership, queries, settings
from dealings.domain.messaging.errors import (
    HandOverFirst,
    NoSuchConversation,
    NotAGroup,
    OnlyAdminsWrite,
    WasRemoved,
)
from dealings.domain.messaging.membership import ChannelCard, Settings
from dealings.domain.messaging.tables_groups import take_places
from dealings.platform.db.views import writing
from dealings.platform.outbox import events as streams
from tests.domain.messaging.test_roles import told
from tests.domain.town import Town


def found(town: Town, account: str, text: str) -> list[ChannelCard]:
    return town.world.read(channels.find_channels, text=text, account=account)


def follow(town: Town, account: str, channel: str) -> None:
    town.world.run(channels.follow, conversation=channel, account=account)


def seen_members(town: Town, account: str, channel: str) -> dict[str, str]:
    listed, place = town.world.read(groups.members, conversation=channel, account=account, after=None, limit=50)
    details = town.world.read(queries.details, conversation=channel, account=account)
    assert place is None
    assert {m.person.handle: m.role for m in listed} == {m.person.handle: m.role for m in details.members}
    return {m.person.handle: m.role for m in listed}


def test_whoever_follows_reads_all_of_it_and_writes_nothing(town: Town) -> None:
    tao, mei = town.people("tao", "mei")
    news = town.channel(tao, listed=True)
    town.say(tao, news, "first")
    town.forget()
    follow(town, mei, news)
    assert {e.kind for e in town.world.events} == {"conversation.changed"}
    assert told(town, mei) == [town.view(mei, news)]
    assert [m.body for m in town.history(mei, news)] == [m.body for m in town.history(tao, news)]
    assert len(town.history(mei, news)) == 1, "following says nothing in the channel"
    view = town.view(mei, news)
    assert (view.kind, view.role, view.may, view.unread, view.peer) == ("channel", "member", (), 0, None)
    with pytest.raises(OnlyAdminsWrite):
        town.say(mei, news)
    town.say(tao, news, "second")
    assert town.view(mei, news).unread == 1
    town.forget()
    follow(town, mei, news)
    assert town.world.events == []


def test_followers_are_known_to_those_who_run_it(town: Town) -> None:
    tao, mei, arun, lin = town.people("tao", "mei", "arun", "lin")
    news = town.channel(tao, mei, arun, lin)
    town.world.run(groups.set_role, conversation=news, by=tao, account=lin, role="admin")
    everyone = {"tao": "owner", "lin": "admin", "mei": "member", "arun": "member"}
    assert seen_members(town, tao, news) == seen_members(town, lin, news) == everyone
    assert seen_members(town, mei, news) == {"tao": "owner", "lin": "admin"}
    assert town.view(mei, news).member_count == 4


def test_P7_new_looks_of_a_follower_are_not_news_to_the_others(town: Town) -> None:
    tao, mei, arun = town.people("tao", "mei", "arun")
    news = town.channel(tao, mei, arun)
    town.forget()
    town.world.run(identity.edit_profile, account=mei, name="Mei Lin")
    town.world.run(handlers.tell_of_person, person=mei)
    assert town.told(streams.conversation(news)) == []
    town.world.run(handlers.tell_of_person, person=tao)
    assert len(town.told(streams.conversation(news), "person.changed")) == 1


def test_a_channel_is_found_by_name_and_notice_as_they_are_now(town: Town) -> None:
    tao, mei = town.people("tao", "mei")
    news = town.channel(tao, name="西湖茶讯", listed=True)
    assert [(c.id, c.following) for c in found(town, mei, "西湖")] == [(news, False)]
    assert [c.following for c in found(town, tao, "茶讯")] == [True]
    town.world.run(settings.rename_group, conversation=news, by=tao, name="Tea letters")
    assert found(town, mei, "西湖") == []
    town.world.run(settings.set_notice, conversation=news, by=tao, text="Longjing every spring")
    (card,) = found(town, mei, "longjing")
    assert card == ChannelCard(news, "Tea letters", None, "Longjing every spring", 1, False)
    assert card == town.world.read(channels.channel, conversation=news, account=mei)
    town.world.run(settings.set_settings, conversation=news, by=tao, settings=Settings(listed=False))
    assert found(town, mei, "longjing") == []
    assert found(town, mei, "") == []


def test_after_a_restore_channels_are_found_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    tao, mei = town.people("tao", "mei")
    open_ones = [town.channel(tao, name=f"Tea {n}", listed=True) for n in range(3)]
    town.channel(tao, name="Tea hidden")
    monkeypatch.setattr(channels, "INDEXED_AT_ONCE", 2)
    with writing(town.world.store) as tx:
        tx.driver.execute("DELETE FROM search")
    assert found(town, mei, "tea") == []
    with writing(town.world.store) as tx:
        channels.rebuild_found(tx)
    assert {c.id for c in found(town, mei, "tea")} == set(open_ones)


def test_P7_what_is_not_listed_is_followed_by_a_link_only(town: Town) -> None:
    tao, mei = town.people("tao", "mei")
    news = town.channel(tao)
    for deed in (follow, town_card):
        with pytest.raises(NoSuchConversation):
            deed(town, mei, news)
    assert found(town, mei, "news") == []
    town.join(mei, town.link(tao, news))
    assert town_card(town, mei, news).following


def town_card(town: Town, account: str, channel: str) -> ChannelCard:
    return town.world.read(channels.channel, conversation=channel, account=account)


def test_P7_nothing_else_is_followed(town: Town) -> None:
    tao, mei, arun = town.people("tao", "mei", "arun")
    group, talk = town.group(tao, arun), town.direct(mei, arun)
    for other in (group, talk, "0" * 16):
        with pytest.raises((NoSuchConversation, NotAGroup)):
            follow(town, mei, other)
        with pytest.raises(NoSuchConversation):
            town_card(town, mei, other)


def test_who_unfollows_may_come_back_and_who_was_removed_may_not(town: Town) -> None:
    tao, mei = town.people("tao", "mei")
    news = town.channel(tao, listed=True)
    follow(town, mei, news)
    town.world.run(channels.unfollow, conversation=news, account=mei)
    with pytest.raises(NoSuchConversation):
        town.view(mei, news)
    follow(town, mei, news)
    town.world.run(groups.remove_member, conversation=news, by=tao, account=mei)
    with pytest.raises(WasRemoved):
        follow(town, mei, news)
    assert town.view(tao, news).member_count == 1


def test_an_owner_hands_over_before_going_unless_there_is_an_admin_or_nobody(town: Town) -> None:
    tao, mei, arun = town.people("tao", "mei", "arun")
    news = town.channel(tao, mei, arun)
    with pytest.raises(HandOverFirst):
        town.world.run(channels.unfollow, conversation=news, account=tao)
    town.world.run(groups.set_role, conversation=news, by=tao, account=arun, role="admin")
    town.world.run(channels.unfollow, conversation=news, account=tao)
    assert town.view(arun, news).role == "owner"
    assert len(town.history(mei, news)) == 0
    alone = town.channel(tao)
    town.world.run(channels.unfollow, conversation=alone, account=tao)


@pytest.mark.parametrize(
    ("count", "shown"), [(0, 0), (1, 1), (99, 99), (100, 100), (119, 110), (1_234, 1_200), (99_999, 99_000)]
)
def test_a_channel_rounds_how_many_follow(count: int, shown: int) -> None:
    assert membership.shown_count("channel", count) == shown
    assert membership.shown_count("group", count) == count


def test_of_many_followers_only_round_numbers_are_news(town: Town) -> None:
    tao, *others = town.people("tao", *(f"guest{n:03}" for n in range(12)))
    news = town.channel(tao, listed=True)
    with writing(town.world.store) as tx:
        take_places(tx, news, 994, most=10_000)  # as if so many were there
    town.forget()
    for account in others:
        follow(town, account, news)
    assert len(town.told(streams.conversation(news), "conversation.changed")) == 1
    assert town.view(tao, news).member_count == 1_000
