"""From placing to settlement: state, stock, money and chat move together or not at all."""

from typing import Any

import pytest
from msgspec.structs import asdict, replace

from dealings.domain.catalogue import actions as catalogue_actions
from dealings.domain.catalogue import api as catalogue
from dealings.domain.catalogue.model import ProductInput, VariantInput
from dealings.domain.identity import actions as identity
from dealings.domain.identity.errors import NoSuchPerson, NotStaff
from dealings.domain.messaging import api as messaging
from dealings.domain.orders import actions, carts, model, queries
from dealings.domain.orders.errors import NoSuchOrder, NotForSale, NotNow, NotYours, OwnShop, PayTimeOver
from dealings.domain.orders.events import OrderChanged
from dealings.domain.orders.model import CONFIRM_WITHIN, PAY_WITHIN, Order, Shipment, Wanted
from dealings.domain.wallet import queries as wallet
from dealings.domain.wallet.errors import InsufficientFunds
from dealings.domain.wallet.events import WalletChanged
from dealings.domain.wallet.model import Balance
from dealings.kernel.errors import BadField, KeyReused
from dealings.kernel.ids import Id
from dealings.kernel.money import Money
from dealings.platform.db.actions import Action, Command
from dealings.platform.outbox import events as streams
from tests.domain.orders.market import ADDRESS, Market, product

ORDER_STATES = ["placed", "paid", "shipped", "settled", "closed", "refunded"]


def in_state(market: Market, state: str) -> Order:
    """An order that has come to rest in a state."""
    if state == "closed":
        return market.world.run(actions.cancel, order=market.placed().id, by=market.mei)
    if state == "refunded":
        return market.world.run(actions.refund, order=market.paid().id, by=market.mei)
    order = market.placed()
    for step, reached in ((market.pay, "paid"), (market.ship, "shipped"), (market.confirm, "settled")):
        if order.state == state:
            return order
        order = step(order)
        assert order.state == reached
    return order


# placing


def test_an_order_keeps_what_it_was_placed_with(market: Market) -> None:
    order = market.place(Wanted(market.leaf, 2), Wanted(market.cake, 1), note="  送礼  ")
    assert (order.total, order.state, order.note, order.address) == (Money(325_00, "CNY"), "placed", "送礼", ADDRESS)
    assert [(line.title, line.options, line.quantity) for line in order.lines] == [
        ("西湖龙井", ["no. 0"], 2),
        ("西湖龙井", ["no. 1"], 1),
    ]
    changed = ProductInput(title="New", options=["Kind"], variants=[VariantInput(options=["x"], price=1, on_hand=9)])
    dearer = [VariantInput(id=market.leaf, options=["new"], price=99_00, on_hand=10)]
    keep = [VariantInput(id=market.cake, options=["too"], price=99_00, on_hand=10)]
    given = replace(changed, variants=dearer + keep)
    market.world.run(catalogue_actions.update_product, product=market.tea, by=market.lin, given=given)
    assert market.seen(order) == order


def test_P5_placing_reserves_and_each_ending_gives_back_or_takes_out(market: Market) -> None:
    left = {"placed": 9, "paid": 9, "shipped": 9, "settled": 9, "closed": 10, "refunded": 10}
    for state in ORDER_STATES:
        before = market.available(market.leaf)
        in_state(market, state)
        assert market.available(market.leaf) - before == left[state] - 10, state
    market.equations_hold()


def test_P5_the_last_piece_goes_to_one_and_the_other_is_told(market: Market) -> None:
    hua = market.sign_up("hua")
    market.placed(9)
    market.placed(1)
    with pytest.raises(catalogue.OutOfStock) as refusal:
        market.placed(1, buyer=hua)
    assert refusal.value.params["left"] == 0


def test_P5_a_line_that_cannot_be_had_leaves_nothing_behind(market: Market) -> None:
    with pytest.raises(catalogue.OutOfStock):
        market.place(Wanted(market.leaf, 1), Wanted(market.cake, 11))
    assert (market.available(market.leaf), market.available(market.cake)) == (10, 10)
    assert market.world.read(queries.open_orders, buyer=market.mei) == []


