"""Paying, the hot path: all who wait are decided on in the order of arrival, and their money moves in one set.

Nothing is written for those who are refused, so one refusal leaves no trace and does not stop the others (P3, P4, P8).
"""

from collections.abc import Sequence

from msgspec import structs

from dealings.domain.identity import api as identity
from dealings.domain.orders import model, queries, steps, tables
from dealings.domain.orders.errors import NoSuchOrder, NotNow, PayTimeOver
from dealings.domain.orders.model import Order, Paying
from dealings.domain.orders.tables import Move, OrderRow
from dealings.domain.wallet import api as wallet
from dealings.kernel.clock import Millis
from dealings.kernel.errors import Refusal
from dealings.kernel.ids import Id
from dealings.platform.db.tx import Tx


def pay(tx: Tx, asked: Sequence[Paying]) -> list[Order | Refusal]:
    """Pay each of these orders from its buyer's wallet into its shop's escrow, or say why not."""
    rows = tables.select_orders(tx, {each.order for each in asked})
    others = {(rows[each.order].shop, each.by) for each in asked if _by_another(each, rows.get(each.order))}
    staffed = identity.staffed(tx, others)
    decided = [_decided(each, rows.get(each.order), staffed, tx.now) for each in asked]
    done = _take(tx, {move.seen.id: move for move in decided if isinstance(move, Move)})
    answers: list[Order | Refusal] = []
    for move in decided:
        if isinstance(move, Refusal):
            answers.append(move)
        else:
            answers.append(done[move.seen.id])
            done[move.seen.id] = _again(done[move.seen.id])
    return answers


def _by_another(asked: Paying, row: OrderRow | None) -> bool:
    return row is not None and row.buyer != asked.by


def _decided(asked: Paying, row: OrderRow | None, staffed: set[tuple[Id, Id]], now: Millis) -> Move | Refusal:
    if row is None or (row.buyer != asked.by and (row.shop, asked.by) not in staffed):
        return NoSuchOrder()
    if row.state == "placed" and now >= row.pay_by:
        return PayTimeOver()
    try:
        state = model.after(row.state, "pay", "buyer" if row.buyer == asked.by else "shop")
    except Refusal as refusal:
        return refusal
    return Move(row, structs.replace(row, state=state, paid_at=now, changed_at=now))


def _again(first: Order | Refusal) -> Refusal:
    """What whoever asks a second time in the same set is told: as if the first had been long ago."""
    return first if isinstance(first, Refusal) else NotNow(state=first.state, step="pay")


def _take(tx: Tx, moves: dict[Id, Move]) -> dict[Id, Order | Refusal]:
    """Move the money, then the orders of those who had enough. Wallets are told last, for what they hold has changed, too."""
    refused = steps.book(tx, [move.then for move in moves.values()], "payment")
    taken = [move for id, move in moves.items() if id not in refused]
    if not taken:
        return dict(refused)
    steps.enter_all(tx, taken)
    rows = [move.then for move in taken]
    steps.post(tx, [steps.notice(row, row.buyer, "order.paid") for row in rows])
    wallet.tell(tx, {row.buyer for row in rows})
    seen = queries.views(tx, rows, side="buyer")
    steps.tell(tx, seen)
    return refused | {order.id: order for order in seen}
