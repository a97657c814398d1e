"""Shopify's product CSV as typed products, and every fault in it by its line.

Several rows make a product: the first of a handle has the title, the others add variants or
pictures. Nothing is guessed: a row that can't be understood is an error, never a default. Rules:
https://help.shopify.com/en/manual/products/import-export/using-csv

Stock: a quantity in the file is counted, whatever the tracker column says. Without a quantity a
variant is untracked, or has none left where a tracker is named.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final, TextIO

import msgspec

from dealings.domain.catalogue import shopify_records as records
from dealings.domain.catalogue.shopify_cells import MAX_ALT_CHARS, CellReader, Status, safe_html
from dealings.domain.catalogue.shopify_faults import SPARING, WHOLE_FILE, Fault, LineError, line_error
from dealings.domain.catalogue.shopify_records import Broken, Column, Header, Row

MAX_VARIANTS: Final = 2_048
"""Shopify's limit for one product since 2025."""
MAX_PICTURES: Final = 250
"""Shopify's limit for one product."""
DEFAULT_TITLE: Final = "Default Title"
"""What Shopify writes for the only variant of a product without options."""

_OPTIONS: Final = (
    (Column.OPTION1_NAME, Column.OPTION1_VALUE),
    (Column.OPTION2_NAME, Column.OPTION2_VALUE),
    (Column.OPTION3_NAME, Column.OPTION3_VALUE),
)
_VARIANT_COLUMNS: Final = (
    Column.OPTION1_VALUE,
    Column.OPTION2_VALUE,
    Column.OPTION3_VALUE,
    Column.SKU,
    Column.BARCODE,
    Column.PRICE,
    Column.COMPARE_AT,
    Column.QUANTITY,
)


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture to fetch: http(s) address and the words that describe it, "" where none."""

    address: str
    alt: str = ""


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """What can be bought. `values` stand in the order of the product's options.

    Amounts are minor units of the shop's currency. `stock` is None where it isn't counted;
    `oversell` says whether to go on selling at none. `picture` is "" or one of the product's.
    """

    line: int
    values: tuple[str, ...]
    price: int
    compare_at: int | None = None
    sku: str = ""
    barcode: str = ""
    grams: int = 0
    stock: int | None = None
    oversell: bool = False
    picture: str = ""


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """One product; `line` is the first of its rows. `body_html` is safe to show."""

    line: int
    handle: str
    title: str
    body_html: str = ""
    vendor: str = ""
    type: str = ""
    tags: tuple[str, ...] = ()
    status: Status = Status.ACTIVE
    published: bool = True
    options: tuple[str, ...] = ()
    variants: tuple[Variant, ...]
    pictures: tuple[Picture, ...] = ()


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """What an import would bring; untracked variants count as no stock."""

    products: int
    variants: int
    stock: int


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """The sound products of a file in its order, and its faults by line.

    A product with a fault is not among them, unless the fault is one that only costs a picture.
    `whole` is False where part of the file was not read at all: then there is nothing to skip to.
    """

    products: tuple[Product, ...]
    errors: tuple[LineError, ...]

    @property
    def whole(self) -> bool:
        return not any(error.code in WHOLE_FILE for error in self.errors)

    @property
    def totals(self) -> Totals:
        variants = [variant for product in self.products for variant in product.variants]
        return Totals(
            products=len(self.products),
            variants=len(variants),
            stock=sum(variant.stock or 0 for variant in variants),
        )


def read(source: BinaryIO | TextIO, *, currency: str) -> Catalogue:
    """Reads a product file for a shop that sells in `currency`. Never raises for its content."""
    try:
        sheet = records.open_sheet(source)
    except records.UnreadableFileError as refused:
        return Catalogue(products=(), errors=tuple(refused.errors))
    errors: list[LineError] = []
    withheld: set[str] = set()
    products: list[Product] = []
    for handle, rows in _by_handle(sheet, currency, errors, withheld).items():
        found: list[LineError] = []
        product = _ProductReader(rows, header=sheet.header, currency=currency, errors=found).read(handle)
        errors += found
        if product is not None and handle not in withheld and not _spoils(found):
            products.append(product)
    return _sum_up(products, errors)


def _by_handle(
    sheet: records.Sheet, currency: str, errors: list[LineError], withheld: set[str]
) -> dict[str, list[Row]]:
    """Rows of one handle belong together, also where other products stand between them."""
    groups: dict[str, list[Row]] = {}
    for row in records.read_rows(sheet):
        if isinstance(row, Broken):
            errors.append(row.error)
            withheld.add(row.handle)
            continue
        handle = CellReader(row, header=sheet.header, currency=currency, errors=errors).handle()
        if handle:
            groups.setdefault(handle, []).append(row)
    return groups


def _spoils(errors: Iterable[LineError]) -> bool:
    return any(error.code not in SPARING for error in errors)


def _sum_up(products: list[Product], errors: list[LineError]) -> Catalogue:
    repeated = list(_repeated_skus(products))
    errors += [error for _, error in repeated]
    spoiled = {line for line, _ in repeated}
    errors.sort(key=lambda error: error.line)
    limit = records.MAX_ERRORS
    if len(errors) > limit:
        errors[limit:] = [line_error(errors[limit].line, Fault.TOO_MANY_ERRORS, other=limit)]
    return Catalogue(
        products=tuple(product for product in products if product.line not in spoiled),
        errors=tuple(errors),
    )


def _repeated_skus(products: Iterable[Product]) -> Iterator[tuple[int, LineError]]:
    """The product's line and the error, for each SKU that another variant already has."""
    owners: dict[str, int] = {}
    for product in products:
        for variant in product.variants:
            owner = owners.setdefault(variant.sku, variant.line) if variant.sku else variant.line
            if owner != variant.line:
                error = line_error(variant.line, Fault.DUPLICATE_SKU, value=variant.sku, other=owner)
                yield product.line, error


