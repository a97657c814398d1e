"""P6 over random journeys: sums per cause are the ledger's to the cent, and the log tells it all again."""

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from dealings.domain.catalogue import actions as catalogue
from dealings.domain.catalogue.model import VariantPatch
from dealings.domain.insight import handlers
from dealings.domain.insight.model import KINDS, mark
from dealings.domain.orders import actions as orders
from dealings.domain.orders.model import Order
from dealings.domain.wallet.model import Cause
from dealings.kernel.clock import DAY, HOUR, MINUTE
from dealings.platform.db.views import reading, writing
from dealings.platform.outbox import tables as outbox
from tests.domain.insight.stage import Stage, contents, forget
from tests.world import World

ENDS = ("looked", "asked", "left", "cancelled", "expired", "paid", "refunded", "shipped", "confirmed", "kept silent")
PAUSES = (0, 1, HOUR, DAY)


@dataclass(frozen=True)
class Journey:
    """Somebody comes by some way, looks or doesn't, and gets so far."""

    way: int
    quantity: int
    end: str
    looks: bool
    asks: bool
    pause: int
    learnt: bool
    """The consumer catches up after it."""


journeys = st.lists(
    st.builds(
        Journey,
        way=st.integers(0, 8),
        quantity=st.integers(1, 3),
        end=st.sampled_from(ENDS),
        looks=st.booleans(),
        asks=st.booleans(),
        pause=st.sampled_from(PAUSES),
        learnt=st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


def travel(stage: Stage, vias: list[str], journey: Journey) -> None:
    via = vias[journey.way]
    if journey.looks:
        stage.touch("seen", via=via)
        stage.touch("opened", via=via)
    if journey.asks:
        stage.say(product=stage.market.tea if journey.quantity == 1 else None)
    if journey.end not in ("looked", "asked"):
        finish(stage, stage.market.placed(journey.quantity, via=via), journey.end)
    stage.world.pass_time(journey.pause)
    if journey.learnt:
        stage.world.react()


def finish(stage: Stage, order: Order, end: str) -> None:
    market, run = stage.market, stage.world.run
    if end == "cancelled":
        run(orders.cancel, order=order.id, by=market.mei)
    elif end == "expired":
        stage.world.pass_time(31 * MINUTE)
    elif end != "left":
        market.pay(order)
    if end == "refunded":
        run(orders.refund, order=order.id, by=market.wang)
    if end in ("shipped", "confirmed", "kept silent"):
        market.ship(order)
    if end == "confirmed":
        market.confirm(order)
    elif end == "kept silent":
        stage.world.pass_time(11 * DAY)


def ledger_by_cause(world: World, reason: str) -> dict[str | None, int]:
    """What the transfers themselves say, whatever insight thinks."""
    sums: dict[str | None, int] = dict.fromkeys(KINDS, 0)
    with reading(world.store) as db:
        rows = db.sql.execute(text("SELECT cause, amount FROM transfers WHERE reason = :reason"), {"reason": reason})
        for cause, amount in rows:
            sums[msgspec.json.decode(cause, type=Cause).kind] += amount
    return sums


def expect_ledger(stage: Stage) -> None:
    funnel = stage.funnel()
    assert funnel.checked.equal
    assert {row.cause: row.paid.amount for row in funnel.by_cause} == ledger_by_cause(stage.world, "payment")
    assert {row.cause: row.refunded.amount for row in funnel.by_cause} == ledger_by_cause(stage.world, "refund")
    assert {row.cause: row.confirmed.amount for row in funnel.by_cause} == ledger_by_cause(stage.world, "settlement")
    assert funnel.total.paid.amount == sum(row.paid.amount for row in funnel.by_cause)
    assert sum(sale.total.amount for sale in stage.sales()) == funnel.total.paid.amount


@pytest.fixture
def travelled(stage: Stage) -> tuple[Stage, list[str]]:
    """The stage with plenty of tea. It is not made anew for each example: what must hold, holds for ever more journeys."""
    stage.world.run(
        catalogue.patch_variant, variant=stage.market.leaf, by=stage.market.lin, patch=VariantPatch(on_hand=100_000)
    )
    return stage, [via for via, _ in stage.vias()]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(taken=journeys)
def test_P6_sums_by_cause_are_the_ledgers_to_the_cent(travelled: tuple[Stage, list[str]], taken: list[Journey]) -> None:
    stage, vias = travelled
    for journey in taken:
        travel(stage, vias, journey)
        assert stage.funnel(react=False).checked.equal, journey
    expect_ledger(stage)
    learnt = contents(stage.world)
    forget(stage.world)
    stage.world.react()
    assert contents(stage.world) == learnt


def every_end(stage: Stage, vias: list[str]) -> None:
    for n, end in enumerate(ENDS):
        travel(stage, vias, Journey(n % 9, n % 3 + 1, end, n % 2 == 0, n % 3 == 0, PAUSES[n % 4], n % 2 == 1))


def log(world: World) -> list[Any]:
    return world.read(outbox.read_after, outbox.Position(), limit=100_000)


def test_P6_the_log_from_its_beginning_gives_the_same_facts(travelled: tuple[Stage, list[str]]) -> None:
    stage, vias = travelled
    every_end(stage, vias)
    stage.world.react()
    learnt = contents(stage.world)
    assert all(learnt.values())
    forget(stage.world)
    assert not any(contents(stage.world).values())
    stage.world.react()
    assert contents(stage.world) == learnt


def test_P6_learning_everything_twice_changes_nothing(travelled: tuple[Stage, list[str]]) -> None:
    """The platform sees to it that nothing is (`tests/platform/test_outbox.py`). Only asking would mind: it looks back."""
    stage, vias = travelled
    every_end(stage, vias)
    stage.world.react()
    learnt = without_asking(contents(stage.world))
    events = [event for event in log(stage.world) if event.kind in ("order.changed", "product.touched")]
    assert len(events) > 20
    learn_again(stage.world, events)
    assert without_asking(contents(stage.world)) == learnt


def without_asking(contents: dict[str, list[tuple[Any, ...]]]) -> list[tuple[Any, ...]]:
    asking = {str(mark(kind, "asked")) for kind in KINDS}
    return [row for row in contents["insight_facts"] if row[3] not in asking] + contents["insight_sales"]


def learn_again(world: World, events: list[Any]) -> None:
    with writing(world.store) as tx:
        handlers.learn(tx, events)


def test_P6_orders_heard_of_in_any_order_end_the_same(travelled: tuple[Stage, list[str]]) -> None:
    """On PostgreSQL two steps of an order may be numbered against the order in which they happened."""
    stage, vias = travelled
    every_end(stage, vias)
    stage.world.react()
    learnt = contents(stage.world)["insight_sales"]
    events = [event for event in log(stage.world) if event.kind == "order.changed"]
    forget(stage.world)
    learn_again(stage.world, events[::-1])
    assert contents(stage.world)["insight_sales"] == learnt
