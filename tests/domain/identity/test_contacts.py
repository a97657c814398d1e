"""Contacts: the table of states walked completely, blocking, and two who act at once."""

from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dealings.domain.identity import actions, diagram, model, queries, tables
from dealings.domain.identity.diagram import STATES, STEPS
from dealings.domain.identity.errors import (
    ContactsFull,
    ContactStep,
    NoSuchPerson,
    NotYourself,
    TextTooLong,
    TooManyContacts,
)
from dealings.domain.identity.model import Contact, Standing, Step, after_step
from dealings.platform.db.actions import Action, Command
from dealings.platform.outbox.events import account
from tests.domain.town import Town

PAGE = Path(__file__).resolve().parents[3] / "docs" / "subsystems" / "identity.md"

ACTIONS: dict[Step, Action[..., Any]] = {
    "ask": actions.ask_contact,
    "accept": actions.accept_contact,
    "refuse": actions.refuse_contact,
    "remove": actions.remove_contact,
    "block": actions.block_contact,
    "unblock": actions.unblock_contact,
}
PAIRS: dict[tuple[Standing, Standing], list[tuple[int, Step]]] = {
    # the two sides, and the steps (by side 0 or 1) that lead there
    (None, None): [],
    ("asked", "asking"): [(0, "ask")],
    ("asking", "asked"): [(1, "ask")],
    ("accepted", "accepted"): [(0, "ask"), (1, "accept")],
    ("blocked", None): [(0, "block")],
    (None, "blocked"): [(1, "block")],
    ("blocked", "asked"): [(0, "block"), (1, "ask")],
    ("asked", "blocked"): [(1, "block"), (0, "ask")],
    ("blocked", "asking"): [(0, "ask"), (0, "block")],
    ("asking", "blocked"): [(1, "ask"), (1, "block")],
    ("blocked", "accepted"): [(0, "ask"), (1, "accept"), (0, "block")],
    ("accepted", "blocked"): [(0, "ask"), (1, "accept"), (1, "block")],
    ("blocked", "blocked"): [(0, "block"), (1, "block")],
}
AFTER: dict[Step, dict[tuple[Standing, Standing], tuple[Standing, Standing]]] = {
    # what my step makes of the pair; what is not here is refused
    "ask": {
        (None, None): ("asked", "asking"),
        ("asked", "asking"): ("asked", "asking"),
        ("asking", "asked"): ("accepted", "accepted"),
        ("accepted", "accepted"): ("accepted", "accepted"),
        (None, "blocked"): ("asked", "blocked"),
        ("asked", "blocked"): ("asked", "blocked"),
        ("asking", "blocked"): ("accepted", "blocked"),
        ("accepted", "blocked"): ("accepted", "blocked"),
    },
    "accept": {
        ("asking", "asked"): ("accepted", "accepted"),
        ("accepted", "accepted"): ("accepted", "accepted"),
        ("asking", "blocked"): ("accepted", "blocked"),
        ("accepted", "blocked"): ("accepted", "blocked"),
    },
    "refuse": {
        (None, None): (None, None),
        ("asking", "asked"): (None, None),
        (None, "blocked"): (None, "blocked"),
        ("asking", "blocked"): (None, "blocked"),
    },
    "remove": {
        (None, None): (None, None),
        ("asked", "asking"): (None, None),
        ("accepted", "accepted"): (None, None),
        (None, "blocked"): (None, "blocked"),
        ("asked", "blocked"): (None, "blocked"),
        ("accepted", "blocked"): (None, "blocked"),
    },
    "block": {pair: ("blocked", pair[1]) for pair in PAIRS},
    "unblock": {
        ("blocked", None): (None, None),
        ("blocked", "asked"): (None, None),
        ("blocked", "asking"): (None, None),
        ("blocked", "accepted"): ("accepted", "accepted"),
        ("blocked", "blocked"): (None, "blocked"),
    },
}


def sides(town: Town, me: str, other: str) -> tuple[Standing, Standing]:
    return (
        town.world.read(tables.contact_state, owner=me, other=other),
        town.world.read(tables.contact_state, owner=other, other=me),
    )


def test_the_pairs_are_all_that_can_come_about() -> None:
    assert diagram.reachable() == set(PAIRS)


@pytest.mark.parametrize(("step", "mine", "theirs"), list(product(STEPS, STATES, STATES)))
def test_the_table(step: Step, mine: Standing, theirs: Standing) -> None:
    if (mine, theirs) not in PAIRS:
        return
    expected = AFTER[step].get((mine, theirs))
    assert diagram.after(step, mine, theirs) == expected
    if expected is None:
        with pytest.raises(ContactStep):
            after_step(step, mine=mine, theirs=theirs)


def test_the_page_shows_the_states_as_they_are() -> None:
    page = PAGE.read_text("utf-8")
    assert diagram.mermaid() in page, f"run: python -m dealings.domain.identity.diagram {PAGE}"
    assert diagram.drawn_into(page) == page


