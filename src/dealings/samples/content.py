"""All sample content in one place: who, what, and what happened."""

from typing import Final

from dealings.samples import story_books, story_friends, story_fruit, story_tea
from dealings.samples.cast import OPERATORS, PASSWORD, PEOPLE, SHOPS
from dealings.samples.goods_books import BOOKS
from dealings.samples.goods_fruit import FRUIT
from dealings.samples.goods_tea import TEA
from dealings.samples.script import Conversation, Product
from dealings.samples.story_everyday import EVERYDAY

__all__ = ["CONVERSATIONS", "OPERATORS", "PASSWORD", "PEOPLE", "PRODUCTS", "SHOPS"]

PRODUCTS: Final[tuple[Product, ...]] = (*TEA, *FRUIT, *BOOKS)
CONVERSATIONS: Final[tuple[Conversation, ...]] = (
    *story_friends.CONVERSATIONS,
    *story_tea.CONVERSATIONS,
    *story_fruit.CONVERSATIONS,
    *story_books.CONVERSATIONS,
    EVERYDAY,
)
