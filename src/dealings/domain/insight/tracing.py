"""The way back: from a sale to the message that caused it, step by step."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from dealings.domain.identity import api as identity
from dealings.domain.identity.api import Person
from dealings.domain.insight import model, queries, tables
from dealings.domain.insight.model import Fact, Step, Trace, TraceStep
from dealings.domain.messaging import api as messaging
from dealings.domain.orders import api as orders
from dealings.domain.orders.api import Order
from dealings.kernel.clock import Millis
from dealings.kernel.errors import Forbidden
from dealings.kernel.ids import Id
from dealings.platform.db.tx import Read

LOOKED: tuple[Step, ...] = ("seen", "opened", "asked")


def trace(db: Read, *, order: Id, account: Id) -> Trace:
    """How an order came about, for the shop's staff and for operators. To all others there is no such thing (NoSuchOrder)."""
    found = _shown(db, orders.found(db, order), viewer=account)
    steps = [*_cause(db, found, viewer=account), *_way(db, found, viewer=account), *_lifecycle(found)]
    return Trace(found, sorted(steps, key=lambda step: step.at))


def _shown(db: Read, order: Order, *, viewer: Id) -> Order:
    """The order as its staff see it, or as an operator may: without what only the parcel needs."""
    if identity.staff_role(db, shop=order.shop.id, account=viewer) is not None:
        return order
    try:
        identity.require_operator(db, viewer)
    except Forbidden:
        raise orders.NoSuchOrder() from None
    return msgspec.structs.replace(order, address=None, note="", actions=[])


def _cause(db: Read, order: Order, *, viewer: Id) -> Iterator[TraceStep]:
    """The message that led to the order, by whoever sent it."""
    message = queries.causing_message(db, order.cause, viewer=viewer)
    if message is None:
        return
    sender = identity.people(db, [message.sender]).get(message.sender) if message.sender else None
    match message.body:
        case messaging.ProductCard(title=title):
            yield TraceStep(message.at, "card", sender, title, message.conversation, message.seq)
        case messaging.Text(text=text):
            yield TraceStep(message.at, "message", sender, text, message.conversation, message.seq)


def _way(db: Read, order: Order, *, viewer: Id) -> Iterator[TraceStep]:
    """What the buyer did about each product before ordering: saw it, opened it, asked about it."""
    sources = {line.product: line.via for line in order.lines}
    titles = {line.product: line.title for line in order.lines}
    taken = tables.select_facts(
        db, shop=order.shop.id, account=order.buyer.id, products=list(sources), until=order.placed_at
    )
    for product, source in sources.items():
        for step, fact in _chosen((fact for fact in taken if fact.product == product), source).items():
            if fact.seq is not None:
                yield _asked(db, order, fact, title=titles[product], viewer=viewer)
            else:
                yield TraceStep(fact.at, step, order.buyer, titles[product], None, None)


def _chosen(facts: Iterable[Fact], source: str) -> Mapping[Step, Fact]:
    """Of each step the last one by what the order came from, or, where there is none, just the last one."""
    chosen: dict[Step, Fact] = {}
    for fact in sorted(facts, key=lambda fact: (fact.source == source, fact.at)):
        _, step = model.read_mark(fact.mark)
        if step in LOOKED:
            chosen[step] = fact
    return {step: chosen[step] for step in LOOKED if step in chosen}


def _asked(db: Read, order: Order, fact: Fact, *, title: str, viewer: Id) -> TraceStep:
    """The question itself, for those who may read the thread."""
    conversation, seq = order.conversation, fact.seq or 0
    message = messaging.message(db, conversation=conversation, seq=seq)
    readable = messaging.readable(db, conversation=conversation, account=viewer, seq=seq)
    said = message.body.text if readable and message and isinstance(message.body, messaging.Text) else title
    return TraceStep(fact.at, "asked", order.buyer, said, conversation, seq)


def _lifecycle(order: Order) -> Iterator[TraceStep]:
    """What became of the order. Who shipped or called it off is the shop's business, not told here."""
    shipped = f"{order.shipment.carrier} {order.shipment.tracking}".strip() if order.shipment else ""
    times: list[tuple[str, Millis | None, Person | None, str]] = [
        ("placed", order.placed_at, order.buyer, order.number),
        ("paid", order.paid_at, order.buyer, ""),
        ("shipped", order.shipped_at, None, shipped),
        ("received", order.received_at, None, ""),
        ("settled", order.settled_at, None, ""),
        ("closed", order.closed_at, None, ""),
        ("refunded", order.refunded_at, None, ""),
    ]
    for what, at, who, text in times:
        if at is not None:
            yield TraceStep(at, what, who, text, order.conversation if what == "placed" else None, None)
