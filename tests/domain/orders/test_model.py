"""The lifecycle as a table, and the rules of orders, without a store."""

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealings.domain.identity.api import Address
from dealings.domain.orders import diagram, model
from dealings.domain.orders.errors import (
    MixedCurrencies,
    NothingOrdered,
    NotNow,
    NotYours,
    QuantityOff,
    TooExpensive,
    TooManyLines,
)
from dealings.domain.orders.model import (
    MOVERS,
    NEXT,
    Mover,
    OrderLine,
    OrderState,
    Step,
    ViaLink,
    ViaMessage,
    ViaSearch,
    ViaShop,
    Wanted,
)
from dealings.domain.wallet.model import Cause
from dealings.kernel.errors import BadField, Refusal
from dealings.kernel.money import MOST, Money

PAGE = Path(__file__).parents[3] / "docs" / "subsystems" / "orders.md"


def test_every_state_and_step_is_in_the_table() -> None:
    assert set(NEXT) == set(get_args(OrderState))
    assert {step for steps in NEXT.values() for step in steps} == set(MOVERS) == set(get_args(Step))


def test_every_order_can_come_to_an_end() -> None:
    ends = {state for state, steps in NEXT.items() if not steps}
    assert ends == {"settled", "closed", "refunded"}
    reached = ends
    while more := {s for s, steps in NEXT.items() if s not in reached and reached & set(steps.values())}:
        reached = reached | more
    assert reached == set(NEXT)


@pytest.mark.parametrize("state", get_args(OrderState))
@pytest.mark.parametrize("step", get_args(Step))
@pytest.mark.parametrize("mover", get_args(Mover))
def test_P7_each_step_belongs_to_its_side_and_its_state(state: OrderState, step: Step, mover: Mover) -> None:
    if mover not in MOVERS[step]:
        with pytest.raises(NotYours):
            model.after(state, step, mover)
    elif step not in NEXT[state]:
        with pytest.raises(NotNow):
            model.after(state, step, mover)
    else:
        assert model.after(state, step, mover) == NEXT[state][step]


def test_what_each_side_may_do() -> None:
    assert model.actions_for("placed", "buyer") == ["pay", "cancel"]
    assert model.actions_for("placed", "shop") == []
    assert model.actions_for("paid", "buyer") == ["refund"]
    assert model.actions_for("paid", "shop") == ["ship", "refund"]
    assert model.actions_for("shipped", "buyer") == ["confirm"]
    assert model.actions_for("settled", "buyer") == []


def test_the_page_shows_the_lifecycle_as_it_is() -> None:
    page = PAGE.read_text("utf-8")
    assert diagram.mermaid() in page, f"run: python -m dealings.domain.orders.diagram {PAGE}"
    assert diagram.drawn_into(page) == page


def line(amount: int, cause: Cause, *, quantity: int = 1, currency: str = "CNY") -> OrderLine:
    return OrderLine("v", "p", "Tea", [], None, Money(amount, currency), quantity, "direct", cause)


SEARCH, GROUP = Cause("search"), Cause("group", "c", 1)


def test_P6_the_cause_of_most_of_the_money_is_the_orders() -> None:
    assert model.main_cause([line(10, SEARCH), line(6, GROUP), line(5, GROUP)]) == GROUP
    assert model.main_cause([line(10, SEARCH), line(5, GROUP, quantity=2)]) == SEARCH


def test_amounts_are_bounded_and_of_one_currency() -> None:
    assert model.total([line(10, SEARCH, quantity=3), line(5, SEARCH)]) == Money(35, "CNY")
    with pytest.raises(MixedCurrencies):
        model.total([line(1, SEARCH), line(1, SEARCH, currency="USD")])
    with pytest.raises(TooExpensive):
        model.total([line(MOST, SEARCH), line(1, SEARCH)])


@pytest.mark.parametrize(
    ("wanted", "refused"),
    [
        ([], NothingOrdered),
        ([Wanted("v", 0)], QuantityOff),
        ([Wanted("v", -1)], QuantityOff),
        ([Wanted("v", model.QUANTITY_MOST + 1)], QuantityOff),
        ([Wanted(str(n), 1) for n in range(model.LINES_MOST + 1)], TooManyLines),
    ],
)
def test_what_cannot_be_ordered(wanted: list[Wanted], refused: type[Refusal]) -> None:
    with pytest.raises(refused):
        model.check_wanted(wanted)


def test_the_same_variant_twice_is_one_line() -> None:
    assert model.joined([Wanted("v", 1, "search"), Wanted("w", 1), Wanted("v", 2)]) == [
        Wanted("v", 3, "search"),
        Wanted("w", 1),
    ]


@pytest.mark.parametrize("field", ["name", "phone", "text"])
def test_an_address_says_what_is_wrong_with_it(field: str) -> None:
    good = {"name": "Mei", "phone": "1", "text": "x"}
    for wrong, problem in ((" ", "empty"), ("x" * 401, "too_long")):
        with pytest.raises(BadField) as refusal:
            model.check_address(Address(**{**good, field: wrong}))
        assert refusal.value.params == {"field": field, "problem": problem}


@pytest.mark.parametrize(
    ("via", "read"),
    [
        ("m:c:12", ViaMessage("c", 12)),
        ("shop:s", ViaShop("s")),
        ("link:abc", ViaLink("abc")),
        ("search", ViaSearch()),
        ("direct", None),
        ("", None),
        ("m:c", None),
        ("m:c:-1", None),
        ("m:c:٣", None),
        ("m:c:9999999999999999", None),
        ("shop:", None),
        ("search:x", None),
    ],
)
def test_P6_what_a_client_says_led_here(via: str, read: model.Via) -> None:
    assert model.read_via(via) == read


@given(st.text(max_size=80))
def test_P6_any_text_is_read_without_fault(via: str) -> None:
    model.read_via(via)


@given(st.integers(0, 2**model.NUMBER_BITS - 1))
def test_an_order_number_is_two_groups_of_five(bits: int) -> None:
    number = model.order_number(bits)
    assert len(number) == 11
    assert number[5] == "-"
    assert not set("ILOU") & set(number)
