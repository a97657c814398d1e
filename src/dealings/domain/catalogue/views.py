"""Stored rows as members and staff see them: pure."""

from __future__ import annotations

import msgspec

from dealings.domain.catalogue.model import Picture, Product, ProductSummary, Sellable, ShopRef, Variant
from dealings.domain.catalogue.tables import Kept, OfferRow, Outline, PictureRow, VariantRow
from dealings.domain.identity.api import Shop
from dealings.kernel.money import Money
from dealings.platform.files import store as files

_strings = msgspec.json.Decoder(list[str]).decode


def url(file: str | None) -> str | None:
    return files.url(file) if file else None


def picture(row: PictureRow) -> Picture:
    assert row.file is not None, row
    return Picture(row.id, files.url(row.file), row.alt)


def variant(row: VariantRow, *, currency: str, picture: str | None, staff: bool) -> Variant:
    return Variant(
        id=row.id,
        sku=row.sku or "",
        options=list(row.options),
        price=Money(row.price, currency),
        compare_at=None if row.compare_at is None else Money(row.compare_at, currency),
        on_hand=row.on_hand if staff else None,
        available=row.available,
        picture=picture,
    )


def product(kept: Kept, shop: Shop, *, staff: bool) -> Product:
    """The product with the pictures that can be shown; `staff` see what is on hand."""
    row, prices = kept.product, [variant.price for variant in kept.variants]
    shown = {shot.id: picture(shot) for shot in kept.pictures if shot.file}
    own = {v.id: shown[v.picture].url for v in kept.variants if v.picture in shown}
    return Product(
        id=row.id,
        shop=shop,
        handle=row.handle,
        title=row.title,
        html=row.html,
        vendor=row.vendor,
        type=row.type,
        tags=list(row.tags),
        pictures=list(shown.values()),
        options=list(row.options),
        variants=[variant(v, currency=row.currency, picture=own.get(v.id), staff=staff) for v in kept.variants],
        price=Money(min(prices), row.currency),
        price_max=_highest(min(prices), max(prices), row.currency),
        state=row.state,
        changed_at=row.changed_at,
    )


def summary(outline: Outline, shop: Shop, *, file: str | None) -> ProductSummary:
    return ProductSummary(
        id=outline.id,
        shop=ShopRef(shop.id, shop.handle, shop.name),
        title=outline.title,
        picture=url(file),
        price=Money(outline.lowest, outline.currency),
        price_max=_highest(outline.lowest, outline.highest, outline.currency),
        available=outline.available,
        state=outline.state,
    )


def sellable(offer: OfferRow, *, file: str | None) -> Sellable:
    """`file` is the product's first picture, shown where the variant has none of its own."""
    return Sellable(
        variant=offer.variant,
        product=offer.product,
        shop=offer.shop,
        title=offer.title,
        options=_strings(offer.options),
        picture=url(offer.file or file),
        price=Money(offer.price, offer.currency),
        available=offer.available,
        active=offer.state == "active",
    )


def _highest(lowest: int, highest: int, currency: str) -> Money | None:
    return Money(highest, currency) if highest > lowest else None