def test_one_order_a_shop(market: Market) -> None:
    owner = market.sign_up("zhao")
    world = market.world
    pots = world.run(identity.open_shop, owner=owner, handle="pots", name="Pots", tagline="", currency="USD").id
    pot = product(world, pots, owner, "Pot", [50_00]).variants[0].id
    lines = [Wanted(market.leaf, 1), Wanted(pot, 2), Wanted(market.cake, 1)]
    placed = world.run(actions.place, buyer=market.mei, lines=lines, address=None, note="")
    assert [(o.shop.handle, o.total, len(o.lines)) for o in placed] == [
        ("tea", Money(312_50, "CNY"), 2),
        ("pots", Money(100_00, "USD"), 1),
    ]
    assert placed[0].conversation != placed[1].conversation
    assert placed[0].number != placed[1].number


def test_what_is_hidden_or_unknown_is_not_for_sale(market: Market) -> None:
    with pytest.raises(catalogue.NoSuchVariant):
        market.place(Wanted("nothing", 1))
    market.hide()
    with pytest.raises(NotForSale):
        market.placed()


def test_staff_do_not_buy_from_themselves(market: Market) -> None:
    for staff in (market.lin, market.wang):
        with pytest.raises(OwnShop):
            market.placed(buyer=staff)


def test_nobody_cannot_order(market: Market) -> None:
    with pytest.raises(NoSuchPerson):
        market.placed(buyer="nobody")


@pytest.mark.parametrize("field", ["note", "via"])
def test_too_long_is_said_of_the_field(market: Market, field: str) -> None:
    note, via = ("x" * 201, "direct") if field == "note" else ("", "x" * 81)
    with pytest.raises(BadField) as refusal:
        market.place(Wanted(market.leaf, 1, via), note=note)
    assert refusal.value.params == {"field": field, "problem": "too_long"}


def test_a_free_thing_is_ordered_and_settled_without_money(market: Market) -> None:
    gift = product(market.world, market.shop, market.lin, "Sample", [0]).variants[0].id
    order = market.confirm(market.ship(market.pay(market.place(Wanted(gift, 1)))))
    assert order.state == "settled"
    market.equations_hold()


# money


def test_P4_money_waits_in_escrow_until_it_is_settled(market: Market) -> None:
    order = market.paid(4)
    assert (market.money(market.mei), market.money(market.shop, "escrow")) == (950_00, 50_00)
    assert market.world.read(wallet.wallet, owner=market.mei).balances == [Balance("CNY", 950_00, 50_00)]
    market.ship(order)
    assert market.world.read(wallet.wallet, owner=market.mei).balances == [Balance("CNY", 950_00, 50_00)]
    market.confirm(order)
    assert market.world.read(wallet.wallet, owner=market.mei).balances == [Balance("CNY", 950_00, 0)]
    assert (market.money(market.shop, "escrow"), market.money(market.shop, "shop")) == (0, 50_00)
    market.equations_hold()


def test_P4_a_refund_is_a_new_transfer_and_gives_back_all(market: Market) -> None:
    order = market.paid(4)
    refunded = market.world.run(actions.refund, order=order.id, by=market.wang, reason="卖完了")
    assert (refunded.state, refunded.actions) == ("refunded", [])
    assert (market.money(market.mei), market.money(market.shop, "escrow")) == (1_000_00, 0)
    lines = market.world.read(wallet.statement, owner=market.mei).items
    assert [(e.reason, e.amount.amount, e.order) for e in lines[:2]] == [
        ("refund", 50_00, order.id),
        ("payment", -50_00, order.id),
    ]
    market.equations_hold()


