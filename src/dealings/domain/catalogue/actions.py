"""Commands on products and their pictures. Each tells the shop's staff what the product is now."""

from __future__ import annotations

import html
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Final

import nh3

from dealings.domain.catalogue import model, planning, queries, tables, views
from dealings.domain.catalogue.errors import NoSuchPicture, StockPromised, TooManyPictures
from dealings.domain.catalogue.events import ProductChanged
from dealings.domain.catalogue.model import Picture, Product, ProductInput, Variant, VariantPatch
from dealings.domain.catalogue.planning import Change
from dealings.domain.catalogue.tables import Kept, PictureRow, ProductRow
from dealings.domain.identity import api as identity
from dealings.kernel.clock import HOUR, MINUTE, Millis
from dealings.kernel.ids import Id
from dealings.platform.backup.derived import derived
from dealings.platform.db.actions import action
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams
from dealings.platform.search import index
from dealings.platform.search.index import Document, Entry

FETCH_PAUSES: Final[tuple[Millis, ...]] = (MINUTE, 10 * MINUTE, 2 * HOUR)
"""After each failure that may pass (a server that is down); after the last the picture is given up."""
HANDLES_TRIED: Final = 50
"""Products of one title get -2, -3 …; beyond these an id, which is free for certain."""


@action(route="shop")
def create_product(tx: Tx, *, shop: Id, by: Id, given: ProductInput) -> Product:
    """A new product of a shop; its handle is made from the title. Staff only."""
    identity.require_staff(tx, shop=shop, account=by)
    handle = _free_handle(tx, shop=shop, title=given.title)
    row = new_row(identity.shop(tx, shop), id=tx.new_id(), handle=handle, now=tx.now)
    return _save(tx, given, row, before=None)


@action(route="product")
def update_product(tx: Tx, *, product: Id, by: Id, given: ProductInput) -> Product:
    """Make a product what is given: variants that are not in it go, unless reserved. Staff only."""
    before = queries.kept(tx, product, locked=True)
    identity.require_staff(tx, shop=before.product.shop, account=by)
    currency = identity.shop(tx, before.product.shop).currency
    return _save(tx, given, replace(before.product, currency=currency), before=before)


def _save(tx: Tx, given: ProductInput, row: ProductRow, *, before: Kept | None) -> Product:
    change = planning.decide(model.draft(given), product=row, before=before, new_id=tx.new_id, now=tx.now)
    owners = tables.sku_owners(tx, shop=row.shop, skus=planning.skus_of([change]))
    for refusal in planning.sku_clashes([change], owners).values():
        raise refusal
    write(tx, [change])
    return queries.product(tx, row.id, staff=True)


@action(route="variant")
def patch_variant(tx: Tx, *, variant: Id, by: Id, patch: VariantPatch) -> Variant:
    """Set price or stock of one variant; None leaves it. Stock can't fall below what is reserved. Staff only."""
    owner = queries.kept_of_variant(tx, variant, locked=True)
    identity.require_staff(tx, shop=owner.product.shop, account=by)
    before = next(row for row in owner.variants if row.id == variant)
    after = replace(
        before,
        price=before.price if patch.price is None else patch.price,
        on_hand=before.on_hand if patch.on_hand is None else patch.on_hand,
    )
    if after.available < 0:
        raise StockPromised(reserved=after.reserved)
    if after != before:
        tables.update_rows(tx, [after])
        tell(tx, [owner.product.id])
    return queries.staff_variant(tx, variant)


@action(route="product")
def add_picture(tx: Tx, *, product: Id, by: Id, file: str, alt: str) -> Picture:
    """Show a kept file as the product's last picture. Staff only."""
    owner = queries.kept(tx, product, locked=True)
    identity.require_staff(tx, shop=owner.product.shop, account=by)
    if len(owner.pictures) >= model.MAX_PICTURES:
        raise TooManyPictures(most=model.MAX_PICTURES)
    position = max((shot.position + 1 for shot in owner.pictures), default=0)
    words = model.line(alt)[: model.MAX_ALT_CHARS]
    row = PictureRow(owner.product.shop, tx.new_id(), product, position, words, "", file, None)
    tables.insert_rows(tx, [row])
    tell(tx, [product])
    return views.picture(row)


