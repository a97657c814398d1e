"""What sample content is made of: people, shops, products, and a script of what happened.

Values only. The seeding plays `timeline()` through the real commands with the clock set back, so
that everything in the demo came about as it would in life.
"""

import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, Literal

import msgspec

CURRENCY: Final = "CNY"
LOCAL: Final = timezone(timedelta(hours=8))
"""The sample people live in China: evenings in the script are evenings there."""
NIGHT: Final = timedelta(hours=6)
"""A day ends when people go to bed, so that "yesterday evening" is over hours before now, at any hour."""


class When(msgspec.Struct, frozen=True):
    """So many days ago at a minute of the day; with no days, so many minutes ago."""

    days: int
    minute: int

    def before(self, now: datetime) -> datetime:
        """The moment it means, seen from `now` (any time zone)."""
        if self.days == 0:
            return now - timedelta(minutes=self.minute)
        today = (now.astimezone(LOCAL) - NIGHT).replace(hour=0, minute=0, second=0, microsecond=0)
        return (today - timedelta(days=self.days) + timedelta(minutes=self.minute)).astimezone(UTC)


def day(days: int, clock: str) -> When:
    """`day(12, "20:15")`: twelve days ago at a quarter past eight in the evening."""
    hour, minute = clock.split(":")
    return When(days, int(hour) * 60 + int(minute))


def ago(minutes: int) -> When:
    """So many minutes ago: for what shall look fresh whenever the demo starts. Less than six hours."""
    assert timedelta(minutes=minutes) < NIGHT
    return When(0, minutes)


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Someone with an account. `picture` names a portrait; `friends` are handles."""

    handle: str
    name: str
    bio: str
    locale: Literal["zh-CN", "en"]
    picture: str
    friends: tuple[str, ...] = ()
    address: tuple[str, str, str] | None = None
    """Who receives parcels, their telephone, and where."""


class Shop(msgspec.Struct, frozen=True, kw_only=True):
    """A shop with its people, by handle."""

    handle: str
    name: str
    tagline: str
    picture: str
    owner: str
    staff: tuple[str, ...]


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """What can be bought; `price` in minor units. `stock` is what the shop has before the script."""

    values: tuple[str, ...]
    sku: str
    price: int
    stock: int
    compare_at: int | None = None
    picture: str = ""


class Product(msgspec.Struct, frozen=True, kw_only=True):
    """`pictures` are names for `pictures.product_picture`; the first is the product's face."""

    handle: str
    shop: str
    title: str
    html: str
    vendor: str
    type: str
    tags: tuple[str, ...]
    options: tuple[str, ...] = ()
    variants: tuple[Variant, ...]
    pictures: tuple[str, ...]


# What happens


class Say(msgspec.Struct, frozen=True):
    """Someone writes; `about` names the product that is asked about."""

    at: When
    who: str
    text: str
    about: str = ""


class Card(msgspec.Struct, frozen=True):
    """Someone drops a product's card into the conversation. `key` names it for `Via`."""

    at: When
    who: str
    product: str
    key: str


class Open(msgspec.Struct, frozen=True):
    """Someone opens a product, led there by `via`."""

    at: When
    who: str
    product: str
    via: str


class Line(msgspec.Struct, frozen=True):
    """So many of one variant, by its values."""

    product: str
    values: tuple[str, ...]
    quantity: int = 1


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Someone orders. `via`: a card's key, "search", "shop", "link:<who shared>" or "direct"."""

    at: When
    who: str
    key: str
    lines: tuple[Line, ...]
    via: str
    note: str = ""


class Pay(msgspec.Struct, frozen=True):
    at: When
    order: str


class Ship(msgspec.Struct, frozen=True):
    at: When
    order: str
    who: str
    carrier: str
    tracking: str


class Confirm(msgspec.Struct, frozen=True):
    at: When
    order: str


class Refund(msgspec.Struct, frozen=True):
    """Before shipping, by the buyer or the shop's staff."""

    at: When
    order: str
    who: str
    reason: str


class Cancel(msgspec.Struct, frozen=True):
    at: When
    order: str


class TopUp(msgspec.Struct, frozen=True):
    at: When
    who: str
    amount: int


class Read(msgspec.Struct, frozen=True):
    """Someone has read all there is in the conversation."""

    at: When
    who: str


Step = Say | Card | Open | Order | Pay | Ship | Confirm | Refund | Cancel | TopUp | Read


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A place and what happened there. Members are handles, whoever founds it first.

    kind "direct": two members. "group": a name and a picture. "shop": one member, the buyer, and
    the shop; whoever of its staff writes does so in the shop's name. "channel": its owner, and
    whoever follows it. "none": orders and payments that need no conversation of their own.
    """

    key: str
    kind: Literal["direct", "group", "shop", "channel", "none"]
    members: tuple[str, ...]
    began: When
    steps: tuple[Step, ...]
    name: str = ""
    picture: str = ""
    shop: str = ""
    admins: tuple[str, ...] = ()
    notice: str = ""
    invites: bool = False
    """There is a link into it."""


class Happening(msgspec.Struct, frozen=True):
    """A step with its moment and its conversation."""

    at: datetime
    conversation: str
    step: Step


def timeline(conversations: Iterable[Conversation], *, now: datetime) -> list[Happening]:
    """All steps of all conversations in the order in which they happened."""
    steps = [
        Happening(step.at.before(now), conversation.key, step)
        for conversation in conversations
        for step in conversation.steps
    ]
    return sorted(steps, key=lambda happening: happening.at)


def orders(conversations: Iterable[Conversation]) -> Iterator[Order]:
    """Every order of the script."""
    return (step for one in conversations for step in one.steps if isinstance(step, Order))


CARRIERS: Final = {"shannan-tea": "顺丰速运", "guoran": "京东冷链", "dengxia": "中通快递"}
"""Whom each shop sends its parcels with."""


def deal(
    key: str,
    who: str,
    *lines: Line,
    shop: str,
    by: str,
    via: str,
    ordered: When,
    shipped: When | None = None,
    confirmed: When | None = None,
    note: str = "",
) -> tuple[Step, ...]:
    """An order that is paid a minute later and, where these are given, shipped and confirmed."""
    steps: list[Step] = [
        Order(at=ordered, who=who, key=key, lines=lines, via=via, note=note),
        Pay(_later(ordered), key),
    ]
    if shipped is not None:
        number = f"{zlib.crc32(key.encode()) % 10**10:010}"
        steps.append(Ship(shipped, key, by, CARRIERS[shop], number))
    if confirmed is not None:
        steps.append(Confirm(confirmed, key))
    return tuple(steps)


def _later(when: When) -> When:
    return When(when.days, when.minute - 1 if when.days == 0 else when.minute + 1)
