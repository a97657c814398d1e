"""Placing orders, the hot path: all who wait are looked up, decided on in the order of arrival, and written together.

Nothing is written for those who are refused, so one refusal leaves no trace and does not stop the others (P5, P8).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dealings.domain.catalogue import api as catalogue
from dealings.domain.catalogue.api import Sellable, StockLine
from dealings.domain.identity import api as identity
from dealings.domain.identity.api import Person, Shop
from dealings.domain.messaging import api as messaging
from dealings.domain.orders import carts, cause, model, queries, steps, tables, tables_sums
from dealings.domain.orders.cause import Claim, Evidence
from dealings.domain.orders.errors import NotForSale, OwnShop
from dealings.domain.orders.model import Order, OrderLine, Placing, Wanted
from dealings.domain.orders.tables import OrderRow
from dealings.domain.wallet.api import Cause
from dealings.kernel.errors import Refusal
from dealings.kernel.ids import Id
from dealings.platform.db.actions import Action
from dealings.platform.db.tx import Tx

Parts = dict[Id, list[OrderLine]]
"""What someone orders at once, by shop: each becomes an order."""


@dataclass(frozen=True, slots=True)
class Market:
    """What decides about some orders: who buys, what is sold, who works where, what led here, what is left."""

    people: dict[Id, Person]
    offers: dict[Id, Sellable]
    shops: dict[Id, Shop]
    staffed: set[tuple[Id, Id]]
    evidence: Evidence
    shelf: catalogue.Shelf
    unpaid: Counter[Id]
    """Orders that each buyer has yet to pay, with those accepted so far."""


def place(tx: Tx, asked: Sequence[Placing], *, closing: Action[..., None]) -> list[list[Order] | Refusal]:
    """An order a shop for each who asks, or why there is none. `closing` is the timer of what is not paid."""
    sound = [_checked(each) for each in asked]
    market = _market(tx, [each for each in sound if isinstance(each, Placing)])
    decided = [_decided(tx, each, market) if isinstance(each, Placing) else each for each in sound]
    accepted = [
        (each, parts)
        for each, parts in zip(sound, decided, strict=True)
        if isinstance(each, Placing) and not isinstance(parts, Refusal)
    ]
    placed = iter(_write(tx, accepted, market, closing) if accepted else [])
    return [parts if isinstance(parts, Refusal) else next(placed) for parts in decided]


# looking up


def _checked(asked: Placing) -> Placing | Refusal:
    try:
        return model.checked(asked)
    except Refusal as refusal:
        return refusal


def _market(tx: Tx, asked: Sequence[Placing]) -> Market:
    offers = catalogue.sellable(tx, [line.variant for each in asked for line in each.lines])
    wanted = [
        (each.buyer, line, offers[line.variant]) for each in asked for line in each.lines if line.variant in offers
    ]
    return Market(
        people=identity.people(tx, {each.buyer for each in asked}),
        offers=offers,
        shops=identity.shops(tx, {offer.shop for offer in offers.values()}),
        staffed=identity.staffed(tx, {(offer.shop, buyer) for buyer, _, offer in wanted}),
        evidence=cause.evidence(tx, [_claim(line, offer, buyer) for buyer, line, offer in wanted]),
        shelf=catalogue.Shelf(offers),
        unpaid=Counter(tables_sums.count_unpaid(tx, {each.buyer for each in asked})),
    )


def _claim(line: Wanted, offer: Sellable, buyer: Id) -> Claim:
    return Claim(line.via, buyer, offer.product, offer.shop)


# deciding


def _decided(tx: Tx, asked: Placing, market: Market) -> Parts | Refusal:
    """All or nothing: what can't be had refuses the whole. Its pieces are set aside for those who come after."""
    try:
        if asked.buyer not in market.people:
            market.people[asked.buyer] = identity.person(tx, asked.buyer)  # which refuses, or was just made
        parts = _parts(asked, market)
        for lines in parts.values():
            model.total(lines)
        model.check_unpaid(market.unpaid[asked.buyer], new=len(parts))
    except Refusal as refusal:
        return refusal
    refused = market.shelf.promise([StockLine(line.variant, line.quantity) for line in asked.lines])
    if refused is None:
        market.unpaid[asked.buyer] += len(parts)
    return refused or parts


