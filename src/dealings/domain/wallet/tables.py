"""Ledger accounts, transfers, entries: schema and SQL.

Everything of one owner lies together (the owner leads every key), so a wallet or a
statement is one place to look, also when the tables are spread over nodes. The hot
statements are written out per store: on SQLite one prepared statement for many rows is
twice as fast as `UPDATE … FROM json_each`, on PostgreSQL one statement over `unnest`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Boolean, and_, case, func, select

from dealings.domain.wallet.model import (
    FLOORS,
    AccountKey,
    Cause,
    Decision,
    Posting,
    Recorded,
    Standing,
    Transfer,
)
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.kernel.money import Money
from dealings.platform.db.schema import (
    ID,
    METADATA,
    MILLIS,
    MINOR_UNITS,
    BigInteger,
    Column,
    String,
    Table,
    Text,
    upsert,
)
from dealings.platform.db.sets import rows_for, write_rows
from dealings.platform.db.tx import LostRace, Read, Tx

PURPOSE = String(16)
CURRENCY = String(3)
ACCOUNT_ID = String(40)

accounts = Table(
    "ledger_accounts",
    METADATA,
    Column("owner", ID, primary_key=True),
    Column("purpose", PURPOSE, primary_key=True),
    Column("currency", CURRENCY, primary_key=True),
    Column("balance", MINOR_UNITS, nullable=False),
    Column("floor", MINOR_UNITS),
    Column("entries", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
transfers = Table(
    "transfers",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("debit", ACCOUNT_ID, nullable=False),
    Column("credit", ACCOUNT_ID, nullable=False),
    Column("amount", MINOR_UNITS, nullable=False),
    Column("currency", CURRENCY, nullable=False),
    Column("reason", String(24), nullable=False),
    Column("ref", ID),
    Column("party", ID),
    Column("cause", Text),
    Column("at", MILLIS, nullable=False),
    sqlite_with_rowid=False,  # ids grow with time, so new ones share a page
)
entries = Table(
    "ledger_entries",
    METADATA,
    Column("owner", ID, primary_key=True),
    Column("purpose", PURPOSE, primary_key=True),
    Column("currency", CURRENCY, primary_key=True),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("transfer", ID, nullable=False),
    Column("amount", MINOR_UNITS, nullable=False),
    Column("balance", MINOR_UNITS, nullable=False),
    sqlite_with_rowid=False,
)
"""Two rows a transfer, numbered 1, 2, 3 … in each account without gaps, with the balance after each."""

sandbox = Table(
    "sandbox",
    METADATA,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("open", Boolean, nullable=False),
)
"""One row: may play money be made here?"""


OPEN = {
    "sqlite": "INSERT INTO ledger_accounts (owner, purpose, currency, balance, floor, entries) VALUES (?, ?, ?, 0, ?, 0)"
    " ON CONFLICT DO NOTHING",
    "postgresql": "INSERT INTO ledger_accounts (owner, purpose, currency, balance, floor, entries)"
    " SELECT owner, purpose, currency, 0, floor, 0"
    " FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) AS j(owner, purpose, currency, floor)"
    " ORDER BY owner, purpose, currency ON CONFLICT DO NOTHING",
}


def open_accounts(tx: Tx, keys: Collection[AccountKey]) -> None:
    """Make those that are not there."""
    write_rows(tx, OPEN, [(*key, FLOORS[key.purpose]) for key in sorted(keys)])


# the hot path: read what a list of transfers meets, move, write down

SELECT_STANDINGS = {
    "sqlite": "SELECT a.owner, a.purpose, a.currency, a.balance, a.floor, a.entries FROM json_each(?) k CROSS JOIN ledger_accounts a"
    " ON a.owner = k.value->>0 AND a.purpose = k.value->>1 AND a.currency = k.value->>2",
    "postgresql": "SELECT a.owner, a.purpose, a.currency, a.balance, a.floor, a.entries"
    " FROM unnest(%s::text[], %s::text[], %s::text[]) AS k (owner, purpose, currency)"
    " JOIN ledger_accounts a USING (owner, purpose, currency)",
}
TRANSFER_COLUMNS = "id, debit, credit, amount, currency, reason, ref, party, cause, at"
SELECT_TRANSFERS = {
    "sqlite": f"SELECT t.{TRANSFER_COLUMNS} FROM json_each(?) k CROSS JOIN transfers t ON t.id = k.value->>0",
    "postgresql": f"SELECT {TRANSFER_COLUMNS} FROM transfers WHERE id = ANY(%s::text[])",
}
MOVE = {
    "sqlite": "UPDATE ledger_accounts SET balance = balance + ?, entries = entries + ?"
    " WHERE owner = ? AND purpose = ? AND currency = ? AND (floor IS NULL OR balance + ? >= floor)",
    # In the order of keys, so that lanes seldom wait for each other in a ring; when they do, the lane runs it again.
    "postgresql": "UPDATE ledger_accounts a SET balance = a.balance + d.delta, entries = a.entries + d.entries"
    " FROM (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[])"
    " AS u (delta, entries, owner, purpose, currency, lowest) ORDER BY owner, purpose, currency) d"
    " WHERE a.owner = d.owner AND a.purpose = d.purpose AND a.currency = d.currency"
    " AND (a.floor IS NULL OR a.balance + d.lowest >= a.floor)"
    " RETURNING a.owner, a.purpose, a.currency, a.balance, a.entries",
}
INSERT_TRANSFERS = {
    "sqlite": f"INSERT INTO transfers ({TRANSFER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "postgresql": f"INSERT INTO transfers ({TRANSFER_COLUMNS}) SELECT * FROM unnest(%s::text[], %s::text[], %s::text[],"
    " %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[])",
}
ENTRY_COLUMNS = "owner, purpose, currency, n, transfer, amount, balance"
INSERT_ENTRIES = {
    "sqlite": f"INSERT INTO ledger_entries ({ENTRY_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
    "postgresql": f"INSERT INTO ledger_entries ({ENTRY_COLUMNS}) SELECT * FROM unnest(%s::text[], %s::text[],"
    " %s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::bigint[])",
}


def select_standings(db: Read, keys: Collection[AccountKey]) -> dict[AccountKey, Standing]:
    """Balance and floor of those that exist."""
    return {AccountKey(*row[:3]): Standing(*row[3:]) for row in rows_for(db, SELECT_STANDINGS, sorted(keys))}


def select_transfers(db: Read, ids: Collection[Id]) -> dict[Id, Recorded]:
    return {row[0]: _recorded(row) for row in rows_for(db, SELECT_TRANSFERS, [(id,) for id in ids])}


def _recorded(row: Sequence[Any]) -> Recorded:
    id, debit, credit, amount, currency, reason, ref, party, cause, at = row
    transfer = Transfer(
        id=id,
        debit=debit,
        credit=credit,
        amount=Money(amount, currency),
        reason=reason,
        ref=ref,
        party=party,
        cause=msgspec.json.decode(cause, type=Cause) if cause else None,
    )
    return Recorded(transfer, at)


@dataclass(frozen=True, slots=True)
class Start:
    """Where an account stood when the list was applied to it."""

    balance: int
    entries: int


def write(tx: Tx, decision: Decision, standings: Mapping[AccountKey, Standing]) -> None:
    """Apply what was decided. `LostRace` if another lane has taken the money meanwhile."""
    if not decision.accepted:
        return
    moved = _move_sqlite(tx, decision, standings) if tx.dialect == "sqlite" else _move_postgres(tx, decision)
    write_rows(tx, INSERT_TRANSFERS, [_transfer_row(tx, transfer) for transfer in decision.accepted])
    write_rows(tx, INSERT_ENTRIES, [_entry_row(posting, moved, decision) for posting in decision.postings])


def _moves(decision: Decision) -> list[tuple[Any, ...]]:
    return [(c.delta, len(c.sums), *key, c.lowest) for key, c in sorted(decision.changes.items())]


def _move_sqlite(tx: Tx, decision: Decision, seen: Mapping[AccountKey, Standing]) -> dict[AccountKey, Start]:
    rows = _moves(decision)
    assert write_rows(tx, MOVE, rows) == len(rows), "there is one writer: what was read just before still holds"
    return {key: Start(seen[key].balance - change.delta, seen[key].entries) for key, change in decision.changes.items()}


def _move_postgres(tx: Tx, decision: Decision) -> dict[AccountKey, Start]:
    rows = _moves(decision)
    after = rows_for(tx, MOVE, rows)
    if len(after) < len(rows):
        raise LostRace()
    changes = [(AccountKey(*row[:3]), row[3], row[4]) for row in after]
    return {
        key: Start(balance - decision.changes[key].delta, count - len(decision.changes[key].sums))
        for key, balance, count in changes
    }


def _transfer_row(tx: Tx, t: Transfer) -> tuple[object, ...]:
    cause = msgspec.json.encode(t.cause).decode() if t.cause else None
    return t.id, t.debit, t.credit, t.amount.amount, t.amount.currency, t.reason, t.ref, t.party, cause, tx.now


def _entry_row(posting: Posting, starts: Mapping[AccountKey, Start], decision: Decision) -> tuple[object, ...]:
    start, change = starts[posting.account], decision.changes[posting.account]
    n, balance = start.entries + posting.nth + 1, start.balance + change.sums[posting.nth]
    return *posting.account, n, posting.transfer, posting.amount, balance


# reads


class Account(NamedTuple):
    key: AccountKey
    balance: int


SELECT_ACCOUNTS = {
    "sqlite": "SELECT a.owner, a.purpose, a.currency, a.balance FROM json_each(?) k"
    " CROSS JOIN ledger_accounts a ON a.owner = k.value->>0 AND a.purpose = k.value->>1",
    "postgresql": "SELECT a.owner, a.purpose, a.currency, a.balance"
    " FROM unnest(%s::text[], %s::text[]) AS k (owner, purpose) JOIN ledger_accounts a USING (owner, purpose)",
}


def select_accounts(db: Read, owners: Collection[Id], *, purpose: str) -> list[Account]:
    """The accounts of these owners for one purpose, by owner and currency."""
    rows = rows_for(db, SELECT_ACCOUNTS, [(owner, purpose) for owner in owners])
    return sorted(Account(AccountKey(*row[:3]), row[3]) for row in rows)


def select_all_accounts(db: Read, *, purpose: str) -> list[Account]:
    """Everybody's, by owner and currency."""
    query = select(accounts).where(accounts.c.purpose == purpose).order_by(accounts.c.owner, accounts.c.currency)
    return [Account(AccountKey(r.owner, r.purpose, r.currency), r.balance) for r in db.sql.execute(query)]


