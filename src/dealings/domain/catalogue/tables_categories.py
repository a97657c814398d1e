"""What is on sale, by the type that shops give it."""

from dealings.kernel.ids import Id
from dealings.platform.db.tx import Read

ON_SALE = "FROM products WHERE state = 'active' AND type <> ''"
CATEGORIES = {
    "sqlite": f"SELECT type, count(*) {ON_SALE} GROUP BY type ORDER BY count(*) DESC, type LIMIT ?",
    "postgresql": f"SELECT type, count(*) {ON_SALE} GROUP BY type ORDER BY count(*) DESC, type LIMIT %s",
}
IN_CATEGORY = {
    "sqlite": f"SELECT id {ON_SALE} AND type = ? AND id < ? ORDER BY id DESC LIMIT ?",
    "postgresql": f"SELECT id {ON_SALE} AND type = %s AND id < %s ORDER BY id DESC LIMIT %s",
}
LAST: Id = "~"
"""Sorts after every id."""


def categories(db: Read, *, limit: int) -> list[tuple[str, int]]:
    """Types with how many products on sale have them, the most common first."""
    return [(name, count) for name, count in db.driver.execute(CATEGORIES[db.dialect], (limit,)).fetchall()]


def ids_in(db: Read, category: str, *, after: Id | None, limit: int) -> list[Id]:
    """The newest first, from after an id on."""
    rows = db.driver.execute(IN_CATEGORY[db.dialect], (category, after or LAST, limit)).fetchall()
    return [row[0] for row in rows]
