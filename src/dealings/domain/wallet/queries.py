"""Reads about money, as typed values."""

from collections.abc import Callable, Sequence
from heapq import merge
from itertools import islice
from typing import Annotated

import msgspec

from dealings.domain.identity import api as identity
from dealings.domain.wallet import tables
from dealings.domain.wallet.model import (
    AccountKey,
    Balance,
    Entry,
    Equation,
    Held,
    Recorded,
    Term,
    Wallet,
    equation,
)
from dealings.domain.wallet.tables import EntryRow
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.kernel.money import Money
from dealings.platform.db.tx import Read
from dealings.platform.pages import Page, position
from dealings.platform.pages import cursor as cursor_of

Positions = dict[str, Annotated[int, msgspec.Meta(ge=0, le=2**53)]]
"""Where a statement goes on: by currency, the number of the last entry shown."""
HoldQuery = Callable[[Read, Sequence[Id]], list[Held]]
HOLDS: list[HoldQuery] = []
ALWAYS: Millis = 2**62
"""No time comes after it."""


def holding(query: HoldQuery) -> HoldQuery:
    """Register who knows what is held for these owners in escrow: derived from the orders themselves, never counted."""
    HOLDS.append(query)
    return query


def wallets(db: Read, owners: Sequence[Id]) -> dict[Id, Wallet]:
    """What these people have. Someone who never had money has no balances."""
    available = {(a.key.owner, a.key.currency): a.balance for a in tables.select_accounts(db, owners, purpose="wallet")}
    held = dict.fromkeys(available, 0)
    for found in (found for query in HOLDS for found in query(db, owners)):
        key = (found.owner, found.currency)
        held[key] = held.get(key, 0) + found.amount
    sandbox = tables.sandbox_open(db)
    balances: dict[Id, list[Balance]] = {owner: [] for owner in owners}
    for owner, currency in sorted(held):
        balances[owner].append(Balance(currency, available.get((owner, currency), 0), held[owner, currency]))
    return {owner: Wallet(balances[owner], sandbox) for owner in owners}


def wallet(db: Read, *, owner: Id) -> Wallet:
    return wallets(db, [owner])[owner]


def shop_wallet(db: Read, *, shop: Id, by: Id) -> Wallet:
    """What a shop has earned, and what waits in its escrow. For its owner (P7)."""
    identity.require_staff(db, shop=shop, account=by, owner=True)
    earned = {a.key.currency: a.balance for a in tables.select_accounts(db, [shop], purpose="shop")}
    waiting = {a.key.currency: a.balance for a in tables.select_accounts(db, [shop], purpose="escrow")}
    currencies = sorted(earned | waiting)
    return Wallet([Balance(c, earned.get(c, 0), waiting.get(c, 0)) for c in currencies], sandbox=False)


def shop_statement(db: Read, *, shop: Id, by: Id, cursor: str | None, limit: int) -> Page[Entry]:
    identity.require_staff(db, shop=shop, account=by, owner=True)
    return statement(db, owner=shop, purpose="shop", cursor=cursor, limit=limit)


def statement(
    db: Read, *, owner: Id, purpose: str = "wallet", cursor: str | None = None, limit: int = 30
) -> Page[Entry]:
    """What moved on someone's accounts, newest first; each account in the exact order of its entries."""
    before = position(cursor, Positions) or {}
    pages = [
        tables.select_entries(db, account.key, before=before.get(account.key.currency), limit=limit + 1)
        for account in tables.select_accounts(db, [owner], purpose=purpose)
    ]
    recorded = tables.select_transfers(db, [row.transfer for page in pages for row in page])
    newest = list(islice(merge(*pages, key=lambda row: recorded[row.transfer].at, reverse=True), limit))
    names = _names(db, [(row.account, recorded[row.transfer]) for row in newest])
    items = [_entry(row, recorded[row.transfer], name) for row, name in zip(newest, names, strict=True)]
    more = sum(map(len, pages)) > limit
    reached = before | {row.account.currency: row.n for row in newest}
    return Page(items, cursor_of(reached) if more else None)


