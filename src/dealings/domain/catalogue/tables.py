"""Products, variants and pictures as rows, all distributed by shop; what can be had of them, and what is written.

Stock is two counts of a variant: what is on hand, and what of it is reserved for orders. Both
change by conditional updates, and the table itself refuses to promise more than there is (P5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Integer,
    RowMapping,
    Select,
    UniqueConstraint,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from dealings.domain.catalogue.model import State
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.platform.db.schema import ID, METADATA, MILLIS, MINOR_UNITS, Column, Index, String, Table, Text
from dealings.platform.db.sets import Statement, rows_for, write_rows
from dealings.platform.db.tx import Read, Tx

products = Table(
    "products",
    METADATA,
    Column("shop", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("handle", String(255), nullable=False),
    Column("title", String(255), nullable=False),
    Column("html", Text, nullable=False),
    Column("vendor", String(255), nullable=False),
    Column("type", String(255), nullable=False),
    Column("tags", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("changed_at", MILLIS, nullable=False),
    UniqueConstraint("shop", "handle"),
    Index("products_by_id", "id"),
    Index("products_by_type", "state", "type", "id"),
)

variants = Table(
    "variants",
    METADATA,
    Column("shop", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("product", ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("options", Text, nullable=False),
    Column("sku", String(255)),
    Column("price", MINOR_UNITS, nullable=False),
    Column("compare_at", MINOR_UNITS),
    Column("on_hand", MINOR_UNITS, nullable=False),
    Column("reserved", MINOR_UNITS, nullable=False),
    Column("picture", ID),
    UniqueConstraint("shop", "sku"),  # none is NULL, of which there may be many
    ForeignKeyConstraint(["shop", "product"], ["products.shop", "products.id"]),
    CheckConstraint("price >= 0", name="variant_price"),
    CheckConstraint("reserved >= 0 AND on_hand >= reserved", name="variant_stock"),
    Index("variants_by_id", "id"),
    Index("variants_by_product", "product"),
)

pictures = Table(
    "pictures",
    METADATA,
    Column("shop", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("product", ID, nullable=False),
    Column("position", Integer, nullable=False),
    Column("alt", String(512), nullable=False),
    Column("source", Text, nullable=False),
    Column("file", String(80)),
    Column("tries", Integer, nullable=False, default=0),
    Column("try_at", MILLIS),
    Column("problem", String(200), nullable=False, default=""),
    ForeignKeyConstraint(["shop", "product"], ["products.shop", "products.id"]),
    Index("pictures_by_product", "product"),
)
"""`source` is the address it comes from, "" for an uploaded one. Until it has been fetched `file` is NULL
and `try_at` says when to try; with neither it could not be had, and `problem` says why."""
Index(
    "pictures_to_fetch",
    pictures.c.try_at,
    sqlite_where=pictures.c.try_at.is_not(None),
    postgresql_where=pictures.c.try_at.is_not(None),
)

AT_ONCE: Final = 500
"""Ids in one statement: well under what both stores take (32,766 and 65,535 parameters)."""


@dataclass(frozen=True, slots=True)
class ProductRow:
    shop: Id
    id: Id
    handle: str
    title: str
    html: str
    vendor: str
    type: str
    tags: tuple[str, ...]
    options: tuple[str, ...]
    state: State
    currency: str
    changed_at: Millis


@dataclass(frozen=True, slots=True)
class VariantRow:
    shop: Id
    id: Id
    product: Id
    position: int
    options: tuple[str, ...]
    sku: str | None
    price: int
    compare_at: int | None
    on_hand: int
    reserved: int
    picture: Id | None

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class PictureRow:
    shop: Id
    id: Id
    product: Id
    position: int
    alt: str
    source: str
    file: str | None
    try_at: Millis | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A product as it is stored, its variants and pictures in their order."""

    product: ProductRow
    variants: tuple[VariantRow, ...]
    pictures: tuple[PictureRow, ...]


Row = ProductRow | VariantRow | PictureRow
Owned = TypeVar("Owned", VariantRow, PictureRow)
_TABLES: Final[dict[type[Row], Table]] = {ProductRow: products, VariantRow: variants, PictureRow: pictures}
_LISTS: Final = ("tags", "options")


def _columns(kind: type[Row]) -> list[Any]:
    table = _TABLES[kind]
    return [table.c[name] for name in kind.__slots__]


