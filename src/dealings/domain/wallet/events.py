"""What happened to money, as its owner hears it."""

from dealings.domain.wallet.model import Wallet
from dealings.platform.outbox.events import EventType

WalletChanged = EventType("wallet.changed", Wallet)
