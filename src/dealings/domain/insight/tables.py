"""Facts of insight: schema and SQL. All of a shop lies together, clustered in the order in which a funnel counts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Boolean, ColumnElement, Select, and_, case, distinct, func, or_, select

from dealings.domain.insight.model import Asker, Fact, Interest, Kind, MoneySum, Opening, SaleRow
from dealings.domain.wallet.api import Cause
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

facts = Table(
    "insight_facts",
    METADATA,
    Column("shop", ID, primary_key=True),
    Column("account", ID, primary_key=True),
    Column("product", ID, primary_key=True),
    Column("mark", BigInteger, primary_key=True, autoincrement=False),
    Column("source", String(80), primary_key=True),
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("at", MILLIS, nullable=False),
    Column("seq", BigInteger),
    sqlite_with_rowid=False,
)
openings = Table(
    "insight_openings",
    METADATA,
    Column("shop", ID, primary_key=True),
    Column("account", ID, primary_key=True),
    Column("product", ID, primary_key=True),
    Column("at", MILLIS, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("source", String(80), nullable=False),
    Column("answered", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
sales = Table(
    "insight_sales",
    METADATA,
    Column("shop", ID, primary_key=True),
    Column("order", ID, primary_key=True),
    Column("number", String(16), nullable=False),
    Column("buyer", ID, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("cause", Text, nullable=False),
    Column("total", MINOR_UNITS, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("placed_at", MILLIS, nullable=False),
    Column("paid_at", MILLIS),
    Column("shipped_at", MILLIS),
    Column("received_at", MILLIS),
    Column("settled_at", MILLIS),
    Column("closed_at", MILLIS),
    Column("refunded_at", MILLIS),
    Index("insight_sales_paid", "shop", "paid_at", "order"),
    sqlite_with_rowid=False,
)
TIMES = ("paid_at", "shipped_at", "received_at", "settled_at", "closed_at", "refunded_at")

_cause = msgspec.json.Decoder(Cause).decode


# what was learnt


def add_facts(tx: Tx, found: Iterable[Fact]) -> set[Fact]:
    """Write what is not known yet, of two of the same key the first; what was written is the answer.

    In the order of the key, so that two lanes wait for each other but never in a ring.
    """
    rows = [fact._asdict() for fact in sorted(found, key=lambda fact: fact[:6])]
    if not rows:
        return set()
    written = tx.sql.execute(upsert(tx, facts).on_conflict_do_nothing().returning(*facts.c), rows)
    return {Fact(*row) for row in written}


def select_interest(db: Read, askers: Collection[Asker]) -> Interest:
    """What these people have opened in these shops."""
    found: dict[Asker, dict[Id, Opening]] = {asker: {} for asker in askers}
    # Not as pairs: SQLite seeks both columns of two lists, but only the first of a list of pairs.
    shops, accounts = {asker.shop for asker in askers}, {asker.account for asker in askers}
    mine = and_(openings.c.shop.in_(shops), openings.c.account.in_(accounts))
    for row in db.sql.execute(select(openings).where(mine)) if askers else []:
        asker = Asker(row.shop, row.account)
        if asker in found:
            found[asker][row.product] = Opening(row.at, row.kind, row.source, row.answered)
    return Interest(found)


def put_interest(tx: Tx, interest: Interest) -> None:
    """Keep what has changed."""
    rows = [_opening_row(interest, asker, product) for asker, product in sorted(interest.changed)]
    if rows:
        put = upsert(tx, openings)
        values = {name: put.excluded[name] for name in ("at", "kind", "source", "answered")}
        tx.sql.execute(put.on_conflict_do_update(index_elements=["shop", "account", "product"], set_=values), rows)


def _opening_row(interest: Interest, asker: Asker, product: Id) -> dict[str, object]:
    opening = interest.openings[asker][product]
    return {
        "shop": asker.shop,
        "account": asker.account,
        "product": product,
        "at": opening.at,
        "kind": opening.kind,
        "source": opening.source,
        "answered": opening.answered,
    }


def put_sales(tx: Tx, found: Iterable[SaleRow]) -> None:
    """Add what is new about these orders; a time that is known stays."""
    rows = [_sale_values(sale) for sale in sorted(found, key=lambda sale: (sale.shop, sale.order))]
    if rows:
        put = upsert(tx, sales)
        values = {name: func.coalesce(sales.c[name], put.excluded[name]) for name in TIMES}
        tx.sql.execute(put.on_conflict_do_update(index_elements=["shop", "order"], set_=values), rows)


def _sale_values(sale: SaleRow) -> dict[str, object]:
    return {
        "shop": sale.shop,
        "order": sale.order,
        "number": sale.number,
        "buyer": sale.buyer,
        "kind": sale.cause.kind,
        "cause": msgspec.json.encode(sale.cause).decode(),
        "total": sale.total.amount,
        "currency": sale.total.currency,
        "placed_at": sale.placed_at,
        **{name: getattr(sale, name) for name in TIMES},
    }


# figures


def _within(column: Column[Any], since: Millis, until: Millis) -> ColumnElement[bool]:
    return and_(column >= since, column < until)


def footprints(shop: Id | None, *, since: Millis, until: Millis) -> Select[tuple[Any, int]]:
    """Marks summed by pair, in the order of the primary key so that nothing is sorted, then pairs counted by sum."""
    pair = (facts.c.shop, facts.c.account, facts.c.product)
    each = select(func.sum(distinct(facts.c.mark)).label("footprint")).where(_within(facts.c.at, since, until))
    each = each if shop is None else each.where(facts.c.shop == shop)
    inner = each.group_by(*pair).subquery()
    return select(inner.c.footprint, func.count()).group_by(inner.c.footprint)


def select_footprints(db: Read, shop: Id | None, *, since: Millis, until: Millis) -> dict[int, int]:
    """How many pairs of person and product there are by the sum of their marks. `shop` None: of all shops."""
    counted = db.sql.execute(footprints(shop, since=since, until=until))
    return {int(footprint): int(pairs) for footprint, pairs in counted}


def select_sums(db: Read, shop: Id | None, *, since: Millis, until: Millis) -> list[MoneySum]:
    """What was paid, confirmed and refunded in a period, by cause and currency."""
    sums = [
        func.sum(case((_within(column, since, until), sales.c.total), else_=0))
        for column in (sales.c.paid_at, sales.c.received_at, sales.c.refunded_at)
    ]
    query = select(sales.c.kind, sales.c.currency, *sums).group_by(sales.c.kind, sales.c.currency)
    rows = db.sql.execute(query if shop is None else query.where(sales.c.shop == shop))
    return [MoneySum(kind, currency, *map(int, amounts)) for kind, currency, *amounts in rows]


@dataclass(frozen=True, slots=True)
class Before:
    """Where a page of sales goes on."""

    paid_at: Millis
    order: Id


def select_sales(
    db: Read, shop: Id, *, kind: Kind | None, since: Millis, until: Millis, before: Before | None, limit: int
) -> list[SaleRow]:
    """Orders paid in a period, newest first."""
    query: Select[Any] = select(sales).where(sales.c.shop == shop, _within(sales.c.paid_at, since, until))
    if kind is not None:
        query = query.where(sales.c.kind == kind)
    if before is not None:
        same = and_(sales.c.paid_at == before.paid_at, sales.c.order < before.order)
        query = query.where(or_(sales.c.paid_at < before.paid_at, same))
    newest = query.order_by(sales.c.paid_at.desc(), sales.c.order.desc()).limit(limit)
    return [_sale(row) for row in db.sql.execute(newest)]


def _sale(row: Any) -> SaleRow:
    return SaleRow(
        row.shop,
        row.order,
        row.number,
        row.buyer,
        _cause(row.cause),
        Money(row.total, row.currency),
        row.placed_at,
        row.paid_at,
        row.shipped_at,
        row.received_at,
        row.settled_at,
        row.closed_at,
        row.refunded_at,
    )


def select_known_paid(db: Read, orders: Mapping[Id, Id]) -> set[Id]:
    """Of these orders (with the shop of each), those whose payment has been learnt."""
    key = and_(sales.c.shop.in_(set(orders.values())), sales.c.order.in_(orders), sales.c.paid_at.is_not(None))
    return {row.order for row in db.sql.execute(select(sales.c.order).where(key))}


def select_facts(db: Read, *, shop: Id, account: Id, products: Sequence[Id], until: Millis) -> list[Fact]:
    """The steps of one person towards these products, up to a moment."""
    mine = and_(facts.c.shop == shop, facts.c.account == account, facts.c.product.in_(products), facts.c.at <= until)
    return [Fact(*row) for row in db.sql.execute(select(facts).where(mine).order_by(facts.c.at, facts.c.mark))]
