"""The people of a measurement, written straight into an empty store: accounts with a session each, and what they share."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from sqlalchemy import Table, insert

from dealings.domain.identity import tables as identity
from dealings.domain.identity import tokens
from dealings.domain.messaging import tables as messaging
from dealings.kernel.clock import system_clock
from dealings.kernel.ids import Id, Ids
from dealings.platform.db.stores import Store

ROWS_AT_ONCE = 5_000
GROUP = 500

Row = dict[str, object]


@dataclass(frozen=True)
class Person:
    account: Id
    token: str


@dataclass(frozen=True)
class Talk:
    """A conversation, with who is in it."""

    conversation: Id
    people: Sequence[Person]


@dataclass(frozen=True)
class Town:
    pairs: Sequence[Talk]
    group: Talk


class Builder:
    """Collects rows, table by table, as the actions would have written them one after another."""

    def __init__(self) -> None:
        self._rows: dict[Table, list[Row]] = {}
        self._now = system_clock()
        self._ids = Ids(system_clock, Random())

    def person(self, number: int) -> Person:
        account, token = self._ids(), tokens.new_token()
        handle = f"peer{number}"
        given: Row = {"id": account, "handle": handle, "name": handle, "bio": "", "avatar": None, "locale": None}
        secret: Row = {"password_hash": "x" * 60, "card": secrets.token_hex(8), "operator": False}
        self._add(identity.accounts, given | secret | {"created_at": self._now})
        session: Row = {"id": self._ids(), "account": account, "token_hash": tokens.digest(token), "agent": "bench"}
        times: Row = {"address": "127.0.0.1", "created_at": self._now, "seen_at": self._now}
        self._add(identity.sessions, session | times)
        return Person(account, token)

    def pair(self, one: Person, other: Person) -> Talk:
        """Two friends with a conversation."""
        low, high = sorted((one.account, other.account))
        talk = self._conversation("direct", [one, other], low=low, high=high)
        self._add(messaging.pairs, {"one": low, "other": high, "conversation": talk.conversation})
        for owner, friend in ((low, high), (high, low)):
            stands: Row = {"state": "accepted", "remark": None, "greeting": "", "changed_at": self._now}
            self._add(identity.contacts, {"owner": owner, "other": friend} | stands)
        return talk

    def group(self, people: Sequence[Person]) -> Talk:
        return self._conversation("group", people, name="Peers")

    def _conversation(self, kind: str, people: Sequence[Person], **facts: str) -> Talk:
        id = self._ids()
        nothing: Row = dict.fromkeys(("name", "picture", "low", "high", "shop", "buyer"))
        about: Row = {"id": id, "kind": kind, "created_at": self._now, "member_count": len(people)}
        self._add(messaging.conversations, nothing | about | facts)
        self._add(messaging.heads, {"conversation": id, "last_seq": 0, "commit_no": 0})
        for place, person in enumerate(people):
            role = "owner" if kind == "group" and place == 0 else "member"
            stands: Row = {"role": role, "from_seq": 0, "read_seq": 0, "joined_at": self._now}
            self._add(messaging.members, {"conversation": id, "account": person.account} | stands)
            self._add(messaging.memberships, {"account": person.account, "conversation": id})
        return Talk(id, people)

    def _add(self, table: Table, row: Row) -> None:
        self._rows.setdefault(table, []).append(row)

    def write(self, store: Store) -> None:
        """All in one transaction; only PostgreSQL keeps the heads of conversations."""
        with store.connect(write=True) as sql:
            sql.exec_driver_sql(store.begin(write=True))
            for table, rows in self._rows.items():
                if table is not messaging.heads or store.dialect == "postgresql":
                    for some in _slices(rows):
                        sql.execute(insert(table), some)
            sql.exec_driver_sql("COMMIT")
            if store.dialect == "postgresql":
                sql.exec_driver_sql("ANALYZE")


def _slices(rows: Sequence[Row]) -> Iterable[Sequence[Row]]:
    return (rows[at : at + ROWS_AT_ONCE] for at in range(0, len(rows), ROWS_AT_ONCE))


def settle(store: Store, *, pairs: int) -> Town:
    """So many pairs, and a group of those who are in the first of them."""
    builder = Builder()
    people = [builder.person(number) for number in range(max(2 * pairs, GROUP))]
    talks = [builder.pair(*people[2 * n : 2 * n + 2]) for n in range(pairs)]
    group = builder.group(people[:GROUP])
    builder.write(store)
    return Town(talks, group)