@action(route="product")
def remove_picture(tx: Tx, *, product: Id, by: Id, picture: Id) -> None:
    """Take a picture off the product; its file stays, as others may show it. Staff only."""
    owner = queries.kept(tx, product, locked=True)
    identity.require_staff(tx, shop=owner.product.shop, account=by)
    row = next((shot for shot in owner.pictures if shot.id == picture), None)
    if row is None:
        raise NoSuchPicture()
    tables.update_rows(tx, [replace(v, picture=None) for v in owner.variants if v.picture == picture])
    tables.delete_rows(tx, [row])
    tell(tx, [product])


@action(route="shop")
def attach_picture(tx: Tx, *, shop: Id, picture: Id, file: str) -> None:
    """Show a picture that was fetched; nothing, when it is gone or there already."""
    product = tables.attach_file(tx, shop=shop, picture=picture, file=file)
    if product is not None:
        tell(tx, [product])


@action(route="shop")
def give_up_picture(tx: Tx, *, shop: Id, picture: Id, problem: str, passing: bool) -> None:
    """Note why a picture could not be fetched. When that may pass it is tried again, a few times."""
    tries = tables.note_failure(tx, shop=shop, picture=picture, problem=problem[:200])
    if passing and 0 < tries <= len(FETCH_PAUSES):
        tables.try_again(tx, shop=shop, picture=picture, at=tx.now + FETCH_PAUSES[tries - 1])


def new_row(shop: identity.Shop, *, id: Id, handle: str, now: Millis) -> ProductRow:
    """A product that is nothing yet but its names."""
    return ProductRow(shop.id, id, handle, "", "", "", "", (), (), "hidden", shop.currency, now)


def _free_handle(tx: Tx, *, shop: Id, title: str) -> str:
    wished = model.handle_from(title)
    candidates = [wished, *(f"{wished}-{n}" for n in range(2, HANDLES_TRIED))]
    taken = tables.ids_by_handle(tx, shop=shop, handles=candidates)
    return next((handle for handle in candidates if handle not in taken), f"{wished}-{tx.new_id()}")


def write(tx: Tx, changes: Sequence[Change]) -> None:
    """Write decided changes in few statements, index what is on sale, and tell the staff."""
    tables.insert_rows(tx, [c.after.product for c in changes if c.before is None])
    tables.update_rows(tx, [c.after.product for c in changes if c.before is not None])
    tables.free_skus(tx, [row for c in changes for row in c.freed])
    tables.delete_rows(tx, [row for c in changes for row in c.variants.gone])
    tables.delete_rows(tx, [row for c in changes for row in c.pictures.gone])
    tables.update_rows(tx, [row for c in changes for row in c.pictures.changed])
    tables.insert_rows(tx, [row for c in changes for row in c.pictures.new])
    tables.update_rows(tx, [row for c in changes for row in c.variants.changed])
    tables.insert_rows(tx, [row for c in changes for row in c.variants.new])
    _index(tx, [c.after for c in changes])
    tell(tx, [c.after.product.id for c in changes])


def _index(tx: Tx, products: Sequence[Kept]) -> None:
    on_sale = [kept for kept in products if kept.product.state == "active"]
    index.put(tx, [_document(kept) for kept in on_sale])
    hidden = [kept.product for kept in products if kept.product.state != "active"]
    index.remove(tx, [Entry(queries.SEARCH_KIND, row.shop, row.id) for row in hidden])


@derived
def index_again(tx: Tx) -> None:
    """After a restore: words are not in a backup."""
    for portion in tables.every_product(tx):
        _index(tx, portion)


def _document(kept: Kept) -> Document:
    row = kept.product
    return Document(queries.SEARCH_KIND, row.shop, row.id, row.title, " ".join(_body(kept)))


def _body(kept: Kept) -> Iterator[str]:
    """What people look for beside the title; the longest comes last, where it may be cut."""
    yield from (kept.product.vendor, kept.product.type, *kept.product.tags)
    yield from dict.fromkeys(value for variant in kept.variants for value in variant.options)
    yield from (variant.sku for variant in kept.variants if variant.sku)
    yield html.unescape(nh3.clean(kept.product.html.replace("<", " <"), tags=set()))


def tell(tx: Tx, products: Collection[Id]) -> None:
    """Tell the shop's staff what these products are now."""
    for summary in queries.summaries(tx, products).values():
        tx.emit(ProductChanged(summary), stream=streams.shop(summary.shop.id))
