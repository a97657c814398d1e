"""Carts, orders, links: schema and SQL. Orders lie with their shop (stock and escrow are there too), carts with their buyer."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Select, and_, delete, insert, or_, select

from dealings.domain.identity.api import Address
from dealings.domain.orders.model import Link, OrderLine, OrderState, Shipment
from dealings.domain.wallet.api import Cause
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.kernel.money import Money
from dealings.platform.backup.derived import derived
from dealings.platform.db.schema import (
    ID,
    LOCAL,
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
from dealings.platform.db.sets import rows_for, write_rows
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
    Index("orders_by_shop", "shop", "state", "id"),
    Index("orders_by_number", "shop", "number", unique=True),
    sqlite_with_rowid=False,
)
purchases = Table(
    "purchases",
    METADATA,
    Column("buyer", ID, primary_key=True),
    Column("state", String(10), primary_key=True),
    Column("id", ID, primary_key=True),
    Column("shop", ID, nullable=False),
    Column("total", MINOR_UNITS, nullable=False),
    Column("currency", String(3), nullable=False),
    info=LOCAL,
    sqlite_with_rowid=False,
)
"""The same orders by buyer: “my orders”, and what someone's wallet holds, ask one shard. Made from the orders, so no backup has it."""
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
_options = msgspec.json.Decoder(list[str]).decode
_address = msgspec.json.Decoder(Address).decode


_encode = msgspec.json.Encoder().encode


def _json(value: object) -> str:
    return _encode(value).decode()


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


class OrderRow(msgspec.Struct, frozen=True, kw_only=True):
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


TIMES = (
    "placed_at, pay_by, paid_at, shipped_at, confirm_by, received_at, settled_at, closed_at, refunded_at, changed_at"
)
ORDER_COLUMNS = (
    f"id, shop, number, buyer, state, total, currency, address, note, carrier, tracking, conversation, cause, {TIMES}"
)
LINE_COLUMNS = 'shop, "order", n, variant, product, title, options, picture, price, currency, quantity, via, cause'


def _of(table: str, columns: str) -> str:
    return ", ".join(f"{table}.{column}" for column in columns.split(", "))


SELECT_ORDERS = {
    "sqlite": f"SELECT {_of('o', ORDER_COLUMNS)} FROM json_each(?) j CROSS JOIN orders o ON o.id = j.value->>0",
    "postgresql": f"SELECT {_of('o', ORDER_COLUMNS)} FROM unnest(%s::text[]) AS j(id) JOIN orders o ON o.id = j.id",
}
SELECT_LISTED = {
    "sqlite": f"SELECT {_of('o', ORDER_COLUMNS)} FROM json_each(?) j"
    " CROSS JOIN orders o ON o.shop = j.value->>0 AND o.id = j.value->>1",
    "postgresql": f"SELECT {_of('o', ORDER_COLUMNS)} FROM unnest(%s::text[], %s::text[]) AS j(shop, id)"
    " JOIN orders o ON o.shop = j.shop AND o.id = j.id",
}
SELECT_LINES = {
    "sqlite": f"SELECT {_of('l', LINE_COLUMNS)} FROM json_each(?) j"
    ' CROSS JOIN order_lines l ON l.shop = j.value->>0 AND l."order" = j.value->>1',
    "postgresql": f"SELECT {_of('l', LINE_COLUMNS)} FROM unnest(%s::text[], %s::text[]) AS j(shop, id)"
    ' JOIN order_lines l ON l.shop = j.shop AND l."order" = j.id',
}
INSERT_ORDERS = {
    "sqlite": f"INSERT INTO orders ({ORDER_COLUMNS}, cause_kind) VALUES ({', '.join('?' * 24)})",
    "postgresql": f"INSERT INTO orders ({ORDER_COLUMNS}, cause_kind) SELECT * FROM unnest("
    + ", ".join(["%s::text[]"] * 5 + ["%s::bigint[]"] + ["%s::text[]"] * 7 + ["%s::bigint[]"] * 10 + ["%s::text[]"])
    + ")",
}
INSERT_LINES = {
    "sqlite": f"INSERT INTO order_lines ({LINE_COLUMNS}) VALUES ({', '.join('?' * 13)})",
    "postgresql": f"INSERT INTO order_lines ({LINE_COLUMNS}) SELECT * FROM unnest("
    "%s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],"
    " %s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::text[])",
}
INSERT_PURCHASES = {
    "sqlite": "INSERT INTO purchases (buyer, state, id, shop, total, currency) VALUES (?, ?, ?, ?, ?, ?)",
    "postgresql": "INSERT INTO purchases (buyer, state, id, shop, total, currency) SELECT * FROM"
    " unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[])",
}
MOVE_PURCHASES = {
    "sqlite": "UPDATE purchases SET state = ? WHERE buyer = ? AND state = ? AND id = ?",
    "postgresql": "UPDATE purchases p SET state = j.state FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])"
    " AS j(state, buyer, seen, id) WHERE p.buyer = j.buyer AND p.state = j.seen AND p.id = j.id",
}
MOVED = "state, carrier, tracking, paid_at, shipped_at, confirm_by, received_at, settled_at, closed_at, refunded_at, changed_at"
MOVE_ORDERS = {
    "sqlite": f"UPDATE orders SET {', '.join(f'{column} = ?' for column in MOVED.split(', '))}"
    " WHERE shop = ? AND id = ? AND state = ?",
    "postgresql": f"UPDATE orders o SET {', '.join(f'{column} = j.{column}' for column in MOVED.split(', '))}"
    f" FROM (SELECT * FROM unnest({', '.join(['%s::text[]'] * 3 + ['%s::bigint[]'] * 8 + ['%s::text[]'] * 3)})"
    f" AS u ({MOVED}, shop, id, seen) ORDER BY shop, id) j WHERE o.shop = j.shop AND o.id = j.id AND o.state = j.seen",
}


