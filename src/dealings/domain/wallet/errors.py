"""What the ledger refuses, in the order in which it looks (`model.refusal`)."""

from dealings.kernel.errors import Conflict, Forbidden, Invalid, Missing


class SameAccounts(Invalid):
    code = "wallet.same_accounts"
    text = "Money can't be moved from an account to itself."


class OtherCurrency(Invalid):
    code = "wallet.other_currency"
    text = "The account does not hold {currency}. Pay from an account in that currency."


class AmountNotPositive(Invalid):
    code = "wallet.amount_not_positive"
    text = "Enter an amount above zero."


class AmountTooLarge(Invalid):
    code = "wallet.amount_too_large"
    text = "That amount is too large. The most is {most} in minor units."


class NoSuchAccount(Missing):
    code = "wallet.no_such_account"
    text = "There is no such account."


class TransferIdReused(Conflict):
    code = "wallet.transfer_id_reused"
    text = "This transfer's id was used for another transfer. Nothing was moved."


class InsufficientFunds(Conflict):
    code = "wallet.insufficient_funds"
    text = "There is not enough money in the account. Top it up and try again."


class AccountFull(Conflict):
    code = "wallet.account_full"
    text = "The account can't hold that much. Nothing was moved."


class CurrencyUnknown(Invalid):
    code = "wallet.currency_unknown"
    text = "“{currency}” is not a currency that can be used here."


class NoSandbox(Forbidden):
    code = "wallet.no_sandbox"
    text = "Play money is only available in the demo."