def _values(row: Row) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in type(row).__slots__}
    return {name: msgspec.json.encode(v).decode() if name in _LISTS else v for name, v in values.items()}


def _strings(text: str) -> tuple[str, ...]:
    return msgspec.json.decode(text, type=tuple[str, ...])


def _with_lists(row: RowMapping) -> dict[str, Any]:
    return {name: _strings(value) if name in _LISTS else value for name, value in row.items()}


# reading


def load(db: Read, ids: Collection[Id], *, locked: bool = False) -> dict[Id, Kept]:
    """These products with all they have. `locked`: nobody else changes them before this commit."""
    kept: dict[Id, Kept] = {}
    for some in _portions(ids):
        kept |= _load(db, some, locked=locked)
    return kept


def _load(db: Read, ids: Sequence[Id], *, locked: bool) -> dict[Id, Kept]:
    named = select(*_columns(ProductRow)).where(products.c.id.in_(ids)).order_by(products.c.id)
    found = [ProductRow(**_with_lists(row)) for row in _fetch(db, named, locked)]
    mine = select(*_columns(VariantRow)).where(variants.c.product.in_(ids)).order_by(variants.c.id)
    rows = [VariantRow(**_with_lists(row)) for row in _fetch(db, mine, locked)]
    rows.sort(key=lambda row: row.position)
    shown = select(*_columns(PictureRow)).where(pictures.c.product.in_(ids))
    shots = [PictureRow(**row) for row in _fetch(db, shown.order_by(pictures.c.position, pictures.c.id), False)]
    sorts, looks = _grouped(rows), _grouped(shots)
    return {p.id: Kept(p, tuple(sorts.get(p.id, ())), tuple(looks.get(p.id, ()))) for p in found}


def _fetch(db: Read, query: Select[Any], locked: bool) -> Sequence[RowMapping]:
    # SQLite has one writer and no row locks; Core leaves FOR UPDATE out there.
    return db.sql.execute(query.with_for_update() if locked else query).mappings().all()


def _grouped(rows: Iterable[Owned]) -> dict[Id, list[Owned]]:
    grouped: dict[Id, list[Owned]] = {}
    for row in rows:
        grouped.setdefault(row.product, []).append(row)
    return grouped


def _portions(ids: Iterable[str]) -> Iterator[Sequence[str]]:
    wanted = list(dict.fromkeys(ids))
    return (wanted[n : n + AT_ONCE] for n in range(0, len(wanted), AT_ONCE))


def ids_by_handle(db: Read, *, shop: Id, handles: Iterable[str]) -> dict[str, Id]:
    found: dict[str, Id] = {}
    for some in _portions(handles):
        named = (products.c.shop == shop) & products.c.handle.in_(some)
        found |= {row.handle: row.id for row in db.sql.execute(select(products.c.handle, products.c.id).where(named))}
    return found


def sku_owners(db: Read, *, shop: Id, skus: Iterable[str]) -> dict[str, Id]:
    """Which variant has each of these SKUs now."""
    found: dict[str, Id] = {}
    for some in _portions(skus):
        named = (variants.c.shop == shop) & variants.c.sku.in_(some)
        found |= {row.sku: row.id for row in db.sql.execute(select(variants.c.sku, variants.c.id).where(named))}
    return found


def product_of(db: Read, variant: Id) -> Id | None:
    return db.sql.execute(select(variants.c.product).where(variants.c.id == variant)).scalar_one_or_none()


def every_product(db: Read) -> Iterator[list[Kept]]:
    """All products of all shops, a portion at a time."""
    last = ""
    while ids := [
        row.id
        for row in db.sql.execute(
            select(products.c.id).where(products.c.id > last).order_by(products.c.id).limit(AT_ONCE)
        )
    ]:
        yield list(load(db, ids).values())
        last = ids[-1]


def list_ids(db: Read, *, shop: Id, state: State | None, after: Id | None, limit: int) -> list[Id]:
    """The newest first, from after an id on."""
    query = select(products.c.id).where(products.c.shop == shop)
    if state is not None:
        query = query.where(products.c.state == state)
    if after is not None:
        query = query.where(products.c.id < after)
    return list(db.sql.execute(query.order_by(products.c.id.desc()).limit(limit)).scalars())


@dataclass(frozen=True, slots=True)
class Outline:
    """What a list shows of a product."""

    id: Id
    shop: Id
    title: str
    state: State
    currency: str
    lowest: int
    highest: int
    available: int


