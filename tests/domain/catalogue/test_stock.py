"""P5: nothing is promised that isn't there, whoever asks at the same time."""

import threading
from collections.abc import Callable, Iterator
from random import Random

import pytest

from dealings.domain.catalogue import actions, queries, stock, tables
from dealings.domain.catalogue.errors import NoSuchVariant, OutOfStock, StockPromised
from dealings.domain.catalogue.model import StockLine, VariantPatch
from dealings.kernel.clock import system_clock
from dealings.kernel.ids import Id
from dealings.platform.db.actions import Action, Command, Outcome, action
from dealings.platform.db.lane import Lane
from dealings.platform.db.run import Crashed
from dealings.platform.db.tx import Tx
from tests.domain.catalogue.conftest import Shop, tea, variant


@action()
def order(tx: Tx, *, lines: list[StockLine]) -> None:
    stock.reserve_lines(tx, lines)


@action()
def close(tx: Tx, *, lines: list[StockLine]) -> None:
    stock.release_lines(tx, lines)


@action()
def ship(tx: Tx, *, lines: list[StockLine]) -> None:
    stock.fulfil_lines(tx, lines)


def counts(shop: Shop, variant: Id) -> tuple[int, int]:
    """On hand and available."""
    sellable = shop.world.read(queries.sellable, [variant])[variant]
    shown = shop.world.read(queries.product, sellable.product, staff=True)
    kept = next(v for v in shown.variants if v.id == variant)
    assert kept.available == sellable.available
    assert kept.on_hand is not None
    return kept.on_hand, kept.available


def test_P5_reserve_release_fulfil(shop: Shop) -> None:
    one, two = (v.id for v in shop.add().variants)
    shop.world.run(order, lines=[StockLine(one, 3), StockLine(two, 1), StockLine(one, 2)])
    assert (counts(shop, one), counts(shop, two)) == ((10, 5), (10, 9))
    shop.world.run(close, lines=[StockLine(two, 1)])
    shop.world.run(ship, lines=[StockLine(one, 4)])
    assert (counts(shop, one), counts(shop, two)) == ((6, 5), (10, 10))
    assert shop.told()[-1].available == 15


def test_P5_more_than_there_is_is_refused_and_nothing_of_the_order_is_kept(shop: Shop) -> None:
    one, two = (v.id for v in shop.add().variants)
    told = len(shop.told())
    with pytest.raises(OutOfStock) as refused:
        shop.world.run(order, lines=[StockLine(one, 2), StockLine(two, 11)])
    assert (refused.value.params["left"], refused.value.params["variant"]) == (10, two)
    assert (counts(shop, one), counts(shop, two)) == ((10, 10), (10, 10))
    assert len(shop.told()) == told


def test_P5_the_same_variant_on_two_lines_counts_together(shop: Shop) -> None:
    one = shop.add().variants[0].id
    with pytest.raises(OutOfStock):
        shop.world.run(order, lines=[StockLine(one, 6), StockLine(one, 6)])


def test_a_variant_that_is_gone_is_missing(shop: Shop) -> None:
    with pytest.raises(NoSuchVariant):
        shop.world.run(order, lines=[StockLine("nosuch", 1)])


@pytest.mark.parametrize("step", [close, ship])
def test_P5_what_was_not_reserved_can_neither_be_given_back_nor_shipped(shop: Shop, step: Action[..., None]) -> None:
    one = shop.add().variants[0].id
    with pytest.raises(Crashed):
        shop.world.run(step, lines=[StockLine(one, 1)])
    assert counts(shop, one) == (10, 10)


def test_P5_two_orders_for_the_last_piece_in_one_commit(shop: Shop) -> None:
    one = shop.add(tea(variants=[variant("50 克", on_hand=1)])).variants[0].id
    commands = [Command("test_stock.order", {"lines": [StockLine(one, 1)]}) for _ in range(3)]
    outcomes = shop.world.batch(commands)
    assert [type(o.refusal).__name__ for o in outcomes] == ["NoneType", "OutOfStock", "OutOfStock"]
    assert counts(shop, one) == (1, 0)


