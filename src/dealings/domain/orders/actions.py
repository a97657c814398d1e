"""What can be done with orders, from placing to settlement. Each step is one transaction: state, stock, money, chat."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from msgspec import structs

from dealings.domain.catalogue import api as catalogue
from dealings.domain.catalogue.api import Sellable, StockLine
from dealings.domain.identity import api as identity
from dealings.domain.identity.api import Address
from dealings.domain.messaging import api as messaging
from dealings.domain.orders import carts, cause, model, queries, tables
from dealings.domain.orders.errors import NotForSale, NotNow, OwnShop, PayTimeOver
from dealings.domain.orders.events import OrderChanged
from dealings.domain.orders.model import Mover, Order, OrderLine, OrderState, Shipment, Side, Step, Wanted
from dealings.domain.orders.tables import OrderRow
from dealings.domain.wallet import api as wallet
from dealings.kernel.ids import Id
from dealings.platform.db.actions import action
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams

# placing


@action(route="buyer")
def place(
    tx: Tx, *, buyer: Id, lines: list[Wanted], address: Address | None, note: str, from_cart: bool = False
) -> list[Order]:
    """Order these things, one order a shop: prices and titles are copied, the pieces reserved, 30 minutes given to pay.

    All or nothing: what can't be had refuses the whole (OutOfStock, NotForSale).
    """
    identity.person(tx, buyer)
    wanted = model.joined(lines)
    model.check_wanted(wanted)
    address = model.check_address(address)
    note = model.check_text("note", note, model.NOTE_MOST)
    offers = _offers(tx, wanted, buyer=buyer)
    catalogue.reserve_lines(tx, [StockLine(line.variant, line.quantity) for line in wanted])
    by_shop: dict[Id, list[OrderLine]] = {}
    for line in wanted:
        offer = offers[line.variant]
        by_shop.setdefault(offer.shop, []).append(_copied(tx, line, offer, buyer=buyer))
    placed = [
        _place_at(tx, shop, ordered, buyer=buyer, address=address, note=note) for shop, ordered in by_shop.items()
    ]
    if from_cart:
        carts.take_out(tx, buyer=buyer, variants=[line.variant for line in wanted])
    return placed


def _offers(tx: Tx, wanted: Sequence[Wanted], *, buyer: Id) -> dict[Id, Sellable]:
    """What is wanted as it is sold now; nobody buys from a shop whose staff they are, for its thread has two sides."""
    offers = catalogue.sellable(tx, [line.variant for line in wanted])
    for line in wanted:
        offer = offers.get(line.variant)
        if offer is None:
            raise catalogue.NoSuchVariant()
        if not offer.active:
            raise NotForSale(title=offer.title, variant=line.variant)
    for shop in {offer.shop for offer in offers.values()}:
        if identity.staff_role(tx, shop=shop, account=buyer) is not None:
            raise OwnShop()
    return offers


def _copied(tx: Tx, wanted: Wanted, offer: Sellable, *, buyer: Id) -> OrderLine:
    via = model.check_text("via", wanted.via, model.VIA_MOST)
    led_by = cause.of(tx, via, buyer=buyer, product=offer.product, shop=offer.shop)
    return OrderLine(
        variant=offer.variant,
        product=offer.product,
        title=offer.title,
        options=offer.options,
        picture=offer.picture,
        price=offer.price,
        quantity=wanted.quantity,
        via=via if led_by != cause.DIRECT else "direct",
        cause=led_by,
    )


def _place_at(tx: Tx, shop: Id, lines: Sequence[OrderLine], *, buyer: Id, address: Address | None, note: str) -> Order:
    row = OrderRow(
        id=tx.new_id(),
        shop=shop,
        number=model.order_number(tx.rng.getrandbits(model.NUMBER_BITS)),
        buyer=buyer,
        state="placed",
        total=model.total(lines),
        address=address,
        note=note,
        shipment=None,
        conversation=messaging.open_shop_thread(tx, shop=shop, buyer=buyer),
        cause=model.main_cause(lines),
        placed_at=tx.now,
        pay_by=tx.now + model.PAY_WITHIN,
        changed_at=tx.now,
    )
    tables.insert_order(tx, row, lines)
    tx.schedule(close_unpaid, due_at=row.pay_by, order=row.id)
    _post_card(tx, row, lines)
    return _tell(tx, row, side="buyer")


def _post_card(tx: Tx, row: OrderRow, lines: Sequence[OrderLine]) -> None:
    quantity = sum(line.quantity for line in lines)
    first = lines[0]
    card = messaging.OrderCard(row.id, row.number, first.title, first.picture, quantity, row.total, row.state)
    messaging.post.one(tx, messaging.Post(row.conversation, row.buyer, f"{row.id}-placed", card))


# steps


@action(route="order")
def pay(tx: Tx, *, order: Id, by: Id) -> Order:
    """Pay from the wallet into the shop's escrow. InsufficientFunds leaves the order as it was."""
    row, side = queries.sided(tx, order=order, account=by)
    if row.state == "placed" and tx.now >= row.pay_by:
        raise PayTimeOver()
    paid = _enter(tx, row, replace(row, state=model.after(row.state, "pay", side), paid_at=tx.now))
    _move(tx, paid, "payment", debit=_purse(tx, paid), credit=_escrow(tx, paid))
    _notice(tx, paid, by, "order.paid")
    return _tell(tx, paid, side=side)