OUTLINES = {
    # `+` keeps SQLite from reading all of a shop's variants: the index by product it is.
    "sqlite": "SELECT p.id, p.shop, p.title, p.state, p.currency, min(v.price), max(v.price), sum(v.on_hand - v.reserved)"
    " FROM json_each(?) j CROSS JOIN products p ON p.id = j.value->>0"
    " CROSS JOIN variants v ON v.product = p.id AND +v.shop = p.shop GROUP BY p.shop, p.id",
    "postgresql": "SELECT p.id, p.shop, p.title, p.state, p.currency, min(v.price), max(v.price),"
    " sum(v.on_hand - v.reserved)::bigint FROM unnest(%s::text[]) AS j(id) JOIN products p ON p.id = j.id"
    " JOIN variants v ON v.product = p.id AND v.shop = p.shop GROUP BY p.shop, p.id",
}
FIRST_FILES = {
    "sqlite": "SELECT s.product, s.file FROM json_each(?) j CROSS JOIN pictures s ON s.product = j.value->>0"
    " WHERE s.file IS NOT NULL ORDER BY s.position DESC, s.id DESC",
    "postgresql": "SELECT s.product, s.file FROM unnest(%s::text[]) AS j(product) JOIN pictures s USING (product)"
    " WHERE s.file IS NOT NULL ORDER BY s.position DESC, s.id DESC",
}
OFFERS = {
    "sqlite": "SELECT v.id, v.product, v.shop, p.title, v.options, s.file, v.price, p.currency, v.on_hand - v.reserved,"
    " p.state FROM json_each(?) j CROSS JOIN variants v ON v.id = j.value->>0"
    " CROSS JOIN products p ON p.shop = v.shop AND p.id = v.product"
    " LEFT JOIN pictures s ON s.shop = v.shop AND s.id = v.picture",
    "postgresql": "SELECT v.id, v.product, v.shop, p.title, v.options, s.file, v.price, p.currency,"
    " v.on_hand - v.reserved, p.state FROM unnest(%s::text[]) AS j(id) JOIN variants v ON v.id = j.id"
    " JOIN products p ON p.shop = v.shop AND p.id = v.product"
    " LEFT JOIN pictures s ON s.shop = v.shop AND s.id = v.picture",
}


def _one_each(ids: Iterable[Id]) -> list[tuple[Id]]:
    return [(id,) for id in dict.fromkeys(ids)]


def outlines(db: Read, ids: Iterable[Id]) -> dict[Id, Outline]:
    rows = rows_for(db, OUTLINES, _one_each(ids))
    return {row[0]: Outline(*row) for row in rows}


def first_files(db: Read, ids: Iterable[Id]) -> dict[Id, str]:
    """The first picture of each product that has one to show."""
    return dict(rows_for(db, FIRST_FILES, _one_each(ids)))


class OfferRow(NamedTuple):
    variant: Id
    product: Id
    shop: Id
    title: str
    options: str
    """A JSON list."""
    file: str | None
    price: int
    currency: str
    available: int
    state: State


def offers(db: Read, ids: Iterable[Id]) -> list[OfferRow]:
    """These variants with what of their product a sale needs; `file` is the variant's own picture."""
    return [OfferRow(*row) for row in rows_for(db, OFFERS, _one_each(ids))]


# writing


def insert_rows(tx: Tx, rows: Sequence[Row]) -> None:
    if rows:
        tx.sql.execute(insert(_TABLES[type(rows[0])]), [_values(row) for row in rows])


def update_rows(tx: Tx, rows: Sequence[Row]) -> None:
    """Write all columns of these; load them `locked` first."""
    if not rows:
        return
    table = _TABLES[type(rows[0])]
    keys = (table.c.shop == bindparam("its_shop"), table.c.id == bindparam("its_id"))
    changes = [_values(row) for row in rows]
    keyed = [{"its_shop": row.pop("shop"), "its_id": row.pop("id"), **row} for row in changes]
    tx.sql.execute(update(table).where(*keys).values({name: bindparam(name) for name in changes[0]}), keyed)


def delete_rows(tx: Tx, rows: Sequence[Row]) -> None:
    if rows:
        table = _TABLES[type(rows[0])]
        keys = (table.c.shop == bindparam("its_shop"), table.c.id == bindparam("its_id"))
        tx.sql.execute(delete(table).where(*keys), [{"its_shop": row.shop, "its_id": row.id} for row in rows])


