"""What the modules above may use of messaging."""

from dealings.domain.messaging.events import MessagePosted
from dealings.domain.messaging.model import Message, Notice, OrderCard, Post, ProductCard, Text
from dealings.domain.messaging.posting import post
from dealings.domain.messaging.queries import (
    conversations,
    kind_of,
    message,
    readable,
    shop_view,
    subscriptions,
)
from dealings.domain.messaging.queries_devices import missed
from dealings.domain.messaging.threads import Seen, Sight, seen, shop_threads

__all__ = [
    "Message",
    "MessagePosted",
    "Notice",
    "OrderCard",
    "Post",
    "ProductCard",
    "Seen",
    "Sight",
    "Text",
    "conversations",
    "kind_of",
    "message",
    "missed",
    "post",
    "readable",
    "seen",
    "shop_threads",
    "shop_view",
    "subscriptions",
]
