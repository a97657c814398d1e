"""The way back of one order, step by step."""

from dealings.domain.insight import tracing
from dealings.domain.insight.model import Trace
from dealings.domain.orders import actions as orders
from dealings.domain.orders.api import Order
from dealings.kernel.clock import MINUTE
from dealings.kernel.ids import Id
from tests.domain.insight.stage import Stage
from tests.domain.orders.market import ADDRESS

TITLE = "西湖龙井"


def trace(stage: Stage, order: Order, *, viewer: Id | None = None) -> Trace:
    stage.world.react()
    return stage.world.read(tracing.trace, order=order.id, account=viewer or stage.market.wang)


def later(stage: Stage) -> None:
    stage.world.clock.advance(MINUTE)


def test_P6_from_the_card_to_the_settlement(stage: Stage) -> None:
    market = stage.market
    via = market.card(stage.group, stage.arun)
    later(stage)
    stage.touch("seen", via=via)
    stage.touch("opened", via=via)
    later(stage)
    asked = stage.say("is it this year's?", product=market.tea)
    later(stage)
    order = market.paid(via=via)
    later(stage)
    order = market.ship(order)
    later(stage)
    market.confirm(order)
    steps = trace(stage, order).steps
    assert [(step.what, step.who.handle if step.who else None, step.text) for step in steps] == [
        ("card", "arun", TITLE),
        ("seen", "mei", TITLE),
        ("opened", "mei", TITLE),
        ("asked", "mei", "is it this year's?"),
        ("placed", "mei", order.number),
        ("paid", "mei", ""),
        ("shipped", None, "SF SF1"),
        ("received", None, ""),
        ("settled", None, ""),
    ]
    assert f"m:{steps[0].conversation}:{steps[0].seq}" == via
    assert (steps[3].conversation, steps[3].seq) == (stage.thread, asked.seq)
    assert [step.at for step in steps] == sorted(step.at for step in steps)


def test_of_several_ways_the_one_that_led_to_the_order_is_told(stage: Stage) -> None:
    via = stage.market.card(stage.group, stage.arun)
    stage.touch("opened", via=via)
    opened_at = stage.world.clock()
    later(stage)
    stage.touch("opened", via="search")
    steps = trace(stage, stage.market.paid(via=via)).steps
    assert [step.at for step in steps if step.what == "opened"] == [opened_at]


def test_what_was_done_after_ordering_did_not_lead_to_it(stage: Stage) -> None:
    order = stage.market.paid(via="search")
    later(stage)
    stage.touch("opened", via="search")
    stage.say(product=stage.market.tea)
    assert [step.what for step in trace(stage, order).steps] == ["placed", "paid"]


def test_an_order_that_ended_otherwise(stage: Stage) -> None:
    market = stage.market
    closed, refunded = market.placed(), market.paid()
    later(stage)
    stage.world.run(orders.cancel, order=closed.id, by=market.mei)
    stage.world.run(orders.refund, order=refunded.id, by=market.wang)
    assert [step.what for step in trace(stage, closed).steps] == ["placed", "closed"]
    assert [step.what for step in trace(stage, refunded).steps] == ["placed", "paid", "refunded"]


def test_P7_an_operator_reads_neither_the_thread_nor_the_address(stage: Stage) -> None:
    asked = stage.say("my secret question", product=stage.market.tea)
    later(stage)
    order = stage.market.paid(via=f"m:{stage.thread}:{asked.seq}")
    seen_by_staff, seen_by_operator = trace(stage, order), trace(stage, order, viewer=stage.otto)
    assert seen_by_staff.order.address == ADDRESS
    assert "my secret question" in [step.text for step in seen_by_staff.steps]
    assert seen_by_operator.order.address is None
    assert seen_by_operator.order.actions == []
    assert [step.what for step in seen_by_operator.steps] == ["asked", "placed", "paid"]
    assert "my secret question" not in str(seen_by_operator)
