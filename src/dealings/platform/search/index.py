"""The search index: written in the transaction of what it describes, so it is never behind.

``put(tx, [Document(kind="product", scope=shop, id=id, title=…, body=…)])`` and
``find(db, kind="product", text="龙井", limit=30)``, which answers ids, best first.

The table `search` is the one that Core can't describe, because each store has its own kind; the first migration
makes it. SQLite: FTS5, whose `ascii` tokenizer parts words at ASCII signs only and takes every other character as it
stands, so that the words are exactly those of `words.py`; `rowid` is a number made from kind and id, because FTS5 finds
nothing else without reading all. PostgreSQL: a `tsvector` written out word by word, so that no parser or locale of
the server has a say in it; its key begins with the scope (the shop), by which it can be distributed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from sqlalchemy import text as sql

from dealings.kernel.ids import Id
from dealings.platform.db.tx import Read, Tx
from dealings.platform.search.words import Word, index_words, query_words

TITLE_WEIGHT: Final = 10
"""A word in the title counts as much as this many in the body (PostgreSQL's A to D: 1.0 to 0.1)."""
MOST_POSITION: Final = 16_383
"""PostgreSQL's last position in a tsvector."""

_PUT: Final = {
    "sqlite": sql(
        "INSERT OR REPLACE INTO search (rowid, kind, scope, id, title, body)"
        " VALUES (:number, :kind, :scope, :id, :title, :body)"
    ),
    "postgresql": sql(
        "INSERT INTO search (kind, scope, id, words) VALUES (:kind, :scope, :id, CAST(:words AS tsvector))"
        " ON CONFLICT (scope, kind, id) DO UPDATE SET words = excluded.words"
    ),
}
_REMOVE: Final = {
    "sqlite": sql("DELETE FROM search WHERE rowid = :number"),
    "postgresql": sql("DELETE FROM search WHERE scope = :scope AND kind = :kind AND id = :id"),
}
_FIND: Final = {
    "sqlite": sql(
        "SELECT id FROM search WHERE search MATCH :query AND kind = :kind"
        f" ORDER BY bm25(search, 0, 0, 0, {TITLE_WEIGHT}, 1), id DESC LIMIT :limit"
    ),
    "postgresql": sql(
        "SELECT id FROM search, CAST(:query AS tsquery) AS query WHERE words @@ query AND kind = :kind"
        " ORDER BY ts_rank(words, query) DESC, id DESC LIMIT :limit"
    ),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What an index row is about; `scope` is whose it is (a shop)."""

    kind: str
    scope: Id
    id: Id


@dataclass(frozen=True, slots=True)
class Document(Entry):
    title: str
    body: str


def put(tx: Tx, documents: Sequence[Document]) -> None:
    """Index these, in place of what was there about them."""
    if documents:
        tx.sql.execute(_PUT[tx.dialect], [_row(tx, document) for document in documents])


def remove(tx: Tx, entries: Sequence[Entry]) -> None:
    if entries:
        rows = [{"kind": e.kind, "scope": e.scope, "id": e.id, "number": _number(e)} for e in entries]
        tx.sql.execute(_REMOVE[tx.dialect], rows)


def find(db: Read, *, kind: str, text: str, limit: int) -> list[Id]:
    """Ids whose title or body has all the words of `text`, or if none has, some of them; best first.

    Never raises, whatever was typed.
    """
    words = query_words(text)
    if not words:
        return []
    found = _matching(db, kind=kind, words=words, either=False, limit=limit)
    telling = [word for word in words if len(word.text) > 1]
    if found or len(words) == 1 or not telling:
        return found
    return _matching(db, kind=kind, words=telling, either=True, limit=limit)


def _matching(db: Read, *, kind: str, words: Sequence[Word], either: bool, limit: int) -> list[Id]:
    query = _fts5_query(words, either) if db.dialect == "sqlite" else _tsquery(words, either)
    rows = db.sql.execute(_FIND[db.dialect], {"kind": kind, "query": query, "limit": limit})
    return [row.id for row in rows]


def _row(tx: Tx, document: Document) -> dict[str, str | int]:
    title, body = index_words(document.title), index_words(document.body)
    row: dict[str, str | int] = {"kind": document.kind, "scope": document.scope, "id": document.id}
    if tx.dialect == "sqlite":
        return row | {"number": _number(document), "title": " ".join(title), "body": " ".join(body)}
    return row | {"words": _tsvector(title, body)}


def _number(entry: Entry) -> int:
    """63 bits of a hash: among a million entries two meet once in ten million times."""
    digest = blake2b(f"{entry.kind} {entry.id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


# Words hold no signs that either store reads as its own (words.py), so quoting them is enough.


def _fts5_query(words: Sequence[Word], either: bool) -> str:
    return (" OR " if either else " AND ").join(f'"{word.text}"' + "*" * word.prefix for word in words)


def _tsquery(words: Sequence[Word], either: bool) -> str:
    return (" | " if either else " & ").join(f"'{word.text}'" + ":*" * word.prefix for word in words)


def _tsvector(title: Sequence[str], body: Sequence[str]) -> str:
    places: dict[str, list[str]] = {}
    for position, (word, weight) in enumerate([(w, "A") for w in title] + [(w, "D") for w in body], start=1):
        places.setdefault(word, []).append(f"{min(position, MOST_POSITION)}{weight}")
    return " ".join(f"'{word}':{','.join(positions)}" for word, positions in places.items())
