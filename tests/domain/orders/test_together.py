"""Orders that arrive together are placed and paid together: decided in the order of arrival, each as if it were alone."""

import re
from collections.abc import Sequence

import pytest

from dealings.domain.catalogue import actions as catalogue_actions
from dealings.domain.catalogue import api as catalogue
from dealings.domain.catalogue.model import ProductInput, VariantInput
from dealings.domain.identity.errors import NoSuchPerson
from dealings.domain.messaging import api as messaging
from dealings.domain.orders import actions, carts, model, queries, sharing
from dealings.domain.orders.errors import NotForSale, NothingOrdered, NotNow, NotYours, OwnShop, TooManyUnpaid
from dealings.domain.orders.events import OrderChanged
from dealings.domain.orders.model import PAY_WITHIN, Order, Wanted
from dealings.domain.wallet import queries as wallet
from dealings.domain.wallet.events import WalletChanged
from dealings.kernel.errors import BadField, KeyReused
from dealings.kernel.ids import Id
from dealings.platform.db.actions import Command, Outcome
from dealings.platform.outbox import events as streams
from tests.domain.orders.market import ADDRESS, Market, product


def wish(buyer: Id, *wanted: Wanted, key: str | None = None, note: str = "", from_cart: bool = False) -> Command:
    given = {"buyer": buyer, "lines": list(wanted), "address": ADDRESS, "note": note, "from_cart": from_cart}
    return Command(actions.place.name, given, buyer, key)


def tap(order: Order, *, by: Id | None = None, key: str | None = None) -> Command:
    by = by or order.buyer.id
    return Command(actions.pay.name, {"order": order.id, "by": by}, by, key)


def kinds(outcomes: Sequence[Outcome]) -> list[str]:
    assert not any(outcome.crashed for outcome in outcomes)
    return [type(outcome.refusal).__name__ if outcome.refusal else "done" for outcome in outcomes]


def buyers(market: Market, count: int, *, money: int = 0) -> list[Id]:
    return [market.sign_up(f"buyer{n}", money=money) for n in range(count)]


def placed(outcomes: Sequence[Outcome]) -> list[Order]:
    return [order for outcome in outcomes if outcome.refusal is None for order in outcome.value]


def hidden(market: Market) -> Id:
    """A variant that is not for sale any more."""
    shown = product(market.world, market.shop, market.lin, "Old", [1_00])
    variants = [VariantInput(id=shown.variants[0].id, options=["no. 0"], price=1_00, on_hand=9)]
    given = ProductInput(title="Old", options=["Kind"], variants=variants, state="hidden")
    market.world.run(catalogue_actions.update_product, product=shown.id, by=market.lin, given=given)
    return shown.variants[0].id


# placing


def test_P5_of_many_in_one_commit_those_who_came_first_get_the_pieces(market: Market) -> None:
    wanted = [4, 5, 3, 1, 1]
    commands = [wish(b, Wanted(market.leaf, n)) for b, n in zip(buyers(market, 5), wanted, strict=True)]
    outcomes = market.world.batch(commands)
    assert kinds(outcomes) == ["done", "done", "OutOfStock", "done", "OutOfStock"]
    assert [o.refusal.params["left"] for o in outcomes if o.refusal] == [1, 0]
    assert market.available(market.leaf) == 0
    market.equations_hold()


def test_P5_two_orders_for_the_last_piece_in_one_commit(market: Market) -> None:
    market.placed(9)
    one, other = buyers(market, 2)
    outcomes = market.world.batch([wish(other, Wanted(market.leaf, 1)), wish(one, Wanted(market.leaf, 1))])
    assert kinds(outcomes) == ["done", "OutOfStock"]
    assert placed(outcomes)[0].buyer.id == other


def test_P5_whoever_is_refused_leaves_what_they_wanted_to_those_after_them(market: Market) -> None:
    """All or nothing: the leaves of an order whose cakes are gone are there for the next."""
    one, other, third = buyers(market, 3)
    leaves, cakes = Wanted(market.leaf, 10), Wanted(market.cake, 11)
    outcomes = market.world.batch([wish(one, leaves, cakes), wish(other, leaves), wish(third, leaves)])
    assert kinds(outcomes) == ["OutOfStock", "done", "OutOfStock"]
    assert (market.available(market.leaf), market.available(market.cake)) == (0, 10)


def test_P8_one_refused_among_many_leaves_no_trace_and_the_others_stand(market: Market) -> None:
    variant = hidden(market)
    one, other = buyers(market, 2)
    leaf = Wanted(market.leaf, 1)
    before = len(market.world.events)
    outcomes = market.world.batch(
        [
            wish(one, leaf),
            wish(market.wang, leaf),
            wish(one, leaf, Wanted(variant, 1)),
            wish("nobody", leaf),
            wish(one),
            wish(one, Wanted("nothing", 1)),
            wish(one, leaf, note="x" * 999),
            wish(other, leaf),
        ]
    )
    refused = [OwnShop, NotForSale, NoSuchPerson, NothingOrdered, catalogue.NoSuchVariant, BadField]
    assert kinds(outcomes) == ["done", *(kind.__name__ for kind in refused), "done"]
    assert [order.buyer.id for order in placed(outcomes)] == [one, other]
    told = [e.stream for e in market.world.events[before:] if e.kind == OrderChanged.kind]
    assert told == [s for b in (one, other) for s in (streams.account(b), streams.shop(market.shop))]
    assert market.available(market.leaf) == 8


