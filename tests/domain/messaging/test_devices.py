"""One account on many devices: what is read and received together, drafts, mutes, pins, and who has read."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from dealings.domain.identity import actions as identity
from dealings.domain.messaging import devices, groups, model, queries, queries_devices
from dealings.domain.messaging.errors import (
    NoSuchConversation,
    NoSuchMessage,
    NotAGroup,
    NothingToRead,
    OnlyMembers,
    ReadersNotShown,
    TextTooLong,
    TooManyReaders,
)
from dealings.domain.messaging.model import ReadState
from dealings.domain.messaging.model_devices import DraftKept, Mine, OwnDraft, Readers, Reading, Received
from dealings.kernel.errors import Refusal
from dealings.platform.db.actions import Command, SetAction
from dealings.platform.outbox import events as streams
from tests.domain.town import Town


def together(town: Town, action: SetAction[Any, Any], items: Sequence[Reading]) -> list[Any]:
    """Answers or refusals of what arrived in one batch."""
    outcomes = town.world.batch([Command(action.name, {}, item=item) for item in items])
    assert not any(outcome.crashed for outcome in outcomes)
    return [outcome.refusal or outcome.value for outcome in outcomes]


def read(town: Town, reader: str, conversation: str, seq: int) -> ReadState:
    return town.world.one(devices.mark_read, Reading(conversation, reader, seq))


def receive(town: Town, reader: str, conversation: str, seq: int) -> int:
    return town.world.one(devices.receive, Reading(conversation, reader, seq)).received_seq


def told(town: Town, account: str, kind: str) -> list[Any]:
    return [msgspec.json.decode(e.data) for e in town.told(streams.account(account), kind)]


def opened(town: Town, account: str, conversation: str) -> dict[str, int]:
    """How far each has read, as the one who opens the conversation sees it."""
    seen = town.world.read(queries.details, conversation=conversation, account=account)
    return {member.person.id: member.read_seq for member in seen.members}


# reading and receiving, many at once


def test_many_read_in_one_batch_and_each_is_answered(town: Town) -> None:
    mei, arun, lin, tao = town.people("mei", "arun", "lin", "tao")
    shop = town.shop(tao, "tea.house", "lin")
    talk, group, thread = town.direct(mei, arun), town.group(mei, arun), town.thread(shop, mei)
    for conversation in (talk, group, thread):
        for _ in range(3):
            town.say(mei, conversation)
    town.forget()
    asked = [
        Reading(talk, arun, 2),
        Reading(group, arun, 4),
        Reading(talk, lin, 1),
        Reading(thread, tao, 1),
        Reading(talk, arun, 9),
        Reading(thread, lin, 2),
        Reading(talk, arun, 1),
        Reading("0" * 16, arun, 1),
        Reading(talk, arun, -1),
    ]
    answers = together(town, devices.mark_read, asked)
    assert [a for a in answers if not isinstance(a, Refusal)] == [
        ReadState(2, 1),
        ReadState(4, 0),
        ReadState(2, 1),
        ReadState(2, 1),
        ReadState(2, 1),
    ]
    assert [type(answers[n]) for n in (2, 4, 7, 8)] == [
        NoSuchConversation,
        NothingToRead,
        NoSuchConversation,
        NothingToRead,
    ]
    assert len(told(town, mei, "read.moved")) == 2, "one move a side, however often it was asked for"
    assert (town.view(arun, talk).read_seq, town.view(mei, talk).peer_read_seq) == (2, 2)
    assert town.view(tao, thread).read_seq == town.view(mei, thread).peer_read_seq == 2


def test_lanes_side_by_side_move_a_reader_forward_only(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    for _ in range(20):
        town.say(mei, talk)
    batches = [
        [Command(devices.mark_read.name, {}, item=Reading(talk, arun, seq)) for seq in range(1 + lane % 2, 21, 2)]
        for lane in range(4)
    ]
    answers = town.at_once(batches)
    for answer in answers:
        positions = [outcome.value.read_seq for outcome in answer]
        assert positions == sorted(positions)
        assert all(outcome.value.unread == 20 - outcome.value.read_seq for outcome in answer)
    assert town.view(arun, talk).read_seq == 20


def test_what_devices_have_is_told_to_the_other_side(town: Town) -> None:
    mei, arun, tao = town.people("mei", "arun", "tao")
    shop = town.shop(tao)
    talk, thread = town.direct(mei, arun), town.thread(shop, mei)
    for _ in range(3):
        town.say(mei, talk)
        town.say(tao, thread)
    town.forget()
    assert receive(town, arun, talk, 2) == receive(town, arun, talk, 1) == 2
    assert told(town, mei, "received.moved") == [{"conversation": talk, "reader": arun, "seq": 2}]
    assert told(town, arun, "received.moved") == []
    assert (town.view(mei, talk).peer_received_seq, town.view(mei, talk).peer_read_seq) == (2, 0)
    read(town, arun, talk, 3)
    assert town.view(mei, talk).peer_received_seq == 3, "what was read was received"
    assert receive(town, mei, thread, 3) == 3
    assert town.view(tao, thread).peer_received_seq == 3
    assert [e.stream for e in town.world.events if e.kind == "received.moved"] == [
        streams.account(mei),
        streams.shop(shop),
    ]


def test_a_group_keeps_no_receipts_and_a_shop_has_what_it_has_read(town: Town) -> None:
    mei, arun, tao = town.people("mei", "arun", "tao")
    shop = town.shop(tao)
    group, thread = town.group(mei, arun), town.thread(shop, mei)
    town.say(mei, thread)
    town.forget()
    assert receive(town, arun, group, 1) == 0
    assert receive(town, tao, thread, 1) == 0
    assert town.world.events == []
    read(town, tao, thread, 1)
    assert (town.view(mei, thread).peer_received_seq, town.view(arun, group).peer_received_seq) == (1, None)


@pytest.mark.parametrize("seq", [3, -1])
def test_nobody_receives_what_is_not_there(town: Town, seq: int) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    talk = town.direct(mei, arun)
    town.say(mei, talk)
    town.say(mei, talk)
    with pytest.raises(NothingToRead):
        receive(town, arun, talk, seq)
    with pytest.raises(NoSuchConversation):
        receive(town, lin, talk, 1)


def test_P7_the_blocked_see_nothing_move_until_they_are_let_back(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    for _ in range(3):
        town.say(arun, talk)
    read(town, mei, talk, 1)
    town.world.run(identity.block_contact, me=mei, other=arun)
    town.forget()
    assert receive(town, mei, talk, 3) == 1
    assert read(town, mei, talk, 2) == ReadState(2, 1)
    assert read(town, mei, talk, 3) == ReadState(3, 0)
    assert told(town, arun, "") == []
    seen = town.view(arun, talk)
    assert (seen.peer_read_seq, seen.peer_received_seq) == (1, 1)
    assert opened(town, arun, talk) == {mei: 1, arun: 0}
    assert opened(town, mei, talk) == {mei: 3, arun: 0}
    town.world.run(identity.unblock_contact, me=mei, other=arun)
    assert read(town, mei, talk, 3) == ReadState(3, 0)
    assert [moved["seq"] for moved in told(town, arun, "read.moved")] == [3]
    assert town.view(arun, talk).peer_read_seq == 3


# drafts, mutes, pins


def draft(town: Town, by: str, conversation: str, text: str) -> DraftKept:
    return town.world.run(devices.keep_draft, conversation=conversation, by=by, text=text)


def test_a_draft_is_on_all_devices_and_only_there(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    town.forget()
    kept = draft(town, mei, talk, "dear\n\0Arun ")
    assert (town.view(mei, talk).draft, town.view(mei, talk).draft_at) == ("dear\nArun ", kept.at)
    assert town.view(arun, talk).draft is None
    assert [e.stream for e in town.world.events] == [streams.account(mei)]
    assert told(town, mei, "draft.changed") == [{"conversation": talk, "text": "dear\nArun ", "at": kept.at}]
    assert draft(town, mei, talk, "dear\nArun ") == kept
    town.say(mei, talk)
    assert town.view(mei, talk).draft == "dear\nArun ", "the client clears it"
    assert len(told(town, mei, "draft.changed")) == 1
    town.world.clock.now += 5
    draft(town, mei, talk, "")
    assert (town.view(mei, talk).draft, town.view(mei, talk).draft_at) == (None, kept.at + 5)
    assert OwnDraft(talk, None, kept.at + 5) == OwnDraft(**told(town, mei, "draft.changed")[-1])


def test_of_two_drafts_the_later_one_counts(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    late = draft(town, mei, talk, "second")
    town.world.clock.now -= 1_000  # another node's clock
    town.forget()
    assert draft(town, mei, talk, "first") == late
    assert (town.view(mei, talk).draft, town.world.events) == ("second", [])


def test_a_draft_is_no_longer_than_a_message(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    draft(town, mei, talk, "x" * model.TEXT_MOST)
    with pytest.raises(TextTooLong):
        draft(town, mei, talk, "x" * (model.TEXT_MOST + 1))


def test_muting_and_pinning_are_ones_own_and_keep_what_is_not_named(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    town.forget()

    def arrange(**what: bool) -> tuple[bool, int | None]:
        seen = town.world.run(devices.set_mine, conversation=talk, by=mei, **what)
        return seen.muted, seen.pinned_at

    now = town.world.clock()
    assert arrange(muted=True) == (True, None)
    assert arrange(pinned=True) == (True, now)
    town.world.clock.now += 10
    assert arrange(pinned=True) == (True, now), "what is pinned stays where it is"
    assert arrange(muted=False) == (False, now)
    assert arrange(pinned=False) == (False, None)
    assert arrange() == (False, None)
    assert [Mine(**facts) for facts in told(town, mei, "conversation.changed")] == [
        Mine(talk, True, None),
        Mine(talk, True, now),
        Mine(talk, False, now),
        Mine(talk, False, None),
    ]
    assert {e.stream for e in town.world.events} == {streams.account(mei)}
    assert (town.view(arun, talk).muted, town.view(arun, talk).pinned_at) == (False, None)


def test_staff_have_nothing_of_their_own_in_a_thread(town: Town) -> None:
    mei, tao = town.people("mei", "tao")
    thread = town.thread(town.shop(tao), mei)
    with pytest.raises(OnlyMembers):
        draft(town, tao, thread, "x")
    with pytest.raises(OnlyMembers):
        town.world.run(devices.set_mine, conversation=thread, by=tao, muted=True)


# who has read


def readers(town: Town, account: str, conversation: str, seq: int) -> Readers:
    return town.world.read(queries_devices.readers, conversation=conversation, account=account, seq=seq)


def test_who_has_read_is_shown_to_the_writer_and_to_who_runs_the_group(town: Town) -> None:
    owner, writer, one, two, late = town.people("owner", "writer", "one", "two", "late")
    group = town.group(owner, writer, one, two)
    said = town.say(writer, group)
    read(town, one, group, said.seq)
    expected = Readers([one], [], sorted([owner, two]))
    assert readers(town, writer, group, said.seq) == readers(town, owner, group, said.seq) == expected
    with pytest.raises(ReadersNotShown):
        readers(town, one, group, said.seq)
    with pytest.raises(NoSuchConversation):
        readers(town, late, group, said.seq)
    town.befriend(owner, late)
    town.world.run(groups.add_members, conversation=group, by=owner, accounts=[late])
    assert readers(town, writer, group, said.seq) == expected, "who came later can't read it"
    for seq in (0, 99):
        with pytest.raises(NoSuchMessage):
            readers(town, writer, group, seq)
    with pytest.raises(NoSuchMessage):
        readers(town, late, group, said.seq)


def test_P7_who_has_blocked_the_writer_is_in_no_list(town: Town) -> None:
    owner, writer, one = town.people("owner", "writer", "one")
    group = town.group(owner, writer, one)
    said = town.say(writer, group)
    town.world.run(identity.block_contact, me=one, other=writer)
    read(town, one, group, said.seq)
    assert readers(town, writer, group, said.seq) == Readers([], [], [owner])
    assert readers(town, owner, group, said.seq).read == [one]
    assert opened(town, writer, group) == {owner: 0, writer: 0, one: 0}
    assert opened(town, owner, group) == {owner: 0, writer: 0, one: said.seq}


def test_readers_are_of_groups_that_are_not_too_large(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    mei, arun = town.people("mei", "arun")
    talk, group = town.direct(mei, arun), town.group(mei, arun)
    town.say(mei, talk)
    with pytest.raises(NotAGroup):
        readers(town, mei, talk, 1)
    monkeypatch.setattr(queries_devices, "RECEIPTS_MOST", 1)
    with pytest.raises(TooManyReaders):
        readers(town, mei, group, 1)


# pages of history, and lists that are cut


def test_history_around_a_message(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    for _ in range(20):
        town.say(mei, talk)

    def around(seq: int, limit: int) -> list[int]:
        page = town.world.read(queries.history, conversation=talk, account=arun, around=seq, limit=limit)
        return [message.seq for message in page]

    assert around(10, 6) == [8, 9, 10, 11, 12, 13]
    assert around(10, 1) == [10]
    assert around(2, 6) == [1, 2, 3, 4, 5, 6]
    assert around(20, 4) == [19, 20]
    assert around(500, 4) == [19, 20]
    assert around(0, 4) == [1, 2, 3, 4]


def test_of_many_conversations_the_pinned_and_the_newest_are_listed(town: Town) -> None:
    mei, *others = town.people("mei", "a.one", "b.two", "c.three", "d.four")
    talks = [town.direct(mei, other) for other in others]
    for talk in (talks[1], talks[3], talks[0]):
        town.world.clock.now += 10
        town.say(mei, talk)
    town.world.run(devices.set_mine, conversation=talks[2], by=mei, pinned=True)

    def listed(limit: int) -> list[str]:
        return [c.id for c in town.world.read(queries.conversations, account=mei, limit=limit)]

    assert listed(10) == [talks[0], talks[3], talks[1], talks[2]]
    assert listed(4) == listed(10)
    assert listed(3) == [talks[0], talks[3], talks[2]]
    assert listed(1) == [talks[2]]


def test_received_is_answered_with_where_it_stands(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    town.say(mei, talk)
    town.say(mei, talk)
    answers = together(town, devices.receive, [Reading(talk, arun, 1), Reading(talk, arun, 2), Reading(talk, mei, 1)])
    assert answers == [Received(2), Received(2), Received(1)]
