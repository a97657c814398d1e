"""What comes in over HTTP, named once: parameters with their limits, and what `pages` has of them.

Queries and models take those from `pages`: a lane has no use for a web framework.
"""

from typing import Annotated

from litestar.params import PathParameter, QueryParameter

from dealings.kernel.ids import Id
from dealings.platform.pages import (
    ID_PATTERN,
    MOST_A_PAGE,
    MOST_CURSOR,
    PAGE,
    BadCursor,
    IdField,
    Page,
    cursor,
    position,
)

__all__ = [
    "ID_PATTERN",
    "MOST_A_PAGE",
    "PAGE",
    "BadCursor",
    "Cursor",
    "IdField",
    "IdParameter",
    "Limit",
    "Page",
    "cursor",
    "position",
]

IdParameter = Annotated[Id, PathParameter(pattern=ID_PATTERN, description="An id")]
Cursor = Annotated[
    str | None, QueryParameter(pattern=f"^[0-9A-Za-z_-]{{0,{MOST_CURSOR}}}$", description="`next` of the page before")
]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST_A_PAGE, description="How many at most")]
