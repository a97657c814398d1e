"""The cells of one row as values. What is wrong is noted by its line; nothing here raises."""

import re
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import nh3

from dealings.domain.catalogue.shopify_faults import Fault, LineError, line_error
from dealings.domain.catalogue.shopify_records import Column, Header, Row
from dealings.kernel.money import exponent

MAX_PRICE_DIGITS: Final = 9
"""Digits before the decimal point: a price of a billion is a barcode in the wrong column."""
MAX_NUMBER_CHARS: Final = 32
"""Room for grouping and trailing zeros; a longer one is no number a person typed."""
MAX_QUANTITY: Final = 10_000_000
"""As above: more pieces than one variant ever has in stock."""
MAX_GRAM_DIGITS: Final = 8
"""A hundred tonnes."""
MAX_TEXT_CHARS: Final = 255
"""Titles, handles, SKUs, option names and values: Shopify's limit, and two lines on a phone."""
MAX_ALT_CHARS: Final = 512
"""Shopify's limit for the words that describe a picture."""
MAX_ADDRESS_CHARS: Final = 2_048
"""What browsers and servers agree to carry."""
MAX_TAGS: Final = 250
"""Shopify's limit for one product."""

# fmt: off
SAFE_TAGS: Final = frozenset((
    "a", "b", "blockquote", "br", "em", "h3", "h4", "hr", "i", "li", "ol", "p", "s", "strong",
    "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
))
# fmt: on
"""What a description needs. Pictures, styles, frames and scripts have no place in it."""

_PLAIN: Final = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")
# "1,299" alone could be either, so it is neither; with a point or a second comma it is grouping.
_GROUPED: Final = re.compile(r"[0-9]{1,3}(,[0-9]{3})+\.[0-9]+|[0-9]{1,3}(,[0-9]{3}){2,}")
_DECIMAL_COMMA: Final = re.compile(r"[0-9]+,[0-9]{1,2}")
_WHOLE: Final = re.compile(r"([0-9]+)(\.0*)?")
_MINUS: Final = re.compile(r"[-\u2212\uff0d]\s*")
_HANDLE: Final = re.compile(r"[^\s/?#\\]+")
_TRUTHS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_POLICIES: Final = {"": False, "deny": False, "false": False, "continue": True, "true": True}


class Status(StrEnum):
    """Whether a product is for sale, being prepared, no longer sold, or sold by its link only."""

    ACTIVE = "active"
    DRAFT = "draft"
    ARCHIVED = "archived"
    UNLISTED = "unlisted"


def minor_units(text: str, digits: int) -> int | None:
    """A decimal amount in minor units, exact; None where it is not an amount of that currency.

    >>> minor_units("1,299.5", 2), minor_units("42,99", 2), minor_units("0.005", 2)
    (129950, 4299, None)
    """
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    elif not _PLAIN.fullmatch(text):
        return None
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    return None if len(fraction) > digits else int(whole + fraction.ljust(digits, "0") or "0")


def safe_html(text: str) -> str:
    """The description with the tags people may use, and nothing that runs, loads or tracks."""
    return nh3.clean(
        text,
        tags=set(SAFE_TAGS),
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    ).strip()