def test_what_was_placed_together_is_what_would_be_fetched(market: Market) -> None:
    one, other = buyers(market, 2)
    chat = market.befriend(one, other)
    card = market.card(chat, one)
    link = market.world.run(sharing.make_link, product=market.tea, by=one)
    vias = ["search", card, f"link:{link.code}", f"shop:{market.shop}", f"m:{chat}:99", "direct"]
    commands = [wish(other, Wanted(market.leaf, 1, via), Wanted(market.cake, 1), note=via) for via in vias]
    orders = placed(market.world.batch([wish(one, Wanted(market.leaf, 1, card)), *commands]))
    leaves = [order.lines[0].cause for order in orders]
    assert [cause.kind for cause in leaves] == [
        "direct_chat",
        "search",
        "direct_chat",
        "link",
        "shop_page",
        "direct",
        "direct",
    ]
    assert [cause.shared_by for cause in leaves] == [one, None, one, one, None, None, None]
    assert len({order.conversation for order in orders}) == 2
    assert len({order.number for order in orders}) == len(orders)
    for order in orders:
        assert order == market.seen(order)
    cards = [m.body for m in market.messages(orders[1].conversation)]
    assert [c.order for c in cards if isinstance(c, messaging.OrderCard)] == [order.id for order in orders[1:]]


def test_a_cart_is_emptied_only_of_what_was_ordered(market: Market) -> None:
    one, other = buyers(market, 2)
    for buyer in (one, other):
        for variant in (market.leaf, market.cake):
            market.world.run(carts.put, buyer=buyer, variant=variant, quantity=1, via="direct")
    outcomes = market.world.batch(
        [wish(one, Wanted(market.leaf, 1), from_cart=True), wish(other, Wanted(market.leaf, 10), from_cart=True)]
    )
    assert kinds(outcomes) == ["done", "OutOfStock"]
    kept = [[line.variant for line in market.world.read(queries.cart, buyer=b)] for b in (one, other)]
    assert (kept[0], sorted(kept[1])) == ([market.cake], sorted([market.leaf, market.cake]))


def test_P8_the_same_key_twice_in_one_commit_orders_once(market: Market) -> None:
    leaf = Wanted(market.leaf, 1)
    commands = [
        wish(market.mei, leaf, key="k"),
        wish(market.mei, leaf, key="k"),
        wish(market.mei, leaf, key="k", note="!"),
    ]
    first, again, other = market.world.batch(commands)
    assert first.value == again.value
    assert isinstance(other.refusal, KeyReused)
    assert market.available(market.leaf) == 9
    assert market.world.batch(commands[:1])[0].value == first.value
    assert len(market.world.read(queries.purchases, buyer=market.mei, state=None, cursor=None, limit=9).items) == 1


