"""Groups: who comes and goes, who owns, what newcomers read, and what everyone is told."""

import msgspec
import pytest

from dealings.domain.identity import actions as identity
from dealings.domain.messaging import groups, model, queries, settings, tables_views, telling
from dealings.domain.messaging.errors import (
    GroupFull,
    GroupNameInvalid,
    NoSuchConversation,
    NoSuchMember,
    NotAGroup,
    NotFriends,
    NotGroupAdmin,
)
from dealings.domain.messaging.model import Conversation, GroupFacts, Notice
from dealings.platform.db.actions import Command
from dealings.platform.outbox import events as streams
from tests.domain.town import Town


def members(town: Town, group: str, viewer: str) -> dict[str, str]:
    seen = town.world.read(queries.details, conversation=group, account=viewer)
    return {m.person.handle: m.role for m in seen.members}


def last_notice(town: Town, viewer: str, group: str) -> Notice:
    body = town.history(viewer, group)[-1].body
    assert isinstance(body, Notice)
    return body


def seen_alike(town: Town, group: str) -> GroupFacts:
    (row,) = town.world.read(tables_views.select_conversations, [group])
    return telling.facts(row)


def test_a_group_begins_with_its_owner_and_contacts(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin, name="  The \n family ")
    assert members(town, group, arun) == {"mei": "owner", "arun": "member", "lin": "member"}
    for account in (mei, arun, lin):
        (told,) = town.told(streams.account(account), "conversation.changed")
        assert msgspec.json.decode(told.data, type=Conversation) == town.view(account, group)
    assert (town.view(arun, group).name, town.view(arun, group).member_count) == ("The family", 3)
    assert last_notice(town, arun, group) == Notice("group.created", {"name": "The family"})
    assert (town.view(mei, group).unread, town.view(arun, group).unread) == (0, 1)


