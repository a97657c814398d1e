"""Carts, orders, links: schema and SQL. Orders lie with their shop (stock and escrow are there too), carts with their buyer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Row, Select, and_, delete, func, insert, or_, select, update

from dealings.domain.identity.api import Address
from dealings.domain.orders.model import HELD_STATES, RESERVED_STATES, Link, OrderLine, OrderState, Shipment
from dealings.domain.wallet.api import Cause, Held
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.kernel.money import Money
from dealings.platform.db.schema import (
    ID,
    METADATA,
    MILLIS,
    MINOR_UNITS,
    BigInteger,
    Column,
    Index,
    String,
    Table,
    Text,
    upsert,
)
from dealings.platform.db.tx import Read, Tx

cart_lines = Table(
    "cart_lines",
    METADATA,
    Column("buyer", ID, primary_key=True),
    Column("variant", ID, primary_key=True),
    Column("quantity", BigInteger, nullable=False),
    Column("via", String(80), nullable=False),
    Column("added_at", MILLIS, nullable=False),
    sqlite_with_rowid=False,
)
orders = Table(
    "orders",
    METADATA,
    Column("shop", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("number", String(16), nullable=False),
    Column("buyer", ID, nullable=False),
    Column("state", String(10), nullable=False),
    Column("total", MINOR_UNITS, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("address", Text),
    Column("note", String(200), nullable=False),
    Column("carrier", String(40)),
    Column("tracking", String(60)),
    Column("conversation", ID, nullable=False),
    Column("cause_kind", String(12), nullable=False),
    Column("cause", Text, nullable=False),
    Column("placed_at", MILLIS, nullable=False),
    Column("pay_by", MILLIS, nullable=False),
    Column("paid_at", MILLIS),
    Column("shipped_at", MILLIS),
    Column("confirm_by", MILLIS),
    Column("received_at", MILLIS),
    Column("settled_at", MILLIS),
    Column("closed_at", MILLIS),
    Column("refunded_at", MILLIS),
    Column("changed_at", MILLIS, nullable=False),
    Index("orders_by_id", "id"),
    Index("orders_by_buyer", "buyer", "state", "id"),
    Index("orders_by_shop", "shop", "state", "id"),
    Index("orders_by_number", "shop", "number", unique=True),
    sqlite_with_rowid=False,
)
order_lines = Table(
    "order_lines",
    METADATA,
    Column("shop", ID, primary_key=True),
    Column("order", ID, primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("variant", ID, nullable=False),
    Column("product", ID, nullable=False),
    Column("title", String(255), nullable=False),
    Column("options", Text, nullable=False),
    Column("picture", Text),
    Column("price", MINOR_UNITS, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("via", String(80), nullable=False),
    Column("cause", Text, nullable=False),
    sqlite_with_rowid=False,
)
links = Table(
    "links",
    METADATA,
    Column("code", String(16), primary_key=True),
    Column("product", ID, nullable=False),
    Column("shared_by", ID, nullable=False),
    Column("made_at", MILLIS, nullable=False),
    Index("links_by_sharer", "shared_by", "product"),
)

_cause = msgspec.json.Decoder(Cause).decode
_address = msgspec.json.Decoder(Address).decode


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


# the cart


@dataclass(frozen=True, slots=True)
class Kept:
    """A line of a cart as stored: what is live about it (price, title) is looked up."""

    variant: Id
    quantity: int
    via: str
    added_at: Millis


def put_cart_line(tx: Tx, buyer: Id, kept: Kept) -> None:
    """Insert or change; a line that is there keeps its place in the list."""
    values = {"quantity": kept.quantity, "via": kept.via}
    put = upsert(tx, cart_lines).values(buyer=buyer, variant=kept.variant, added_at=kept.added_at, **values)
    tx.sql.execute(put.on_conflict_do_update(index_elements=["buyer", "variant"], set_=values))


def delete_cart_lines(tx: Tx, buyer: Id, variants: Collection[Id]) -> int:
    return tx.sql.execute(
        delete(cart_lines).where(cart_lines.c.buyer == buyer, cart_lines.c.variant.in_(variants))
    ).rowcount


def select_cart(db: Read, buyer: Id) -> list[Kept]:
    rows = db.sql.execute(
        select(cart_lines)
        .where(cart_lines.c.buyer == buyer)
        .order_by(cart_lines.c.added_at.desc(), cart_lines.c.variant)
    )
    return [Kept(row.variant, row.quantity, row.via, row.added_at) for row in rows]


# orders


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """An order as stored, without its lines."""

    id: Id
    shop: Id
    number: str
    buyer: Id
    state: OrderState
    total: Money
    address: Address | None
    note: str
    shipment: Shipment | None
    conversation: Id
    cause: Cause
    placed_at: Millis
    pay_by: Millis
    paid_at: Millis | None = None
    shipped_at: Millis | None = None
    confirm_by: Millis | None = None
    received_at: Millis | None = None
    settled_at: Millis | None = None
    closed_at: Millis | None = None
    refunded_at: Millis | None = None
    changed_at: Millis


def _order(row: Row[Any]) -> OrderRow:
    return OrderRow(
        id=row.id,
        shop=row.shop,
        number=row.number,
        buyer=row.buyer,
        state=row.state,
        total=Money(row.total, row.currency),
        address=_address(row.address) if row.address else None,
        note=row.note,
        shipment=None if row.carrier is None else Shipment(row.carrier, row.tracking),
        conversation=row.conversation,
        cause=_cause(row.cause),
        placed_at=row.placed_at,
        pay_by=row.pay_by,
        paid_at=row.paid_at,
        shipped_at=row.shipped_at,
        confirm_by=row.confirm_by,
        received_at=row.received_at,
        settled_at=row.settled_at,
        closed_at=row.closed_at,
        refunded_at=row.refunded_at,
        changed_at=row.changed_at,
    )


def insert_order(tx: Tx, order: OrderRow, lines: Sequence[OrderLine]) -> None:
    tx.sql.execute(
        insert(orders).values(
            id=order.id,
            shop=order.shop,
            number=order.number,
            buyer=order.buyer,
            state=order.state,
            total=order.total.amount,
            currency=order.total.currency,
            address=_json(order.address) if order.address else None,
            note=order.note,
            conversation=order.conversation,
            cause_kind=order.cause.kind,
            cause=_json(order.cause),
            placed_at=order.placed_at,
            pay_by=order.pay_by,
            changed_at=order.changed_at,
        )
    )
    tx.sql.execute(insert(order_lines), [_line_values(order, n, line) for n, line in enumerate(lines)])


def _line_values(order: OrderRow, n: int, line: OrderLine) -> dict[str, object]:
    return {
        "shop": order.shop,
        "order": order.id,
        "n": n,
        "variant": line.variant,
        "product": line.product,
        "title": line.title,
        "options": _json(line.options),
        "picture": line.picture,
        "price": line.price.amount,
        "currency": line.price.currency,
        "quantity": line.quantity,
        "via": line.via,
        "cause": _json(line.cause),
    }


def move_order(tx: Tx, seen: OrderRow, then: OrderRow) -> bool:
    """Write all that a step can change, if the order still is in the state that was seen."""
    times = (
        "paid_at",
        "shipped_at",
        "confirm_by",
        "received_at",
        "settled_at",
        "closed_at",
        "refunded_at",
        "changed_at",
    )
    values = {name: getattr(then, name) for name in ("state", *times)}
    if then.shipment is not None:
        values |= {"carrier": then.shipment.carrier, "tracking": then.shipment.tracking}
    unmoved = and_(orders.c.shop == seen.shop, orders.c.id == seen.id, orders.c.state == seen.state)
    return tx.sql.execute(update(orders).where(unmoved).values(**values)).rowcount == 1


def select_order(db: Read, id: Id) -> OrderRow | None:
    row = db.sql.execute(select(orders).where(orders.c.id == id)).first()
    return _order(row) if row else None


def select_lines(db: Read, of: Collection[OrderRow]) -> dict[Id, list[OrderLine]]:
    """The lines of these orders, by order, as they were placed."""
    key = and_(order_lines.c.shop.in_({o.shop for o in of}), order_lines.c.order.in_({o.id for o in of}))
    lines: dict[Id, list[OrderLine]] = {order.id: [] for order in of}
    for row in db.sql.execute(select(order_lines).where(key).order_by(order_lines.c.order, order_lines.c.n)):
        lines[row.order].append(_line(row))
    return lines


def _line(row: Row[Any]) -> OrderLine:
    return OrderLine(
        row.variant,
        row.product,
        row.title,
        msgspec.json.decode(row.options, type=list[str]),
        row.picture,
        Money(row.price, row.currency),
        row.quantity,
        row.via,
        _cause(row.cause),
    )


def _newest(query: Select[Any], *, states: Sequence[OrderState], before: Id | None, limit: int) -> Select[Any]:
    if states:
        query = query.where(orders.c.state.in_(states))
    if before is not None:
        query = query.where(orders.c.id < before)
    return query.order_by(orders.c.id.desc()).limit(limit)


def select_purchases(
    db: Read, buyer: Id, *, states: Sequence[OrderState] = (), before: Id | None = None, limit: int
) -> list[OrderRow]:
    """Someone's orders, newest first."""
    query = select(orders).where(orders.c.buyer == buyer)
    return list(map(_order, db.sql.execute(_newest(query, states=states, before=before, limit=limit))))


