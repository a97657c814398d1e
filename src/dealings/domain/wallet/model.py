"""The ledger's values and its rules: what a list of transfers does to accounts. Pure.

In TigerBeetle's manner: balances are credits less debits, transfers are immutable, and a
transfer is refused for the first reason in a fixed order (`REASONS`, tested as a table).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import msgspec

from dealings.domain.wallet.errors import (
    AccountFull,
    AmountNotPositive,
    AmountTooLarge,
    InsufficientFunds,
    NoSuchAccount,
    OtherCurrency,
    SameAccounts,
    TransferIdReused,
)
from dealings.kernel.clock import Millis
from dealings.kernel.errors import Refusal
from dealings.kernel.ids import Id
from dealings.kernel.money import MOST, Money

Purpose = Literal["wallet", "shop", "escrow", "sandbox"]
CauseKind = Literal["direct_chat", "shop_chat", "group", "search", "shop_page", "link", "direct"]

FLOORS: dict[str, int | None] = {"wallet": 0, "shop": 0, "escrow": 0, "sandbox": None}
"""How low an account may go, by purpose. Only play money comes from an account without a floor."""

SANDBOX_OWNER: Id = "sandbox"
MOST_TOPUP = 10**8
"""The most play money a time, in minor units: a million yuan buys anything in a demo."""
MOST_BALANCE = 8 * MOST
"""Stays below 2^53, so that a browser shows every balance exactly."""


class Cause(msgspec.Struct, frozen=True):
    """What led to an order, and so to its money: a card in a conversation, a link, the search … or nothing (P6)."""

    kind: CauseKind = "direct"
    conversation: Id | None = None
    seq: int | None = None
    link: str | None = None
    shared_by: Id | None = None


class AccountKey(NamedTuple):
    """An account of the ledger by what it is for; its id is these three in one string."""

    owner: Id
    purpose: str
    currency: str

    @property
    def id(self) -> Id:
        return ":".join(self)

    @staticmethod
    def of(id: Id) -> AccountKey:
        """The key in an id; a malformed id is no account that anyone opened, but sorts and compares like one."""
        owner, _, rest = id.partition(":")
        purpose, _, currency = rest.partition(":")
        return AccountKey(owner, purpose, currency)


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """Move `amount` from `debit` to `credit`. The caller names it: the same id is done once (P8).

    `ref` is what it is about (an order), `party` for whom, where that is neither owner: the
    buyer of a settlement.
    """

    id: Id
    debit: Id
    credit: Id
    amount: Money
    reason: str
    ref: Id | None = None
    party: Id | None = None
    cause: Cause | None = None


class TransferDone(msgspec.Struct, frozen=True):
    id: Id
    at: Millis


class Balance(msgspec.Struct, frozen=True):
    currency: str
    available: int
    held: int


class Wallet(msgspec.Struct, frozen=True):
    """What someone has: `available` can be spent, `held` waits in escrow for orders under way."""

    balances: list[Balance]
    sandbox: bool


class Held(msgspec.Struct, frozen=True):
    owner: Id
    currency: str
    amount: int


class Entry(msgspec.Struct, frozen=True):
    """One line of a statement: `amount` is signed, `balance` what the account held after it."""

    id: Id
    at: Millis
    amount: Money
    balance: Money
    reason: str
    counterparty: str
    order: Id | None
    cause: Cause | None


class Term(msgspec.Struct, frozen=True):
    label: str
    amount: int


class Equation(msgspec.Struct, frozen=True):
    """Two sums that must be equal, as the operator's page shows them (P4)."""

    code: str
    currency: str
    left: list[Term]
    right: list[Term]
    holds: bool


def equation(code: str, currency: str, *, left: list[Term], right: list[Term], holds: bool = True) -> Equation:
    """`holds` can add what sums hide (one shop's surplus is another's gap); the sums must be equal in any case."""
    same = sum(term.amount for term in left) == sum(term.amount for term in right)
    return Equation(code, currency, left, right, holds and same)


@dataclass(slots=True)
class Standing:
    """An account while a list of transfers is decided."""

    balance: int
    floor: int | None
    entries: int = 0


