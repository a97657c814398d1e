"""What must hold for orders: with themselves, with the escrow (P4), with what led to them (P6)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select

from dealings.domain.orders import actions, queries, tables_sums
from dealings.domain.orders.model import HELD_STATES
from dealings.domain.orders.tables import order_lines, orders, purchases
from dealings.domain.wallet import api as wallet
from dealings.kernel.ids import Id
from dealings.platform.db.findings import Check, Finding, examine, named
from dealings.platform.db.tx import Read
from dealings.platform.outbox.tables import timers

ROWS_AT_A_TIME = 1_000

_lines = (
    select(order_lines.c.order, func.sum(order_lines.c.price * order_lines.c.quantity).label("total"))
    .group_by(order_lines.c.order)
    .subquery()
)
_listed = and_(purchases.c.buyer == orders.c.buyer, purchases.c.state == orders.c.state, purchases.c.id == orders.c.id)


def _without_timer(state: str, action: str) -> Select[Any]:
    """Orders of a state that nothing will wake; `arguments` are as `tx.schedule` writes them."""
    waiting = select(timers.c.arguments).where(timers.c.action == action)
    arguments = literal('{"order":"') + orders.c.id + literal('"}')
    return select(orders.c.id).where(orders.c.state == state, arguments.not_in(waiting)).order_by(orders.c.id)


def _state_needs(states: tuple[str, ...], *needed: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(orders.c.state.in_(states), or_(*(column.is_(None) for column in needed)))


CHECKS = [
    Check(
        "orders.total",
        "An order's total is not the sum of its lines.",
        select(orders.c.id)
        .select_from(orders.outerjoin(_lines, _lines.c.order == orders.c.id))
        .where(orders.c.total != func.coalesce(_lines.c.total, -1))
        .order_by(orders.c.id),
    ),
    Check(
        "orders.unlisted",
        "An order is not among its buyer's, in the state that it is in.",
        select(orders.c.id)
        .select_from(orders.outerjoin(purchases, _listed))
        .where(or_(purchases.c.id.is_(None), purchases.c.shop != orders.c.shop, purchases.c.total != orders.c.total))
        .order_by(orders.c.id),
    ),
    Check(
        "orders.listed_in_vain",
        "Someone's list has an order that is not there, or not in that state.",
        select(purchases.c.id)
        .select_from(purchases.outerjoin(orders, _listed))
        .where(orders.c.id.is_(None))
        .order_by(purchases.c.id),
    ),
    Check(
        "orders.undated",
        "An order is in a state that it never entered, by its times.",
        select(orders.c.id)
        .where(
            or_(
                _state_needs(("paid", "refunded", *HELD_STATES, "settled"), orders.c.paid_at),
                _state_needs(("shipped", "received", "settled"), orders.c.shipped_at, orders.c.confirm_by),
                _state_needs(("settled",), orders.c.received_at, orders.c.settled_at),
                _state_needs(("refunded",), orders.c.refunded_at),
                _state_needs(("closed",), orders.c.closed_at),
            )
        )
        .order_by(orders.c.id),
    ),
    Check(
        "orders.never_closes",
        "An unpaid order has no timer that closes it; its pieces stay reserved for ever.",
        _without_timer("placed", actions.close_unpaid.name),
    ),
    Check(
        "orders.never_settles",
        "A shipped order has no timer that confirms it; its money stays held for ever.",
        _without_timer("shipped", actions.confirm_silent.name),
    ),
    Check(
        "orders.stuck",
        "An order is received and not settled, though both are one step.",
        select(orders.c.id).where(orders.c.state == "received").order_by(orders.c.id),
    ),
]


def findings(db: Read) -> list[Finding]:
    return [*examine(db, CHECKS), *_escrow(db), *_causes(db)]


def _escrow(db: Read) -> list[Finding]:
    """P4, shop by shop: what is held is what is paid and not settled."""
    held = {(key.owner, key.currency): amount for key, amount in wallet.balances(db, purpose="escrow").items()}
    owed: dict[tuple[Id, str], int] = {}
    for part in tables_sums.select_unsettled(db):
        owed[part.shop, part.currency] = owed.get((part.shop, part.currency), 0) + part.amount
    wrong = [
        f"{shop}:{currency} holds {held.get((shop, currency), 0)}, owes {owed.get((shop, currency), 0)}"
        for shop, currency in sorted(held.keys() | owed.keys())
        if held.get((shop, currency), 0) != owed.get((shop, currency), 0)
    ]
    return named("orders.escrow", "P4: a shop's escrow is not the sum of its paid orders that are not settled.", wrong)


def _causes(db: Read) -> list[Finding]:
    wrong = [e.currency for e in queries.equations(db) if e.code == "paid_by_cause" and not e.holds]
    return named("orders.causes", "P6: what was paid, summed by cause, is not what the ledger saw paid.", wrong)


MOVES = (("payment", orders.c.paid_at), ("refund", orders.c.refunded_at), ("settlement", orders.c.settled_at))


def expected_moves(db: Read) -> Iterator[tuple[Id, str, int, str]]:
    """The money that must have moved for each order: (order, reason, amount, currency), by order, a few at a time."""
    times = [column for _, column in MOVES]
    query = select(orders.c.id, orders.c.total, orders.c.currency, *times).where(orders.c.total > 0)
    query = query.order_by(orders.c.id).execution_options(stream_results=True, yield_per=ROWS_AT_A_TIME)
    for id, total, currency, *taken in db.sql.execute(query):
        for (reason, _), at in sorted(zip(MOVES, taken, strict=True), key=lambda move: move[0][0]):
            if at is not None:
                yield id, reason, total, currency


def reserved(db: Read) -> dict[Id, int]:
    """What orders have reserved, by variant."""
    return tables_sums.select_reserved(db)
