"""What a node has heard of others, and that it never takes for told what may have been lost (P2 across nodes)."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealings.platform.bus import wire
from dealings.platform.bus.hearing import SILENT_SECONDS, Hearing
from dealings.platform.bus.wire import Beat

A, B = "a" * 16, "b" * 16
LISTENING = {1: "c:one", 2: "c:two"}


def beat(
    number: int, confirmed: int = 0, told: dict[int, int] | None = None, *, node: str = A, last: bool = False
) -> Beat:
    return Beat(node, number, confirmed, confirmed, told or {}, last)


@pytest.fixture
def hearing() -> Hearing:
    made = Hearing()
    made.roster([A, B], at=0.0)
    return made


def test_nothing_is_safe_before_everyone_has_confirmed(hearing: Hearing) -> None:
    assert hearing.beat(beat(1, 100), listening=LISTENING, at=0.1) == set()
    assert hearing.confirmed() == -1
    hearing.beat(beat(1, 90, node=B), listening=LISTENING, at=0.1)
    assert hearing.confirmed() == 90


def test_a_lost_message_is_named_by_the_next_beat_and_holds_the_position_back(hearing: Hearing) -> None:
    hearing.beat(beat(1, 10), listening=LISTENING, at=0.1)
    hearing.beat(beat(1, 50, node=B), listening=LISTENING, at=0.1)
    hearing.told(A, 1)
    assert hearing.beat(beat(2, 20, {1: 2, 2: 1, 3: 5}), listening=LISTENING, at=0.2) == {"c:one", "c:two"}
    assert hearing.confirmed() == 10
    assert hearing.beat(beat(3, 30), listening=LISTENING, at=0.3) == set()
    assert hearing.confirmed() == 30


@pytest.mark.parametrize("number", [1, 3, 4])
def test_a_beat_left_out_or_begun_again_means_that_anything_may_be_missing(hearing: Hearing, number: int) -> None:
    hearing.beat(beat(1, 10), listening=LISTENING, at=0.1)
    assert hearing.beat(beat(number, 20), listening=LISTENING, at=0.2) is None
    assert hearing.beat(beat(number + 1, 30), listening=LISTENING, at=0.3) == set()


def test_who_is_silent_is_not_waited_for(hearing: Hearing) -> None:
    assert hearing.all_speak(at=SILENT_SECONDS - 0.1)
    hearing.beat(beat(1), listening=LISTENING, at=SILENT_SECONDS)
    hearing.beat(beat(1, node=B), listening=LISTENING, at=SILENT_SECONDS)
    assert hearing.all_speak(at=SILENT_SECONDS + 1.0)
    assert not hearing.all_speak(at=2 * SILENT_SECONDS)


def test_who_is_gone_without_a_last_word_is_looked_for_in_the_log(hearing: Hearing) -> None:
    hearing.beat(beat(1, last=True), listening=LISTENING, at=0.1)
    assert hearing.roster([B], at=0.2)
    assert not hearing.roster([], at=0.3)
    assert hearing.confirmed() is None


@given(seed=st.integers(0, 2**32), lost=st.floats(0, 0.5))
def test_P2_whatever_is_lost_nothing_unheard_is_ever_confirmed(seed: int, lost: float) -> None:
    """A publisher numbers its events; a network loses messages and beats; what is missing is read from the log."""
    rng, hearing = Random(seed), Hearing()
    hearing.roster([A], at=0.0)
    heard: set[int] = set()
    told: Counter[int] = Counter()
    committed = 0
    for number in range(1, 61):
        for _ in range(rng.randrange(3)):
            committed += 1
            mark = rng.choice([1, 2])
            told[mark] += 1
            if rng.random() >= lost:
                hearing.told(A, mark)
                heard.add(committed)
        if rng.random() >= lost:
            missing = hearing.beat(Beat(A, number, committed, committed, dict(told)), listening=LISTENING, at=0.0)
            safe = hearing.confirmed()
            assert safe is not None
            assert set(range(1, safe + 1)) <= heard
            if missing is None or missing:
                heard |= set(range(1, committed + 1))
        told.clear()


def test_messages_come_back_as_they_went() -> None:
    event = wire.Event(7, 1, "c:x", "message.posted", b"{}", 9)
    for message in (wire.Events(A, [event]), wire.Live(A, "c:x", "typing", b"{}"), beat(3, 4, {5: 6}, last=True)):
        assert wire.decode(wire.encode(message)) == message


def test_a_shops_thread_is_told_to_its_members_and_to_the_shops_staff() -> None:
    subjects = wire.Subjects("log")
    assert subjects.all_of("c:x@s1") == ("dealings.log.c.x", "dealings.log.s.s1")
    assert subjects.of("c:x@s1") == subjects.of("c:x") == "dealings.log.c.x"
    assert subjects.all_of("a:me") == ("dealings.log.a.me",)
