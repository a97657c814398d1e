"""Products, variants and stock: frozen values, as members see them and as staff write them."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from dealings.domain.catalogue.errors import OptionsMismatch, SkuTaken, VariantRepeated
from dealings.domain.catalogue.shopify_cells import safe_html
from dealings.domain.identity.api import Shop
from dealings.kernel.clock import Millis
from dealings.kernel.errors import BadField
from dealings.kernel.ids import Id
from dealings.kernel.money import Money
from dealings.platform.pages import IdField
from dealings.platform.search.words import fold

State = Literal["active", "hidden"]

MAX_TEXT_CHARS: Final = 255
"""Of titles, SKUs, option names and values, tags: two lines on a phone."""
MAX_HTML_CHARS: Final = 65_536
MAX_ALT_CHARS: Final = 512
MAX_OPTIONS: Final = 3
MAX_VARIANTS: Final = 2_048
MAX_PICTURES: Final = 250
MAX_TAGS: Final = 250
MAX_PRICE: Final = 10**11
"""Minor units. A price beyond it is a barcode in the wrong field."""
MAX_ON_HAND: Final = 10_000_000
MAX_HANDLE_CHARS: Final = 80
"""Of one made from a title; those of a file may have 255."""

Text = Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
Amount = Annotated[int, Meta(ge=0, le=MAX_PRICE)]
Count = Annotated[int, Meta(ge=0, le=MAX_ON_HAND)]


# as seen


class Picture(msgspec.Struct, frozen=True):
    id: Id
    url: str
    alt: str


class Variant(msgspec.Struct, frozen=True):
    """`options` are values in the order of the product's options; `on_hand` is for staff only."""

    id: Id
    sku: str
    options: list[str]
    price: Money
    compare_at: Money | None
    on_hand: int | None
    available: int
    picture: str | None


class Product(msgspec.Struct, frozen=True):
    """A product with all it has. `html` is safe to show; `price_max` is None when all cost the same."""

    id: Id
    shop: Shop
    handle: str
    title: str
    html: str
    vendor: str
    type: str
    tags: list[str]
    pictures: list[Picture]
    options: list[str]
    variants: list[Variant]
    price: Money
    price_max: Money | None
    state: State
    changed_at: Millis


class ShopRef(msgspec.Struct, frozen=True):
    id: Id
    handle: str
    name: str


class ProductSummary(msgspec.Struct, frozen=True):
    """A product in a list; `available` counts all its variants."""

    id: Id
    shop: ShopRef
    title: str
    picture: str | None
    price: Money
    price_max: Money | None
    available: int
    state: State


class Sellable(msgspec.Struct, frozen=True):
    """A variant as an order or a cart needs it; `active` is False while its product is hidden."""

    variant: Id
    product: Id
    shop: Id
    title: str
    options: list[str]
    picture: str | None
    price: Money
    available: int
    active: bool


class StockLine(msgspec.Struct, frozen=True):
    """So many of one variant, to reserve, give back or take out."""

    variant: Id
    quantity: int


# as written


class VariantInput(msgspec.Struct, frozen=True, kw_only=True):
    id: IdField | None = None
    sku: Text = ""
    options: Annotated[list[Text], Meta(max_length=MAX_OPTIONS)] = []
    price: Amount
    compare_at: Amount | None = None
    on_hand: Count = 0


class ProductInput(msgspec.Struct, frozen=True, kw_only=True):
    """Everything of a product but its pictures. Amounts are minor units of the shop's currency."""

    title: Annotated[str, Meta(min_length=1, max_length=MAX_TEXT_CHARS)]
    html: Annotated[str, Meta(max_length=MAX_HTML_CHARS)] = ""
    vendor: Text = ""
    type: Text = ""
    tags: Annotated[list[Text], Meta(max_length=MAX_TAGS)] = []
    options: Annotated[list[Text], Meta(max_length=MAX_OPTIONS)] = []
    variants: Annotated[list[VariantInput], Meta(min_length=1, max_length=MAX_VARIANTS)]
    state: State = "active"


class VariantPatch(msgspec.Struct, frozen=True, kw_only=True):
    """None leaves it as it is."""

    price: Amount | None = None
    on_hand: Count | None = None


# as decided upon: what a form and a file have in common


class VariantDraft(msgspec.Struct, frozen=True, kw_only=True):
    """`on_hand` None: whatever is there, none for a new one. `picture` is its address, or ""."""

    id: Id | None = None
    options: tuple[str, ...]
    price: int
    compare_at: int | None = None
    sku: str = ""
    on_hand: int | None = None
    picture: str | None = None


class PictureDraft(msgspec.Struct, frozen=True):
    """A picture by its address on the web."""

    source: str
    alt: str


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A product as it shall be. `pictures` None: as they are."""

    title: str
    html: str
    vendor: str
    type: str
    tags: tuple[str, ...]
    options: tuple[str, ...]
    variants: tuple[VariantDraft, ...]
    state: State
    pictures: tuple[PictureDraft, ...] | None = None


def draft(given: ProductInput) -> Draft:
    """What staff typed, trimmed and made safe. Raises BadField and the refusals of `check`."""
    drafted = Draft(
        title=line(given.title),
        html=safe_html(given.html),
        vendor=line(given.vendor),
        type=line(given.type),
        tags=tuple(dict.fromkeys(tag for tag in map(line, given.tags) if tag)),
        options=tuple(map(line, given.options)),
        variants=tuple(map(_variant_draft, given.variants)),
        state=given.state,
    )
    check(drafted)
    return drafted


def _variant_draft(given: VariantInput) -> VariantDraft:
    return VariantDraft(
        id=given.id,
        options=tuple(map(line, given.options)),
        price=given.price,
        compare_at=given.compare_at,
        sku=line(given.sku),
        on_hand=given.on_hand,
    )


def check(product: Draft) -> None:
    """Raises the first refusal that a draft deserves by itself, whatever is stored."""
    if not product.title:
        raise BadField(field="title", problem="empty")
    if "" in product.options or len(set(product.options)) < len(product.options):
        raise BadField(field="options", problem="empty" if "" in product.options else "repeated")
    if len(product.html) > MAX_HTML_CHARS * 2:  # making it safe adds a little
        raise BadField(field="html", problem="too_long")
    _check_variants(product)


def _check_variants(product: Draft) -> None:
    seen: set[tuple[str, ...]] = set()
    skus: set[str] = set()
    for variant in product.variants:
        if len(variant.options) != len(product.options) or "" in variant.options:
            raise OptionsMismatch(name=name_of(variant.options), count=len(product.options))
        if variant.options in seen:
            raise VariantRepeated(name=name_of(variant.options))
        if variant.sku and variant.sku in skus:
            raise SkuTaken(sku=variant.sku)
        seen.add(variant.options)
        skus.add(variant.sku)
    if not seen:
        raise BadField(field="variants", problem="empty")


def name_of(options: tuple[str, ...]) -> str:
    """A variant's name for people: its option values."""
    return " / ".join(options) or "–"


def line(text: str) -> str:
    """One line of text: no control characters, runs of white space become one space."""
    visible = (
        " " if char.isspace() else char
        for char in text
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cs")
    )
    return " ".join("".join(visible).split())


_SLUG_GAP: Final = re.compile(r"[\W_]+")


def handle_from(title: str) -> str:
    """What names the product in an address: "Longjing 2026 礼盒" → "longjing-2026-礼盒"."""
    return _SLUG_GAP.sub("-", fold(title))[:MAX_HANDLE_CHARS].strip("-") or "product"