def select_balance(db: Read, key: AccountKey) -> int:
    standing = select_standings(db, [key]).get(key)
    return standing.balance if standing else 0


@dataclass(frozen=True, slots=True)
class EntryRow:
    account: AccountKey
    n: int
    transfer: Id
    amount: int
    balance: int


def select_entries(db: Read, key: AccountKey, *, before: int | None, limit: int) -> list[EntryRow]:
    """The newest entries of an account, those before number `before`."""
    mine = and_(entries.c.owner == key.owner, entries.c.purpose == key.purpose, entries.c.currency == key.currency)
    query = select(entries).where(mine).order_by(entries.c.n.desc()).limit(limit)
    rows = db.sql.execute(query if before is None else query.where(entries.c.n < before))
    return [EntryRow(key, r.n, r.transfer, r.amount, r.balance) for r in rows]


def sum_moved(db: Read, key: AccountKey, *, reason: str, since: Millis, until: Millis) -> int:
    """What came in less what went out for a reason, from `since` up to but not including `until`."""
    mine = and_(entries.c.owner == key.owner, entries.c.purpose == key.purpose, entries.c.currency == key.currency)
    of_reason = and_(transfers.c.reason == reason, transfers.c.at >= since, transfers.c.at < until)
    joined = entries.join(transfers, transfers.c.id == entries.c.transfer)
    query = select(func.coalesce(func.sum(entries.c.amount), 0)).select_from(joined).where(mine, of_reason)
    return int(db.sql.execute(query).scalar_one())


