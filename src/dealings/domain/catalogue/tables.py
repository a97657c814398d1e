"""Products, variants and pictures as rows, all distributed by shop; what can be had of them, and what is written.

Stock is two counts of a variant: what is on hand, and what of it is reserved for orders. Both
change by conditional updates, and the table itself refuses to promise more than there is (P5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKeyConstraint,
    Integer,
    RowMapping,
    Select,
    UniqueConstraint,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from dealings.domain.catalogue.model import State
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.platform.db.schema import ID, METADATA, MILLIS, MINOR_UNITS, Column, Index, String, Table, Text
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


def outlines(db: Read, ids: Collection[Id]) -> dict[Id, Outline]:
    p, v = products.c, variants.c
    numbers = (func.min(v.price), func.max(v.price), func.sum(v.on_hand - v.reserved))
    joined = products.join(variants, (v.shop == p.shop) & (v.product == p.id))
    shown = (p.id, p.shop, p.title, p.state, p.currency)
    query = select(*shown, *numbers).select_from(joined).group_by(*shown)
    rows = [row for some in _portions(ids) for row in db.sql.execute(query.where(p.id.in_(some)))]
    return {row.id: Outline(*row[:7], int(row[7])) for row in rows}


def first_files(db: Read, ids: Collection[Id]) -> dict[Id, str]:
    """The first picture of each product that has one to show."""
    query = select(pictures.c.product, pictures.c.file).order_by(pictures.c.position.desc(), pictures.c.id.desc())
    there = query.where(pictures.c.file.is_not(None))
    rows = [row for some in _portions(ids) for row in db.sql.execute(there.where(pictures.c.product.in_(some)))]
    return {row.product: row.file for row in rows}


@dataclass(frozen=True, slots=True)
class OfferRow:
    variant: Id
    product: Id
    shop: Id
    title: str
    options: tuple[str, ...]
    file: str | None
    price: int
    currency: str
    available: int
    state: State


def offers(db: Read, ids: Collection[Id]) -> list[OfferRow]:
    """These variants with what of their product a sale needs; `file` is the variant's own picture."""
    p, v, shot = products.c, variants.c, pictures.c
    joined = variants.join(products, (p.shop == v.shop) & (p.id == v.product)).outerjoin(
        pictures, (shot.shop == v.shop) & (shot.id == v.picture)
    )
    available = (v.on_hand - v.reserved).label("available")
    own = (v.id.label("variant"), v.product, v.shop, v.options, v.price, available)
    query = select(*own, p.title, p.currency, p.state, shot.file).select_from(joined)
    rows = [row for some in _portions(ids) for row in _fetch(db, query.where(v.id.in_(some)), False)]
    return [OfferRow(**_with_lists(row)) for row in rows]


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


def reserve(tx: Tx, *, variant: Id, quantity: int) -> Id | None:
    """Promise so many, if they are there; the product's id, or None."""
    there = variants.c.on_hand - variants.c.reserved >= quantity
    return _move_stock(tx, variant, there, {"reserved": variants.c.reserved + quantity})


def release(tx: Tx, *, variant: Id, quantity: int) -> Id | None:
    """Give back what was promised."""
    promised = variants.c.reserved >= quantity
    return _move_stock(tx, variant, promised, {"reserved": variants.c.reserved - quantity})


def fulfil(tx: Tx, *, variant: Id, quantity: int) -> Id | None:
    """Take out what was promised: it has left the house."""
    promised = variants.c.reserved >= quantity
    taken = {"reserved": variants.c.reserved - quantity, "on_hand": variants.c.on_hand - quantity}
    return _move_stock(tx, variant, promised, taken)


def _move_stock(tx: Tx, variant: Id, guard: ColumnElement[bool], change: dict[str, ColumnElement[int]]) -> Id | None:
    moved = update(variants).where(variants.c.id == variant, guard).values(change).returning(variants.c.product)
    return tx.sql.execute(moved).scalar_one_or_none()


def available(db: Read, variant: Id) -> int | None:
    left = select(variants.c.on_hand - variants.c.reserved).where(variants.c.id == variant)
    return db.sql.execute(left).scalar_one_or_none()


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
