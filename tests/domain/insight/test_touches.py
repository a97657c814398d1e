"""What was seen and opened: noted once, by a cause that was checked."""

import pytest

from dealings.domain.insight.events import ProductTouched
from dealings.domain.insight.model import Touch, read_mark
from dealings.kernel.clock import DAY
from tests.domain.insight.stage import Stage, contents
from tests.domain.orders.market import product


def told(stage: Stage) -> int:
    return sum(event.kind == ProductTouched.kind for event in stage.world.events)


def test_P6_a_touch_counts_by_the_cause_that_holds(stage: Stage) -> None:
    for via, kind in stage.vias():
        stage.touch("seen", via=via)
        stage.touch("opened", via=via)
        assert stage.row(kind).counts[:2] == [1, 1], via
    funnel = stage.funnel()
    assert funnel.total.counts == [1, 1, 0, 0, 0, 0]
    assert sum(row.counts[0] for row in funnel.by_cause) == 7


def test_P6_a_card_that_one_may_not_read_is_no_cause(stage: Stage) -> None:
    stranger = stage.market.sign_up("stranger")
    stage.touch("opened", via=stage.market.card(stage.direct, stage.arun), account=stranger)
    assert [(read_mark(fact.mark), fact.source) for fact in stage.facts(stranger)] == [(("direct", "opened"), "direct")]


def test_the_same_touch_counts_once_a_day(stage: Stage) -> None:
    for _ in range(3):
        stage.touch_all([Touch("seen", stage.market.tea, "search")] * 2)
    assert len(stage.facts()) == told(stage) == 1
    stage.world.clock.advance(DAY)
    stage.touch("seen", via="search")
    assert len(stage.facts()) == told(stage) == 2
    assert stage.row("search").counts[0] == 1


def test_touches_of_many_products_at_once(stage: Stage) -> None:
    market = stage.market
    pots = [product(stage.world, market.shop, market.lin, f"Pot {n}", [100]).id for n in range(49)]
    stage.touch_all([Touch("seen", pot, "search") for pot in pots] + [Touch("opened", market.tea, "search")])
    assert stage.row("search").counts[:2] == [49, 1]
    assert told(stage) == 1


def test_unknown_products_are_left_out(stage: Stage) -> None:
    stage.touch_all([Touch("seen", "0" * 16, "search"), Touch("seen", stage.market.tea, "search")])
    assert stage.row("search").counts[0] == 1


@pytest.mark.parametrize("staff", ["lin", "wang"])
def test_staff_who_look_at_their_own_shop_are_no_prospects(stage: Stage, staff: str) -> None:
    stage.touch("opened", via="search", account=getattr(stage.market, staff))
    assert told(stage) == 0
    assert contents(stage.world)["insight_facts"] == []


def test_two_people_and_two_products_are_four_pairs(stage: Stage) -> None:
    market = stage.market
    pot = product(stage.world, market.shop, market.lin, "Pot", [100]).id
    for account in (market.mei, stage.arun):
        for each in (market.tea, pot):
            stage.touch("seen", via="search", account=account, product=each)
    assert stage.row("search").counts[0] == 4


def test_what_another_shop_is_looked_at_for_is_not_ours(stage: Stage) -> None:
    from dealings.domain.identity import actions as identity

    other = stage.world.run(
        identity.open_shop, owner=stage.arun, handle="books", name="Books", tagline="", currency="CNY"
    )
    book = product(stage.world, other.id, stage.arun, "Book", [100]).id
    stage.touch("seen", via="search", product=book)
    assert stage.funnel().total.counts[0] == 0