def _order(row: Sequence[Any]) -> OrderRow:
    id, shop, number, buyer, state, total, currency, address, note, carrier, tracking, thread, cause, *times = row
    placed, pay_by, paid, shipped, confirm_by, received, settled, closed, refunded, changed = times
    return OrderRow(
        id=id,
        shop=shop,
        number=number,
        buyer=buyer,
        state=state,
        total=Money(total, currency),
        address=_address(address) if address else None,
        note=note,
        shipment=None if carrier is None else Shipment(carrier, tracking),
        conversation=thread,
        cause=_cause(cause),
        placed_at=placed,
        pay_by=pay_by,
        paid_at=paid,
        shipped_at=shipped,
        confirm_by=confirm_by,
        received_at=received,
        settled_at=settled,
        closed_at=closed,
        refunded_at=refunded,
        changed_at=changed,
    )


def _values(o: OrderRow) -> tuple[object, ...]:
    address, total = _json(o.address) if o.address else None, o.total
    carrier, tracking = (o.shipment.carrier, o.shipment.tracking) if o.shipment else (None, None)
    begun = (o.id, o.shop, o.number, o.buyer, o.state, total.amount, total.currency, address, o.note, carrier, tracking)
    times = (o.placed_at, o.pay_by, o.paid_at, o.shipped_at, o.confirm_by, o.received_at, o.settled_at, o.closed_at)
    return (*begun, o.conversation, _json(o.cause), *times, o.refunded_at, o.changed_at, o.cause.kind)


def insert_orders(tx: Tx, placed: Sequence[tuple[OrderRow, Sequence[OrderLine]]]) -> None:
    write_rows(tx, INSERT_ORDERS, [_values(order) for order, _ in placed])
    listed = [(o.buyer, o.state, o.id, o.shop, o.total.amount, o.total.currency) for o, _ in placed]
    write_rows(tx, INSERT_PURCHASES, listed)
    write_rows(tx, INSERT_LINES, [_line_values(o, n, line) for o, lines in placed for n, line in enumerate(lines)])


def _line_values(order: OrderRow, n: int, line: OrderLine) -> tuple[object, ...]:
    what = (line.variant, line.product, line.title, _json(line.options), line.picture)
    price = line.price
    return (order.shop, order.id, n, *what, price.amount, price.currency, line.quantity, line.via, _json(line.cause))


class Move(NamedTuple):
    """A step of an order: as it was seen, and as it is after it."""

    seen: OrderRow
    then: OrderRow


def move_orders(tx: Tx, moves: Sequence[Move]) -> bool:
    """Write all that a step can change, of each that still is in the state that was seen. Were all of them?"""
    if write_rows(tx, MOVE_ORDERS, [_moved(seen, then) for seen, then in moves]) < len(moves):
        return False
    listed = [(then.state, seen.buyer, seen.state, seen.id) for seen, then in moves]
    assert write_rows(tx, MOVE_PURCHASES, listed) == len(moves), "every order is listed once"
    return True


