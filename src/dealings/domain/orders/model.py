"""Carts and orders: frozen values, the lifecycle as a table, and rules without I/O."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import msgspec

from dealings.domain.identity.api import Address, Person
from dealings.domain.orders.errors import (
    MixedCurrencies,
    NothingOrdered,
    NotNow,
    NotYours,
    QuantityOff,
    TooExpensive,
    TooManyLines,
    TooManyUnpaid,
)
from dealings.domain.wallet.api import Cause
from dealings.kernel import ids, money
from dealings.kernel.clock import DAY, MINUTE, Millis
from dealings.kernel.errors import BadField
from dealings.kernel.ids import Id
from dealings.kernel.money import Money
from dealings.kernel.text import lines

PAY_WITHIN: Millis = 30 * MINUTE
CONFIRM_WITHIN: Millis = 10 * DAY

LINES_MOST = 50
UNPAID_MOST = 50
"""Orders of one account that wait to be paid, and keep their pieces from others; no less than one order can be split into."""
CART_MOST = 100
QUANTITY_MOST = 999
NOTE_MOST = 200
REASON_MOST = 200
CARRIER_MOST = 40
TRACKING_MOST = 60
VIA_MOST = 80
NUMBER_BITS = 50
"""Ten characters: a stranger who tries a million numbers a second finds one of a billion orders in no less than a second."""

OrderState = Literal["placed", "paid", "shipped", "received", "settled", "closed", "refunded"]
Step = Literal["pay", "cancel", "expire", "ship", "refund", "confirm", "auto_confirm", "settle"]
Side = Literal["buyer", "shop"]
Mover = Literal["buyer", "shop", "timer", "system"]

NEXT: dict[OrderState, dict[Step, OrderState]] = {
    "placed": {"pay": "paid", "cancel": "closed", "expire": "closed"},
    "paid": {"ship": "shipped", "refund": "refunded"},
    "shipped": {"confirm": "received", "auto_confirm": "received"},
    "received": {"settle": "settled"},
    "settled": {},
    "closed": {},
    "refunded": {},
}
"""The lifecycle. `docs/subsystems/orders.md` draws it (`diagram.py`)."""

MOVERS: dict[Step, frozenset[Mover]] = {
    "pay": frozenset({"buyer"}),
    "cancel": frozenset({"buyer"}),
    "expire": frozenset({"timer"}),
    "ship": frozenset({"shop"}),
    "refund": frozenset({"buyer", "shop"}),
    "confirm": frozenset({"buyer"}),
    "auto_confirm": frozenset({"timer"}),
    "settle": frozenset({"system"}),
}
"""Who takes each step."""

HELD_STATES: tuple[OrderState, ...] = ("paid", "shipped", "received")
"""While in one of these, the order's money is in escrow (P4)."""
RESERVED_STATES: tuple[OrderState, ...] = ("placed", "paid")
"""While in one of these, the order's goods are reserved (P5)."""
OPEN_STATES: tuple[OrderState, ...] = tuple(state for state in get_args(OrderState) if NEXT[state])


def actions_for(state: OrderState, viewer: Side) -> list[str]:
    """What this side may do now."""
    return [step for step in NEXT[state] if viewer in MOVERS[step]]


def after(state: OrderState, step: Step, mover: Mover) -> OrderState:
    """Where a step leads. Refuses a step that the lifecycle does not have here, or that is not this side's."""
    if mover not in MOVERS[step]:
        raise NotYours(who=" or ".join(sorted(MOVERS[step])))
    if step not in NEXT[state]:
        raise NotNow(state=state, step=step)
    return NEXT[state][step]


# values


class Seller(msgspec.Struct, frozen=True):
    """The shop as its order and its cart lines show it."""

    id: Id
    handle: str
    name: str
    picture: str | None = None


class CartLine(msgspec.Struct, frozen=True):
    """Something put aside. Price and availability are those of now; `via` is what led here when it was put in."""

    variant: Id
    product: Id
    shop: Seller
    title: str
    options: list[str]
    picture: str | None
    price: Money
    quantity: int
    available: int
    via: str
    added_at: Millis


class Cart(msgspec.Struct, frozen=True):
    lines: list[CartLine]


class Wanted(msgspec.Struct, frozen=True):
    """One line of what someone orders."""

    variant: Id
    quantity: int
    via: str = "direct"


class Placing(msgspec.Struct, frozen=True, kw_only=True):
    """What someone asks for when placing an order."""

    buyer: Id
    lines: list[Wanted]
    address: Address | None
    note: str
    from_cart: bool = False


class Paying(msgspec.Struct, frozen=True, kw_only=True):
    order: Id
    by: Id


class Shipment(msgspec.Struct, frozen=True):
    carrier: str
    tracking: str


ADDRESS_MOST = {"name": 40, "phone": 40, "text": 400}