def _entry(row: EntryRow, recorded: Recorded, counterparty: str) -> Entry:
    transfer, currency = recorded.transfer, row.account.currency
    return Entry(
        id=transfer.id,
        at=recorded.at,
        amount=Money(row.amount, currency),
        balance=Money(row.balance, currency),
        reason=transfer.reason,
        counterparty=counterparty,
        order=transfer.ref,
        cause=transfer.cause,
    )


def _names(db: Read, lines: Sequence[tuple[AccountKey, Recorded]]) -> list[str]:
    """Who stands on the other side of each: a person, a shop, or nobody (play money)."""
    others = [_other(account, recorded) for account, recorded in lines]
    people = identity.people(db, {id for kind, id in others if kind == "person"})
    shops = identity.shops(db, {id for kind, id in others if kind == "shop"})
    names = {id: person.name for id, person in people.items()} | {id: shop.name for id, shop in shops.items()}
    return [names.get(id, "") for _, id in others]


def _other(account: AccountKey, recorded: Recorded) -> tuple[str, Id]:
    transfer = recorded.transfer
    other = AccountKey.of(transfer.credit if account.id == transfer.debit else transfer.debit)
    if other.owner == account.owner:  # a settlement comes from the shop's own escrow: the buyer is who counts
        return "person", transfer.party or ""
    return ("person" if other.purpose == "wallet" else "shop"), other.owner


def balance(db: Read, account: Id) -> int:
    """What an account holds, in minor units; one that was never opened holds nothing."""
    return tables.select_balance(db, AccountKey.of(account))


def balances(db: Read, *, purpose: str) -> dict[AccountKey, int]:
    """Every account of one purpose."""
    return {account.key: account.balance for account in tables.select_all_accounts(db, purpose=purpose)}


def moved(db: Read, *, account: Id, reason: str, since: Millis, until: Millis) -> int:
    """What came into an account less what left it for one reason, at or after `since` and before `until`."""
    return tables.sum_moved(db, AccountKey.of(account), reason=reason, since=since, until=until)


def moved_by_reason(db: Read, *, reason: str, since: Millis = 0, until: Millis = ALWAYS) -> dict[str, int]:
    """What moved for one reason, by currency; at or after `since` and before `until`, if they are given."""
    return tables.sum_by_reason(db, reason, since=since, until=until)


def equations(db: Read) -> list[Equation]:
    """P3 per currency: accounts sum to zero, none is below its floor, every balance is that of its transfers."""
    totals = tables.select_totals(db)
    unbalanced = tables.count_unbalanced(db)
    found: list[Equation] = []
    for currency in sorted({total.currency for total in totals} | unbalanced.keys()):
        mine = [total for total in totals if total.currency == currency]
        found.append(_sum_to_zero(currency, mine))
        found.append(_counted("floors", currency, mine, sum(total.below_floor for total in mine)))
        found.append(_counted("balances", currency, mine, sum(total.off for total in mine)))
        found.append(_pairs(currency, unbalanced.get(currency, 0)))
    return found


def _sum_to_zero(currency: str, totals: Sequence[tables.Total]) -> Equation:
    left = [Term(total.purpose, total.balance) for total in totals]
    return equation("accounts_zero", currency, left=left, right=[Term("zero", 0)])


def _counted(code: str, currency: str, totals: Sequence[tables.Total], wrong: int) -> Equation:
    count = sum(total.accounts for total in totals)
    return equation(code, currency, left=[Term("accounts", count)], right=[Term("accounts_right", count - wrong)])


def _pairs(currency: str, wrong: int) -> Equation:
    return equation("transfers_balanced", currency, left=[Term("unbalanced", wrong)], right=[Term("zero", 0)])