def free_skus(tx: Tx, rows: Sequence[VariantRow]) -> None:
    """Before SKUs change hands: no moment has two variants with the same one."""
    update_rows(tx, [replace(row, sku=None) for row in rows if row.sku])


# stock (P5)


@dataclass(frozen=True, slots=True)
class Stock:
    """Where a variant is, and what can be had of it."""

    shop: Id
    product: Id
    available: int


STOCK = {
    "sqlite": "SELECT v.id, v.shop, v.product, v.on_hand - v.reserved"
    " FROM json_each(?) j CROSS JOIN variants v ON v.id = j.value->>0",
    "postgresql": "SELECT v.id, v.shop, v.product, v.on_hand - v.reserved"
    " FROM unnest(%s::text[]) AS j(id) JOIN variants v ON v.id = j.id",
}


def stock(db: Read, ids: Iterable[Id]) -> dict[Id, Stock]:
    return {row[0]: Stock(*row[1:]) for row in rows_for(db, STOCK, _one_each(ids))}


def _moving(change: str, guard: str) -> dict[str, str]:
    """A statement that changes the stock of many variants where the guard lets it, in the order of their keys, so that
    lanes seldom wait for each other in a ring."""
    return {
        "sqlite": f"UPDATE variants AS v SET {change.replace('d.n', '?1')}"
        f" WHERE v.id = ?2 AND v.shop = ?3 AND {guard.replace('d.n', '?1')}",
        "postgresql": f"UPDATE variants v SET {change} FROM (SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[])"
        f" AS u (n, id, shop) ORDER BY shop, id) d WHERE v.shop = d.shop AND v.id = d.id AND {guard}",
    }


RESERVE = _moving("reserved = v.reserved + d.n", "v.on_hand - v.reserved >= d.n")
RELEASE = _moving("reserved = v.reserved - d.n", "v.reserved >= d.n")
FULFIL = _moving("reserved = v.reserved - d.n, on_hand = v.on_hand - d.n", "v.reserved >= d.n")


def move_stock(tx: Tx, movement: Statement, moves: Iterable[tuple[int, Id, Id]]) -> bool:
    """Change the stock of these (quantity, variant, shop), each if it can be. Could all be?"""
    rows = sorted(moves, key=lambda move: (move[2], move[1]))
    return write_rows(tx, movement, rows) == len(rows)


# pictures from the web


@dataclass(frozen=True, slots=True)
class PendingPicture:
    shop: Id
    id: Id
    source: str


def pictures_due(db: Read, *, now: Millis, limit: int) -> list[PendingPicture]:
    query = select(pictures.c.shop, pictures.c.id, pictures.c.source).where(pictures.c.try_at <= now)
    return [PendingPicture(*row) for row in db.sql.execute(query.order_by(pictures.c.try_at).limit(limit))]


def attach_file(tx: Tx, *, shop: Id, picture: Id, file: str) -> Id | None:
    """The product's id, or None when the picture is gone or was attached already."""
    waiting = (pictures.c.shop == shop) & (pictures.c.id == picture) & pictures.c.file.is_(None)
    attached = update(pictures).where(waiting).values(file=file, try_at=None, problem="")
    return tx.sql.execute(attached.returning(pictures.c.product)).scalar_one_or_none()


def note_failure(tx: Tx, *, shop: Id, picture: Id, problem: str) -> int:
    """How many times it has failed by now; 0 when nobody waits for it any more."""
    waiting = (pictures.c.shop == shop) & (pictures.c.id == picture) & pictures.c.try_at.is_not(None)
    failed = update(pictures).where(waiting).values(tries=pictures.c.tries + 1, problem=problem, try_at=None)
    return tx.sql.execute(failed.returning(pictures.c.tries)).scalar_one_or_none() or 0


def try_again(tx: Tx, *, shop: Id, picture: Id, at: Millis) -> None:
    tx.sql.execute(update(pictures).where(pictures.c.shop == shop, pictures.c.id == picture).values(try_at=at))


def revive_pictures(tx: Tx, rows: Sequence[PictureRow]) -> None:
    """Try those that were given up once more, from the first try on."""
    keys = (pictures.c.shop == bindparam("its_shop"), pictures.c.id == bindparam("its_id"))
    given_up = [{"its_shop": r.shop, "its_id": r.id} for r in rows if r.source and not r.file and r.try_at is None]
    if given_up:
        tx.sql.execute(update(pictures).where(*keys).values(tries=0, try_at=tx.now), given_up)
