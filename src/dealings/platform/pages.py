"""Lists page by page, and ids that come in: with their limits, for queries and routes alike."""

import base64
import binascii
from typing import Annotated, Final, Generic, TypeVar

import msgspec

from dealings.kernel.errors import Invalid
from dealings.kernel.ids import Id

T = TypeVar("T")

PAGE: Final = 30
MOST_A_PAGE: Final = 100
MOST_CURSOR: Final = 200
HIGHEST: Final = 2**63 - 1
"""The largest integer that either store takes."""
ID_PATTERN: Final = "^[0-9a-z]{1,16}$"
"""Looser than what `kernel.ids` makes: it only keeps out what no store should be asked for."""

IdField = Annotated[Id, msgspec.Meta(pattern=ID_PATTERN, description="An id")]


class BadCursor(Invalid):
    code = "bad_cursor"
    text = "This page can't be continued. Load the list again."


class Page(msgspec.Struct, Generic[T], frozen=True):
    """A part of a list; `next` is the cursor of what follows, null at the end."""

    items: list[T]
    next: str | None


def cursor(position: object) -> str:
    """A position in a list as opaque text; whoever gets it can only hand it back."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(position)).decode().rstrip("=")


def position(cursor: str | None, kind: type[T]) -> T | None:
    """The position that `cursor` made; None without one. Raises BadCursor."""
    if not cursor:
        return None
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = msgspec.msgpack.decode(packed, type=kind)
        if not _storable(msgspec.to_builtins(found)):
            raise BadCursor()
        return found
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise BadCursor() from error


def _storable(value: object) -> bool:
    """Could a store be asked for it? What comes back was not always given out: no NUL, no integer beyond 64 bits."""
    match value:
        case str():
            return "\0" not in value
        case int():
            return -HIGHEST <= value <= HIGHEST
        case dict():
            return all(map(_storable, [*value.keys(), *value.values()]))
        case list() | tuple():
            return all(map(_storable, value))
    return value is None
