"""Read positions and unread counts: derived from what was written, never counted up and down."""

from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dealings.domain.messaging import devices, queries
from dealings.domain.messaging.errors import NoSuchConversation, NothingToRead
from dealings.domain.messaging.events import ReadPositionMoved
from dealings.domain.messaging.model import UNREAD_MOST, ReadMoved, ReadState
from dealings.domain.messaging.model_devices import Reading
from dealings.platform.outbox import events as streams
from tests.domain.town import Town
from tests.world import World


def read(town: Town, reader: str, conversation: str, seq: int) -> ReadState:
    return town.world.one(devices.mark_read, Reading(conversation, reader, seq))


def told(town: Town, stream: str) -> list[ReadMoved]:
    return [ReadPositionMoved.decode(e.data) for e in town.told(stream, "read.moved")]


def test_what_others_wrote_is_unread_until_it_is_read(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    for sender in (mei, arun, arun, mei, arun):
        town.say(sender, talk)
    assert (town.view(mei, talk).unread, town.view(arun, talk).unread) == (3, 2)
    assert read(town, mei, talk, 3) == ReadState(3, 1)
    assert (town.view(mei, talk).read_seq, town.view(arun, talk).peer_read_seq) == (3, 3)
    assert read(town, mei, talk, 5) == ReadState(5, 0)


def test_positions_move_forward_only_and_are_told_once(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    for _ in range(3):
        town.say(arun, talk)
    town.forget()
    assert read(town, mei, talk, 2) == read(town, mei, talk, 2) == read(town, mei, talk, 1) == ReadState(2, 1)
    assert read(town, mei, talk, 0) == ReadState(2, 1)
    assert told(town, streams.account(mei)) == [ReadMoved(talk, mei, 2, 1)]
    assert told(town, streams.account(arun)) == [ReadMoved(talk, mei, 2, None)]


@pytest.mark.parametrize("seq", [3, 2**53, -1])
def test_nobody_reads_what_is_not_there(town: Town, seq: int) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    town.say(arun, talk)
    town.say(arun, talk)
    with pytest.raises(NothingToRead):
        read(town, mei, talk, seq)
    assert town.view(mei, talk).read_seq == 0


def test_in_a_group_only_the_reader_is_told(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin)
    town.forget()
    assert read(town, arun, group, 1) == ReadState(1, 0)
    assert [e.stream for e in town.world.events] == [streams.account(arun)]
    assert town.view(mei, group).peer_read_seq is None


def test_a_shop_reads_as_one_whoever_of_its_staff_reads(town: Town) -> None:
    mei, tao, lin = town.people("mei", "tao", "lin")
    shop = town.shop(tao, "tea.house", "lin")
    thread = town.thread(shop, mei)
    town.say(mei, thread)
    town.say(tao, thread)
    town.say(mei, thread)
    town.forget()
    assert town.view(tao, thread).unread == 2
    assert read(town, lin, thread, 2) == ReadState(2, 1)
    assert (town.view(tao, thread).read_seq, town.view(tao, thread).unread) == (2, 1)
    assert town.view(mei, thread).peer_read_seq == 2
    assert told(town, streams.shop(shop)) == [ReadMoved(thread, shop, 2, 1)]
    assert told(town, streams.account(mei)) == [ReadMoved(thread, shop, 2, None)]
    town.forget()
    assert read(town, mei, thread, 3) == ReadState(3, 0)
    assert told(town, streams.account(mei)) == [ReadMoved(thread, mei, 3, 0)]
    assert told(town, streams.shop(shop)) == [ReadMoved(thread, mei, 3, None)]
    assert town.view(lin, thread).peer_read_seq == 3


def test_more_than_can_be_shown_is_not_counted(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    for _ in range(UNREAD_MOST + 5):
        town.say(arun, talk)
    assert town.view(mei, talk).unread == UNREAD_MOST
    assert read(town, mei, talk, 6).unread == UNREAD_MOST - 1


def test_strangers_read_nothing(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    talk = town.direct(mei, arun)
    town.say(mei, talk)
    with pytest.raises(NoSuchConversation):
        read(town, lin, talk, 1)
    assert not town.world.read(queries.readable, conversation=talk, account=lin)
    assert not town.world.read(queries.readable, conversation="0" * 16, account=lin)
    assert town.world.read(queries.readable, conversation=talk, account=mei)


@dataclass
class Model:
    """What a thread's two sides should see, worked out the plain way: who wrote each message, and how far each read."""

    wrote: list[str] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=lambda: {"buyer": 0, "shop": 0})

    def unread(self, side: str) -> int:
        return sum(writer != side for writer in self.wrote[self.read[side] :])


STEP = st.one_of(
    st.tuples(st.just("say"), st.sampled_from(["buyer", "shop", "system"]), st.just(0)),
    st.tuples(st.just("read"), st.sampled_from(["buyer", "shop"]), st.integers(0, 12)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=14))
def test_counts_are_what_they_should_be_whatever_happened(world: World, steps: list[tuple[str, str, int]]) -> None:
    town = Town(world)
    tag = world.uuid()[-10:].replace("-", "")
    mei, tao = town.sign_up(f"m{tag}"), town.sign_up(f"t{tag}")
    shop = town.shop(tao, f"s{tag}")
    thread = town.thread(shop, mei)
    model, ids = Model(), {"buyer": mei, "shop": tao, "system": None}
    for what, side, seq in steps:
        if what == "say":
            town.say(ids[side], thread)
            model.wrote.append(side)
        elif seq <= len(model.wrote):
            state = read(town, ids[side] or "", thread, seq)
            model.read[side] = max(model.read[side], seq)
            assert state == ReadState(model.read[side], model.unread(side))
    for side, other in (("buyer", "shop"), ("shop", "buyer")):
        seen = town.view(ids[side] or "", thread)
        assert (seen.unread, seen.read_seq, seen.peer_read_seq, seen.last_seq) == (
            model.unread(side),
            model.read[side],
            model.read[other],
            len(model.wrote),
        )
