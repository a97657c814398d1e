"""The funnel and the sales behind it: what they count, and that it is what the ledger says (P6)."""

import pytest

from dealings.domain.identity import actions as identity
from dealings.domain.insight import queries
from dealings.domain.insight.errors import BadPeriod
from dealings.domain.insight.model import STEPS, Funnel
from dealings.domain.insight.tables import Before
from dealings.domain.messaging.api import ProductCard
from dealings.domain.orders import actions as orders
from dealings.domain.orders.model import Wanted
from dealings.kernel.clock import DAY, MINUTE
from dealings.kernel.money import Money
from tests.domain.insight.stage import FOREVER, Stage
from tests.domain.orders.market import product

LEAF = 12_50


def yuan(amount: int) -> Money:
    return Money(amount, "CNY")


def test_P6_the_whole_way_of_a_card_to_the_money(stage: Stage) -> None:
    market = stage.market
    via = market.card(stage.direct, stage.arun)
    stage.touch("seen", via=via)
    stage.touch("opened", via=via)
    stage.say(product=market.tea)
    market.confirm(market.ship(market.paid(2, via=via)))
    funnel = stage.funnel()
    row = stage.row("direct_chat")
    assert funnel.steps == list(STEPS)
    assert row.counts == funnel.total.counts == [1, 1, 1, 1, 1, 1]
    assert row.rates == [1.0] * 5
    assert (row.paid, row.confirmed, row.refunded) == (yuan(2 * LEAF), yuan(2 * LEAF), yuan(0))
    assert funnel.checked.paid == funnel.checked.ledger == yuan(2 * LEAF)
    assert funnel.checked.equal
    assert funnel.checked.behind == 0


def test_P6_refunds_are_shown_beside_what_was_paid(stage: Stage) -> None:
    market = stage.market
    order = market.paid(via="search")
    stage.world.run(orders.refund, order=order.id, by=market.wang)
    row = stage.row("search")
    assert (row.paid, row.refunded, row.confirmed) == (yuan(LEAF), yuan(LEAF), yuan(0))
    assert stage.funnel().checked.equal


def test_P6_an_order_that_was_never_paid_brings_no_money(stage: Stage) -> None:
    stage.market.placed(via="search")
    stage.world.pass_time(31 * MINUTE)
    row = stage.row("search")
    assert row.counts == [0, 0, 0, 1, 0, 0]
    assert row.paid == yuan(0)
    assert stage.sales() == []


def test_an_order_of_several_things_counts_each_and_its_money_once(stage: Stage) -> None:
    market = stage.market
    pot = product(stage.world, market.shop, market.lin, "Pot", [100])
    lines = [
        Wanted(market.leaf, 1, "search"),
        Wanted(market.cake, 1, "search"),
        Wanted(pot.variants[0].id, 3, "direct"),
    ]
    order = market.pay(market.place(*lines))
    row = stage.row("search")
    assert row.counts == [0, 0, 0, 2, 2, 0]
    assert row.paid == order.total == yuan(LEAF + 300_00 + 300)


def test_rates_are_of_those_who_came_to_the_step_before(stage: Stage) -> None:
    market = stage.market
    for account in (market.mei, stage.arun, stage.sofia):
        stage.touch("seen", via="search", account=account)
    for account in (market.mei, stage.arun):
        stage.touch("opened", via="search", account=account)
    market.paid(via="search")
    assert stage.row("search").rates == [2 / 3, 0.0, 0.0, 1.0, 0.0]


def test_periods_begin_with_their_first_moment_and_end_before_their_last(stage: Stage) -> None:
    market, clock = stage.market, stage.world.clock
    order = market.placed(via="search")
    clock.advance(MINUTE)
    paid_at = market.pay(order).paid_at
    assert paid_at is not None
    assert stage.row("search", since=paid_at).counts == [0, 0, 0, 0, 1, 0]
    assert stage.row("search", until=paid_at).counts == [0, 0, 0, 1, 0, 0]
    assert stage.row("search", since=paid_at, until=paid_at + 1).paid == yuan(LEAF)
    for since, until in ((paid_at, FOREVER), (0, paid_at), (paid_at + 1, FOREVER), (0, 0)):
        assert stage.funnel(since=since, until=until).checked.equal


def test_P6_a_consumer_that_lags_says_so_and_claims_no_difference(stage: Stage) -> None:
    market = stage.market
    stage.funnel()
    market.ship(market.paid(via="search"))
    market.confirm(market.ship(market.paid(2, via="search")))
    lagging = stage.funnel(react=False).checked
    assert lagging.behind > 0
    assert (lagging.paid, lagging.ledger, lagging.equal) == (yuan(0), yuan(0), True)
    caught_up = stage.funnel().checked
    assert (caught_up.paid, caught_up.ledger, caught_up.equal) == (yuan(3 * LEAF), yuan(3 * LEAF), True)
    assert caught_up.behind == 0


def test_P6_what_comes_after_a_known_payment_is_not_taken_off_the_ledger(stage: Stage) -> None:
    order = stage.market.paid(via="search")
    stage.funnel()
    stage.market.ship(order)
    lagging = stage.funnel(react=False).checked
    assert lagging.behind > 0
    assert (lagging.paid, lagging.ledger, lagging.equal) == (yuan(LEAF), yuan(LEAF), True)


