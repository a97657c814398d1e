"""Sharing a product: a card in a conversation, or a link. Either way it is known who led here (P6)."""

from dealings.domain.catalogue import api as catalogue
from dealings.domain.identity import api as identity
from dealings.domain.messaging import api as messaging
from dealings.domain.orders import model, tables
from dealings.domain.orders.model import Link
from dealings.kernel import ids
from dealings.kernel.ids import Id
from dealings.platform.db.actions import action
from dealings.platform.db.tx import Tx


@action(route="conversation")
def share_card(
    tx: Tx, *, conversation: Id, by: Id, client_id: str, product: Id, variant: Id | None = None
) -> messaging.Message:
    """Drop a product card into a conversation; the staff of a thread's shop do so in its name."""
    card = _card(tx, product, variant)
    shop = _shop_side(tx, conversation, by)
    return messaging.post.one(tx, messaging.Post(conversation, by, client_id, card, shop))


def _on_sale(tx: Tx, product: Id) -> catalogue.ProductSummary:
    found = catalogue.summaries(tx, [product]).get(product)
    if found is None or found.state != "active":
        raise catalogue.NoSuchProduct()
    return found


def _card(tx: Tx, product: Id, variant: Id | None) -> messaging.ProductCard:
    found = _on_sale(tx, product)
    if variant is None:
        return messaging.ProductCard(
            product, found.shop.id, found.title, found.picture, found.price, found.price_max, None
        )
    offer = catalogue.sellable(tx, [variant]).get(variant)
    if offer is None or offer.product != product:
        raise catalogue.NoSuchVariant()
    return messaging.ProductCard(product, offer.shop, offer.title, offer.picture, offer.price, None, variant)


def _shop_side(tx: Tx, conversation: Id, by: Id) -> Id | None:
    """The shop in whose name this account writes here, if it does."""
    if messaging.kind_of(tx, conversation) != "shop":
        return None
    thread = messaging.shop_view(tx, conversation=conversation)
    return None if thread.buyer == by else thread.shop


@action(route="by")
def make_link(tx: Tx, *, product: Id, by: Id) -> Link:
    """A link to a product that says who shared it; asked for again, the same one."""
    identity.person(tx, by)
    _on_sale(tx, product)
    found = tables.select_link_of(tx, shared_by=by, product=product)
    if found is not None:
        return found
    made = Link(ids.encode(tx.rng.getrandbits(model.NUMBER_BITS), model.NUMBER_BITS // 5), product, by)
    tables.insert_link(tx, made)
    return made
