"""What was looked at, as the log keeps it."""

from dealings.domain.insight.model import Touched
from dealings.platform.outbox.events import EventType

ProductTouched = EventType("product.touched", Touched)
