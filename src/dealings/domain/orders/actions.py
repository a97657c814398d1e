"""What can be done with orders, from placing to settlement. Each step is one transaction: state, stock, money, chat."""

from collections.abc import Sequence
from contextlib import suppress

from msgspec.structs import replace

from dealings.domain.catalogue import api as catalogue
from dealings.domain.catalogue.api import StockLine
from dealings.domain.orders import model, paying, placing, queries, steps, tables
from dealings.domain.orders.errors import NotNow
from dealings.domain.orders.model import Mover, Order, OrderState, Paying, Placing, Shipment, Side, Step
from dealings.domain.orders.tables import OrderRow
from dealings.kernel.errors import Refusal
from dealings.kernel.ids import Id
from dealings.platform.db.actions import action, together
from dealings.platform.db.tx import Tx


@together(Placing, route="buyer")
def place(tx: Tx, asked: Sequence[Placing]) -> list[list[Order] | Refusal]:
    """Order things, one order a shop: prices and titles are copied, the pieces reserved, 30 minutes given to pay.

    All or nothing: what can't be had refuses the whole (OutOfStock, NotForSale).
    """
    return placing.place(tx, asked, closing=close_unpaid)


# steps


@together(Paying, route="order")
def pay(tx: Tx, asked: Sequence[Paying]) -> list[Order | Refusal]:
    """Pay from the wallet into the shop's escrow. InsufficientFunds leaves the order as it was."""
    return paying.pay(tx, asked)


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
    shipped = steps.enter(tx, row, then)
    catalogue.fulfil_lines(tx, _pieces(tx, shipped))
    tx.schedule(confirm_silent, due_at=confirm_by, order=order)
    said = {"carrier": shipment.carrier, "tracking": shipment.tracking}
    return _tell(tx, shipped, by, "order.shipped", side=side, **said)


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
    refunded = steps.enter(tx, row, replace(row, state=model.after(row.state, "refund", side), refunded_at=tx.now))
    steps.move(tx, refunded, "refund")
    catalogue.release_lines(tx, _pieces(tx, refunded))
    return _tell(tx, refunded, by, "order.refunded", side=side, by=side, reason=reason)


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


def _settle(tx: Tx, row: OrderRow, step: Step, role: Mover, *, mover: Id | None, side: Side) -> Order:
    """Received and settled in one go. The buyer's held money changes though none moves through the wallet."""
    state = model.after(model.after(row.state, step, role), "settle", "system")
    settled = steps.enter(tx, row, replace(row, state=state, received_at=tx.now, settled_at=tx.now))
    steps.move(tx, settled, "settlement")
    return _tell(tx, settled, mover, "order.settled", side=side)


def _close(tx: Tx, row: OrderRow, state: OrderState, *, mover: Id | None, side: Side, reason: str) -> Order:
    closed = steps.enter(tx, row, replace(row, state=state, closed_at=tx.now))
    catalogue.release_lines(tx, _pieces(tx, closed))
    return _tell(tx, closed, mover, "order.closed", side=side, reason=reason)


def _pieces(tx: Tx, row: OrderRow) -> list[StockLine]:
    return [StockLine(line.variant, line.quantity) for line in tables.select_lines(tx, [row])[row.id]]


def _tell(tx: Tx, row: OrderRow, mover: Id | None, code: str, *, side: Side, **params: str) -> Order:
    """In the thread, and both sides as each may see the order; the answer is for the side that asked."""
    steps.post(tx, [steps.notice(row, mover, code, **params)])
    seen = queries.view(tx, row, side="buyer")
    steps.tell(tx, [seen])
    return steps.for_side(seen, side)
