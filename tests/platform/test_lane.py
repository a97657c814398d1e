"""The lane: savepoints, keys, events and timers join the commit or leave no trace."""

from collections.abc import Sequence

import msgspec
import pytest
from sqlalchemy import text

from dealings.kernel.errors import Conflict, KeyReused, Refusal
from dealings.platform.db.actions import Command, Outcome, action, together
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import consumers
from dealings.platform.outbox import tables as outbox
from dealings.platform.outbox.events import INTERNAL, EventType
from tests.world import World

Noted = EventType("test.noted", str)


class Unwanted(Conflict):
    code = "test.unwanted"
    text = "No {word} here."


@action(unkeyed=["salt"])
def note(tx: Tx, *, word: str, salt: int = 0) -> str:
    tx.emit(Noted(word), stream=INTERNAL)
    tx.schedule(note, due_at=tx.now + 1000, word=f"{word} later")
    if word == "refuse":
        raise Unwanted(word=word)
    if word == "crash":
        raise ZeroDivisionError
    return f"{word} {tx.new_id()}"


def command(word: str, key: str | None = None) -> Command:
    return Command(note.name, {"word": word}, "me", key)


def words(world: World) -> list[str]:
    return [Noted.decode(event.data) for event in world.read(outbox.read_after, outbox.Position(), limit=99)]


def test_P8_a_refused_command_leaves_no_trace_and_the_others_stand(world: World) -> None:
    outcomes = world.batch([command("a"), command("refuse"), command("b")])
    assert [type(o.refusal).__name__ for o in outcomes] == ["NoneType", "Unwanted", "NoneType"]
    assert words(world) == ["a", "b"]
    assert {e.commit_no for e in world.events} == {world.events[0].commit_no}


def test_P8_a_crash_in_a_batch_spares_the_others(world: World) -> None:
    outcomes = world.batch([command("a"), command("crash"), command("b")])
    assert [o.crashed for o in outcomes] == [False, True, False]
    assert words(world) == ["a", "b"]


def test_P8_same_key_same_input_gives_the_first_answer(world: World) -> None:
    by_key = world.by("me", key="k")
    first = by_key(note, word="a", salt=1)
    assert by_key(note, word="a", salt=2) == first
    assert world.by("other", key="k")(note, word="a") != first
    assert words(world) == ["a", "a"]


def test_P8_same_key_twice_in_one_batch(world: World) -> None:
    first, second = world.batch([command("a", "k"), command("a", "k")])
    assert first.value == second.value
    assert words(world) == ["a"]


def test_P8_same_key_other_input_is_refused(world: World) -> None:
    world.by("me", key="k")(note, word="a")
    with pytest.raises(KeyReused):
        world.by("me", key="k")(note, word="b")


def test_timers_run_once_when_due(world: World) -> None:
    world.run(note, word="a")
    world.pass_time(999)
    assert words(world) == ["a"]
    (timer,) = world.read(outbox.due_timers, now=world.clock() + 1, limit=9)
    world.pass_time(1)
    assert words(world) == ["a", "a later"]
    assert world.run(consumers.fire_timer, timer=timer) is False


def test_numbers_grow_with_every_commit(world: World) -> None:
    for word in "abc":
        world.run(note, word=word)
    numbers = [e.commit_no for e in world.events]
    assert numbers == sorted(set(numbers))
    assert world.read(lambda db: db.horizon()) >= numbers[-1]


def test_events_carry_their_cause(world: World) -> None:
    world.by("me")(note, word="a")
    assert world.events[0].cause == "test_lane.note me"


def test_readers_cannot_write(world: World) -> None:
    with pytest.raises(Exception, match="(?i)read.?only"):
        world.read(lambda db: db.sql.execute(text("DELETE FROM events")))


def test_P7_an_error_of_the_store_does_not_repeat_what_people_wrote(world: World) -> None:
    """Errors are logged."""
    with pytest.raises(Exception, match="nowhere") as caught:
        world.read(lambda db: db.sql.execute(text("SELECT * FROM nowhere WHERE said = :said"), {"said": "between us"}))
    assert "between us" not in str(caught.value)


# commands that are run together


class Word(msgspec.Struct, frozen=True, kw_only=True):
    word: str
    salt: int = 0


SETS: list[list[str]] = []
"""What was handed over together."""


@together(Word, unkeyed=["salt"])
def spell(tx: Tx, words: Sequence[Word]) -> list[str | Refusal]:
    """Refuses a word that was spelled before in the same set, so that it can be seen who came first."""
    SETS.append([each.word for each in words])
    answers: list[str | Refusal] = []
    seen: set[str] = set()
    for each in words:
        if each.word == "crash":
            raise ZeroDivisionError
        if each.word == "refuse" or each.word in seen:
            answers.append(Unwanted(word=each.word))
            continue
        seen.add(each.word)
        tx.emit(Noted(each.word), stream=INTERNAL)
        answers.append(f"{each.word} {tx.new_id()}")
    return answers


def spelled(word: str, key: str | None = None, actor: str = "me") -> Command:
    return Command(spell.name, {"word": word}, actor, key)


def kinds(outcomes: list[Outcome]) -> list[str]:
    return ["crashed" if o.crashed else o.refusal.code if o.refusal else o.value.split()[0] for o in outcomes]


def test_what_waits_is_handed_over_together_and_decided_in_the_order_of_arrival(world: World) -> None:
    SETS.clear()
    outcomes = world.batch(
        [spelled("a"), spelled("b", "k"), spelled("a"), spelled("refuse"), command("x"), spelled("a")]
    )
    assert kinds(outcomes) == ["a", "b", "test.unwanted", "test.unwanted", "x", "a"]
    assert SETS == [["a", "b", "a", "refuse"], ["a"]]
    assert words(world) == ["a", "b", "x", "a"]


def test_P8_same_key_twice_in_one_set_is_done_once(world: World) -> None:
    outcomes = world.batch(
        [spelled("a", "k"), spelled("b"), spelled("a", "k"), spelled("c", "k"), spelled("a", "k", "you")]
    )
    assert kinds(outcomes) == ["a", "b", "a", "key_reused", "test.unwanted"]
    assert outcomes[0].value == outcomes[2].value
    assert world.batch([spelled("a", "k")])[0].value == outcomes[0].value
    assert words(world) == ["a", "b"]


def test_P8_a_key_whose_command_was_refused_is_free_for_another(world: World) -> None:
    outcomes = world.batch([spelled("refuse", "k"), spelled("refuse", "k"), spelled("b", "k"), spelled("refuse", "k")])
    assert kinds(outcomes) == ["test.unwanted", "test.unwanted", "b", "key_reused"]
    assert world.by("me", key="k")(spell, word="b", salt=1) == outcomes[2].value
    assert words(world) == ["b"]


def test_P8_a_crash_in_a_set_spares_the_others(world: World) -> None:
    outcomes = world.batch([spelled("a", "k"), spelled("crash", "l"), spelled("b")])
    assert kinds(outcomes) == ["a", "crashed", "b"]
    assert words(world) == ["a", "b"]


def test_a_command_that_can_be_run_together_is_called_like_any_other(world: World) -> None:
    assert world.by("me")(spell, word="a").split()[0] == "a"
    assert world.events[0].cause == "test_lane.spell me"
    with pytest.raises(Unwanted):
        world.run(spell, word="refuse")
    assert spell.returns is str