def sum_by_reason(db: Read, reason: str, *, since: Millis, until: Millis) -> dict[str, int]:
    """All that moved for a reason, by currency, from `since` up to but not including `until`."""
    of_reason = and_(transfers.c.reason == reason, transfers.c.at >= since, transfers.c.at < until)
    by_currency = select(transfers.c.currency, func.sum(transfers.c.amount)).where(of_reason)
    return {row[0]: int(row[1]) for row in db.sql.execute(by_currency.group_by(transfers.c.currency))}


# the sandbox


def sandbox_open(db: Read) -> bool:
    row = db.driver.execute("SELECT open FROM sandbox").fetchone()
    return bool(row and row[0])


def set_sandbox(tx: Tx, *, open: bool) -> None:
    put = upsert(tx, sandbox).values(id=1, open=open)
    tx.sql.execute(put.on_conflict_do_update(index_elements=["id"], set_={"open": open}))


# the sums that must hold


@dataclass(frozen=True, slots=True)
class Total:
    """One currency's accounts of one purpose: their sum, and how many of them are wrong."""

    currency: str
    purpose: str
    accounts: int
    balance: int
    below_floor: int
    off: int
    """Accounts whose balance or number of entries is not that of their entries."""


def select_totals(db: Read) -> list[Total]:
    key = (entries.c.owner, entries.c.purpose, entries.c.currency)
    sums = (
        select(
            *key,
            func.sum(entries.c.amount).label("amount"),
            func.count().label("count"),
            func.max(entries.c.n).label("last"),
        )
        .group_by(*key)
        .subquery()
    )
    same = and_(*(accounts.c[c] == sums.c[c] for c in ("owner", "purpose", "currency")))
    written = func.coalesce(sums.c.amount, 0)
    right = and_(
        accounts.c.balance == written,
        accounts.c.entries == func.coalesce(sums.c["count"], 0),
        accounts.c.entries == func.coalesce(sums.c.last, 0),
    )
    query = (
        select(
            accounts.c.currency,
            accounts.c.purpose,
            func.count(),
            func.sum(accounts.c.balance),
            func.sum(case((accounts.c.balance < accounts.c.floor, 1), else_=0)),
            func.sum(case((right, 0), else_=1)),
        )
        .select_from(accounts.outerjoin(sums, same))
        .group_by(accounts.c.currency, accounts.c.purpose)
        .order_by(accounts.c.currency, accounts.c.purpose)
    )
    return [Total(row[0], row[1], *map(int, row[2:])) for row in db.sql.execute(query)]


def count_unbalanced(db: Read) -> dict[str, int]:
    """By currency, transfers that are not exactly two entries of plus and minus their amount."""
    pair = and_(
        func.count(entries.c.n) == 2,
        func.min(entries.c.amount) == -transfers.c.amount,
        func.max(entries.c.amount) == transfers.c.amount,
    )
    each = (
        select(transfers.c.currency, case((pair, 1), else_=0).label("balanced"))
        .select_from(transfers.outerjoin(entries, entries.c.transfer == transfers.c.id))
        .group_by(transfers.c.id, transfers.c.currency, transfers.c.amount)
        .subquery()
    )
    wrong = select(each.c.currency, func.count()).where(each.c.balanced == 0).group_by(each.c.currency)
    rows = db.sql.execute(wrong)
    return {row[0]: int(row[1]) for row in rows}
