"""Reads of the catalogue, as typed values."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, Literal

import msgspec

from dealings.domain.catalogue import model, tables, tables_categories, views
from dealings.domain.catalogue.errors import NoSuchProduct, NoSuchVariant
from dealings.domain.catalogue.model import (
    Product,
    ProductSummary,
    Sellable,
    State,
    Variant,
)
from dealings.domain.identity import api as identity
from dealings.kernel.ids import Id
from dealings.platform import pages
from dealings.platform.db.tx import Read
from dealings.platform.pages import IdField, Page
from dealings.platform.search import index

FOUND_MOST: Final = 30
"""Products an answer to a search holds: one long screen; more words find fewer."""
CATEGORIES_MOST: Final = 40
"""Names to choose from: more than that is easier searched than read."""
SEARCH_KIND: Final = "product"

Kind = Literal["products", "shops", "people"]


class Category(msgspec.Struct, frozen=True):
    """A type of product, and how many of it are on sale."""

    name: str
    count: int


class Found(msgspec.Struct, frozen=True):
    """What a search found, best first; lists that weren't asked for are empty."""

    products: list[ProductSummary]
    shops: list[identity.Shop]
    people: list[identity.Profile]


def kept(db: Read, id: Id, *, locked: bool = False) -> tables.Kept:
    """The stored product. Raises NoSuchProduct."""
    found = tables.load(db, [id], locked=locked).get(id)
    if found is None:
        raise NoSuchProduct()
    return found


def product(db: Read, id: Id, *, staff: bool = False) -> Product:
    """A product whatever its state; `staff` also see what is on hand. Raises NoSuchProduct."""
    found = kept(db, id)
    return views.product(found, identity.shop(db, found.product.shop), staff=staff)


def product_for(db: Read, *, product: Id, viewer: Id) -> Product:
    """A product as this account may see it: to all but the staff a hidden one does not exist."""
    found = kept(db, product)
    staff = identity.staff_role(db, shop=found.product.shop, account=viewer) is not None
    if found.product.state == "hidden" and not staff:
        raise NoSuchProduct()
    return views.product(found, identity.shop(db, found.product.shop), staff=staff)


def kept_of_variant(db: Read, variant: Id, *, locked: bool = False) -> tables.Kept:
    """The stored product that a variant belongs to. Raises NoSuchVariant."""
    owner = tables.product_of(db, variant)
    found = tables.load(db, [owner], locked=locked) if owner else {}
    if owner not in found or variant not in {row.id for row in found[owner].variants}:
        raise NoSuchVariant()
    return found[owner]


def require_seller(db: Read, *, product: Id, account: Id) -> None:
    """Raises NoSuchProduct, or NotStaff for all but the staff of the product's shop."""
    identity.require_staff(db, shop=kept(db, product).product.shop, account=account)


def staff_variant(db: Read, variant: Id) -> Variant:
    owner = kept_of_variant(db, variant)
    shown = views.product(owner, identity.shop(db, owner.product.shop), staff=True)
    return next(each for each in shown.variants if each.id == variant)


def summaries(db: Read, ids: Collection[Id]) -> dict[Id, ProductSummary]:
    """Products as lists show them, in the order of `ids`; unknown ones are left out."""
    outlines, files = tables.outlines(db, ids), tables.first_files(db, ids)
    shops = identity.shops(db, {outline.shop for outline in outlines.values()})
    found = (outlines[id] for id in ids if id in outlines)
    return {o.id: views.summary(o, shops[o.shop], file=files.get(o.id)) for o in found}


class _Start(msgspec.Struct, frozen=True, array_like=True):
    """Where a page begins: after this product."""

    id: IdField


def list_products(
    db: Read, *, shop: Id, viewer: Id, state: State | None = None, cursor: str | None = None, limit: int = pages.PAGE
) -> Page[ProductSummary]:
    """A page of a shop's products, newest first. Hidden ones are for its staff (NotStaff)."""
    identity.shop(db, shop)
    if state == "hidden":
        identity.require_staff(db, shop=shop, account=viewer)
    elif state is None and identity.staff_role(db, shop=shop, account=viewer) is None:
        state = "active"
    start = pages.position(cursor, _Start)
    ids = tables.list_ids(db, shop=shop, state=state, after=start.id if start else None, limit=limit + 1)
    more = pages.cursor(_Start(ids[limit - 1])) if len(ids) > limit else None
    return Page(list(summaries(db, ids[:limit]).values()), more)


def categories(db: Read) -> list[Category]:
    """What there is to find, by the type that shops give their products, the most common first."""
    return [Category(name, count) for name, count in tables_categories.categories(db, limit=CATEGORIES_MOST)]


def list_category(
    db: Read, *, category: str, cursor: str | None = None, limit: int = pages.PAGE
) -> Page[ProductSummary]:
    """A page of what any shop sells of one type, newest first; a type that nobody uses has nothing."""
    start = pages.position(cursor, _Start)
    ids = tables_categories.ids_in(db, model.line(category), after=start.id if start else None, limit=limit + 1)
    more = pages.cursor(_Start(ids[limit - 1])) if len(ids) > limit else None
    return Page(list(summaries(db, ids[:limit]).values()), more)


def sellable(db: Read, variants: Collection[Id]) -> dict[Id, Sellable]:
    """What an order or a cart needs of these variants; those that are gone are left out."""
    offers = tables.offers(db, variants)
    files = tables.first_files(db, {offer.product for offer in offers if not offer.file})
    return {offer.variant: views.sellable(offer, file=files.get(offer.product)) for offer in offers}


def search_products(db: Read, *, text: str, limit: int = FOUND_MOST) -> list[ProductSummary]:
    """Products on sale in any shop that have these words, best first."""
    return list(summaries(db, index.find(db, kind=SEARCH_KIND, text=text, limit=limit)).values())


def search(db: Read, *, text: str, kind: Kind | None, viewer: Id) -> Found:
    """Things, shops and people by what was typed, or only one kind of them.

    Shops are looked for by a part of their name, in their own small table: there are thousands of
    times fewer of them than products, and a name of two characters needs no dictionary.
    """
    clean = text.encode(errors="ignore").decode().replace("\0", "").strip()
    return Found(
        products=search_products(db, text=clean) if kind in (None, "products") else [],
        shops=identity.search_shops(db, text=clean) if kind in (None, "shops") else [],
        people=identity.search_people(db, text=clean, viewer=viewer) if kind in (None, "people") else [],
    )