class _ProductReader:
    """Reads the rows of one handle, noting every fault in them."""

    def __init__(self, rows: Sequence[Row], *, header: Header, currency: str, errors: list[LineError]) -> None:
        self.errors = errors
        self.cells = [CellReader(row, header=header, currency=currency, errors=errors) for row in rows]
        self.pictures: dict[str, tuple[int, Picture]] = {}
        self.variants: dict[tuple[str, ...], Variant] = {}

    def read(self, handle: str) -> Product | None:
        """The product, or None where it can't be built; where `errors` spoil it, it is a draft."""
        first = self.cells[0]
        title = first.text(Column.TITLE)
        if not title:
            first.note(Fault.MISSING_TITLE, value=handle)
        self._check_titles(handle, title)
        options = self._option_names()
        for cells in self.cells:
            self._read_row(cells, options, handle)
        if not self.variants:
            return None
        return Product(
            line=first.row.line,
            handle=handle,
            title=title,
            body_html=safe_html(first.row[Column.BODY]),
            vendor=first.text(Column.VENDOR),
            type=first.text(Column.TYPE),
            tags=first.tags(),
            status=first.status(),
            published=first.truth(Column.PUBLISHED, blank=True),
            options=tuple(name for name in options if name),
            variants=tuple(self.variants.values()),
            pictures=self._ordered_pictures(),
        )

    def _check_titles(self, handle: str, title: str) -> None:
        for cells in self.cells[1:]:
            other = " ".join(cells.row[Column.TITLE].split())
            if other and title and other != title:
                cells.note(Fault.TITLE_CONFLICT, value=handle, other=title)

    def _option_names(self) -> tuple[str, ...]:
        """Three names, "" where there is no such option."""
        first = self.cells[0]
        names = tuple(first.text(name) for name, _ in _OPTIONS)
        given = [name for name in names if name]
        if len(set(given)) < len(given):
            first.note(Fault.OPTION_NAME_REPEATED, value=max(given, key=given.count))
        if given == ["Title"] and self._has_one_default_variant():
            return ("", "", "")
        return names

    def _has_one_default_variant(self) -> bool:
        values = [cells.row[Column.OPTION1_VALUE] for cells in self.cells if _has_variant(cells.row)]
        return values == [DEFAULT_TITLE]

    def _read_row(self, cells: CellReader, options: tuple[str, ...], handle: str) -> None:
        is_first = cells is self.cells[0]
        picture = self._read_picture(cells, handle)
        if cells.row.fills_surplus_option:
            cells.note(Fault.TOO_MANY_OPTIONS)
        if is_first or _has_variant(cells.row):
            self._read_variant(cells, options, handle)
        elif not picture:
            cells.note(Fault.ROW_WITHOUT_CONTENT, value=handle)

    def _read_variant(self, cells: CellReader, options: tuple[str, ...], handle: str) -> None:
        values = self._option_values(cells, options)
        price = cells.price(Column.PRICE)
        if not cells.row[Column.PRICE]:
            cells.note(Fault.MISSING_PRICE, column=Column.PRICE)
        variant = Variant(
            line=cells.row.line,
            values=values,
            price=price or 0,
            compare_at=cells.price(Column.COMPARE_AT),
            sku=cells.text(Column.SKU),
            barcode=cells.text(Column.BARCODE),
            grams=cells.grams(),
            stock=cells.quantity(),
            oversell=cells.oversell(),
            picture=cells.address(Column.VARIANT_PICTURE),
        )
        self._keep_variant(cells, variant, handle)

    def _keep_variant(self, cells: CellReader, variant: Variant, handle: str) -> None:
        known = self.variants.setdefault(variant.values, variant)
        if known is not variant:
            name = " / ".join(variant.values) or DEFAULT_TITLE
            cells.note(Fault.DUPLICATE_VARIANT, value=name, other=known.line)
        elif len(self.variants) == MAX_VARIANTS + 1:
            cells.note(Fault.TOO_MANY_VARIANTS, value=handle, other=MAX_VARIANTS)

    def _option_values(self, cells: CellReader, options: tuple[str, ...]) -> tuple[str, ...]:
        values: list[str] = []
        for (name_column, value_column), option in zip(_OPTIONS, options, strict=True):
            name, value = cells.text(name_column), cells.text(value_column)
            if option and name and name != option:
                cells.note(Fault.OPTION_NAME_CONFLICT, value=name, other=option)
            if option and not value:
                cells.note(Fault.OPTION_VALUE_MISSING, value=option, column=value_column)
            elif value and not option and value != DEFAULT_TITLE:
                cells.note(Fault.OPTION_NAME_MISSING, value=value, column=name_column)
            if option:
                values.append(value)
        return tuple(values)

    def _read_picture(self, cells: CellReader, handle: str) -> bool:
        """Keeps the row's picture; whether there is one, good or bad."""
        address = cells.address(Column.PICTURE)
        position = cells.picture_position()
        alt = cells.text(Column.PICTURE_ALT, MAX_ALT_CHARS)
        if address:
            self._keep_picture(cells, Picture(address=address, alt=alt), position, handle)
        return bool(cells.row[Column.PICTURE])

    def _keep_picture(self, cells: CellReader, picture: Picture, position: int | None, handle: str) -> None:
        if picture.address in self.pictures:
            return
        if len(self.pictures) == MAX_PICTURES:
            cells.note(Fault.TOO_MANY_PICTURES, value=handle, other=MAX_PICTURES)
            return
        place = len(self.pictures) + 1 if position is None else position
        self.pictures[picture.address] = place, picture

    def _ordered_pictures(self) -> tuple[Picture, ...]:
        """By position; last those that the file names for a variant only."""
        placed = sorted(self.pictures.values(), key=lambda pair: pair[0])
        pictures = [picture for _, picture in placed]
        own = dict.fromkeys(variant.picture for variant in self.variants.values() if variant.picture)
        pictures += [Picture(address=address) for address in own if address not in self.pictures]
        return tuple(pictures)


def _has_variant(row: Row) -> bool:
    return any(row[column] for column in _VARIANT_COLUMNS)
