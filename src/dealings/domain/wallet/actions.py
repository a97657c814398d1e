"""What can be done with money: move it, and in the demo make some to play with."""

from collections.abc import Collection, Sequence

from dealings.domain.identity import api as identity
from dealings.domain.wallet import model, queries, tables
from dealings.domain.wallet.errors import AmountTooLarge, CurrencyUnknown, NoSandbox
from dealings.domain.wallet.events import WalletChanged
from dealings.domain.wallet.model import (
    FLOORS,
    SANDBOX_OWNER,
    AccountKey,
    Decision,
    Purpose,
    Standing,
    Transfer,
    TransferDone,
    Wallet,
)
from dealings.kernel.errors import Refusal
from dealings.kernel.ids import Id
from dealings.kernel.money import EXPONENTS, Money
from dealings.platform.db.actions import action, setwise
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams


@setwise(route="debit")
def transfer(tx: Tx, transfers: Sequence[Transfer]) -> list[TransferDone | Refusal]:
    """Move money, each all or not at all, in order, every one seeing those before it. A repeat is answered as the first time.

    Refused for the first of `model.REASONS`; one refusal does not stop the others.
    """
    decision = _booked(tx, transfers)
    tell(tx, {key.owner for key in decision.changes if key.purpose == "wallet"})
    return decision.answers


def book(
    tx: Tx, transfers: Sequence[Transfer], *, opening: Collection[AccountKey] = ()
) -> list[TransferDone | Refusal]:
    """Transfers of which nobody is told yet: for whoever also changes what is held, and calls `tell` after that.

    Accounts of `opening` that are not there are opened when money first moves on them.
    """
    return _booked(tx, transfers, opening).answers


def _booked(tx: Tx, transfers: Sequence[Transfer], opening: Collection[AccountKey] = ()) -> Decision:
    keys = {AccountKey.of(id) for t in transfers for id in (t.debit, t.credit)}
    standings = tables.select_standings(tx, keys)
    new = [key for key in opening if key not in standings]
    standings |= {key: Standing(0, FLOORS[key.purpose]) for key in new}
    recorded = tables.select_transfers(tx, [t.id for t in transfers])
    decision = model.decide(transfers, standings=standings, recorded=recorded, now=tx.now)
    tables.open_accounts(tx, [key for key in new if key in decision.changes])
    tables.write(tx, decision, standings)
    return decision


def tell(tx: Tx, owners: Collection[Id]) -> None:
    """Let people see what they have now; for those whose held money changed without a transfer of theirs."""
    if not owners:
        return
    for owner, wallet in queries.wallets(tx, sorted(owners)).items():
        tx.emit(WalletChanged(wallet), stream=streams.account(owner))


def account_of(tx: Tx, *, owner: Id, purpose: Purpose, currency: str) -> Id:
    """The id of an account; it is opened when first asked for."""
    if currency not in EXPONENTS:
        raise CurrencyUnknown(currency=currency[:8])
    key = AccountKey(owner, purpose, currency)
    tables.open_accounts(tx, [key])
    return key.id


@action()
def set_sandbox(tx: Tx, *, open: bool) -> None:
    """Say whether play money may be made here. The program does at its start, from its settings: only the demo's allow it."""
    tables.set_sandbox(tx, open=open)


@action(route="owner")
def top_up(tx: Tx, *, owner: Id, amount: Money) -> Wallet:
    """Play money into one's wallet, out of an account without a floor."""
    if not tables.sandbox_open(tx):
        raise NoSandbox()
    if amount.amount > model.MOST_TOPUP:
        raise AmountTooLarge(most=model.MOST_TOPUP)
    identity.person(tx, owner)
    source = account_of(tx, owner=SANDBOX_OWNER, purpose="sandbox", currency=amount.currency)
    wallet = account_of(tx, owner=owner, purpose="wallet", currency=amount.currency)
    transfer.one(tx, Transfer(id=tx.new_id(), debit=source, credit=wallet, amount=amount, reason="topup"))
    return queries.wallet(tx, owner=owner)
