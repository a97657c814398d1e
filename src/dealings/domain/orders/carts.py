"""The cart: things put aside, each with what led to it. Prices are those of now; nothing is reserved."""

from collections.abc import Collection

from dealings.domain.catalogue import api as catalogue
from dealings.domain.orders import model, queries, tables
from dealings.domain.orders.errors import CartFull, NotForSale
from dealings.domain.orders.events import CartChanged
from dealings.domain.orders.model import Cart, CartLine
from dealings.kernel.ids import Id
from dealings.platform.db.actions import action
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams


@action(route="buyer")
def put(tx: Tx, *, buyer: Id, variant: Id, quantity: int, via: str) -> list[CartLine]:
    """Put so many of a variant into the cart, in place of how many there were."""
    model.check_quantity(quantity)
    via = model.check_text("via", via, model.VIA_MOST)
    offer = catalogue.sellable(tx, [variant]).get(variant)
    if offer is None:
        raise catalogue.NoSuchVariant()
    if not offer.active:
        raise NotForSale(title=offer.title, variant=variant)
    kept = {line.variant for line in tables.select_cart(tx, buyer)}
    if variant not in kept and len(kept) >= model.CART_MOST:
        raise CartFull(most=model.CART_MOST)
    tables.put_cart_line(tx, buyer, tables.Kept(variant, quantity, via, tx.now))
    return _tell(tx, buyer)


@action(route="buyer")
def remove(tx: Tx, *, buyer: Id, variant: Id) -> list[CartLine]:
    """Take a variant out; nothing changes when it isn't there."""
    tables.delete_cart_lines(tx, buyer, [variant])
    return _tell(tx, buyer)


def take_out(tx: Tx, *, buyer: Id, variants: Collection[Id]) -> None:
    """What was ordered is no longer in the cart."""
    tables.delete_cart_lines(tx, buyer, variants)
    _tell(tx, buyer)


def _tell(tx: Tx, buyer: Id) -> list[CartLine]:
    lines = queries.cart(tx, buyer=buyer)
    tx.emit(CartChanged(Cart(lines)), stream=streams.account(buyer))
    return lines
