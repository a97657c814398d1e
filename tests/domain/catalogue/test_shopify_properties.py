"""Shopify's product CSV, whatever comes: nothing raises, and what is written reads back the same."""

import csv
import io

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dealings.domain.catalogue.shopify import Picture, Product, Variant
from dealings.domain.catalogue.shopify_cells import (
    MAX_GRAM_DIGITS,
    MAX_QUANTITY,
    Status,
    safe_html,
)
from dealings.domain.catalogue.shopify_records import Column
from tests.domain.catalogue.test_shopify import HEADER, read


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.booleans())
@example(b"\x00", False)
@example(b"\x00\x00", True)
@example(b'"', True)
def test_arbitrary_bytes_never_raise(data: bytes, with_header: bool) -> None:
    catalogue = read((HEADER.encode() if with_header else b"") + data)
    assert catalogue.products or catalogue.errors or with_header


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(alphabet='a,"\n\r\t;-1.0/:hs 龙', max_size=30), max_size=12))
def test_arbitrary_rows_never_raise_and_name_a_line_of_the_file(rows: list[str]) -> None:
    text = HEADER + "\n".join(rows)
    lines = len(io.StringIO(text, newline="").readlines())
    assert all(1 <= error.line <= lines for error in read(text).errors)


WORDS = (
    st.text(
        alphabet=st.characters(exclude_categories=["C", "Z"], exclude_characters=",") | st.sampled_from('龙井茶 “”"'),
        min_size=1,
        max_size=12,
    )
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
HANDLES = st.text(alphabet="abcdefghij0123456789-龙", min_size=1, max_size=12)
AMOUNTS = st.integers(min_value=0, max_value=10**11 - 1)
ADDRESSES = st.integers(min_value=0, max_value=30).map(lambda n: f"https://pictures.example/{n}.jpg")


@st.composite
def variants(draw: st.DrawFn, values: tuple[str, ...], addresses: tuple[str, ...]) -> Variant:
    return Variant(
        line=0,
        values=values,
        price=draw(AMOUNTS),
        compare_at=draw(st.none() | AMOUNTS),
        barcode=draw(st.just("") | WORDS),
        grams=draw(st.integers(min_value=0, max_value=10**MAX_GRAM_DIGITS - 1)),
        stock=draw(st.none() | st.integers(min_value=0, max_value=MAX_QUANTITY)),
        oversell=draw(st.booleans()),
        picture=draw(st.sampled_from(("", *addresses))),
    )


@st.composite
def products(draw: st.DrawFn, handle: str) -> Product:
    options = tuple(draw(st.lists(WORDS, max_size=3, unique=True)))
    rows = st.tuples(*(WORDS for _ in options))
    values = draw(st.lists(rows, min_size=1, max_size=4, unique=True)) if options else [()]
    pictures = draw(st.lists(ADDRESSES, max_size=3, unique=True))
    return Product(
        line=0,
        handle=handle,
        title=draw(WORDS),
        body_html=safe_html(draw(st.text(max_size=40).map(lambda text: "".join(c for c in text if c.isprintable())))),
        vendor=draw(st.just("") | WORDS),
        type=draw(st.just("") | WORDS),
        tags=tuple(draw(st.lists(WORDS, max_size=4, unique=True))),
        status=draw(st.sampled_from(Status)),
        published=draw(st.booleans()),
        options=options,
        variants=tuple(draw(variants(row, tuple(pictures))) for row in values),
        pictures=tuple(Picture(address=address, alt=draw(st.just("") | WORDS)) for address in pictures),
    )


@st.composite
def catalogues(draw: st.DrawFn) -> list[Product]:
    handles = draw(st.lists(HANDLES, max_size=4, unique=True))
    return [draw(products(handle)) for handle in handles]


def write(catalogue: list[Product]) -> str:
    """Products as Shopify's CSV: variants and pictures side by side, as its own exports have them."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(Column), restval="")
    writer.writeheader()
    for product in catalogue:
        writer.writerows(_rows(product))
    return text.getvalue()


def _rows(product: Product) -> list[dict[Column, str]]:
    count = max(len(product.variants), len(product.pictures))
    rows: list[dict[Column, str]] = [{Column.HANDLE: product.handle} for _ in range(count)]
    rows[0] |= {
        Column.TITLE: product.title,
        Column.BODY: product.body_html,
        Column.VENDOR: product.vendor,
        Column.TYPE: product.type,
        Column.TAGS: ", ".join(product.tags),
        Column.STATUS: product.status.value,
        Column.PUBLISHED: str(product.published).upper(),
    }
    for n, name in enumerate(product.options or ("Title",), 1):
        rows[0][Column(f"Option{n} Name")] = name
    for row, variant in zip(rows, product.variants, strict=False):
        row |= _variant_cells(variant)
    for position, (row, picture) in enumerate(zip(rows, product.pictures, strict=False), 1):
        row |= {Column.PICTURE: picture.address, Column.PICTURE_ALT: picture.alt}
        row[Column.PICTURE_POSITION] = str(position)
    return rows


def _variant_cells(variant: Variant) -> dict[Column, str]:
    cells = {Column(f"Option{n} Value"): value for n, value in enumerate(variant.values or ("Default Title",), 1)}
    former = "" if variant.compare_at is None else _decimal(variant.compare_at)
    return cells | {
        Column.PRICE: _decimal(variant.price),
        Column.COMPARE_AT: former,
        Column.BARCODE: variant.barcode,
        Column.GRAMS: str(variant.grams),
        Column.QUANTITY: "" if variant.stock is None else str(variant.stock),
        Column.POLICY: "continue" if variant.oversell else "deny",
        Column.VARIANT_PICTURE: variant.picture,
    }


def _decimal(amount: int) -> str:
    return f"{amount // 100}.{amount % 100:02}"


def without_lines(product: Product) -> Product:
    fields = {name: getattr(product, name) for name in product.__struct_fields__}
    bare = [{name: getattr(v, name) for name in v.__struct_fields__} | {"line": 0} for v in product.variants]
    return Product(**fields | {"line": 0, "variants": tuple(Variant(**cells) for cells in bare)})


@settings(max_examples=100, deadline=None)
@given(catalogues())
def test_what_is_written_reads_back_the_same(catalogue: list[Product]) -> None:
    back = read("\ufeff" + write(catalogue))
    assert back.errors == ()
    assert [without_lines(product) for product in back.products] == catalogue
