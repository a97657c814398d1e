"""The sample content holds together: it could have happened, and it shows everything there is to show."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dealings.domain.catalogue.shopify_cells import safe_html
from dealings.samples import content, pictures, portraits
from dealings.samples.script import (
    Cancel,
    Card,
    Confirm,
    Conversation,
    Happening,
    Open,
    Order,
    Pay,
    Product,
    Read,
    Refund,
    Say,
    Ship,
    TopUp,
    Variant,
    orders,
    timeline,
)

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PRODUCTS = {product.handle: product for product in content.PRODUCTS}
PEOPLE = {person.handle: person for person in content.PEOPLE}
SHOPS = {shop.handle: shop for shop in content.SHOPS}
STAFF = {shop.handle: {shop.owner, *shop.staff} for shop in content.SHOPS}
PLACES = {one.key: one for one in content.CONVERSATIONS}
CARDS = {step.key: step for one in content.CONVERSATIONS for step in one.steps if isinstance(step, Card)}
ORDERS = {order.key: order for order in orders(content.CONVERSATIONS)}
UNPAID_AFTER = timedelta(minutes=30)


def history(now: datetime = NOW) -> list[Happening]:
    return timeline(content.CONVERSATIONS, now=now)


def variant(product: str, values: tuple[str, ...]) -> Variant:
    (found,) = [each for each in PRODUCTS[product].variants if each.values == values]
    return found


def total(order: Order) -> int:
    return sum(variant(line.product, line.values).price * line.quantity for line in order.lines)


def shop_of(order: Order) -> str:
    (shop,) = {PRODUCTS[line.product].shop for line in order.lines}
    return shop


def test_keys_are_unique() -> None:
    steps = [step for one in content.CONVERSATIONS for step in one.steps]
    assert len(PLACES) == len(content.CONVERSATIONS)
    assert len(CARDS) == sum(isinstance(step, Card) for step in steps)
    assert len(ORDERS) == sum(isinstance(step, Order) for step in steps)
    assert len(PRODUCTS) == len(content.PRODUCTS)
    skus = Counter(each.sku for product in content.PRODUCTS for each in product.variants)
    assert set(skus.values()) == {1}


@pytest.mark.parametrize("product", content.PRODUCTS, ids=lambda product: product.handle)
def test_products_are_whole(product: Product) -> None:
    drawn = set(pictures.PRODUCT_PICTURES)
    assert set(product.pictures) <= drawn
    assert product.pictures
    assert product.html == safe_html(product.html)
    assert product.shop in SHOPS
    values = [each.values for each in product.variants]
    assert len(set(values)) == len(values)
    for each in product.variants:
        assert len(each.values) == len(product.options)
        assert each.picture in {"", *product.pictures}
        assert each.price > 0
        assert each.compare_at is None or each.compare_at > each.price


def test_every_drawn_picture_is_shown() -> None:
    used = {name for product in content.PRODUCTS for name in product.pictures}
    assert used == set(pictures.PRODUCT_PICTURES)
    assert {person.picture for person in content.PEOPLE} == set(portraits.PEOPLE)
    assert {shop.picture for shop in content.SHOPS} == set(portraits.SIGNS)
    assert {one.picture for one in content.CONVERSATIONS if one.picture} == set(pictures.GROUP_SIGNS)


def test_shops_have_enough_to_sell_and_someone_to_sell_it() -> None:
    shelves = Counter(product.shop for product in content.PRODUCTS)
    assert set(shelves) == set(SHOPS)
    assert all(10 <= count <= 14 for count in shelves.values())
    assert all(STAFF[shop] <= set(PEOPLE) for shop in SHOPS)
    assert set(content.OPERATORS) <= set(PEOPLE)


def test_friendship_is_mutual_where_it_is_written_about() -> None:
    for person in content.PEOPLE:
        assert set(person.friends) <= set(PEOPLE) - {person.handle}
    for one in content.CONVERSATIONS:
        assert set(one.admins) <= set(one.members[1:])
        if one.kind == "direct":
            first, second = one.members
            assert second in PEOPLE[first].friends or first in PEOPLE[second].friends, one.key


def _writers(place: Conversation) -> set[str]:
    if place.kind == "channel":
        return {place.members[0], *place.admins}
    return {*place.members, *(STAFF[place.shop] if place.kind == "shop" else ())}


def _speaking() -> Iterator[tuple[Conversation, str, bool]]:
    """Where, who, and whether they only read."""
    for one in content.CONVERSATIONS:
        for step in one.steps:
            if isinstance(step, Say | Card | Read):
                yield one, step.who, isinstance(step, Read)


def test_only_those_who_are_there_write_and_read() -> None:
    for place, who, reads in _speaking():
        there = {*_writers(place), *place.members} if reads else _writers(place)
        assert who in there, (place.key, who)


def test_a_shop_only_shows_its_own_things() -> None:
    for place in content.CONVERSATIONS:
        for step in place.steps:
            if isinstance(step, Card) and place.kind == "shop":
                assert PRODUCTS[step.product].shop == place.shop, step.key
            if isinstance(step, Say) and step.about:
                assert PRODUCTS[step.about].shop == place.shop, step.text


def test_nothing_is_in_the_future_and_three_months_are_covered() -> None:
    for hour in range(24):
        now = NOW + timedelta(hours=hour)
        happened = history(now)
        assert happened[-1].at < now
        assert timedelta(days=88) < now - happened[0].at < timedelta(days=95)


@pytest.mark.parametrize("hour", range(24))
def test_each_conversation_is_told_in_order_at_any_hour(hour: int) -> None:
    now = NOW + timedelta(hours=hour)
    for place in content.CONVERSATIONS:
        if place.kind == "none":
            continue
        moments = [step.at.before(now) for step in place.steps if isinstance(step, Say | Card)]
        assert place.began.before(now) <= min(step.at.before(now) for step in place.steps if not isinstance(step, Open))
        assert moments == sorted(moments), place.key


def test_whoever_follows_a_card_was_there_and_it_had_been_sent() -> None:
    places = {step.key: one for one in content.CONVERSATIONS for step in one.steps if isinstance(step, Card)}
    for happening in history():
        step = happening.step
        if isinstance(step, Open | Order) and step.via.startswith("card-"):
            card, place = CARDS[step.via], places[step.via]
            assert card.at.before(NOW) < happening.at, step.via
            assert step.who in place.members, (step.via, step.who)


def test_causes_are_known_words() -> None:
    for happening in history():
        step = happening.step
        if isinstance(step, Open | Order) and not step.via.startswith("card-"):
            kind, _, sharer = step.via.partition(":")
            assert kind in {"search", "shop", "direct", "link"}
            assert (sharer in PEOPLE) is (kind == "link")


def test_buyers_have_an_address() -> None:
    assert all(PEOPLE[order.who].address for order in ORDERS.values())


class Ledger:
    """What the script does to wallets, stock and orders, by the rules of the real thing."""

    def __init__(self) -> None:
        self.balance: Counter[str] = Counter()
        self.stock = {each.sku: each.stock for product in content.PRODUCTS for each in product.variants}
        self.state: dict[str, str] = {}
        self.placed: dict[str, datetime] = {}

    def play(self, happening: Happening) -> None:
        step = happening.step
        match step:
            case TopUp():
                self.balance[step.who] += step.amount
            case Order():
                self._take(step, 1)
                self.state[step.key], self.placed[step.key] = "placed", happening.at
            case Pay():
                self._move(step.order, "placed", "paid")
                assert happening.at - self.placed[step.order] < UNPAID_AFTER
                self._charge(step.order, 1)
            case Ship():
                assert step.who in STAFF[shop_of(ORDERS[step.order])]
                self._move(step.order, "paid", "shipped")
            case Confirm():
                self._move(step.order, "shipped", "settled")
            case Refund():
                self._move(step.order, "paid", "refunded")
                self._charge(step.order, -1)
                self._take(ORDERS[step.order], -1)
            case Cancel():
                self._move(step.order, "placed", "closed")
                self._take(ORDERS[step.order], -1)
            case _:
                pass

    def _move(self, key: str, before: str, after: str) -> None:
        assert self.state[key] == before, key
        self.state[key] = after

    def _charge(self, key: str, sign: int) -> None:
        order = ORDERS[key]
        self.balance[order.who] -= sign * total(order)
        assert self.balance[order.who] >= 0, (key, self.balance[order.who])

    def _take(self, order: Order, sign: int) -> None:
        for line in order.lines:
            sku = variant(line.product, line.values).sku
            self.stock[sku] -= sign * line.quantity
            assert self.stock[sku] >= 0, (order.key, sku)


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_the_story_could_have_happened_and_shows_every_state(hour: int) -> None:
    now = NOW + timedelta(hours=hour)
    ledger = Ledger()
    for happening in history(now):
        ledger.play(happening)
    overdue = [
        key for key, state in ledger.state.items() if state == "placed" and now - ledger.placed[key] > UNPAID_AFTER
    ]
    states = Counter(ledger.state.values())
    assert len(overdue) == 2
    assert states["placed"] - len(overdue) == 1
    assert states["paid"] >= 3
    assert states["shipped"] >= 4
    assert states["refunded"] == 3
    assert states["closed"] == 1
    assert states["settled"] >= 40


def test_every_kind_of_cause_sells_something() -> None:
    kinds = {
        PLACES[_place_of(order.via)].kind if order.via in CARDS else order.via.partition(":")[0]
        for order in ORDERS.values()
    }
    assert kinds == {"direct", "group", "shop", "search", "link"}


def _place_of(card: str) -> str:
    return next(
        one.key for one in content.CONVERSATIONS for step in one.steps if isinstance(step, Card) and step.key == card
    )


def test_something_is_left_unread_for_mei_and_for_a_shop() -> None:
    unread = set()
    for place in content.CONVERSATIONS:
        for who in _writers(place):
            read = [n for n, step in enumerate(place.steps) if isinstance(step, Read | Say) and step.who == who]
            last = max(read, default=-1)
            if any(isinstance(step, Say | Card) and step.who != who for step in place.steps[last + 1 :]):
                unread.add((place.kind, who))
    assert {("shop", "mei"), ("group", "mei"), ("direct", "mei"), ("shop", "xiaohe")} <= unread
