"""What orders add up to: held money, reserved pieces, what was paid by cause. SQL only."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, func, select

from dealings.domain.orders.model import HELD_STATES, RESERVED_STATES, OrderState
from dealings.domain.orders.tables import order_lines, orders
from dealings.domain.wallet.api import Held
from dealings.kernel.ids import Id
from dealings.platform.db.sets import rows_for
from dealings.platform.db.tx import Read

HELD = {
    "sqlite": "SELECT p.buyer, p.currency, sum(p.total) FROM json_each(?) j"
    " CROSS JOIN purchases p ON p.buyer = j.value->>0 AND p.state = j.value->>1 GROUP BY p.buyer, p.currency",
    "postgresql": "SELECT p.buyer, p.currency, sum(p.total) FROM unnest(%s::text[], %s::text[]) AS j(buyer, state)"
    " JOIN purchases p ON p.buyer = j.buyer AND p.state = j.state GROUP BY p.buyer, p.currency",
}
COUNTED = {
    "sqlite": "SELECT p.buyer, count(*) FROM json_each(?) j"
    " CROSS JOIN purchases p ON p.buyer = j.value->>0 AND p.state = j.value->>1 GROUP BY p.buyer",
    "postgresql": "SELECT p.buyer, count(*) FROM unnest(%s::text[], %s::text[]) AS j(buyer, state)"
    " JOIN purchases p ON p.buyer = j.buyer AND p.state = j.state GROUP BY p.buyer",
}


def select_held(db: Read, buyers: Collection[Id]) -> list[Held]:
    """What these buyers have paid for orders that are not settled, by currency."""
    rows = rows_for(db, HELD, [(buyer, state) for buyer in buyers for state in HELD_STATES])
    return [Held(buyer, currency, int(amount)) for buyer, currency, amount in rows]


def count_unpaid(db: Read, buyers: Collection[Id]) -> dict[Id, int]:
    """How many unpaid orders each of these has; those who have none are left out."""
    return dict(rows_for(db, COUNTED, [(buyer, "placed") for buyer in buyers]))


@dataclass(frozen=True, slots=True)
class UnsettledSum:
    shop: Id
    currency: str
    state: OrderState
    amount: int


def select_unsettled(db: Read) -> list[UnsettledSum]:
    """The money of orders that are paid and not settled, by shop, currency and state."""
    key = (orders.c.shop, orders.c.currency, orders.c.state)
    rows = db.sql.execute(select(*key, func.sum(orders.c.total)).where(orders.c.state.in_(HELD_STATES)).group_by(*key))
    return [UnsettledSum(shop, currency, state, int(amount)) for shop, currency, state, amount in rows]


def select_paid_by_cause(db: Read) -> dict[tuple[str, str], int]:
    """All that was ever paid, by currency and kind of cause (P6)."""
    key = (orders.c.currency, orders.c.cause_kind)
    rows = db.sql.execute(select(*key, func.sum(orders.c.total)).where(orders.c.paid_at.is_not(None)).group_by(*key))
    return {(currency, kind): int(amount) for currency, kind, amount in rows}


def select_reserved(db: Read) -> dict[Id, int]:
    """Pieces that orders have reserved, by variant (P5)."""
    joined = order_lines.join(orders, and_(orders.c.shop == order_lines.c.shop, orders.c.id == order_lines.c.order))
    rows = db.sql.execute(
        select(order_lines.c.variant, func.sum(order_lines.c.quantity))
        .select_from(joined)
        .where(orders.c.state.in_(RESERVED_STATES))
        .group_by(order_lines.c.variant)
    )
    return {variant: int(quantity) for variant, quantity in rows}
