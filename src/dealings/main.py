"""The composition root: every module with actions or consumers. Routes are the edge's (edge/web/app.py): a lane has none."""

from dealings.domain.catalogue import actions as catalogue
from dealings.domain.catalogue import importing
from dealings.domain.identity import actions as identity
from dealings.domain.insight import actions as insight
from dealings.domain.insight import handlers as insight_handlers
from dealings.domain.messaging import actions as messaging
from dealings.domain.messaging import channels, devices, groups, invites, settings
from dealings.domain.messaging import handlers as messaging_handlers
from dealings.domain.orders import actions as orders
from dealings.domain.orders import sharing
from dealings.domain.wallet import actions as wallet
from dealings.platform.bus import roster
from dealings.platform.outbox import consumers
from dealings.platform.telemetry import nodes

assert roster and catalogue and consumers and devices and identity and insight and insight_handlers and messaging
assert messaging_handlers and orders and sharing and wallet
assert channels and groups and importing and invites and nodes and settings
