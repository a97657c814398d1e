"""What converts, and why: the steps of the funnel, who was led where, and how figures are made of facts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

import msgspec

from dealings.domain.identity.api import Person
from dealings.domain.messaging.api import Message
from dealings.domain.orders.api import Order, OrderState
from dealings.domain.wallet.api import Cause, Equation
from dealings.kernel.clock import DAY, HOUR, Millis
from dealings.kernel.ids import Id
from dealings.kernel.money import Money

Step = Literal["seen", "opened", "asked", "ordered", "paid", "confirmed"]
Looking = Literal["seen", "opened"]
Kind = Literal["direct_chat", "group", "shop_chat", "search", "shop_page", "link", "direct"]

STEPS: Final[tuple[Step, ...]] = ("seen", "opened", "asked", "ordered", "paid", "confirmed")
KINDS: Final[tuple[Kind, ...]] = ("direct_chat", "group", "shop_chat", "search", "shop_page", "link", "direct")
"""Both orders are stored (`mark`): kinds may be added at the end, nothing may move. There is room for three more."""

TOUCHES_MOST: Final = 50
"""Touches a request: what a long scroll through a list brings into view."""
VIA_MOST: Final = 80
ASKED_WITHIN: Millis = 24 * HOUR
"""Someone who writes to a shop so soon after opening one of its products is asking about it."""


def mark(kind: Kind, step: Step) -> int:
    """A step by a cause as one bit: the sum of someone's different marks is their whole way to a product."""
    return 1 << (KINDS.index(kind) * len(STEPS) + STEPS.index(step))


def read_mark(marked: int) -> tuple[Kind, Step]:
    kind, step = divmod(marked.bit_length() - 1, len(STEPS))
    return KINDS[kind], STEPS[step]


# what is told


class Touch(msgspec.Struct, frozen=True):
    """A product came into view or was opened; `via` is what the client says led there."""

    step: Looking
    product: Id
    via: str = "direct"


class Noted(msgspec.Struct, frozen=True):
    """A touch whose cause was checked: `source` is the `via` if it holds, else "direct"."""

    shop: Id
    product: Id
    step: Looking
    kind: Kind
    source: str


class Touched(msgspec.Struct, frozen=True):
    account: Id
    touches: list[Noted]


# facts


class Fact(NamedTuple):
    """Someone took a step towards a product; once per source and day.

    `source` is what led there (a `via`), or the order of the steps that an order takes.
    `seq` is the message in the shop's thread that asked.
    """

    shop: Id
    account: Id
    product: Id
    mark: int
    source: str
    day: int
    at: Millis
    seq: int | None = None