@action(route="order")
def cancel(tx: Tx, *, order: Id, by: Id) -> Order:
    """Give up an unpaid order; its pieces go back on the shelf."""
    row, side = queries.sided(tx, order=order, account=by)
    return _close(tx, row, model.after(row.state, "cancel", side), mover=by, side=side, reason="cancelled")


@action(route="order")
def ship(tx: Tx, *, order: Id, by: Id, carrier: str, tracking: str) -> Order:
    """The pieces have left the house; the buyer has ten days to confirm."""
    shipment = Shipment(
        model.check_text("carrier", carrier, model.CARRIER_MOST, least=1),
        model.check_text("tracking", tracking, model.TRACKING_MOST),
    )
    row, side = queries.sided(tx, order=order, account=by)
    state, confirm_by = model.after(row.state, "ship", side), tx.now + model.CONFIRM_WITHIN
    then = replace(row, state=state, shipment=shipment, shipped_at=tx.now, confirm_by=confirm_by)
    shipped = _enter(tx, row, then)
    catalogue.fulfil_lines(tx, _pieces(tx, shipped))
    tx.schedule(confirm_silent, due_at=confirm_by, order=order)
    _notice(tx, shipped, by, "order.shipped", carrier=shipment.carrier, tracking=shipment.tracking)
    return _tell(tx, shipped, side=side)


@action(route="order")
def confirm(tx: Tx, *, order: Id, by: Id) -> Order:
    """The buyer has what was ordered: the shop is paid out of escrow at once."""
    row, side = queries.sided(tx, order=order, account=by)
    return _settle(tx, row, "confirm", side, mover=by, side=side)


@action(route="order")
def refund(tx: Tx, *, order: Id, by: Id, reason: str = "") -> Order:
    """Before it is shipped, either side can call a paid order off: the money goes back, and so do the pieces."""
    reason = model.check_text("reason", reason, model.REASON_MOST)
    row, side = queries.sided(tx, order=order, account=by)
    refunded = _enter(tx, row, replace(row, state=model.after(row.state, "refund", side), refunded_at=tx.now))
    _move(tx, refunded, "refund", debit=_escrow(tx, refunded), credit=_purse(tx, refunded))
    catalogue.release_lines(tx, _pieces(tx, refunded))
    _notice(tx, refunded, by, "order.refunded", by=side, reason=reason)
    return _tell(tx, refunded, side=side)


# timers: they decide by state, and do nothing when their time has passed them by


@action(route="order")
def close_unpaid(tx: Tx, *, order: Id) -> None:
    """Close an order that nobody paid in time."""
    row = tables.select_order(tx, order)
    if row is None or "expire" not in model.NEXT[row.state]:
        return
    with suppress(NotNow):  # someone else took a step at this very moment
        _close(tx, row, model.after(row.state, "expire", "timer"), mover=None, side="shop", reason="unpaid")