def select_sales(
    db: Read,
    shop: Id,
    *,
    states: Sequence[OrderState] = (),
    buyer: Id | None = None,
    number: str | None = None,
    buyers: Collection[Id] = (),
    before: Id | None = None,
    limit: int,
) -> list[OrderRow]:
    """A shop's orders, newest first; `number` and `buyers` are what was searched for, either of which will do."""
    query = select(orders).where(orders.c.shop == shop)
    if buyer is not None:
        query = query.where(orders.c.buyer == buyer)
    if number is not None:
        query = query.where(or_(orders.c.number.startswith(number, autoescape=True), orders.c.buyer.in_(buyers)))
    return list(map(_order, db.sql.execute(_newest(query, states=states, before=before, limit=limit))))


# sums


def select_held(db: Read, buyers: Collection[Id]) -> list[Held]:
    """What these buyers have paid for orders that are not settled, by currency."""
    rows = db.sql.execute(
        select(orders.c.buyer, orders.c.currency, func.sum(orders.c.total))
        .where(orders.c.buyer.in_(buyers), orders.c.state.in_(HELD_STATES))
        .group_by(orders.c.buyer, orders.c.currency)
    )
    return [Held(buyer, currency, int(amount)) for buyer, currency, amount in rows]


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


# links


def insert_link(tx: Tx, link: Link) -> None:
    tx.sql.execute(insert(links).values(code=link.code, product=link.product, shared_by=link.shared_by, made_at=tx.now))


def select_link(db: Read, code: str) -> Link | None:
    row = db.sql.execute(select(links).where(links.c.code == code)).first()
    return Link(row.code, row.product, row.shared_by) if row else None


def select_link_of(db: Read, *, shared_by: Id, product: Id) -> Link | None:
    mine = and_(links.c.shared_by == shared_by, links.c.product == product)
    row = db.sql.execute(select(links).where(mine).order_by(links.c.made_at, links.c.code)).first()
    return Link(row.code, row.product, row.shared_by) if row else None
