"""The funnel's arithmetic, and what counts as asking, without a store."""

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealings.domain.insight import model
from dealings.domain.insight.model import KINDS, STEPS, Asker, Fact, Interest, Kind, Opening, Question, Step
from dealings.domain.wallet.model import CauseKind
from dealings.kernel.clock import DAY, HOUR

MEI = Asker("shop", "mei")


def question(at: int, product: str | None = None) -> Question:
    return Question(MEI, "thread", 7, product, at)


def test_every_kind_of_cause_has_its_line() -> None:
    assert set(KINDS) == set(get_args(CauseKind)) == set(get_args(Kind))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", STEPS)
def test_a_mark_says_what_it_was_made_of(kind: Kind, step: Step) -> None:
    assert model.read_mark(model.mark(kind, step)) == (kind, step)


def test_marks_are_different_bits_that_fit_both_stores() -> None:
    marks = [model.mark(kind, step) for kind in KINDS for step in STEPS]
    assert len(set(marks)) == len(marks) == sum(marks).bit_count()
    assert sum(marks) < 2**63


def test_marks_stay_what_they_are_in_stores_that_exist() -> None:
    assert model.mark("direct_chat", "seen") == 1
    assert model.mark("direct_chat", "confirmed") == 32
    assert model.mark("group", "seen") == 64
    assert model.mark("direct", "confirmed") == 1 << 41


steps_taken = st.frozensets(st.tuples(st.sampled_from(KINDS), st.sampled_from(STEPS)), min_size=1)


@given(st.lists(steps_taken, max_size=20))
def test_counts_and_rates_are_those_of_the_pairs(pairs: list[frozenset[tuple[Kind, Step]]]) -> None:
    footprints: dict[int, int] = {}
    for taken in pairs:
        footprint = sum(model.mark(*each) for each in taken)
        footprints[footprint] = footprints.get(footprint, 0) + 1
    total, by_kind = model.ways(footprints)
    for n, step in enumerate(STEPS):
        assert total.counts[n] == sum(any(each == step for _, each in taken) for taken in pairs)
        for kind in KINDS:
            assert by_kind[kind].counts[n] == sum((kind, step) in taken for taken in pairs)
    for n, (step, following) in enumerate(pairwise(STEPS)):
        came = [taken for taken in pairs if ("search", step) in taken]
        went_on = [taken for taken in came if ("search", following) in taken]
        assert by_kind["search"].rates[n] == (len(went_on) / len(came) if came else 0.0)


def interest(**opened_at: int) -> Interest:
    openings = {product: Opening(at, "group", f"m:g:{at}") for product, at in opened_at.items()}
    return Interest({MEI: openings})


def asked(product: str, kind: Kind, source: str, *, at: int) -> Fact:
    return Fact("shop", "mei", product, model.mark(kind, "asked"), source, at // DAY, at, 7)


def test_a_question_that_names_a_product_is_caused_by_what_led_to_it() -> None:
    assert interest(tea=5).ask(question(9, "tea")) == asked("tea", "group", "m:g:5", at=9)


def test_however_long_ago_it_was_opened() -> None:
    assert interest(tea=5).ask(question(90 * DAY, "tea")) == asked("tea", "group", "m:g:5", at=90 * DAY)


def test_a_question_about_something_never_opened_is_caused_by_the_thread() -> None:
    assert interest().ask(question(9, "tea")) == asked("tea", "shop_chat", "m:thread:7", at=9)


def test_the_first_message_after_opening_asks_about_what_was_opened_last() -> None:
    lately = interest(tea=5, pot=6)
    assert lately.ask(question(9)) == asked("pot", "group", "m:g:6", at=9)
    assert lately.ask(question(10)) is None


@pytest.mark.parametrize(("after", "asks"), [(0, True), (24 * HOUR, True), (24 * HOUR + 1, False)])
def test_only_what_was_opened_within_a_day(after: int, asks: bool) -> None:
    assert (interest(tea=1_000).ask(question(1_000 + after)) is not None) is asks


def test_opening_again_makes_the_next_message_a_question_again() -> None:
    lately = interest(tea=5)
    assert lately.ask(question(6)) is not None
    lately.open(MEI, "tea", Opening(7, "search", "search"))
    assert lately.ask(question(8)) == asked("tea", "search", "search", at=8)


def test_only_what_has_changed_is_written_again() -> None:
    lately = interest(tea=5, pot=6)
    lately.ask(question(9))
    assert lately.changed == {(MEI, "tea"), (MEI, "pot")}
    lately.changed.clear()
    lately.ask(question(10))
    assert lately.changed == set()