def test_P6_a_payment_that_no_fact_knows_of_is_seen(stage: Stage) -> None:
    from sqlalchemy import text

    from dealings.platform.db.views import writing

    stage.market.paid(via="search")
    stage.funnel()
    with writing(stage.world.store) as tx:
        tx.sql.execute(text("DELETE FROM insight_sales"))
    checked = stage.funnel().checked
    assert (checked.paid, checked.ledger, checked.equal) == (yuan(0), yuan(LEAF), False)


def test_P6_too_far_behind_to_compare_claims_no_difference(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.funnel()
    stage.market.paid(via="search")
    monkeypatch.setattr(queries, "UNREAD_MOST", 1)
    lagging = stage.funnel(react=False).checked
    assert lagging.equal
    assert lagging.behind > 1


def test_a_period_that_ends_before_it_begins_is_refused(stage: Stage) -> None:
    with pytest.raises(BadPeriod):
        stage.funnel(since=2, until=1)


# sales


def test_P6_from_any_sale_the_way_back_to_its_message(stage: Stage) -> None:
    for via, kind in stage.vias():
        stage.market.paid(via=via)
        stage.world.clock.advance(1)
        newest = stage.sales()[0]
        assert newest.cause.kind == kind
        if kind in ("direct_chat", "group", "shop_chat"):
            assert newest.message is not None
            assert f"m:{newest.message.conversation}:{newest.message.seq}" == via
            assert isinstance(newest.message.body, ProductCard)
        else:
            assert newest.message is None


def test_P7_what_friends_wrote_stays_with_them(stage: Stage) -> None:
    """A text that names a product can be the cause; the shop learns that it was, not what it said."""
    from dealings.domain.messaging import api as messages
    from dealings.domain.messaging.posting import post

    body = messages.Text("I owe you one, take this", None, stage.market.tea)
    said = stage.world.one(post, messages.Post(stage.direct, stage.arun, stage.world.uuid(), body))
    stage.market.paid(via=f"m:{stage.direct}:{said.seq}")
    (sale,) = stage.sales()
    assert sale.cause.kind == "direct_chat"
    assert sale.message is None


def test_staff_read_the_question_that_led_to_a_sale_in_their_own_thread(stage: Stage) -> None:
    asked = stage.say("one of these please", product=stage.market.tea)
    stage.market.paid(via=f"m:{stage.thread}:{asked.seq}")
    (sale,) = stage.sales()
    assert sale.message == asked


def test_sales_are_those_of_the_row(stage: Stage) -> None:
    for n, via in enumerate(["search", "direct", "search", "search"]):
        stage.market.paid(n % 2 + 1, via=via)
        stage.world.clock.advance(DAY)
    for kind in ("search", "direct", "group"):
        found = stage.sales(cause=kind)
        assert sum(sale.total.amount for sale in found) == stage.row(kind).paid.amount
        assert [sale.at for sale in found] == sorted((sale.at for sale in found), reverse=True)


def test_sales_page_by_page_are_all_sales(stage: Stage) -> None:
    for _ in range(5):
        stage.market.paid(via="search")  # all at the same moment
    whole = [sale.order for sale in stage.sales()]
    read: list[str] = []
    before: Before | None = None
    while True:
        page, before = stage.world.read(
            queries.sales,
            shop=stage.market.shop,
            account=stage.market.wang,
            cause=None,
            since=0,
            until=FOREVER,
            before=before,
            limit=2,
        )
        read += [sale.order for sale in page]
        if before is None:
            break
    assert read == whole
    assert len(set(read)) == 5


def test_a_sale_says_what_became_of_it(stage: Stage) -> None:
    market = stage.market
    market.paid()
    market.shipped()
    market.confirm(market.shipped())
    stage.world.run(orders.refund, order=market.paid().id, by=market.mei)
    assert sorted(sale.state for sale in stage.sales()) == ["paid", "refunded", "settled", "shipped"]


# all shops


def test_P6_the_operator_sees_all_shops_in_one_currency_at_a_time(stage: Stage) -> None:
    from dealings.domain.wallet import actions as wallet

    market, run = stage.market, stage.world.run
    other = run(identity.open_shop, owner=stage.arun, handle="books", name="Books", tagline="", currency="USD").id
    book = product(stage.world, other, stage.arun, "Book", [700])
    run(wallet.top_up, owner=market.mei, amount=Money(10_000, "USD"))
    market.paid(via="search")
    market.pay(market.place(Wanted(book.variants[0].id, 1, "search")))
    stage.world.react()

    def whole(currency: str | None) -> Funnel:
        asked = queries.whole_funnel
        return stage.world.read(asked, account=stage.otto, currency=currency, since=0, until=FOREVER)

    assert whole(None).total.paid == yuan(LEAF)
    assert whole("USD").total.paid == whole("USD").checked.ledger == Money(700, "USD")
    assert whole("USD").currencies == whole(None).currencies == ["CNY", "USD"]
    assert whole(None).total.counts == [0, 0, 0, 2, 2, 0]
    assert whole("EUR").total.paid == Money(0, "EUR")
    assert all(whole(currency).checked.equal for currency in (None, "CNY", "USD", "EUR"))


def test_P4_the_money_report_holds_all_the_way(stage: Stage) -> None:
    market = stage.market
    for order in (market.placed(), market.paid(), market.shipped(), market.confirm(market.shipped())):
        report = stage.world.read(queries.money, account=stage.otto, now=stage.world.clock())
        assert report.checked_at == stage.world.clock(), order.state
        assert {each.code for each in report.equations} >= {"accounts_zero", "floors", "escrow_held", "paid_by_cause"}
        assert all(each.holds for each in report.equations)
