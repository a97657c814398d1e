"""A tea shop with its owner and one of its staff, and someone who only buys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from dealings.domain.catalogue import actions, queries
from dealings.domain.catalogue.events import ProductChanged
from dealings.domain.catalogue.model import Product, ProductInput, ProductSummary, VariantInput
from dealings.domain.identity import actions as identity
from dealings.kernel.ids import Id
from tests.world import World


def variant(*options: str, price: int = 12_800, on_hand: int = 10, sku: str = "", **more: Any) -> VariantInput:
    return VariantInput(options=list(options), price=price, on_hand=on_hand, sku=sku, **more)


def tea(title: str = "西湖龙井", **changes: Any) -> ProductInput:
    given = {
        "title": title,
        "options": ["规格"],
        "variants": [variant("50 克"), variant("100 克", price=23_800)],
    }
    return ProductInput(**(given | changes))


@dataclass
class Shop:
    world: World
    id: Id
    owner: Id
    clerk: Id
    buyer: Id

    def add(self, given: ProductInput | None = None) -> Product:
        return self.world.run(actions.create_product, shop=self.id, by=self.clerk, given=given or tea())

    def change(self, product: Product, given: ProductInput) -> Product:
        return self.world.run(actions.update_product, product=product.id, by=self.clerk, given=given)

    def now(self, product: Product) -> Product:
        return self.world.read(queries.product, product.id, staff=True)

    def told(self) -> list[ProductSummary]:
        """What the staff were told, and that it went to them only."""
        changed = [event for event in self.world.events if event.kind == ProductChanged.kind]
        assert {event.stream for event in changed} <= {f"s:{self.id}"}
        return [ProductChanged.decode(event.data) for event in changed]


OpenShop = Callable[..., Shop]


@pytest.fixture
def open_shop(world: World) -> OpenShop:
    def opened(handle: str = "shannan", *, currency: str = "CNY") -> Shop:
        def signed(name: str) -> Id:
            return world.run(identity.sign_up, handle=f"{handle}_{name}", name=name, password_hash="x")

        owner, clerk, buyer = signed("owner"), signed("clerk"), signed("buyer")
        made = world.run(
            identity.open_shop, owner=owner, handle=handle, name="山南茶坊", tagline="好茶", currency=currency
        )
        world.run(identity.hire, shop=made.id, by=owner, handle=f"{handle}_clerk")
        return Shop(world, made.id, owner, clerk, buyer)

    return opened


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    return open_shop()
