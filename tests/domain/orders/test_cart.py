"""The cart: live prices, what led there, and what it refuses."""

import pytest

from dealings.domain.orders import actions, carts, model, queries
from dealings.domain.orders.errors import NotForSale
from dealings.domain.orders.events import CartChanged
from dealings.domain.orders.model import Wanted
from dealings.kernel.errors import Refusal
from dealings.kernel.ids import Id
from tests.domain.orders.market import Market


def test_a_cart_shows_the_prices_of_now_and_what_led_there(market: Market) -> None:
    world = market.world
    world.run(carts.put, buyer=market.mei, variant=market.leaf, quantity=2, via="search")
    world.clock.advance(1)
    lines = world.run(carts.put, buyer=market.mei, variant=market.cake, quantity=1, via="direct")
    assert [(line.variant, line.quantity, line.price.amount, line.via) for line in lines] == [
        (market.cake, 1, 300_00, "direct"),
        (market.leaf, 2, 12_50, "search"),
    ]
    lines = world.run(carts.put, buyer=market.mei, variant=market.leaf, quantity=5, via="search")
    assert [line.quantity for line in lines] == [1, 5]
    told = [CartChanged.decode(e.data) for e in world.events if e.kind == CartChanged.kind]
    assert told[-1].lines == lines == world.read(queries.cart, buyer=market.mei)
    assert [line.variant for line in world.run(carts.remove, buyer=market.mei, variant=market.cake)] == [market.leaf]
    assert world.run(carts.remove, buyer=market.mei, variant=market.cake) == world.read(queries.cart, buyer=market.mei)


def test_ordering_from_the_cart_takes_out_what_was_ordered(market: Market) -> None:
    world = market.world
    for variant in (market.leaf, market.cake):
        world.run(carts.put, buyer=market.mei, variant=variant, quantity=1, via="direct")
    lines = [Wanted(market.leaf, 1)]
    world.run(actions.place, buyer=market.mei, lines=lines, address=None, note="", from_cart=True)
    assert [line.variant for line in world.read(queries.cart, buyer=market.mei)] == [market.cake]
    world.run(actions.place, buyer=market.mei, lines=[Wanted(market.cake, 1)], address=None, note="")
    assert [line.variant for line in world.read(queries.cart, buyer=market.mei)] == [market.cake]


def test_what_is_hidden_stays_in_the_cart_as_not_available(market: Market) -> None:
    market.world.run(carts.put, buyer=market.mei, variant=market.leaf, quantity=1, via="direct")
    market.hide()
    assert [line.available for line in market.world.read(queries.cart, buyer=market.mei)] == [0]
    with pytest.raises(NotForSale):
        market.world.run(carts.put, buyer=market.mei, variant=market.leaf, quantity=2, via="direct")


def test_what_cannot_be_put_into_a_cart(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(variant: Id, quantity: int = 1, via: str = "direct") -> str:
        with pytest.raises(Refusal) as refusal:
            market.world.run(carts.put, buyer=market.mei, variant=variant, quantity=quantity, via=via)
        return refusal.value.code

    assert refused("nothing") == "catalogue.no_such_variant"
    assert refused(market.leaf, 0) == "orders.quantity_off"
    assert refused(market.leaf, 1000) == "orders.quantity_off"
    assert refused(market.leaf, 1, "x" * 81) == "bad_field"
    monkeypatch.setattr(model, "CART_MOST", 1)
    market.world.run(carts.put, buyer=market.mei, variant=market.leaf, quantity=1, via="direct")
    market.world.run(carts.put, buyer=market.mei, variant=market.leaf, quantity=2, via="direct")
    assert refused(market.cake) == "orders.cart_full"