def test_P4_the_sums_are_shown_with_what_they_are_made_of(market: Market) -> None:
    market.paid(1)
    market.shipped(2)
    by_code = {e.code: e for e in market.world.read(queries.equations)}
    held = by_code["escrow_held"]
    assert [(t.label, t.amount) for t in held.left] == [("escrow", 37_50)]
    assert [(t.label, t.amount) for t in held.right] == [("paid", 12_50), ("shipped", 25_00), ("received", 0)]
    assert by_code["paid_by_cause"].holds
    assert set(by_code) == {
        "accounts_zero",
        "floors",
        "balances",
        "transfers_balanced",
        "escrow_held",
        "paid_by_cause",
    }


def test_P5_nobody_is_charged_who_has_not_enough(market: Market) -> None:
    order = market.place(Wanted(market.cake, 4))
    with pytest.raises(InsufficientFunds):
        market.pay(order)
    assert market.seen(order) == order
    assert market.money(market.mei) == 1_000_00
    assert [m.body for m in market.messages(order.conversation) if isinstance(m.body, messaging.Notice)] == []


def test_the_statement_of_the_shop_names_the_buyer(market: Market) -> None:
    order = market.confirm(market.shipped())
    (entry,) = market.world.read(wallet.shop_statement, shop=market.shop, by=market.lin, cursor=None, limit=9).items
    assert (entry.reason, entry.counterparty, entry.order) == ("settlement", "Mei", order.id)


# time


def test_an_unpaid_order_closes_after_thirty_minutes_and_gives_back(market: Market) -> None:
    order = market.placed(3)
    market.world.pass_time(PAY_WITHIN - 1)
    assert market.seen(order).state == "placed"
    market.world.pass_time(1)
    closed = market.seen(order)
    assert (closed.state, closed.closed_at, closed.actions) == ("closed", order.placed_at + PAY_WITHIN, [])
    assert market.available(market.leaf) == 10


def test_the_time_to_pay_ends_even_before_the_timer_runs(market: Market) -> None:
    order = market.placed()
    market.world.clock.advance(PAY_WITHIN)
    with pytest.raises(PayTimeOver):
        market.pay(order)
    assert market.money(market.mei) == 1_000_00


def test_a_paid_order_outlives_the_timer(market: Market) -> None:
    order = market.paid()
    market.world.pass_time(PAY_WITHIN)
    assert market.seen(order).state == "paid"


def test_silence_settles_after_ten_days(market: Market) -> None:
    order = market.shipped()
    market.world.pass_time(CONFIRM_WITHIN - 1)
    assert market.seen(order).state == "shipped"
    market.world.pass_time(1)
    assert market.seen(order).state == "settled"
    assert market.money(market.shop, "shop") == 12_50
    market.equations_hold()


def test_a_confirmed_order_outlives_the_timer(market: Market) -> None:
    order = market.confirm(market.shipped())
    market.world.pass_time(CONFIRM_WITHIN)
    assert market.seen(order) == order
    assert market.money(market.shop, "shop") == 12_50


@pytest.mark.parametrize("timer", [actions.close_unpaid, actions.confirm_silent])
def test_timers_never_refuse(market: Market, timer: object) -> None:
    assert timer in (actions.close_unpaid, actions.confirm_silent)
    for state in ORDER_STATES:
        order = in_state(market, state)
        for run in (actions.close_unpaid, actions.confirm_silent):
            if run is timer:
                market.world.run(run, order=order.id)
        ended = {("placed", actions.close_unpaid): "closed", ("shipped", actions.confirm_silent): "settled"}
        assert market.seen(order).state == ended.get((state, timer), state)
    market.world.run(actions.close_unpaid, order="nothing")
    market.world.run(actions.confirm_silent, order="nothing")
    market.equations_hold()


# who and when

STEPS: dict[str, tuple[Action[..., Order], dict[str, str]]] = {
    "pay": (actions.pay, {}),
    "cancel": (actions.cancel, {}),
    "ship": (actions.ship, {"carrier": "SF", "tracking": "1"}),
    "confirm": (actions.confirm, {}),
    "refund": (actions.refund, {}),
}


def take(market: Market, step: str, order: Order, by: Id) -> Order:
    action, more = STEPS[step]
    answer: Order = market.world.submit(Command(action.name, {"order": order.id, "by": by, **more}))
    return answer


