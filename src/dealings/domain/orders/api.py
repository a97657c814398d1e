"""What the modules above may use of orders."""

from dealings.domain.orders.cause import of as cause_of
from dealings.domain.orders.errors import NoSuchOrder
from dealings.domain.orders.events import CartChanged, OrderChanged
from dealings.domain.orders.model import Order, OrderLine, OrderState
from dealings.domain.orders.queries import cart, equations, found, open_orders

__all__ = [
    "CartChanged",
    "NoSuchOrder",
    "Order",
    "OrderChanged",
    "OrderLine",
    "OrderState",
    "cart",
    "cause_of",
    "equations",
    "found",
    "open_orders",
]
