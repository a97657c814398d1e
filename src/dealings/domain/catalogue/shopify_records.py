"""From the bytes of a product file to rows that know the line they start on.

Accepts what shops really upload: UTF-8 with or without byte order mark, UTF-16, GB18030 (the
Chinese edition of Excel), any line ending, and comma, semicolon or tab as the separator.
Columns: https://help.shopify.com/en/manual/products/import-export/using-csv, old names and new.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import BinaryIO, Final, TextIO

import msgspec

from dealings.domain.catalogue.shopify_faults import Fault, LineError, line_error

MAX_FILE_MEGABYTES: Final = 15
"""Shopify's own limit for a product file, so that every export of theirs fits."""
MAX_ROWS: Final = 100_000
"""A 15 MB file of the shortest rows; past it the rows carry no products."""
MAX_FIELD_CHARS: Final = 65_536
"""Longer than any description people read; and under the csv module's own limit of 131,072."""
MAX_ERRORS: Final = 1_000
"""More than anyone corrects in one sitting; and it bounds the work spent on a file that is no CSV."""
SEPARATORS: Final = ",;\t"
MAX_LATIN_PAIRS: Final = 0.25
"""Share of two-byte characters ending in an ASCII letter above which a text is not Chinese (see `_is_chinese`)."""


class Column(StrEnum):
    """The columns that are read, by Shopify's older names; all others are ignored."""

    HANDLE = "Handle"
    TITLE = "Title"
    BODY = "Body (HTML)"
    VENDOR = "Vendor"
    TYPE = "Type"
    TAGS = "Tags"
    PUBLISHED = "Published"
    STATUS = "Status"
    OPTION1_NAME = "Option1 Name"
    OPTION1_VALUE = "Option1 Value"
    OPTION2_NAME = "Option2 Name"
    OPTION2_VALUE = "Option2 Value"
    OPTION3_NAME = "Option3 Name"
    OPTION3_VALUE = "Option3 Value"
    SKU = "Variant SKU"
    GRAMS = "Variant Grams"
    TRACKER = "Variant Inventory Tracker"
    QUANTITY = "Variant Inventory Qty"
    POLICY = "Variant Inventory Policy"
    PRICE = "Variant Price"
    COMPARE_AT = "Variant Compare At Price"
    BARCODE = "Variant Barcode"
    PICTURE = "Image Src"
    PICTURE_POSITION = "Image Position"
    PICTURE_ALT = "Image Alt Text"
    VARIANT_PICTURE = "Variant Image"


NEW_NAMES: Final[Mapping[Column, str]] = {
    Column.HANDLE: "URL handle",
    Column.TITLE: "Title",
    Column.BODY: "Description",
    Column.PUBLISHED: "Published on online store",
    Column.SKU: "SKU",
    Column.GRAMS: "Weight value (grams)",
    Column.TRACKER: "Inventory tracker",
    Column.QUANTITY: "Inventory quantity",
    Column.POLICY: "Continue selling when out of stock",
    Column.PRICE: "Price",
    Column.COMPARE_AT: "Compare-at price",
    Column.BARCODE: "Barcode",
    Column.PICTURE: "Product image URL",
    Column.VARIANT_PICTURE: "Variant image URL",
}
"""Names in Shopify's newer template where they differ by more than capitals."""

REQUIRED: Final = (Column.HANDLE, Column.TITLE, Column.PRICE)
"""Without these no product can be told apart, named or sold."""

_BY_NAME: Final = {name.casefold(): column for column, name in NEW_NAMES.items()} | {
    column.value.casefold(): column for column in Column
}
_SURPLUS_OPTION: Final = re.compile(r"option\s?([4-9]|\d\d+) (name|value)")
_BLANK_LINE: Final = re.compile(r"^[\s,;\t]*$")
# Invisible, unusable in a title and refused by PostgreSQL (NUL): dropped rather than reported.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One record: the physical line (from 1) it starts on and its cells, trimmed."""

    line: int
    cells: Mapping[Column, str]
    fills_surplus_option: bool

    def __getitem__(self, column: Column) -> str:
        """The cell's text, "" where the file has no such column."""
        return self.cells.get(column, "")


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """A record that can't be read as a row; `handle` is the best guess at its product."""

    error: LineError
    handle: str


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """Where each known column stands; `names` are the file's own words for them."""

    line: int
    width: int
    places: Mapping[Column, int]
    surplus_options: tuple[int, ...]
    names: Mapping[Column, str]

    def name(self, column: Column) -> str:
        """What the file calls the column, for messages."""
        return self.names.get(column, column.value)


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A readable file: its header and its physical lines."""

    header: Header
    separator: str
    lines: Sequence[str]


class UnreadableFileError(Exception):
    """The file as a whole can't be read."""

    def __init__(self, *errors: LineError) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


