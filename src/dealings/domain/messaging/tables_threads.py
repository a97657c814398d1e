"""The threads of shops and buyers, looked up for many at once."""

from collections.abc import Iterable

from dealings.kernel.ids import Id
from dealings.platform.db.sets import rows_for
from dealings.platform.db.tx import Read

THREADS = {
    "sqlite": "SELECT p.one, p.other, p.conversation FROM json_each(?) j"
    " CROSS JOIN conversation_pairs p ON p.one = j.value->>0 AND p.other = j.value->>1",
    "postgresql": "SELECT p.one, p.other, p.conversation FROM unnest(%s::text[], %s::text[]) AS j(one, other)"
    " JOIN conversation_pairs p ON p.one = j.one AND p.other = j.other",
}


def threads(db: Read, pairs: Iterable[tuple[Id, Id]]) -> dict[tuple[Id, Id], Id]:
    """The conversation of each (shop, buyer) that has one."""
    return {(shop, buyer): conversation for shop, buyer, conversation in rows_for(db, THREADS, list(pairs))}