def _parts(asked: Placing, market: Market) -> Parts:
    """The lines of each shop, with prices and titles copied. Raises NoSuchVariant, NotForSale, OwnShop."""
    offers = [_offer(line, market) for line in asked.lines]
    parts: Parts = {}
    for line, offer in zip(asked.lines, offers, strict=True):
        if (offer.shop, asked.buyer) in market.staffed:  # a thread has two sides, and one can't be on both
            raise OwnShop()
        led_by = cause.judged(_claim(line, offer, asked.buyer), market.evidence)
        parts.setdefault(offer.shop, []).append(_copied(line, offer, led_by))
    return parts


def _offer(line: Wanted, market: Market) -> Sellable:
    offer = market.offers.get(line.variant)
    if offer is None:
        raise catalogue.NoSuchVariant()
    if not offer.active:
        raise NotForSale(title=offer.title, variant=line.variant)
    return offer


def _copied(line: Wanted, offer: Sellable, led_by: Cause) -> OrderLine:
    return OrderLine(
        variant=offer.variant,
        product=offer.product,
        title=offer.title,
        options=offer.options,
        picture=offer.picture,
        price=offer.price,
        quantity=line.quantity,
        via=line.via if led_by != cause.DIRECT else "direct",
        cause=led_by,
    )


# writing


def _write(
    tx: Tx, accepted: Sequence[tuple[Placing, Parts]], market: Market, closing: Action[..., None]
) -> list[list[Order]]:
    """Reserve, write, post and tell all that was accepted; the answer for each who asked."""
    catalogue.reserve(tx, market.shelf)
    threads = messaging.shop_threads(tx, {(shop, asked.buyer) for asked, parts in accepted for shop in parts})
    placed = [
        [(_row(tx, asked, shop, lines, threads[shop, asked.buyer]), lines) for shop, lines in parts.items()]
        for asked, parts in accepted
    ]
    new = [order for orders in placed for order in orders]
    tables.insert_orders(tx, new)
    for row, _ in new:
        tx.schedule(closing, due_at=row.pay_by, order=row.id)
    steps.post(tx, [_card(row, lines) for row, lines in new])
    answers = [[_shown(row, lines, market) for row, lines in orders] for orders in placed]
    steps.tell(tx, [order for orders in answers for order in orders])
    for asked, _ in accepted:
        if asked.from_cart:
            carts.take_out(tx, buyer=asked.buyer, variants=[line.variant for line in asked.lines])
    return answers


def _row(tx: Tx, asked: Placing, shop: Id, lines: Sequence[OrderLine], thread: Id) -> OrderRow:
    return OrderRow(
        id=tx.new_id(),
        shop=shop,
        number=model.order_number(tx.rng.getrandbits(model.NUMBER_BITS)),
        buyer=asked.buyer,
        state="placed",
        total=model.total(lines),
        address=asked.address,
        note=asked.note,
        shipment=None,
        conversation=thread,
        cause=model.main_cause(lines),
        placed_at=tx.now,
        pay_by=tx.now + model.PAY_WITHIN,
        changed_at=tx.now,
    )


def _card(row: OrderRow, lines: Sequence[OrderLine]) -> messaging.Post:
    quantity = sum(line.quantity for line in lines)
    first = lines[0]
    card = messaging.OrderCard(row.id, row.number, first.title, first.picture, quantity, row.total, row.state)
    return messaging.Post(row.conversation, row.buyer, f"{row.id}-placed", card)


def _shown(row: OrderRow, lines: list[OrderLine], market: Market) -> Order:
    return queries.shown(row, lines, market.people[row.buyer], market.shops[row.shop], side="buyer")