class CellReader:
    """Reads the cells of one row and notes in `errors` what is wrong with them."""

    def __init__(self, row: Row, *, header: Header, currency: str, errors: list[LineError]) -> None:
        self.row = row
        self.header = header
        self.currency = currency
        self.errors = errors

    def note(self, code: Fault, *, value: str = "", column: Column | None = None, other: str | int = "") -> None:
        """Adds an error on this row's line."""
        name = self.header.name(column) if column else ""
        self.errors.append(line_error(self.row.line, code, value=value, column=name, other=other))

    def text(self, column: Column, limit: int = MAX_TEXT_CHARS) -> str:
        """One line of text: runs of white space become one space."""
        text = " ".join(self.row[column].split())
        if len(text) > limit:
            self.note(Fault.FIELD_TOO_LONG, column=column, other=limit)
        return text

    def handle(self) -> str:
        """The product's handle, "" where it is missing or unusable."""
        handle = self.row[Column.HANDLE].casefold()
        if not handle:
            self.note(Fault.MISSING_HANDLE)
        elif not _HANDLE.fullmatch(handle):
            self.note(Fault.BAD_HANDLE, value=handle)
            return ""
        elif len(handle) > MAX_TEXT_CHARS:
            self.note(Fault.FIELD_TOO_LONG, column=Column.HANDLE, other=MAX_TEXT_CHARS)
            return ""
        return handle

    def price(self, column: Column) -> int | None:
        """An amount in minor units; None where the cell is blank or wrong."""
        text = self.row[column]
        if not text:
            return None
        bare = _MINUS.sub("", text, count=1) if _MINUS.match(text) else text
        digits = exponent(self.currency)
        amount = minor_units(bare, digits) if len(bare) <= MAX_NUMBER_CHARS else None
        if amount is None:
            self.note(Fault.BAD_PRICE, value=text, column=column, other=self.currency)
        elif bare != text:
            self.note(Fault.NEGATIVE_PRICE, value=text, column=column)
        elif amount >= 10 ** (MAX_PRICE_DIGITS + digits):
            self.note(Fault.PRICE_TOO_HIGH, value=text, column=column, other="9" * MAX_PRICE_DIGITS)
        else:
            return amount
        return None

    def quantity(self) -> int | None:
        """How many there are; None where the shop doesn't count them.

        The tracker column names the system that counts in Shopify. Here Dealings counts, so a
        quantity is taken whoever counted it. No quantity but a tracker: counted, and none known.
        """
        text = self.row[Column.QUANTITY]
        if not text:
            return 0 if self.row[Column.TRACKER] else None
        if _MINUS.match(text) and _WHOLE.fullmatch(_MINUS.sub("", text, count=1)):
            self.note(Fault.NEGATIVE_QUANTITY, value=text)
            return None
        whole = _WHOLE.fullmatch(text)
        if whole is None:
            self.note(Fault.BAD_QUANTITY, value=text)
        elif len(whole[1]) > len(str(MAX_QUANTITY)) or int(whole[1]) > MAX_QUANTITY:
            self.note(Fault.QUANTITY_TOO_HIGH, value=text, other=MAX_QUANTITY)
        else:
            return int(whole[1])
        return None

    def grams(self) -> int:
        """Weight in whole grams, half a gram rounded up; 0 where it isn't given."""
        text = self.row[Column.GRAMS] or "0"
        whole, _, fraction = text.partition(".")
        if not _PLAIN.fullmatch(text) or len(whole) > MAX_GRAM_DIGITS:
            self.note(Fault.BAD_WEIGHT, value=text)
            return 0
        return int(whole or "0") + (fraction[:1] >= "5")

    def truth(self, column: Column, *, blank: bool) -> bool:
        """A yes or no; `blank` is what an empty cell means."""
        text = self.row[column]
        known = blank if not text else _TRUTHS.get(text.casefold())
        if known is None:
            self.note(Fault.BAD_BOOLEAN, value=text, column=column)
        return bool(known)

    def oversell(self) -> bool:
        """Whether selling goes on when nothing is left. Shopify's column was renamed and reworded."""
        known = _POLICIES.get(self.row[Column.POLICY].casefold())
        if known is None:
            self.note(Fault.BAD_POLICY, value=self.row[Column.POLICY], column=Column.POLICY)
        return bool(known)

    def status(self) -> Status:
        """The product's status; a blank one is active."""
        text = self.row[Column.STATUS].casefold() or Status.ACTIVE.value
        if text not in [status.value for status in Status]:
            self.note(Fault.BAD_STATUS, value=text)
            return Status.DRAFT
        return Status(text)

    def tags(self) -> tuple[str, ...]:
        """Tags in their order, each once."""
        words = (" ".join(tag.split()) for tag in self.row[Column.TAGS].split(","))
        tags = tuple(dict.fromkeys(tag for tag in words if tag))
        if len(tags) > MAX_TAGS:
            self.note(Fault.TOO_MANY_TAGS, value=self.row[Column.HANDLE], other=MAX_TAGS)
        if any(len(tag) > MAX_TEXT_CHARS for tag in tags):
            self.note(Fault.FIELD_TOO_LONG, column=Column.TAGS, other=MAX_TEXT_CHARS)
        return tags

    def address(self, column: Column) -> str:
        """A picture's address (http or https), "" where it is blank or wrong."""
        text = self.row[column]
        if text and not is_web_address(text):
            self.note(Fault.BAD_PICTURE_ADDRESS, value=text, column=column)
            return ""
        return text

    def picture_position(self) -> int | None:
        """From 1; None where it isn't given."""
        text = self.row[Column.PICTURE_POSITION]
        if not text:
            return None
        whole = _WHOLE.fullmatch(text)
        if whole is None or len(whole[1]) > MAX_GRAM_DIGITS or int(whole[1]) == 0:
            self.note(Fault.BAD_PICTURE_POSITION, value=text)
            return None
        return int(whole[1])


def is_web_address(text: str) -> bool:
    """Whether this is an absolute http(s) address with a host and no blanks."""
    if len(text) > MAX_ADDRESS_CHARS or re.search(r"\s", text):
        return False
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a malformed host or port
        return False
