"""Shopify's product CSV: what is read, and that each fault is reported by its line."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealings.domain.catalogue import shopify
from dealings.domain.catalogue import shopify_records as records
from dealings.domain.catalogue.shopify import Picture, Product, Totals, Variant
from dealings.domain.catalogue.shopify_cells import (
    SAFE_TAGS,
    Status,
    is_web_address,
    minor_units,
    safe_html,
)
from dealings.domain.catalogue.shopify_faults import SENTENCES, Fault, LineError
from dealings.domain.catalogue.shopify_records import NEW_NAMES, Column

DATA = Path(__file__).parents[2] / "data"


def read(text: str | bytes, *, currency: str = "CNY") -> shopify.Catalogue:
    data = text.encode() if isinstance(text, str) else text
    return shopify.read(io.BytesIO(data), currency=currency)


def only(text: str | bytes, *, currency: str = "CNY") -> Product:
    catalogue = read(text, currency=currency)
    assert catalogue.errors == ()
    (product,) = catalogue.products
    return product


def codes(catalogue: shopify.Catalogue) -> list[tuple[int, str]]:
    return [(error.line, error.code.value) for error in catalogue.errors]


# What is read


def test_rows_of_one_handle_become_a_product_with_variants_and_pictures() -> None:
    catalogue = read((DATA / "tea_and_pots.csv").read_bytes())
    assert catalogue.errors == ()
    assert catalogue.totals == Totals(products=4, variants=9, stock=96)
    longjing, puer, gaiwan, tray = catalogue.products
    assert longjing == Product(
        line=2,
        handle="longjing-2026",
        title="明前龙井 2026",
        body_html="<p>三月下旬采摘，当天炒制。</p>\n<ul>\n<li>产地：西湖</li>\n</ul>",
        vendor="山南茶坊",
        type="绿茶",
        tags=("龙井", "明前", "new"),
        options=("规格", "包装"),
        variants=(
            Variant(
                line=2,
                values=("50 克", "纸包"),
                price=12800,
                compare_at=15800,
                sku="LJ-50-P",
                barcode="6901234567892",
                grams=50,
                stock=30,
                picture="https://pictures.example/lj-paper.jpg",
            ),
            Variant(line=6, values=("50 克", "罐装"), price=14800, sku="LJ-50-T", grams=50, stock=20),
            Variant(line=7, values=("100 克", "罐装"), price=26800, sku="LJ-100-T", grams=100, stock=0),
        ),
        pictures=(
            Picture(address="https://pictures.example/lj-front.jpg", alt="一杯龙井"),
            Picture(address="https://pictures.example/lj-leaf.jpg", alt="茶叶, 近看"),
            Picture(address="https://pictures.example/lj-paper.jpg"),
        ),
    )
    assert [variant.stock for variant in puer.variants] == [40, None, 0]
    assert [variant.oversell for variant in puer.variants] == [False, True, False]
    assert (gaiwan.options, gaiwan.variants[0].values, gaiwan.status) == ((), (), Status.DRAFT)
    assert (tray.published, tray.variants[0].price) == (False, 0)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
def test_any_encoding_separator_and_line_ending_reads_the_same(encoding: str, separator: str, ending: str) -> None:
    rows = [["Handle", "Title", "Body (HTML)", "Variant Price"], ["longjing", "明前龙井", "一行\n两行，三", "128.50"]]
    rows += [["broken", "碧螺春", "", "-1"]]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(rows)
    catalogue = read(text.getvalue().encode(encoding))
    assert [(p.title, p.body_html, p.variants[0].price) for p in catalogue.products] == [
        ("明前龙井", "一行\n两行，三", 12850)
    ]
    assert codes(catalogue) == [(4, "negative_price")]


def test_text_streams_are_read_too() -> None:
    catalogue = shopify.read(io.StringIO("Handle,Title,Variant Price\na,A,1\n"), currency="CNY")
    assert catalogue.totals == Totals(products=1, variants=1, stock=0)


def test_shopify_s_newer_column_names_mean_the_same() -> None:
    old = (DATA / "tea_and_pots.csv").read_text("utf-8")
    header, rest = old.split("\n", 1)
    names = [NEW_NAMES.get(Column(name), name) for name in header.split(",")]
    assert names != header.split(",")
    assert read(",".join(names) + "\n" + rest) == read(old)


def test_unknown_columns_are_ignored_and_header_capitals_don_t_matter() -> None:
    product = only("HANDLE, title ,Google Shopping / MPN,VARIANT  PRICE\na,A,x,1\n")
    assert (product.title, product.variants[0].price) == ("A", 100)


def test_rows_of_a_handle_may_stand_apart() -> None:
    catalogue = read("Handle,Title,Option1 Name,Option1 Value,Variant Price\na,A,Size,S,1\nb,B,,,2\nA,,,M,3\n")
    assert catalogue.errors == ()
    assert [[v.line for v in p.variants] for p in catalogue.products] == [[2, 4], [3]]


def test_a_title_option_with_real_values_is_an_option() -> None:
    product = only('Handle,Title,Option1 Name,Option1 Value,Variant Price\na,A,Title,"9"" print",1\n')
    assert (product.options, product.variants[0].values) == (("Title",), ('9" print',))


@pytest.mark.parametrize(
    ("text", "digits", "amount"),
    [
        ("0", 2, 0),
        ("128", 2, 12800),
        ("42.99", 2, 4299),
        ("0.1", 2, 10),
        (".5", 2, 50),
        ("50.", 2, 5000),
        ("42.9900", 2, 4299),
        ("1,299.00", 2, 129900),
        ("1,234,567", 2, 123456700),
        ("42,99", 2, 4299),
        ("1200", 0, 1200),
        ("1200.00", 0, 1200),
        ("999999999.99", 2, 99999999999),
        ("1,299", 2, None),
        ("42.995", 2, None),
        ("1200.5", 0, None),
        ("12.3.4", 2, None),
        ("1e3", 2, None),
        ("１２", 2, None),
        ("¥12", 2, None),
        (".", 2, None),
        ("", 2, None),
        ("NaN", 2, None),
    ],
)
def test_prices_are_exact(text: str, digits: int, amount: int | None) -> None:
    assert minor_units(text, digits) == amount


@given(st.integers(min_value=0, max_value=10**11 - 1))
def test_every_amount_survives_being_written(amount: int) -> None:
    assert minor_units(f"{amount // 100}.{amount % 100:02}", 2) == amount


def test_descriptions_keep_their_form_and_lose_what_runs() -> None:
    dirty = (
        '<p onclick="x()" style="color:red">Tea<script>alert(1)</script></p><img src=x onerror=y>'
        '<a href="javascript:z">bad</a> <a href="https://tea.example">good</a><iframe src=//e></iframe>'
    )
    clean = safe_html(dirty)
    assert clean == (
        '<p>Tea</p><a rel="noopener noreferrer nofollow">bad</a> '
        '<a href="https://tea.example" rel="noopener noreferrer nofollow">good</a>'
    )
    assert not SAFE_TAGS & {"script", "img", "iframe", "style", "form"}


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://pictures.example/a.jpg?v=1", True),
        ("http://192.0.2.7:8080/图.png", True),
        ("//pictures.example/a.jpg", False),
        ("ftp://pictures.example/a.jpg", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://[::1", False),
        ("https://pictures.example:99999/a", False),
        ("https://pictures.example/a b.jpg", False),
        ("https://pictures.example/" + "a" * 2048, False),
    ],
)
def test_only_web_addresses_are_pictures(address: str, good: bool) -> None:
    assert is_web_address(address) is good


def test_control_characters_are_dropped() -> None:
    assert only("Handle,Title,Variant Price\na,A\x00B\x07C,1\n").title == "ABC"


# Faults

EVERY_FAULT = [
    (5, "missing_handle"),
    (6, "bad_handle"),
    (7, "missing_title"),
    (9, "title_conflict"),
    (10, "bad_boolean"),
    (11, "bad_status"),
    (12, "too_many_tags"),
    (13, "too_many_options"),
    (14, "option_name_missing"),
    (16, "option_name_conflict"),
    (17, "option_name_repeated"),
    (19, "option_value_missing"),
    (21, "duplicate_variant"),
    (22, "duplicate_sku"),
    (23, "missing_price"),
    (24, "bad_price"),
    (25, "bad_price"),
    (26, "bad_price"),
    (27, "negative_price"),
    (28, "price_too_high"),
    (29, "bad_price"),
    (30, "bad_quantity"),
    (31, "negative_quantity"),
    (32, "quantity_too_high"),
    (33, "bad_weight"),
    (34, "bad_policy"),
    (35, "bad_picture_address"),
    (36, "bad_picture_position"),
    (37, "row_without_content"),
    (38, "row_too_wide"),
    (39, "row_too_short"),
    (40, "field_too_long"),
    (41, "bad_boolean"),
    (41, "negative_price"),
    (41, "bad_quantity"),
    (42, "stray_quote"),
    (43, "unclosed_quote"),
]
"""By the physical line in every_fault.csv, whose first product has a line break inside a value."""


def test_every_fault_is_reported_by_its_line() -> None:
    catalogue = read((DATA / "every_fault.csv").read_bytes())
    assert sorted(codes(catalogue)) == sorted(EVERY_FAULT)
    assert [error.line for error in catalogue.errors] == sorted(line for line, _ in EVERY_FAULT)


def test_faults_withhold_their_product_and_no_other() -> None:
    catalogue = read((DATA / "every_fault.csv").read_bytes())
    assert [product.handle for product in catalogue.products] == ["sound-tin", "b23", "b24", "sound-pot"]
    assert catalogue.whole
    assert [len(product.pictures) for product in catalogue.products] == [1, 0, 1, 0]


HEADER = "Handle,Title,Option1 Name,Option1 Value,Variant Price,Image Src\n"
WHOLE_FILE_FAULTS: dict[str, tuple[bytes, list[tuple[int, str]]]] = {
    "nothing": (b"", [(1, "file_empty")]),
    "only blanks": (b"\xef\xbb\xbf\r\n , ,\r\n", [(1, "file_empty")]),
    "too large": (b"a" * 15_000_001, [(1, "file_too_large")]),
    "Latin-1": (HEADER.encode() + "a,Thé glacé à la menthe,,,1,\n".encode("latin-1"), [(2, "unknown_encoding")]),
    "a picture": (b"\x89PNG\r\n\x1a\n\xff\xfe\x00", [(1, "unknown_encoding")]),
    "half a UTF-16 character": (b"\xff\xfea\x00b", [(1, "unknown_encoding")]),
    "no price column": (b"\nHandle,Title\na,A\n", [(2, "missing_column")]),
    "other columns": (
        b"Name,Cost\nA,1\n",
        [(1, "missing_column"), (1, "missing_column"), (1, "missing_column")],
    ),
    "a column twice": (b"Handle,Title,Price,Variant Price\na,A,1,2\n", [(1, "duplicate_column")]),
    "an open quote in the header": (b'Handle,"Title,Price\na,A,1\n', [(1, "unclosed_quote")]),
}


@pytest.mark.parametrize("name", WHOLE_FILE_FAULTS)
def test_files_that_can_t_be_read_say_why(name: str) -> None:
    data, expected = WHOLE_FILE_FAULTS[name]
    catalogue = read(data)
    assert (catalogue.products, codes(catalogue)) == ((), expected)


def _many_variants() -> str:
    rows = [f"a,{'A' if n == 0 else ''},{'N' if n == 0 else ''},{n},1,\n" for n in range(shopify.MAX_VARIANTS + 2)]
    return HEADER + "".join(rows)


def _many_pictures() -> str:
    rows = [f"a,,,,,https://p.example/{n}\n" for n in range(shopify.MAX_PICTURES + 1)]
    return HEADER + "a,A,,,1,\n" + "".join(rows)


def test_limits_of_one_product_are_reported_where_they_are_passed() -> None:
    assert codes(read(_many_variants())) == [(shopify.MAX_VARIANTS + 2, "too_many_variants")]
    pictures = read(_many_pictures())
    assert codes(pictures) == [(shopify.MAX_PICTURES + 3, "too_many_pictures")]
    assert len(pictures.products[0].pictures) == shopify.MAX_PICTURES


def test_too_many_rows_and_too_many_errors_stop_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_ROWS", 3)
    catalogue = read(HEADER + "".join(f"h{n},T,,,1,\n" for n in range(9)))
    assert codes(catalogue) == [(5, "too_many_rows")]
    assert not catalogue.whole
    monkeypatch.setattr(records, "MAX_ROWS", 100)
    monkeypatch.setattr(records, "MAX_ERRORS", 2)
    for bad_row in ("h{n},T\n", "h{n},T,,,x,\n", '"h{n},T\n'):
        errors = codes(read(HEADER + "".join(bad_row.format(n=n) for n in range(9))))
        assert [line for line, _ in errors] == [2, 3, 4]
        assert errors[-1][1] == "too_many_errors"


def test_a_long_description_is_refused_and_not_cut() -> None:
    text = "Handle,Title,Body (HTML),Variant Price\n"
    assert codes(read(text + f"a,A,{'b' * 65_537},1\n")) == [(2, "field_too_long")]
    assert codes(read(text + f"a,A,{'b' * 200_000},1\nb,B,,1\n")) == [(2, "field_too_long")]
    assert only(text + f"a,A,{'b' * 65_536},1\n").body_html == "b" * 65_536


def test_a_forgotten_quote_costs_its_row_and_not_the_rest() -> None:
    rows = 'a,"A,,,1,\nb,B,,,2,\n' + 'c,C,"N",V,3,\nd,D,,,4,\n'
    catalogue = read(HEADER + rows)
    assert codes(catalogue) == [(2, "stray_quote")] or codes(catalogue) == [(2, "unclosed_quote")]
    assert [product.handle for product in catalogue.products] == ["b", "c", "d"]


def test_a_broken_row_withholds_the_product_it_belongs_to() -> None:
    catalogue = read(HEADER + "a,A,Size,S,1,\nA,,,M\nb,B,,,2,\n")
    assert codes(catalogue) == [(3, "row_too_short")]
    assert [product.handle for product in catalogue.products] == ["b"]


def test_spare_empty_columns_and_blank_rows_are_no_fault() -> None:
    assert read("Handle,Title,Price\na,A,1,,,\n,,\n\n  \nb,B,2\n").totals.products == 2


def test_every_code_has_both_sentences_and_a_test() -> None:
    assert set(SENTENCES) == set(Fault)
    in_file = {code for _, code in EVERY_FAULT}
    in_whole = {code for _, errors in WHOLE_FILE_FAULTS.values() for _, code in errors}
    elsewhere = {"too_many_rows", "too_many_errors", "too_many_variants", "too_many_pictures"}
    assert in_file | in_whole | elsewhere == {fault.value for fault in Fault}


def test_messages_say_what_and_where_without_braces_or_long_values() -> None:
    catalogue = read((DATA / "every_fault.csv").read_bytes())
    for error in catalogue.errors:
        for message in (error.message, error.message_zh):
            assert "{" not in message
            assert "“”" not in message
            assert len(message) < 250
    (long,) = read(f"Handle,Title,Price\na,A,{'x' * 999}\n").errors
    assert long == LineError(
        line=2,
        code=Fault.BAD_PRICE,
        message=f"“{'x' * 59}…” in “Price” is not an amount in CNY. Write digits and a decimal point, such as 128.00.",
        message_zh=f"“Price”中的“{'x' * 59}…”不是 CNY 金额，请只写数字和小数点，例如 128.00。",
    )