@action(route="order")
def confirm_silent(tx: Tx, *, order: Id) -> None:
    """Settle a shipped order whose buyer has said nothing for ten days."""
    row = tables.select_order(tx, order)
    if row is None or "auto_confirm" not in model.NEXT[row.state]:
        return
    with suppress(NotNow):
        _settle(tx, row, "auto_confirm", "timer", mover=None, side="shop")


# parts of steps


def _enter(tx: Tx, row: OrderRow, then: OrderRow) -> OrderRow:
    """Take a step; of two who try at once one does, and the other is told what the order is now."""
    then = replace(then, changed_at=tx.now)
    if not tables.move_order(tx, row, then):
        current = tables.select_order(tx, row.id)
        raise NotNow(state=current.state if current else row.state)
    return then


def _settle(tx: Tx, row: OrderRow, step: Step, role: Mover, *, mover: Id | None, side: Side) -> Order:
    """Received and settled in one go. The buyer's held money changes though none moves through the wallet."""
    state = model.after(model.after(row.state, step, role), "settle", "system")
    settled = _enter(tx, row, replace(row, state=state, received_at=tx.now, settled_at=tx.now))
    _move(tx, settled, "settlement", debit=_escrow(tx, settled), credit=_earnings(tx, settled))
    wallet.tell(tx, [settled.buyer])
    _notice(tx, settled, mover, "order.settled")
    return _tell(tx, settled, side=side)


def _close(tx: Tx, row: OrderRow, state: OrderState, *, mover: Id | None, side: Side, reason: str) -> Order:
    closed = _enter(tx, row, replace(row, state=state, closed_at=tx.now))
    catalogue.release_lines(tx, _pieces(tx, closed))
    _notice(tx, closed, mover, "order.closed", reason=reason)
    return _tell(tx, closed, side=side)


def _pieces(tx: Tx, row: OrderRow) -> list[StockLine]:
    return [StockLine(line.variant, line.quantity) for line in tables.select_lines(tx, [row])[row.id]]


def _purse(tx: Tx, row: OrderRow) -> Id:
    return wallet.account_of(tx, owner=row.buyer, purpose="wallet", currency=row.total.currency)


def _escrow(tx: Tx, row: OrderRow) -> Id:
    return wallet.account_of(tx, owner=row.shop, purpose="escrow", currency=row.total.currency)


def _earnings(tx: Tx, row: OrderRow) -> Id:
    return wallet.account_of(tx, owner=row.shop, purpose="shop", currency=row.total.currency)


def _move(tx: Tx, row: OrderRow, reason: str, *, debit: Id, credit: Id) -> None:
    """The whole amount of the order, after its state has changed; a free order moves nothing."""
    if row.total.amount == 0:
        return
    moved = wallet.Transfer(
        id=tx.new_id(),
        debit=debit,
        credit=credit,
        amount=row.total,
        reason=reason,
        ref=row.id,
        party=row.buyer,
        cause=row.cause,
    )
    wallet.transfer.one(tx, moved)


def _notice(tx: Tx, row: OrderRow, mover: Id | None, code: str, /, **params: str) -> None:
    """The thread says what happened, from the side that did it; one notice a step, whatever is repeated."""
    said = {"number": row.number, "amount": str(row.total.amount), "currency": row.total.currency, **params}
    notice = messaging.Notice(code, said, row.id)
    shop = row.shop if mover not in (None, row.buyer) else None
    messaging.post.one(tx, messaging.Post(row.conversation, mover, f"{row.id}-{row.state}", notice, shop))


def _tell(tx: Tx, row: OrderRow, *, side: Side) -> Order:
    """Both sides hear of the order as each may see it; the answer is for the side that asked."""
    seen = {"buyer": queries.view(tx, row, side="buyer")}
    seen["shop"] = structs.replace(seen["buyer"], actions=model.actions_for(row.state, "shop"))
    tx.emit(OrderChanged(seen["buyer"]), stream=streams.account(row.buyer))
    tx.emit(OrderChanged(seen["shop"]), stream=streams.shop(row.shop))
    return seen[side]