class OrderLine(msgspec.Struct, frozen=True):
    """Price, title, options and picture as they were when the order was placed."""

    variant: Id
    product: Id
    title: str
    options: list[str]
    picture: str | None
    price: Money
    quantity: int
    via: str
    cause: Cause

    @property
    def amount(self) -> Money:
        return self.price * self.quantity


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order as one side sees it: `actions` are what that side may do now."""

    id: Id
    number: str
    buyer: Person
    shop: Seller
    state: OrderState
    lines: list[OrderLine]
    total: Money
    address: Address | None
    note: str
    shipment: Shipment | None
    conversation: Id
    cause: Cause
    placed_at: Millis
    pay_by: Millis
    paid_at: Millis | None
    shipped_at: Millis | None
    confirm_by: Millis | None
    received_at: Millis | None
    settled_at: Millis | None
    closed_at: Millis | None
    refunded_at: Millis | None
    changed_at: Millis
    actions: list[str]


class Link(msgspec.Struct, frozen=True):
    """A way to a product that says who shared it."""

    code: str
    product: Id
    shared_by: Id


# rules


def check_wanted(wanted: Sequence[Wanted]) -> None:
    if not wanted:
        raise NothingOrdered()
    if len(wanted) > LINES_MOST:
        raise TooManyLines(most=LINES_MOST)
    for line in wanted:
        check_quantity(line.quantity)


def check_quantity(quantity: int) -> None:
    if not 1 <= quantity <= QUANTITY_MOST:
        raise QuantityOff(most=QUANTITY_MOST)


def check_unpaid(unpaid: int, *, new: int) -> None:
    if unpaid + new > UNPAID_MOST:
        raise TooManyUnpaid(unpaid=unpaid, most=UNPAID_MOST)


def joined(wanted: Iterable[Wanted]) -> list[Wanted]:
    """The same variant asked for twice is one line; what led to it first counts."""
    lines: dict[Id, Wanted] = {}
    for line in wanted:
        before = lines.get(line.variant)
        quantity = line.quantity + (before.quantity if before else 0)
        lines[line.variant] = Wanted(line.variant, quantity, before.via if before else line.via)
    return list(lines.values())


def checked(asked: Placing) -> Placing:
    """What is asked for, cleaned; refuses what can't be right whatever is on the shelf."""
    wanted = joined(asked.lines)
    check_wanted(wanted)
    return Placing(
        buyer=asked.buyer,
        lines=[Wanted(w.variant, w.quantity, check_text("via", w.via, VIA_MOST)) for w in wanted],
        address=check_address(asked.address),
        note=check_text("note", asked.note, NOTE_MOST),
        from_cart=asked.from_cart,
    )


def check_text(field: str, text: str, most: int, *, least: int = 0) -> str:
    """The text without what can't be seen, and without white space around it."""
    if len(text) > most:
        raise BadField(field=field, problem="too_long")
    kept = lines(text)
    if len(kept) < least:
        raise BadField(field=field, problem="empty")
    return kept


def check_address(address: Address | None) -> Address | None:
    if address is None:
        return None
    return Address(*(check_text(field, getattr(address, field), most, least=1) for field, most in ADDRESS_MOST.items()))


def total(lines: Sequence[OrderLine]) -> Money:
    """The sum of an order; refuses what could not be paid."""
    currency = lines[0].price.currency
    if any(line.price.currency != currency for line in lines):
        raise MixedCurrencies()
    summed = money.total((line.amount for line in lines), currency=currency)
    if summed.amount > money.MOST:
        raise TooExpensive()
    return summed


def main_cause(lines: Sequence[OrderLine]) -> Cause:
    """What led to the order: the cause of the largest part of its amount; of equals, the first."""
    amounts: dict[Cause, int] = {}
    for line in lines:
        amounts[line.cause] = amounts.get(line.cause, 0) + line.amount.amount
    return max(amounts, key=lambda cause: amounts[cause])


def order_number(bits: int) -> str:
    """Ten letters and digits that are hard to mistake, in two groups: "7K2M9-XQP4D"."""
    text = ids.encode(bits, NUMBER_BITS // 5).upper()
    return f"{text[:5]}-{text[5:]}"


# what led here


@dataclass(frozen=True, slots=True)
class ViaMessage:
    conversation: Id
    seq: int


@dataclass(frozen=True, slots=True)
class ViaShop:
    shop: Id


@dataclass(frozen=True, slots=True)
class ViaLink:
    code: str


@dataclass(frozen=True, slots=True)
class ViaSearch:
    pass


Via = ViaMessage | ViaShop | ViaLink | ViaSearch | None


def read_via(via: str) -> Via:
    """What a client says led here; None for "direct" and for anything that is none of the known forms."""
    if not via.isprintable():  # PostgreSQL keeps no NUL, and no id has any such character
        return None
    kind, _, rest = via.partition(":")
    if kind == "m":
        conversation, _, seq = rest.partition(":")
        well_formed = seq.isascii() and seq.isdecimal() and len(seq) <= 15
        return ViaMessage(conversation, int(seq)) if well_formed else None
    if kind == "shop" and rest:
        return ViaShop(rest)
    if kind == "link" and rest:
        return ViaLink(rest)
    return ViaSearch() if via == "search" else None


def edges() -> Iterator[tuple[OrderState, Step, OrderState]]:
    """The lifecycle as a list: from, step, to."""
    for state, steps in NEXT.items():
        for step, to in steps.items():
            yield state, step, to
