"""What every step of an order consists of: its state, its money, its notice in the thread, and telling both sides."""

from collections.abc import Sequence

from msgspec import structs

from dealings.domain.messaging import api as messaging
from dealings.domain.orders import model, tables
from dealings.domain.orders.errors import NotNow
from dealings.domain.orders.events import OrderChanged
from dealings.domain.orders.model import Order, Side
from dealings.domain.orders.tables import Move, OrderRow
from dealings.domain.wallet import api as wallet
from dealings.domain.wallet.api import AccountKey
from dealings.kernel.errors import Refusal
from dealings.kernel.ids import Id
from dealings.platform.db.tx import LostRace, Tx
from dealings.platform.outbox import events as streams

MONEY: dict[str, tuple[str, str]] = {
    "payment": ("wallet", "escrow"),
    "refund": ("escrow", "wallet"),
    "settlement": ("escrow", "shop"),
}
"""Why money moves, and between which accounts: the wallet is the buyer's, the others are the shop's."""


def enter(tx: Tx, row: OrderRow, then: OrderRow) -> OrderRow:
    """Take a step; of two who try at once one does, and the other is told what the order is now."""
    then = structs.replace(then, changed_at=tx.now)
    if not tables.move_orders(tx, [Move(row, then)]):
        current = tables.select_order(tx, row.id)
        raise NotNow(state=current.state if current else row.state)
    return then


def enter_all(tx: Tx, moves: Sequence[Move]) -> None:
    """Take steps that were decided on together; if another lane took one of them meanwhile, they are decided on anew."""
    if not tables.move_orders(tx, moves):
        assert tx.dialect != "sqlite", "there is one writer: what was read just before still holds"
        raise LostRace()


def _account(row: OrderRow, purpose: str) -> AccountKey:
    return AccountKey(row.buyer if purpose == "wallet" else row.shop, purpose, row.total.currency)


def book(tx: Tx, rows: Sequence[OrderRow], reason: str) -> dict[Id, Refusal]:
    """Move the whole amount of each order; who has not enough, by order. A free order moves nothing. Tells nobody."""
    debit, credit = MONEY[reason]
    costly = [row for row in rows if row.total.amount]
    if not costly:
        return {}
    accounts = {_account(row, purpose) for row in costly for purpose in (debit, credit)}
    transfers = [_transfer(tx, row, reason, _account(row, debit), _account(row, credit)) for row in costly]
    answers = zip(costly, wallet.book(tx, transfers, opening=accounts), strict=True)
    return {row.id: answer for row, answer in answers if isinstance(answer, Refusal)}


def _transfer(tx: Tx, row: OrderRow, reason: str, debit: AccountKey, credit: AccountKey) -> wallet.Transfer:
    return wallet.Transfer(
        id=tx.new_id(),
        debit=debit.id,
        credit=credit.id,
        amount=row.total,
        reason=reason,
        ref=row.id,
        party=row.buyer,
        cause=row.cause,
    )


def move(tx: Tx, row: OrderRow, reason: str) -> None:
    """Move the money of one order, after its state has changed, and tell the buyer, whose held money has changed, too."""
    for refused in book(tx, [row], reason).values():
        raise refused
    wallet.tell(tx, [row.buyer])


def notice(row: OrderRow, mover: Id | None, code: str, /, **params: str) -> messaging.Post:
    """The thread says what happened, from the side that did it; one notice a step, whatever is repeated."""
    said = {"number": row.number, "amount": str(row.total.amount), "currency": row.total.currency, **params}
    shop = row.shop if mover not in (None, row.buyer) else None
    return messaging.Post(row.conversation, mover, f"{row.id}-{row.state}", messaging.Notice(code, said, row.id), shop)


def post(tx: Tx, posts: Sequence[messaging.Post]) -> None:
    for answer in messaging.post(tx, posts):
        if isinstance(answer, Refusal):
            raise answer


def tell(tx: Tx, seen: Sequence[Order]) -> None:
    """Both sides hear of these orders, given as their buyers see them, each as it may see it."""
    for order in seen:
        tx.emit(OrderChanged(order), stream=streams.account(order.buyer.id))
        tx.emit(OrderChanged(for_side(order, "shop")), stream=streams.shop(order.shop.id))


def for_side(order: Order, side: Side) -> Order:
    return structs.replace(order, actions=model.actions_for(order.state, side))
