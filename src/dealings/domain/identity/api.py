"""What the other modules may use of identity."""

from dealings.domain.identity.events import PersonChanged, ShopChanged
from dealings.domain.identity.model import Address, Caller, Person, Profile, Shop
from dealings.domain.identity.queries import (
    are_friends,
    blocks,
    friends_among,
    people,
    person,
    require_operator,
    require_staff,
    search_people,
    search_shops,
    shop,
    shops,
    staff_role,
    staffed,
)

__all__ = [
    "Address",
    "Caller",
    "Person",
    "PersonChanged",
    "Profile",
    "Shop",
    "ShopChanged",
    "are_friends",
    "blocks",
    "friends_among",
    "people",
    "person",
    "require_operator",
    "require_staff",
    "search_people",
    "search_shops",
    "shop",
    "shops",
    "staff_role",
    "staffed",
]