def looked(noted: Noted, *, account: Id, at: Millis) -> Fact:
    marked = mark(noted.kind, noted.step)
    return Fact(noted.shop, account, noted.product, marked, noted.source, at // DAY, at)


def steps_of(order: Order) -> Iterator[Fact]:
    """The steps that an order has taken, for each of its products, by the order's own cause.

    An order as told at any moment carries the times of all that was before, so hearing
    only of the last one, or of some of them twice or in another order, gives the same facts.
    """
    times: Mapping[Step, Millis | None] = {
        "ordered": order.placed_at,
        "paid": order.paid_at,
        "confirmed": order.received_at,
    }
    for product in dict.fromkeys(line.product for line in order.lines):
        for step, at in times.items():
            if at is not None:
                marked = mark(order.cause.kind, step)
                yield Fact(order.shop.id, order.buyer.id, product, marked, order.id, at // DAY, at)


@dataclass(frozen=True, slots=True)
class SaleRow:
    """An order as insight keeps it: its cause, its amount, and when it came to what."""

    shop: Id
    order: Id
    number: str
    buyer: Id
    cause: Cause
    total: Money
    placed_at: Millis
    paid_at: Millis | None
    shipped_at: Millis | None
    received_at: Millis | None
    settled_at: Millis | None
    closed_at: Millis | None
    refunded_at: Millis | None

    @property
    def state(self) -> OrderState:
        ends: dict[OrderState, Millis | None] = {
            "refunded": self.refunded_at,
            "closed": self.closed_at,
            "settled": self.settled_at,
            "received": self.received_at,
            "shipped": self.shipped_at,
            "paid": self.paid_at,
        }
        return next((state for state, at in ends.items() if at is not None), "placed")


def sale_of(order: Order) -> SaleRow:
    return SaleRow(
        shop=order.shop.id,
        order=order.id,
        number=order.number,
        buyer=order.buyer.id,
        cause=order.cause,
        total=order.total,
        placed_at=order.placed_at,
        paid_at=order.paid_at,
        shipped_at=order.shipped_at,
        received_at=order.received_at,
        settled_at=order.settled_at,
        closed_at=order.closed_at,
        refunded_at=order.refunded_at,
    )


# asking


@dataclass(slots=True)
class Opening:
    """The last time someone opened a product, and what had led there."""

    at: Millis
    kind: Kind
    source: str
    answered: bool = False
    """They have written to the shop since."""


class Asker(NamedTuple):
    """Someone towards one shop."""

    shop: Id
    account: Id


class Question(NamedTuple):
    """A message of a buyer in the shop's thread; `product` is the one it names."""

    asker: Asker
    conversation: Id
    seq: int
    product: Id | None
    at: Millis


@dataclass(slots=True)
class Interest:
    """What people have opened lately, while events are worked through in order."""

    openings: dict[Asker, dict[Id, Opening]]
    changed: set[tuple[Asker, Id]] = field(default_factory=set)

    def open(self, asker: Asker, product: Id, opening: Opening) -> None:
        self.openings.setdefault(asker, {})[product] = opening
        self.changed.add((asker, product))

    def ask(self, question: Question) -> Fact | None:
        """The product that a message asks about: the one it names, or the one just opened, if it is the first since."""
        opened = self.openings.get(question.asker, {})
        product = question.product or _newest(opened, since=question.at - ASKED_WITHIN)
        for id, opening in opened.items():
            if not opening.answered:
                opening.answered = True
                self.changed.add((question.asker, id))
        return _asked(question, product, opened.get(product)) if product else None


def _newest(opened: Mapping[Id, Opening], *, since: Millis) -> Id | None:
    fresh = {id: opening.at for id, opening in opened.items() if not opening.answered and opening.at >= since}
    return max(fresh, key=lambda id: (fresh[id], id), default=None)


def _asked(question: Question, product: Id, opening: Opening | None) -> Fact:
    """By what led to the product; when it was never opened, by the thread itself."""
    kind: Kind = opening.kind if opening else "shop_chat"
    source = opening.source if opening else f"m:{question.conversation}:{question.seq}"
    shop, account = question.asker
    at, seq = question.at, question.seq
    return Fact(shop, account, product, mark(kind, "asked"), source, at // DAY, at, seq)


# figures


class Row(msgspec.Struct, frozen=True):
    """A line of the funnel. `counts` are pairs of a person and a product that came to each step;
    `rates` say which part of those at a step also came to the next. `cause` None: whatever the cause."""

    cause: Kind | None
    counts: list[int]
    paid: Money
    confirmed: Money
    refunded: Money
    rates: list[float]


class Checked(msgspec.Struct, frozen=True):
    """What was paid by the facts, and by the ledger up to where the facts reach; `behind` events are still to come."""

    paid: Money
    ledger: Money
    equal: bool
    behind: int = 0


class Funnel(msgspec.Struct, frozen=True):
    """From `from` up to but not including `to`. Amounts are those in one currency; `currencies` are all there are."""

    from_: Millis = msgspec.field(name="from")
    to: Millis
    steps: list[Step]
    total: Row
    by_cause: list[Row]
    checked: Checked
    currencies: list[str]


class Sale(msgspec.Struct, frozen=True):
    """A paid order; `at` is when it was paid. `message` is the one that led to it, as far as the asker may read it."""

    order: Id
    number: str
    buyer: Person
    state: OrderState
    total: Money
    cause: Cause
    at: Millis
    message: Message | None


class TraceStep(msgspec.Struct, frozen=True):
    at: Millis
    what: str
    who: Person | None
    text: str
    conversation: Id | None
    seq: int | None


class Trace(msgspec.Struct, frozen=True):
    """How a sale came about, step by step."""

    order: Order
    steps: list[TraceStep]


class MoneyReport(msgspec.Struct, frozen=True):
    checked_at: Millis
    equations: list[Equation]


class MoneySum(NamedTuple):
    """Of the sales by one cause in one currency, what was paid, confirmed and refunded in a period."""

    kind: Kind
    currency: str
    paid: int
    confirmed: int
    refunded: int


@dataclass(slots=True)
class Way:
    """How far pairs of person and product came."""

    counts: list[int] = field(default_factory=lambda: [0] * len(STEPS))
    went_on: list[int] = field(default_factory=lambda: [0] * (len(STEPS) - 1))

    def add(self, steps: int, pairs: int) -> None:
        """`steps` has a bit for each step they came to."""
        for n in range(len(STEPS)):
            if steps >> n & 1:
                self.counts[n] += pairs
                if n < len(self.went_on) and steps >> n + 1 & 1:
                    self.went_on[n] += pairs

    @property
    def rates(self) -> list[float]:
        return [on / at if at else 0.0 for on, at in zip(self.went_on, self.counts, strict=False)]


def ways(footprints: Mapping[int, int]) -> tuple[Way, dict[Kind, Way]]:
    """Of how many pairs there are by the sum of their marks: the way of all, and by cause."""
    total, by_kind = Way(), {kind: Way() for kind in KINDS}
    width = len(STEPS)
    for footprint, pairs in footprints.items():
        anyhow = 0
        for n, kind in enumerate(KINDS):
            steps = footprint >> n * width & (1 << width) - 1
            by_kind[kind].add(steps, pairs)
            anyhow |= steps
        total.add(anyhow, pairs)
    return total, by_kind


def rows(footprints: Mapping[int, int], sums: Iterable[MoneySum], *, currency: str) -> tuple[Row, list[Row]]:
    """The lines of a funnel: of all, and of each cause."""
    total, by_kind = ways(footprints)
    mine = [found for found in sums if found.currency == currency]
    lines = [_row(kind, way, [s for s in mine if s.kind == kind], currency) for kind, way in by_kind.items()]
    return _row(None, total, mine, currency), lines


def _row(kind: Kind | None, way: Way, sums: Sequence[MoneySum], currency: str) -> Row:
    return Row(
        kind,
        way.counts,
        Money(sum(s.paid for s in sums), currency),
        Money(sum(s.confirmed for s in sums), currency),
        Money(sum(s.refunded for s in sums), currency),
        way.rates,
    )