def _moved(seen: OrderRow, o: OrderRow) -> tuple[object, ...]:
    carrier, tracking = (o.shipment.carrier, o.shipment.tracking) if o.shipment else (None, None)
    times = (o.paid_at, o.shipped_at, o.confirm_by, o.received_at, o.settled_at, o.closed_at, o.refunded_at)
    return (o.state, carrier, tracking, *times, o.changed_at, seen.shop, seen.id, seen.state)


def select_orders(db: Read, ids: Iterable[Id]) -> dict[Id, OrderRow]:
    return {row[0]: _order(row) for row in rows_for(db, SELECT_ORDERS, [(id,) for id in ids])}


def select_order(db: Read, id: Id) -> OrderRow | None:
    return select_orders(db, [id]).get(id)


def select_lines(db: Read, of: Collection[OrderRow]) -> dict[Id, list[OrderLine]]:
    """The lines of these orders, by order, as they were placed."""
    lines: dict[Id, list[OrderLine]] = {order.id: [] for order in of}
    for row in sorted(rows_for(db, SELECT_LINES, [(o.shop, o.id) for o in of]), key=itemgetter(1, 2)):
        lines[row[1]].append(_line(row))
    return lines


def _line(row: Sequence[Any]) -> OrderLine:
    _, _, _, variant, product, title, options, picture, price, currency, quantity, via, cause = row
    return OrderLine(
        variant, product, title, _options(options), picture, Money(price, currency), quantity, via, _cause(cause)
    )


@derived
def list_purchases_again(tx: Tx) -> None:
    """After a restore: the orders say it all."""
    columns = ("buyer", "state", "id", "shop", "total", "currency")
    tx.sql.execute(purchases.insert().from_select(columns, select(*(orders.c[column] for column in columns))))


def _newest(
    query: Select[Any], of: Table, *, states: Sequence[OrderState], before: Id | None, limit: int
) -> Select[Any]:
    if states:
        query = query.where(of.c.state.in_(states))
    if before is not None:
        query = query.where(of.c.id < before)
    return query.order_by(of.c.id.desc()).limit(limit)


def _fetched(db: Read, listed: Select[Any]) -> list[OrderRow]:
    """The orders that a query lists by (shop, id), in its order."""
    keys = [(shop, id) for shop, id in db.sql.execute(listed)]
    found = {row[0]: _order(row) for row in rows_for(db, SELECT_LISTED, keys)}
    return [found[id] for _, id in keys]


def select_purchases(
    db: Read,
    buyer: Id,
    *,
    shop: Id | None = None,
    states: Sequence[OrderState] = (),
    before: Id | None = None,
    limit: int,
) -> list[OrderRow]:
    """Someone's orders, newest first; of one shop, if it is named."""
    listed = select(purchases.c.shop, purchases.c.id).where(purchases.c.buyer == buyer)
    if shop is not None:
        listed = listed.where(purchases.c.shop == shop)
    return _fetched(db, _newest(listed, purchases, states=states, before=before, limit=limit))


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
    listed = select(orders.c.shop, orders.c.id).where(orders.c.shop == shop)
    if buyer is not None:
        listed = listed.where(orders.c.buyer == buyer)
    if number is not None:
        listed = listed.where(or_(orders.c.number.startswith(number, autoescape=True), orders.c.buyer.in_(buyers)))
    return _fetched(db, _newest(listed, orders, states=states, before=before, limit=limit))


# links


def insert_link(tx: Tx, link: Link) -> None:
    tx.sql.execute(insert(links).values(code=link.code, product=link.product, shared_by=link.shared_by, made_at=tx.now))


SELECT_LINKS = {
    "sqlite": "SELECT l.code, l.product, l.shared_by FROM json_each(?) j CROSS JOIN links l ON l.code = j.value->>0",
    "postgresql": "SELECT l.code, l.product, l.shared_by FROM unnest(%s::text[]) AS j(code) JOIN links l USING (code)",
}


def select_links(db: Read, codes: Iterable[str]) -> dict[str, Link]:
    return {row[0]: Link(*row) for row in rows_for(db, SELECT_LINKS, [(code,) for code in codes])}


def select_link(db: Read, code: str) -> Link | None:
    return select_links(db, [code]).get(code)


def select_link_of(db: Read, *, shared_by: Id, product: Id) -> Link | None:
    mine = and_(links.c.shared_by == shared_by, links.c.product == product)
    row = db.sql.execute(select(links).where(mine).order_by(links.c.made_at, links.c.code)).first()
    return Link(row.code, row.product, row.shared_by) if row else None