@pytest.mark.parametrize("step", list(STEPS))
def test_P7_every_step_in_every_state_by_everyone(market: Market, step: str) -> None:
    """What `actions` names is done; all else is refused for its own reason and changes nothing."""
    stranger = market.sign_up("stranger")
    for state in ORDER_STATES:
        order = in_state(market, state)
        with pytest.raises(NoSuchOrder):
            take(market, step, order, stranger)
        _tried_by_both_sides(market, step, order)
    market.equations_hold()


def _tried_by_both_sides(market: Market, step: str, order: Order) -> None:
    for by in (market.wang, market.mei):
        seen = market.seen(order, by=by)
        if step in seen.actions:
            after = take(market, step, order, by)
            assert after.state not in (order.state, "received")
            assert after == market.seen(order, by=by)
            return
        side: model.Side = "buyer" if by == market.mei else "shop"
        with pytest.raises(NotYours if side not in model.MOVERS[step] else NotNow):  # type: ignore[index]
            take(market, step, order, by)
        assert market.seen(order, by=by) == seen


def test_P7_a_stranger_sees_no_order_and_no_list(market: Market) -> None:
    order, stranger = market.placed(), market.sign_up("stranger")
    with pytest.raises(NoSuchOrder):
        market.seen(order, by=stranger)
    with pytest.raises(NoSuchOrder):
        market.seen(replace(order, id="nothing"))
    with pytest.raises(NotStaff):
        market.world.read(queries.sales, shop=market.shop, account=stranger, limit=9)
    assert market.world.read(queries.purchases, buyer=stranger, state=None, cursor=None, limit=9).items == []


# repeated


def test_P8_a_double_tap_on_pay_pays_once(market: Market) -> None:
    order = market.placed()
    first, second = market.world.batch(
        [Command(actions.pay.name, {"order": order.id, "by": market.mei}, market.mei, key) for key in ("k", "k")]
    )
    assert first.value == second.value
    third = market.world.batch([Command(actions.pay.name, {"order": order.id, "by": market.mei}, market.mei, "other")])
    assert isinstance(third[0].refusal, NotNow)
    assert third[0].refusal.params["state"] == "paid"
    assert market.money(market.shop, "escrow") == 12_50
    market.equations_hold()


def test_P8_each_command_repeated_with_its_key_gives_the_first_answer(market: Market) -> None:
    world = market.world
    lines = [Wanted(market.leaf, 1)]
    placed = {"buyer": market.mei, "lines": lines, "address": ADDRESS, "note": ""}

    def twice(action: str, actor: Id, **given: object) -> Any:
        outcomes = [world.batch([Command(action, dict(given), actor, f"key {action}")])[0] for _ in range(2)]
        assert outcomes[0].refusal is None
        assert outcomes[0].value == outcomes[1].value
        return outcomes[0].value

    put = {"buyer": market.mei, "variant": market.leaf, "quantity": 1, "via": "search"}
    twice(carts.put.name, market.mei, **put)
    (order,) = twice(actions.place.name, market.mei, **placed)
    assert isinstance(order, Order)
    twice(actions.pay.name, market.mei, order=order.id, by=market.mei)
    twice(actions.ship.name, market.wang, order=order.id, by=market.wang, carrier="SF", tracking="")
    twice(actions.confirm.name, market.mei, order=order.id, by=market.mei)
    assert len(world.read(queries.purchases, buyer=market.mei, state=None, cursor=None, limit=9).items) == 1
    with pytest.raises(KeyReused):
        world.submit(Command(actions.place.name, {**placed, "note": "other"}, market.mei, f"key {actions.place.name}"))
    market.equations_hold()


# what is told


def orders_told(market: Market) -> dict[str, Order]:
    """The last order told in each stream."""
    return {e.stream: OrderChanged.decode(e.data) for e in market.world.events if e.kind == OrderChanged.kind}


