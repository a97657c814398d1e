"""What happened to products; the shop's staff are told."""

from dealings.domain.catalogue.model import ProductSummary
from dealings.platform.outbox.events import EventType

ProductChanged = EventType("product.changed", ProductSummary)