def open_sheet(source: BinaryIO | TextIO) -> Sheet:
    """Reads the whole file and its header; raises UnreadableFileError."""
    lines = io.StringIO(_text_of(source), newline="").readlines()
    first = next((n for n, line in enumerate(lines) if not _BLANK_LINE.match(line)), None)
    if first is None:
        raise UnreadableFileError(line_error(1, Fault.FILE_EMPTY))
    separator = max(SEPARATORS, key=lambda candidate: _count_known(lines[first], candidate))
    record = next(_records(lines, separator, first))
    if isinstance(record, LineError):
        raise UnreadableFileError(record)
    header = _read_header(record)
    return Sheet(header=header, separator=separator, lines=lines)


def read_rows(sheet: Sheet) -> Iterator[Row | Broken]:
    """Every record after the header, in the file's order; blank ones are passed over."""
    header = sheet.header
    records = _records(sheet.lines, sheet.separator, header.line - 1, width=header.width)
    next(records)  # the header, once more
    rows = broken = 0
    for record in records:
        limit = _limit_error(record.line, rows=rows, broken=broken)
        if limit is not None:
            yield Broken(error=limit, handle="")
            return
        if isinstance(record, LineError):
            broken += 1
            yield Broken(error=record, handle=_guess_handle(sheet, record.line))
        elif any(cell.strip() for cell in record.cells):
            rows += 1
            yield _to_row(record, header)


def _limit_error(line: int, *, rows: int, broken: int) -> LineError | None:
    if rows >= MAX_ROWS:
        return line_error(line, Fault.TOO_MANY_ROWS, other=MAX_ROWS)
    if broken >= MAX_ERRORS:
        return line_error(line, Fault.TOO_MANY_ERRORS, other=MAX_ERRORS)
    return None


class _Record(msgspec.Struct, frozen=True):
    line: int
    cells: Sequence[str]


def _text_of(source: BinaryIO | TextIO) -> str:
    limit = MAX_FILE_MEGABYTES * 1_000_000
    data = source.read(limit + 1)
    if len(data) > limit:
        raise UnreadableFileError(line_error(1, Fault.FILE_TOO_LARGE, other=MAX_FILE_MEGABYTES))
    return data if isinstance(data, str) else decode(data)


def decode(data: bytes) -> str:
    """The text in UTF-8, UTF-16 or GB18030; raises UnreadableFileError, naming the first bad line."""
    try:
        return data.decode(_unicode_encoding(data))
    except UnicodeDecodeError as error:
        if _is_chinese(data):
            return data.decode("gb18030")
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableFileError(line_error(line, Fault.UNKNOWN_ENCODING)) from error