@pytest.mark.parametrize("state", ORDER_STATES)
def test_P2_each_side_is_told_exactly_what_it_would_fetch(market: Market, state: str) -> None:
    order = in_state(market, state)
    assert orders_told(market) == {
        streams.account(market.mei): market.seen(order),
        streams.shop(market.shop): market.seen(order, by=market.wang),
    }
    wallets = {e.stream: WalletChanged.decode(e.data) for e in market.world.events if e.kind == WalletChanged.kind}
    assert wallets == {streams.account(market.mei): market.world.read(wallet.wallet, owner=market.mei)}


def test_the_thread_tells_the_story(market: Market) -> None:
    order = market.confirm(market.shipped(2))
    said = market.messages(order.conversation)
    card = said[0].body
    assert isinstance(card, messaging.OrderCard)
    assert (card.order, card.number, card.quantity, card.total, card.state) == (
        order.id,
        order.number,
        2,
        Money(25_00, "CNY"),
        "placed",
    )
    assert said[0].sender == market.mei
    notices = [m.body for m in said[1:] if isinstance(m.body, messaging.Notice)]
    assert [n.code for n in notices] == ["order.paid", "order.shipped", "order.settled"]
    assert {n.order for n in notices} == {order.id}
    # Each from the side that did it: what one did is no news to oneself, and unread only for the other.
    assert [m.shop for m in said[1:]] == [None, order.shop.id, None]
    assert [m.sender == market.mei for m in said[1:]] == [True, False, True]
    assert notices[0].params == {"number": order.number, "amount": "2500", "currency": "CNY"}
    assert notices[1].params["tracking"] == "SF1"


@pytest.mark.parametrize(
    ("state", "params"), [("refunded", {"by": "buyer", "reason": ""}), ("closed", {"reason": "cancelled"})]
)
def test_the_thread_says_why_it_ended(market: Market, state: str, params: dict[str, str]) -> None:
    order = in_state(market, state)
    last = market.messages(order.conversation)[-1].body
    assert isinstance(last, messaging.Notice)
    assert last.code == f"order.{state}"
    assert params.items() <= last.params.items()


@pytest.mark.parametrize(("field", "most"), [("carrier", model.CARRIER_MOST), ("tracking", model.TRACKING_MOST)])
def test_a_shipment_says_what_is_wrong_with_it(market: Market, field: str, most: int) -> None:
    order = market.paid()
    good = asdict(Shipment("SF", "1"))
    for wrong, problem in (("x" * (most + 1), "too_long"), (" ", "empty")):
        if (field, problem) == ("tracking", "empty"):
            continue
        with pytest.raises(BadField) as refusal:
            market.world.run(actions.ship, order=order.id, by=market.wang, **{**good, field: wrong})
        assert refusal.value.params == {"field": field, "problem": problem}
    assert market.seen(order).state == "paid"


# lists


def test_lists_are_read_page_by_page(market: Market) -> None:
    placed = [market.placed().id for _ in range(5)]
    market.world.run(actions.cancel, order=placed[2], by=market.mei)
    seen: list[Id] = []
    cursor: Id | None = None
    while True:
        page = market.world.read(queries.purchases, buyer=market.mei, state=None, cursor=cursor, limit=2)
        seen += [order.id for order in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == sorted(placed, reverse=True)
    closed = market.world.read(queries.purchases, buyer=market.mei, state="closed", cursor=None, limit=9)
    assert [order.id for order in closed.items] == [placed[2]]
    assert len(market.world.read(queries.open_orders, buyer=market.mei)) == 4


def test_staff_find_orders_by_state_buyer_number_and_name(market: Market) -> None:
    hua = market.sign_up("hua", money=100_00)
    first, second = market.paid(), market.placed(buyer=hua)

    def found(**asked: object) -> list[Id]:
        page = market.world.read(queries.sales, shop=market.shop, account=market.wang, limit=9, **asked)  # type: ignore[arg-type]
        return [order.id for order in page.items]

    assert set(found()) == {first.id, second.id}
    assert found(state="paid") == [first.id]
    assert found(buyer=hua) == [second.id]
    assert found(text=first.number[:8].lower()) == [first.id]
    assert found(text="hua") == [second.id]
    assert found(text="%") == []
