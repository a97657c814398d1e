"""What the modules above may use of messaging."""

from dealings.domain.messaging.actions import open_shop_thread
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
    thread_of,
)
from dealings.domain.messaging.queries_devices import missed

__all__ = [
    "Message",
    "MessagePosted",
    "Notice",
    "OrderCard",
    "Post",
    "ProductCard",
    "Text",
    "conversations",
    "kind_of",
    "message",
    "missed",
    "open_shop_thread",
    "post",
    "readable",
    "shop_view",
    "subscriptions",
    "thread_of",
]