def _unicode_encoding(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Without a byte order mark: a header is ASCII, so every other byte of it is zero.
    if len(data) > 1 and data[1] == 0 != data[0]:
        return "utf-16-le"
    if len(data) > 1 and data[0] == 0 != data[1]:
        return "utf-16-be"
    return "utf-8-sig"


def _is_chinese(data: bytes) -> bool:
    """Whether the bytes are GB18030 and not Western text that happens to decode as such.

    Common Chinese characters (GB 2312) have both bytes above 0xA0. In Western encodings a letter
    with an accent is one such byte, mostly followed by an ASCII letter.
    """
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    pairs = re.findall(rb"[\x81-\xfe][\x40-\xfe]", data)
    latin = sum(1 for pair in pairs if pair[1] < 0x80)
    return latin <= MAX_LATIN_PAIRS * len(pairs)


def _count_known(header_line: str, separator: str) -> int:
    return sum(1 for name in _cells_of(header_line, separator) if _normal(name) in _BY_NAME)


def _cells_of(line: str, separator: str) -> Sequence[str]:
    """The cells of one physical line, as far as it makes sense by itself."""
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []


def _normal(name: str) -> str:
    return " ".join(_CONTROLS.sub("", name).split()).casefold()


def _read_header(record: _Record) -> Header:
    places: dict[Column, int] = {}
    names: dict[Column, str] = {}
    errors: list[LineError] = []
    for place, name in enumerate(record.cells):
        column = _BY_NAME.get(_normal(name))
        if column in places:
            errors.append(line_error(record.line, Fault.DUPLICATE_COLUMN, column=name.strip()))
        elif column is not None:
            places[column], names[column] = place, name.strip()
    errors += [
        line_error(record.line, Fault.MISSING_COLUMN, column=column, other=NEW_NAMES[column])
        for column in REQUIRED
        if column not in places
    ]
    if errors:
        raise UnreadableFileError(*errors)
    surplus = tuple(n for n, name in enumerate(record.cells) if _SURPLUS_OPTION.fullmatch(_normal(name)))
    return Header(line=record.line, width=len(record.cells), places=places, surplus_options=surplus, names=names)


def _records(
    lines: Sequence[str], separator: str, start: int, *, width: int | None = None
) -> Iterator[_Record | LineError]:
    """Records from the line with index `start` on.

    After one that is broken, reading goes on at the very next physical line, so that a forgotten
    quotation mark costs one row and not the rest of the file.
    """
    while start < len(lines):
        reader = csv.reader((lines[n] for n in range(start, len(lines))), delimiter=separator, strict=True)
        begun = start
        try:
            for cells in reader:
                here, begun = begun, start + reader.line_num
                if width is None or not _swallowed_rows(lines[here:begun], separator, len(cells), width):
                    yield _Record(here + 1, cells)
                    continue
                yield line_error(here + 1, Fault.UNCLOSED_QUOTE)
                begun = here
                break
            else:
                return
        except csv.Error as error:
            at_end = start + reader.line_num >= len(lines)
            yield _quote_error(begun + 1, error, at_end=at_end)
        start = begun + 1


def _swallowed_rows(lines: Sequence[str], separator: str, found: int, width: int) -> bool:
    """Whether a record of the wrong width has whole rows in it: then a quote wasn't closed."""
    if found == width or len(lines) == 1:
        return False
    return any(len(_cells_of(line, separator)) == width for line in lines[1:])


def _quote_error(line: int, error: csv.Error, *, at_end: bool) -> LineError:
    # The csv module has one exception; only its text tells its three cases apart.
    if "field limit" in str(error):
        return line_error(line, Fault.FIELD_TOO_LONG, column="…", other=MAX_FIELD_CHARS)
    if at_end and "unexpected end" in str(error):
        return line_error(line, Fault.UNCLOSED_QUOTE)
    return line_error(line, Fault.STRAY_QUOTE, value='""')


def _guess_handle(sheet: Sheet, line: int) -> str:
    cells = _cells_of(sheet.lines[line - 1], sheet.separator)
    place = sheet.header.places[Column.HANDLE]
    return cells[place].strip().casefold() if place < len(cells) else ""


def _to_row(record: _Record, header: Header) -> Row | Broken:
    cells = [_CONTROLS.sub("", cell).strip() for cell in record.cells]
    error = _width_error(record.line, cells, header) or _length_error(record.line, cells, header)
    if error is not None:
        place = header.places[Column.HANDLE]
        return Broken(error=error, handle=cells[place].casefold() if place < len(cells) else "")
    return Row(
        line=record.line,
        cells={column: cells[place] for column, place in header.places.items()},
        fills_surplus_option=any(cells[place] for place in header.surplus_options),
    )


def _width_error(line: int, cells: Sequence[str], header: Header) -> LineError | None:
    found = str(len(cells))
    if len(cells) < header.width:
        return line_error(line, Fault.ROW_TOO_SHORT, value=found, other=header.width)
    if any(cells[header.width :]):  # spreadsheets leave empty ones behind
        return line_error(line, Fault.ROW_TOO_WIDE, value=found, other=header.width)
    return None


def _length_error(line: int, cells: Sequence[str], header: Header) -> LineError | None:
    for column, place in header.places.items():
        if len(cells[place]) > MAX_FIELD_CHARS:
            return line_error(line, Fault.FIELD_TOO_LONG, column=header.name(column), other=MAX_FIELD_CHARS)
    return None
