"""The composition root: which modules there are, and what a process of each role is made of."""

from dealings.domain.catalogue import api as catalogue
from dealings.domain.identity import actions as identity
from dealings.domain.insight import actions as insight
from dealings.domain.insight import handlers as insight_handlers
from dealings.domain.messaging import actions as messaging
from dealings.domain.messaging import handlers as messaging_handlers
from dealings.domain.orders import actions as orders
from dealings.domain.orders import sharing
from dealings.domain.wallet import actions as wallet
from dealings.platform.outbox import consumers

assert catalogue and consumers and identity and insight and insight_handlers and messaging and messaging_handlers
assert orders and sharing and wallet
