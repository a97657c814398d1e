"""What the other modules may use of the ledger."""

from dealings.domain.wallet.actions import book, set_sandbox, tell, top_up, transfer
from dealings.domain.wallet.model import (
    AccountKey,
    Cause,
    Equation,
    Held,
    Term,
    Transfer,
    Wallet,
    equation,
)
from dealings.domain.wallet.queries import balances, equations, holding, moved, moved_by_reason, wallet

__all__ = [
    "AccountKey",
    "Cause",
    "Equation",
    "Held",
    "Term",
    "Transfer",
    "Wallet",
    "balances",
    "book",
    "equation",
    "equations",
    "holding",
    "moved",
    "moved_by_reason",
    "set_sandbox",
    "tell",
    "top_up",
    "transfer",
    "wallet",
]
