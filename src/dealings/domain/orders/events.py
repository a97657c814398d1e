"""What happened to carts and orders, as each side hears it."""

from dealings.domain.orders.model import Cart, Order
from dealings.platform.outbox.events import EventType

OrderChanged = EventType("order.changed", Order)
CartChanged = EventType("cart.changed", Cart)