@dataclass(slots=True)
class Change:
    """What a list of transfers does to one account, in order: the running sums, the last being the whole."""

    sums: list[int] = field(default_factory=list)

    def add(self, amount: int) -> int:
        """Note one more movement; which one of this account's it is."""
        self.sums.append((self.sums[-1] if self.sums else 0) + amount)
        return len(self.sums) - 1

    @property
    def delta(self) -> int:
        return self.sums[-1]

    @property
    def lowest(self) -> int:
        return min(self.sums)


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an accepted transfer: the `nth` movement of this account in the list."""

    account: AccountKey
    transfer: Id
    amount: int
    nth: int


@dataclass(slots=True)
class Decision:
    """The answers, in order, and what is to be written."""

    answers: list[TransferDone | Refusal] = field(default_factory=list)
    accepted: list[Transfer] = field(default_factory=list)
    changes: dict[AccountKey, Change] = field(default_factory=dict)
    postings: list[Posting] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recorded:
    """A transfer that was done, and when."""

    transfer: Transfer
    at: Millis


class Case(NamedTuple):
    """One transfer and what it meets."""

    transfer: Transfer
    debit: Standing | None
    credit: Standing | None
    earlier: Recorded | None


def _same_accounts(case: Case) -> Refusal | None:
    return SameAccounts() if case.transfer.debit == case.transfer.credit else None


def _other_currency(case: Case) -> Refusal | None:
    currency = case.transfer.amount.currency
    held = {AccountKey.of(case.transfer.debit).currency, AccountKey.of(case.transfer.credit).currency}
    return OtherCurrency(currency=currency) if held != {currency} else None


def _not_positive(case: Case) -> Refusal | None:
    return AmountNotPositive() if case.transfer.amount.amount <= 0 else None


def _too_large(case: Case) -> Refusal | None:
    return AmountTooLarge(most=MOST) if case.transfer.amount.amount > MOST else None


def _no_such_account(case: Case) -> Refusal | None:
    return NoSuchAccount() if case.debit is None or case.credit is None else None


def _id_reused(case: Case) -> Refusal | None:
    return TransferIdReused() if case.earlier and case.earlier.transfer != case.transfer else None


def _insufficient_funds(case: Case) -> Refusal | None:
    assert case.debit
    after = case.debit.balance - case.transfer.amount.amount
    if case.debit.floor is not None and after < case.debit.floor:
        needed, currency = case.transfer.amount.amount, case.transfer.amount.currency
        return InsufficientFunds(available=case.debit.balance - case.debit.floor, needed=needed, currency=currency)
    return None


def _account_full(case: Case) -> Refusal | None:
    assert case.debit
    assert case.credit
    amount = case.transfer.amount.amount
    fits = case.credit.balance + amount <= MOST_BALANCE and case.debit.balance - amount >= -MOST_BALANCE
    return None if fits else AccountFull()


REASONS: tuple[Callable[[Case], Refusal | None], ...] = (
    _same_accounts,
    _other_currency,
    _not_positive,
    _too_large,
    _no_such_account,
    _id_reused,
    _insufficient_funds,
    _account_full,
)
"""In order of precedence; a repeat is recognised before its funds are looked at, for they may be gone."""


def refusal(case: Case) -> Refusal | None:
    """The first reason against a transfer; a repeat of one that was done has none."""
    for reason in REASONS:
        if case.earlier and reason is _insufficient_funds:
            return None
        if (found := reason(case)) is not None:
            return found
    return None


def decide(
    transfers: Sequence[Transfer],
    *,
    standings: Mapping[AccountKey, Standing],
    recorded: Mapping[Id, Recorded],
    now: Millis,
) -> Decision:
    """What becomes of each, in order, every one seeing those before it. Changes `standings`."""
    decision = Decision()
    known = dict(recorded)
    for transfer in transfers:
        debit, credit = AccountKey.of(transfer.debit), AccountKey.of(transfer.credit)
        case = Case(transfer, standings.get(debit), standings.get(credit), known.get(transfer.id))
        if (refused := refusal(case)) is not None:
            decision.answers.append(refused)
            continue
        if case.earlier is None:
            known[transfer.id] = Recorded(transfer, now)
            _accept(decision, case)
        decision.answers.append(TransferDone(transfer.id, known[transfer.id].at))
    return decision


def _accept(decision: Decision, case: Case) -> None:
    assert case.debit
    assert case.credit
    amount = case.transfer.amount.amount
    decision.accepted.append(case.transfer)
    for id, standing, signed in (
        (case.transfer.debit, case.debit, -amount),
        (case.transfer.credit, case.credit, amount),
    ):
        key = AccountKey.of(id)
        standing.balance += signed
        nth = decision.changes.setdefault(key, Change()).add(signed)
        decision.postings.append(Posting(key, case.transfer.id, signed, nth))