def test_a_group_names_each_once_and_may_begin_alone(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    town.befriend(mei, arun)
    opened = town.world.run(groups.open_group, owner=mei, name="x", members=[arun, mei, arun])
    assert opened.member_count == 2
    assert town.world.run(groups.open_group, owner=mei, name="x", members=[]).member_count == 1


@pytest.mark.parametrize("name", ["", " ", "x" * 41, "\u200b", "\x00"])
def test_impossible_names_are_refused(town: Town, name: str) -> None:
    mei = town.sign_up("mei")
    with pytest.raises(GroupNameInvalid):
        town.world.run(groups.open_group, owner=mei, name=name, members=[])
    group = town.group(mei)
    with pytest.raises(GroupNameInvalid):
        town.world.run(settings.rename_group, conversation=group, by=mei, name=name)
    assert [c.id for c in town.world.read(queries.conversations, account=mei)] == [group]


def test_only_contacts_can_be_brought_in(town: Town) -> None:
    mei, arun, lin, tao = town.people("mei", "arun", "lin", "tao")
    group = town.group(mei, arun)
    town.befriend(mei, tao)
    town.world.run(identity.block_contact, me=tao, other=mei)
    for stranger in (lin, tao, "0" * 16):
        with pytest.raises(NotFriends):
            town.world.run(groups.add_members, conversation=group, by=mei, accounts=[stranger])
        with pytest.raises(NotFriends):
            town.world.run(groups.open_group, owner=mei, name="x", members=[arun, stranger])
    assert members(town, group, mei) == {"mei": "owner", "arun": "member"}


def test_newcomers_read_from_their_welcome_on(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun)
    town.say(arun, group, "before")
    town.befriend(arun, lin)
    town.forget()
    town.world.run(groups.add_members, conversation=group, by=arun, accounts=[lin, lin, mei])
    assert [m.seq for m in town.history(lin, group)] == [3]
    assert last_notice(town, lin, group) == Notice("member.added", {"names": "Lin"})
    assert [m.seq for m in town.history(mei, group)] == [1, 2, 3]
    assert (town.view(lin, group).unread, town.view(lin, group).read_seq) == (1, 2)
    (told,) = town.told(streams.account(lin), "conversation.changed")
    assert msgspec.json.decode(told.data, type=Conversation) == town.view(lin, group)
    (told,) = town.told(streams.conversation(group), "conversation.changed")
    assert msgspec.json.decode(told.data, type=GroupFacts) == seen_alike(town, group)
    assert seen_alike(town, group).member_count == 3
    town.forget()
    town.world.run(groups.add_members, conversation=group, by=arun, accounts=[lin, mei])
    assert town.world.events == []


def test_a_group_is_bounded_and_counts_only_newcomers(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    mei, arun, lin, tao = town.people("mei", "arun", "lin", "tao")
    town.befriend(mei, arun, lin, tao)
    monkeypatch.setattr(model, "GROUP_MOST", 3)
    with pytest.raises(GroupFull):
        town.world.run(groups.open_group, owner=mei, name="x", members=[arun, lin, tao])
    group = town.world.run(groups.open_group, owner=mei, name="x", members=[arun]).id
    town.world.run(groups.add_members, conversation=group, by=mei, accounts=[arun, lin])
    with pytest.raises(GroupFull):
        town.world.run(groups.add_members, conversation=group, by=mei, accounts=[arun, lin, tao])
    assert town.view(mei, group).member_count == 3


def test_many_newcomers_are_named_in_part(town: Town) -> None:
    mei, *others = town.people("mei", *(f"guest{n:02}" for n in range(12)))
    group = town.group(mei)
    town.befriend(mei, *others)
    town.world.run(groups.add_members, conversation=group, by=mei, accounts=others)
    names = last_notice(town, mei, group).params["names"]
    assert names == ", ".join(f"Guest{n:02}" for n in range(10)) + ", …"


def test_the_owner_removes_and_who_is_removed_reads_no_more(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin)
    town.forget()
    town.world.run(groups.remove_member, conversation=group, by=mei, account=lin)
    assert last_notice(town, mei, group) == Notice("member.removed", {"names": "Lin"})
    assert [e.kind for e in town.told(streams.account(lin))] == ["conversation.left"]
    assert town.world.read(queries.conversations, account=lin) == []
    for ask in (town.view, town.history):
        with pytest.raises(NoSuchConversation):
            ask(lin, group)
    with pytest.raises(NoSuchConversation):
        town.say(lin, group)
    with pytest.raises(NoSuchMember):
        town.world.run(groups.remove_member, conversation=group, by=mei, account=lin)
    facts = town.told(streams.conversation(group), "conversation.changed")[-1]
    assert msgspec.json.decode(facts.data, type=GroupFacts).member_count == 2


def test_when_the_owner_leaves_whoever_was_there_longest_takes_over(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun)
    town.world.clock.advance(1)
    town.befriend(mei, lin)
    town.world.run(groups.add_members, conversation=group, by=mei, accounts=[lin])
    town.forget()
    town.world.run(groups.remove_member, conversation=group, by=mei, account=mei)
    assert members(town, group, lin) == {"arun": "owner", "lin": "member"}
    (told,) = town.told(streams.account(arun), "conversation.changed")
    assert msgspec.json.decode(told.data, type=Conversation) == town.view(arun, group)
    assert town.told(streams.account(lin), "conversation.changed") == []
    town.world.run(groups.remove_member, conversation=group, by=arun, account=arun)
    town.world.run(groups.remove_member, conversation=group, by=lin, account=lin)
    assert town.world.read(queries.conversations, account=lin) == []


def test_who_comes_back_reads_from_then_on(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    group = town.group(mei, arun)
    town.world.run(groups.remove_member, conversation=group, by=arun, account=arun)
    town.say(mei, group, "while away")
    town.world.run(groups.add_members, conversation=group, by=mei, accounts=[arun])
    assert [m.seq for m in town.history(arun, group)] == [4]


def test_renaming_is_the_owners_and_told_to_all(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    group = town.group(mei, arun)
    town.forget()
    assert town.world.run(settings.rename_group, conversation=group, by=mei, name=" Us ").name == "Us"
    assert last_notice(town, arun, group) == Notice("group.renamed", {"name": "Us"})
    (facts,) = town.told(streams.conversation(group), "conversation.changed")
    assert msgspec.json.decode(facts.data, type=GroupFacts) == seen_alike(town, group)
    assert seen_alike(town, group).name == "Us"
    with pytest.raises(NotGroupAdmin):
        town.world.run(settings.rename_group, conversation=group, by=arun, name="Mine")
    town.forget()
    town.world.run(settings.rename_group, conversation=group, by=mei, name="Us")
    assert town.world.events == []


def test_what_is_no_group_stays_as_it_is(town: Town) -> None:
    mei, arun, tao = town.people("mei", "arun", "tao")
    talk, thread = town.direct(mei, arun), town.thread(town.shop(tao), mei)
    for conversation in (talk, thread):
        with pytest.raises(NotAGroup):
            town.world.run(settings.rename_group, conversation=conversation, by=mei, name="x")
        with pytest.raises(NotAGroup):
            town.world.run(groups.add_members, conversation=conversation, by=mei, accounts=[arun])
        with pytest.raises(NotAGroup):
            town.world.run(groups.remove_member, conversation=conversation, by=mei, account=mei)
    with pytest.raises(NotAGroup):
        town.world.run(settings.rename_group, conversation=thread, by=tao, name="x")


def test_a_group_keeps_one_owner_and_its_bounds_whoever_acts_at_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei, arun, lin, tao = people = town.people("mei", "arun", "lin", "tao")
    for one in people:
        town.befriend(one, *(other for other in people if other > one))
    monkeypatch.setattr(model, "GROUP_MOST", 3)
    for _ in range(6):
        group = town.world.run(groups.open_group, owner=mei, name="x", members=[arun]).id
        given = {"conversation": group}
        town.at_once(
            [
                [Command(groups.remove_member.name, given | {"by": mei, "account": mei})],
                [Command(groups.remove_member.name, given | {"by": mei, "account": arun})],
                [Command(groups.add_members.name, given | {"by": arun, "accounts": [lin]})],
                [Command(groups.add_members.name, given | {"by": mei, "accounts": [tao]})],
            ]
        )
        left = [
            (member, role)
            for account in people
            if town.world.read(queries.readable, conversation=group, account=account)
            for member, role in members(town, group, account).items()
        ]
        assert len({m for m, role in left if role == "owner"}) == (1 if left else 0)
        assert len({m for m, _ in left}) <= 3
