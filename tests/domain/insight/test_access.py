"""P7: who may ask for what, as a table that is walked whole."""

from collections.abc import Callable
from typing import Any

import pytest

from dealings.domain.identity.errors import NotOperator, NotStaff
from dealings.domain.insight import health, queries, tracing
from dealings.domain.orders.errors import NoSuchOrder
from dealings.kernel.errors import Refusal
from tests.domain.insight.stage import FOREVER, Stage

PERIOD = {"since": 0, "until": FOREVER}
PEOPLE = ("buyer", "stranger", "staff", "owner", "operator", "staff elsewhere")

Question = Callable[[Stage, str], Any]
QUESTIONS: dict[str, Question] = {
    "shop funnel": lambda s, me: s.world.read(queries.shop_funnel, shop=s.market.shop, account=me, **PERIOD),
    "sales": lambda s, me: s.world.read(
        queries.sales, shop=s.market.shop, account=me, cause=None, before=None, limit=9, **PERIOD
    ),
    "trace": lambda s, me: s.world.read(tracing.trace, order=s.market.paid().id, account=me),
    "whole funnel": lambda s, me: s.world.read(queries.whole_funnel, account=me, currency=None, **PERIOD),
    "money": lambda s, me: s.world.read(queries.money, account=me, now=0),
    "health": lambda s, me: s.world.read(health.health, account=me, now=s.world.clock()),
}
MAY: dict[str, tuple[frozenset[str], type[Refusal]]] = {
    "shop funnel": (frozenset({"staff", "owner", "operator"}), NotStaff),
    "sales": (frozenset({"staff", "owner", "operator"}), NotStaff),
    "trace": (frozenset({"staff", "owner", "operator"}), NoSuchOrder),
    "whole funnel": (frozenset({"operator"}), NotOperator),
    "money": (frozenset({"operator"}), NotOperator),
    "health": (frozenset({"operator"}), NotOperator),
}


def account_of(stage: Stage, who: str) -> str:
    from dealings.domain.identity import actions as identity

    market = stage.market
    if who == "staff elsewhere":
        shop = {"handle": "books", "name": "Books", "tagline": "", "currency": "CNY"}
        stage.world.run(identity.open_shop, owner=stage.arun, **shop)
    return {
        "buyer": market.mei,
        "stranger": stage.sofia,
        "staff": market.wang,
        "owner": market.lin,
        "operator": stage.otto,
        "staff elsewhere": stage.arun,
    }[who]


def test_every_question_has_its_row() -> None:
    assert set(QUESTIONS) == set(MAY)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("what", QUESTIONS)
def test_P7_only_who_may(stage: Stage, what: str, who: str) -> None:
    allowed, refusal = MAY[what]
    me = account_of(stage, who)
    if who in allowed:
        assert QUESTIONS[what](stage, me) is not None
    else:
        with pytest.raises(refusal):
            QUESTIONS[what](stage, me)


def test_an_order_that_is_not_there(stage: Stage) -> None:
    with pytest.raises(NoSuchOrder):
        stage.world.read(tracing.trace, order="0" * 16, account=stage.otto)


def test_health_says_how_far_the_consumers_are_and_how_big_the_store_is(stage: Stage) -> None:
    stage.market.placed()
    before = stage.world.read(health.health, account=stage.otto, now=stage.world.clock())
    assert before.consumers["insight"] > 0
    assert before.store.kind == stage.world.store.dialect
    assert before.store.bytes > 100_000
    assert before.timers.due_within_a_day == 1
    stage.world.react()
    after = stage.world.read(health.health, account=stage.otto, now=stage.world.clock())
    assert after.consumers["insight"] == 0
