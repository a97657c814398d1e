"""What the other modules may use of identity."""

from dealings.domain.identity.errors import NoSuchShop, NotStaff
from dealings.domain.identity.model import Address, Caller, Me, Person, Profile, Shop
from dealings.domain.identity.queries import (
    are_friends,
    blocks,
    is_blocked,
    people,
    person,
    require_operator,
    require_staff,
    search_people,
    search_shops,
    shop,
    shop_by_key,
    shops,
    staff_role,
)

__all__ = [
    "Address",
    "Caller",
    "Me",
    "NoSuchShop",
    "NotStaff",
    "Person",
    "Profile",
    "Shop",
    "are_friends",
    "blocks",
    "is_blocked",
    "people",
    "person",
    "require_operator",
    "require_staff",
    "search_people",
    "search_shops",
    "shop",
    "shop_by_key",
    "shops",
    "staff_role",
]
