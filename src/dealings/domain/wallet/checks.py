"""What must hold for the ledger (P3), and what it says was moved for what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, func, or_, select

from dealings.domain.wallet.tables import accounts, entries, transfers
from dealings.kernel.ids import Id
from dealings.platform.db.findings import Check, Finding, examine
from dealings.platform.db.tx import Read

ROWS_AT_A_TIME = 1_000

_key = ("owner", "purpose", "currency")
_account = accounts.c.owner + ":" + accounts.c.purpose + ":" + accounts.c.currency
_entered = entries.c.owner + ":" + entries.c.purpose + ":" + entries.c.currency
_sums = (
    select(
        *(entries.c[name] for name in _key),
        func.sum(entries.c.amount).label("amount"),
        func.count().label("entries"),
        func.max(entries.c.n).label("last"),
    )
    .group_by(*(entries.c[name] for name in _key))
    .subquery()
)
_of_account = and_(*(accounts.c[name] == _sums.c[name] for name in _key))
_running = select(
    _entered.label("account"),
    entries.c.n,
    entries.c.balance,
    func.sum(entries.c.amount).over(partition_by=[entries.c[name] for name in _key], order_by=entries.c.n).label("sum"),
).subquery()
_pairs = (
    select(
        transfers.c.id,
        and_(
            func.count(entries.c.n) == 2,
            func.min(entries.c.amount) == -transfers.c.amount,
            func.max(entries.c.amount) == transfers.c.amount,
            transfers.c.amount > 0,
        ).label("balanced"),
    )
    .select_from(transfers.outerjoin(entries, entries.c.transfer == transfers.c.id))
    .group_by(transfers.c.id, transfers.c.amount)
    .subquery()
)

CHECKS = [
    Check(
        "ledger.sum",
        "P3: the accounts of a currency do not sum to zero.",
        select(accounts.c.currency).group_by(accounts.c.currency).having(func.sum(accounts.c.balance) != 0),
    ),
    Check(
        "ledger.floor",
        "P3: an account is below its floor.",
        select(_account).where(accounts.c.balance < accounts.c.floor).order_by(_account),
    ),
    Check(
        "ledger.balance",
        "P3: an account's balance is not the sum of its entries.",
        select(_account)
        .select_from(accounts.outerjoin(_sums, _of_account))
        .where(accounts.c.balance != func.coalesce(_sums.c.amount, 0))
        .order_by(_account),
    ),
    Check(
        "ledger.numbering",
        "P3: an account's entries are not numbered 1, 2, 3 … up to the count it bears.",
        select(_account)
        .select_from(accounts.outerjoin(_sums, _of_account))
        .where(
            or_(
                accounts.c.entries != func.coalesce(_sums.c.entries, 0),
                accounts.c.entries != func.coalesce(_sums.c.last, 0),
            )
        )
        .order_by(_account),
    ),
    Check(
        "ledger.statement",
        "P3: an entry's balance is not the sum of the entries up to it.",
        select(_running.c.account).where(_running.c.balance != _running.c.sum).distinct().order_by(_running.c.account),
    ),
    Check(
        "ledger.unbalanced",
        "P3: a transfer is not two entries of plus and minus its amount.",
        select(_pairs.c.id).where(~_pairs.c.balanced).order_by(_pairs.c.id),
    ),
    Check(
        "ledger.unexplained",
        "P3: an entry belongs to no transfer, or to no account.",
        select(entries.c.transfer)
        .where(
            or_(
                ~exists().where(transfers.c.id == entries.c.transfer),
                ~exists().where(*(accounts.c[name] == entries.c[name] for name in _key)),
            )
        )
        .order_by(entries.c.transfer),
    ),
]


def findings(db: Read) -> list[Finding]:
    return examine(db, CHECKS)


@dataclass(frozen=True, order=True, slots=True)
class Moved:
    """Money that moved for a reason about something: an order's payment, its refund, its settlement."""

    ref: Id
    reason: str
    amount: int
    currency: str


def moved(db: Read, *, reasons: Sequence[str]) -> Iterator[Moved]:
    """Every transfer for one of these reasons, in order of what it is about; a few at a time."""
    about = select(transfers.c.ref, transfers.c.reason, transfers.c.amount, transfers.c.currency)
    query = about.where(transfers.c.ref.is_not(None), transfers.c.reason.in_(reasons))
    query = query.order_by(transfers.c.ref, transfers.c.reason)
    for row in db.sql.execute(query.execution_options(stream_results=True, yield_per=ROWS_AT_A_TIME)):
        yield Moved(*row)
