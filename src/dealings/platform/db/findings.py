"""What the doctor looks for: a rule about the data, as the SELECT of what breaks it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from sqlalchemy import Select, func, select

from dealings.platform.db.tx import Dialect, Read

EXAMPLES: Final = 5
"""So many of the things that are wrong are named; the rest are counted."""


class Finding(msgspec.Struct, frozen=True):
    """Something that must not be: which promise it breaks, how often, and a few ids to begin with."""

    code: str
    text: str
    count: int
    examples: list[str]


@dataclass(frozen=True)
class Check:
    """`wrong` selects one thing a row, its id first; a healthy store has none."""

    code: str
    text: str
    wrong: Select[Any]
    only: Dialect | None = None


def examine(db: Read, checks: Sequence[Check]) -> list[Finding]:
    return [found for check in checks for found in _examine(db, check)]


def _examine(db: Read, check: Check) -> list[Finding]:
    if check.only not in (None, db.dialect):
        return []
    count = int(db.sql.execute(select(func.count()).select_from(check.wrong.subquery())).scalar_one())
    if count == 0:
        return []
    first = db.sql.execute(check.wrong.limit(EXAMPLES))
    return [Finding(check.code, check.text, count, [str(row[0]) for row in first])]


def named(code: str, text: str, wrong: Iterable[str]) -> list[Finding]:
    """A finding about these ids, when there are any."""
    ids = list(wrong)
    return [Finding(code, text, len(ids), ids[:EXAMPLES])] if ids else []