def test_P2_every_step_from_every_pair_and_both_sides_are_told(town: Town) -> None:
    """All of it in one store: every pair of sides comes about by real steps, then every step is tried on it."""
    for n, (step, pair) in enumerate(product(STEPS, PAIRS)):
        both = town.people(f"one{n}", f"two{n}")
        for side, led in PAIRS[pair]:
            town.world.run(ACTIONS[led], me=both[side], other=both[1 - side])
        assert sides(town, both[0], both[1]) == pair
        town.forget()
        expected = AFTER[step].get(pair)
        if expected is None:
            with pytest.raises(ContactStep):
                town.world.run(ACTIONS[step], me=both[0], other=both[1])
        else:
            town.world.run(ACTIONS[step], me=both[0], other=both[1])
        after = expected or pair
        assert sides(town, both[0], both[1]) == after, (step, pair)
        for side in (0, 1):
            told = [e.kind for e in town.told(account(both[side]))]
            if after[side] == pair[side]:
                assert told == [], (step, pair, side)
            else:
                assert told == ["contact.changed" if after[side] else "contact.removed"], (step, pair, side)


def test_a_greeting_comes_with_the_question(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    asked = town.world.run(actions.ask_contact, me=mei, other=arun, greeting=" from the tea fair ")
    assert (asked.state, asked.greeting) == ("asked", "")
    (seen,) = town.world.read(queries.contacts, account=arun)
    assert (seen.person.id, seen.state, seen.greeting) == (mei, "asking", "from the tea fair")
    (told,) = town.told(account(arun))
    assert msgspec.json.decode(told.data, type=Contact) == seen
    assert town.world.run(actions.accept_contact, me=arun, other=mei).greeting == "from the tea fair"


def test_a_remark_name_is_ones_own(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    with pytest.raises(ContactStep):
        town.world.run(actions.set_remark, me=mei, other=arun, remark="A")
    town.befriend(mei, arun)
    named = town.world.run(actions.set_remark, me=mei, other=arun, remark=" Uncle Arun ")
    assert named.remark == "Uncle Arun"
    assert town.world.read(queries.profile, account=arun, viewer=mei).remark == "Uncle Arun"
    (theirs,) = town.world.read(queries.contacts, account=arun)
    assert theirs.remark is None
    assert town.world.run(actions.set_remark, me=mei, other=arun, remark=" ").remark is None
    with pytest.raises(TextTooLong):
        town.world.run(actions.set_remark, me=mei, other=arun, remark="x" * 41)


def test_nobody_is_their_own_contact(town: Town) -> None:
    mei = town.sign_up("mei")
    for step in STEPS:
        with pytest.raises(NotYourself):
            town.world.run(ACTIONS[step], me=mei, other=mei)


@pytest.mark.parametrize("action", [actions.ask_contact, actions.block_contact])
def test_strangers_to_the_place_can_be_neither_asked_nor_blocked(town: Town, action: Action[..., Any]) -> None:
    mei = town.sign_up("mei")
    with pytest.raises(NoSuchPerson):
        town.world.run(action, me=mei, other="0" * 16)


def test_lists_are_bounded_on_both_sides(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    town.befriend(mei, arun)
    monkeypatch.setattr(model, "CONTACTS_MOST", 1)
    with pytest.raises(TooManyContacts):
        town.world.run(actions.ask_contact, me=mei, other=lin)
    with pytest.raises(ContactsFull):
        town.world.run(actions.ask_contact, me=lin, other=mei)
    monkeypatch.setattr(model, "CONTACTS_MOST", 9)
    with pytest.raises(TextTooLong):
        town.world.run(actions.ask_contact, me=mei, other=lin, greeting="x" * 201)


def test_friends_are_those_who_both_accept(town: Town) -> None:
    mei, arun, lin, tao = town.people("mei", "arun", "lin", "tao")
    town.befriend(mei, arun, lin)
    town.world.run(actions.ask_contact, me=mei, other=tao)
    town.world.run(actions.block_contact, me=lin, other=mei)
    others = [arun, lin, tao, mei]
    assert town.world.read(queries.friends_among, mei, others) == {arun}
    assert [town.world.read(queries.are_friends, mei, other) for other in others] == [True, False, False, False]
    assert town.world.read(queries.blocks, [(lin, mei), (mei, lin), (arun, mei)]) == {(lin, mei)}


def command(step: Step, me: str, other: str) -> Command:
    return Command(ACTIONS[step].name, {"me": me, "other": other}, me)


def test_two_who_act_at_once_end_as_if_one_came_after_the_other(town: Town) -> None:
    """From every pair of sides: whatever the order, nothing is overwritten, a block least of all."""
    for n, ((pair, led), one, two) in enumerate(product(PAIRS.items(), STEPS, STEPS)):
        both = town.people(f"one{n}", f"two{n}")
        for side, step in led:
            town.world.run(ACTIONS[step], me=both[side], other=both[1 - side])
        town.at_once([[command(one, both[0], both[1])], [command(two, both[1], both[0])]])
        assert sides(town, both[0], both[1]) in _either_order(pair, one, two), (pair, one, two)


def _either_order(pair: tuple[Standing, Standing], one: Step, two: Step) -> list[tuple[Standing, Standing]]:
    first = diagram.after(one, *pair) or pair
    one_two = (diagram.after(two, *first[::-1]) or first[::-1])[::-1]
    second = (diagram.after(two, *pair[::-1]) or pair[::-1])[::-1]
    two_one = diagram.after(one, *second) or second
    return [one_two, two_one]