def test_P5_lanes_that_race_for_the_last_pieces_never_oversell(shop: Shop) -> None:
    variants = [v.id for v in shop.add(tea(variants=[variant("a", on_hand=7), variant("b", on_hand=7)])).variants]
    sold: list[bool] = []

    def buy(seed: int) -> None:
        lane = Lane(shop.world.store, clock=system_clock, rng=Random(seed))
        for _ in range(5):
            lines = [StockLine(v, 1) for v in Random(seed).sample(variants, 2)]
            (outcome,) = lane.execute([Command("test_stock.order", {"lines": lines})]).outcomes
            assert outcome.refusal is None or isinstance(outcome.refusal, OutOfStock), outcome
            sold.append(outcome.refusal is None)
        lane.close()

    threads = [threading.Thread(target=buy, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(sold), sum(sold)) == (20, 7)
    assert [counts(shop, v) for v in variants] == [(7, 0), (7, 0)]


def test_P5_staff_who_set_the_stock_race_with_buyers(shop: Shop) -> None:
    made = shop.add(tea(variants=[variant("a", on_hand=5)]))
    (one,) = (v.id for v in made.variants)
    seen: list[Outcome] = []

    def play(seed: int, commands: Callable[[], Iterator[Command]]) -> None:
        lane = Lane(shop.world.store, clock=system_clock, rng=Random(seed))
        seen.extend(lane.execute([command]).outcomes[0] for command in commands())
        lane.close()

    def buy() -> Iterator[Command]:
        for _ in range(12):
            yield Command("test_stock.order", {"lines": [StockLine(one, 1)]})

    def count() -> Iterator[Command]:
        for n in range(24):
            patch = VariantPatch(on_hand=n % 9)
            yield Command(actions.patch_variant.name, {"variant": one, "by": shop.clerk, "patch": patch})

    threads = [threading.Thread(target=play, args=(n, step)) for n, step in enumerate([buy, buy, count])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not any(outcome.crashed for outcome in seen)
    refused = {type(outcome.refusal) for outcome in seen if outcome.refusal}
    assert refused <= {OutOfStock, StockPromised}
    on_hand, available = counts(shop, one)
    assert 0 <= available <= on_hand


HOT = {"one": tables.RESERVE, "set": tables.STOCK, "offers": tables.OFFERS, "outlines": tables.OUTLINES}


@pytest.mark.parametrize("name", list(HOT))
def test_hot_statements_find_their_rows_without_reading_others(shop: Shop, name: str) -> None:
    """Their cost must not grow with the catalogue."""
    if shop.world.store.dialect != "sqlite":
        pytest.skip("PostgreSQL plans by the size of the table, and this one is empty")
    statement = HOT[name]["sqlite"]
    given = (1, "x", "y") if name == "one" else ("[]",)
    plan = shop.world.read(lambda db: [row[3] for row in db.driver.execute(f"EXPLAIN QUERY PLAN {statement}", given)])
    assert not [step for step in plan if step.startswith("SCAN") and "j" not in step.split()[1:2]], plan
    assert any("(shop=? AND id=?)" in step or "(id=?)" in step for step in plan), plan
    assert not [step for step in plan if step.endswith("(shop=?)")], plan


def test_sellable_says_what_an_order_copies(shop: Shop) -> None:
    made = shop.add(tea(state="hidden"))
    small = shop.world.read(queries.sellable, [v.id for v in made.variants])[made.variants[0].id]
    assert (small.title, small.options, small.price.amount, small.available) == ("西湖龙井", ["50 克"], 12_800, 10)
    assert (small.active, small.shop, small.product, small.picture) == (False, shop.id, made.id, None)
    assert shop.world.read(queries.sellable, ["nosuch"]) == {}
    assert shop.world.read(queries.sellable, []) == {}