def test_an_account_keeps_a_limited_number_of_unpaid_orders(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or one account could keep everything from everybody, half an hour at a time."""
    monkeypatch.setattr(model, "UNPAID_MOST", 3)
    leaf = Wanted(market.leaf, 1)
    (other,) = buyers(market, 1)
    first = market.placed()
    outcomes = market.world.batch([wish(buyer, leaf) for buyer in (market.mei, other, market.mei, market.mei, other)])
    assert kinds(outcomes) == ["done", "done", "done", "TooManyUnpaid", "done"]
    refused = outcomes[3].refusal
    assert isinstance(refused, TooManyUnpaid)
    assert refused.params == {"unpaid": 3, "most": 3}
    assert market.available(market.leaf) == 5
    market.pay(first)
    again = market.placed()
    with pytest.raises(TooManyUnpaid):
        market.placed()
    market.world.run(actions.cancel, order=again.id, by=market.mei)
    assert market.placed().state == "placed"


def test_P5_orders_placed_together_close_one_by_one(market: Market) -> None:
    orders = placed(market.world.batch([wish(b, Wanted(market.leaf, 2)) for b in buyers(market, 3)]))
    market.world.run(actions.cancel, order=orders[1].id, by=orders[1].buyer.id)
    market.world.pass_time(PAY_WITHIN)
    assert [market.seen(order).state for order in orders] == ["closed"] * 3
    assert market.available(market.leaf) == 10


# paying


def test_P3_P4_orders_paid_in_one_commit_move_their_money_in_one(market: Market) -> None:
    several = buyers(market, 3, money=30_00)
    orders = placed(market.world.batch([wish(b, Wanted(market.leaf, 1)) for b in several]))
    paid = market.world.batch([tap(order) for order in orders])
    assert kinds(paid) == ["done"] * 3
    for outcome in paid:
        assert (outcome.value.state, outcome.value) == ("paid", market.seen(outcome.value))
    assert [market.money(b) for b in several] == [17_50] * 3
    assert market.money(market.shop, "escrow") == 37_50
    told = {e.stream: WalletChanged.decode(e.data) for e in market.world.events if e.kind == WalletChanged.kind}
    for buyer in several:
        assert told[streams.account(buyer)] == market.world.read(wallet.wallet, owner=buyer)
    market.equations_hold()


def test_P4_a_wallet_that_runs_dry_pays_the_orders_that_came_first(market: Market) -> None:
    (buyer,) = buyers(market, 1, money=40_00)
    orders = [market.placed(n, buyer=buyer) for n in (1, 3, 2)]
    outcomes = market.world.batch([tap(order) for order in orders])
    assert kinds(outcomes) == ["done", "InsufficientFunds", "done"]
    assert outcomes[1].refusal is not None
    assert outcomes[1].refusal.params["available"] == 27_50
    assert [market.seen(order).state for order in orders] == ["paid", "placed", "paid"]
    assert (market.money(buyer), market.money(market.shop, "escrow")) == (2_50, 37_50)
    notices = [m.body.order for m in market.messages(orders[0].conversation) if isinstance(m.body, messaging.Notice)]
    assert notices == [orders[0].id, orders[2].id]
    market.equations_hold()


def test_P8_several_taps_on_pay_in_one_commit_pay_once(market: Market) -> None:
    order, other = market.placed(), market.placed(2)
    outcomes = market.world.batch(
        [tap(order, by=market.wang), tap(order), tap(other), tap(order), tap(order, key="k"), tap(order, key="k")]
    )
    assert kinds(outcomes) == ["NotYours", "done", "done", "NotNow", "NotNow", "NotNow"]
    assert isinstance(outcomes[0].refusal, NotYours)
    assert isinstance(outcomes[3].refusal, NotNow)
    assert outcomes[3].refusal.params["state"] == "paid"
    assert market.money(market.shop, "escrow") == 37_50


def test_P8_of_taps_without_the_money_each_is_told_so(market: Market) -> None:
    (buyer,) = buyers(market, 1)
    order = market.placed(buyer=buyer)
    assert kinds(market.world.batch([tap(order), tap(order), tap(order, key="k")])) == ["InsufficientFunds"] * 3
    assert market.seen(order) == order
    assert market.world.read(wallet.wallet, owner=buyer).balances == [], "no account was opened for nothing"


def test_P7_strangers_and_late_payers_among_others(market: Market) -> None:
    (stranger,) = buyers(market, 1, money=100_00)
    late = market.placed()
    market.world.clock.advance(PAY_WITHIN - 1)
    order = market.placed()
    market.world.clock.advance(1)
    nothing = Command(actions.pay.name, {"order": "nothing", "by": market.mei}, market.mei)
    outcomes = market.world.batch([tap(order, by=stranger), tap(late), tap(order), nothing])
    assert kinds(outcomes) == ["NoSuchOrder", "PayTimeOver", "done", "NoSuchOrder"]
    assert market.money(stranger) == 100_00


def test_a_free_order_is_paid_without_moving_money(market: Market) -> None:
    gift = product(market.world, market.shop, market.lin, "Sample", [0])
    buyer, other = buyers(market, 2)
    orders = placed(market.world.batch([wish(b, Wanted(gift.variants[0].id, 1)) for b in (buyer, other)]))
    assert kinds(market.world.batch([tap(order) for order in orders])) == ["done", "done"]
    assert market.seen(orders[0]).state == "paid"
    assert market.money(market.shop, "escrow") == 0
    market.equations_hold()


# how much is asked of the store


@pytest.mark.parametrize("step", ["place", "pay"])
def test_six_orders_take_no_more_statements_than_two(market: Market, step: str) -> None:
    if market.world.store.dialect != "sqlite":
        pytest.skip("sqlite3 can be listened to; the code is the same")
    several = buyers(market, 8, money=100_00)
    for buyer in several:
        market.thread(buyer)
    counts = []
    for group in (several[:2], several[2:]):
        commands = [wish(buyer, Wanted(market.leaf, 1)) for buyer in group]
        if step == "pay":
            commands = [tap(order) for order in placed(market.world.batch(commands))]
        counts.append(_statements(market, commands))
    assert counts[1] <= counts[0] <= 30


def _statements(market: Market, commands: list[Command]) -> int:
    """How many different statements a batch takes; those run once a row count once."""
    seen: list[str] = []
    driver = market.world.direct.lane._sql.connection.dbapi_connection
    assert driver is not None
    driver.set_trace_callback(lambda sql: seen.append(re.split("VALUES| SET ", sql)[0]))
    assert set(kinds(market.world.batch(commands))) == {"done"}
    driver.set_trace_callback(None)
    runs = [now for before, now in zip(["", *seen], seen, strict=False) if now != before]
    return len(runs)
