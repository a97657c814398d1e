"""Insight learns from the log: one consumer, each event in order. Learning twice changes nothing (P6)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dealings.domain.catalogue import api as catalogue
from dealings.domain.insight import model, tables
from dealings.domain.insight.events import ProductTouched
from dealings.domain.insight.model import Asker, Fact, Opening, Question, Touched
from dealings.domain.messaging import api as messaging
from dealings.domain.orders import api as orders
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.platform.db.actions import Stored
from dealings.platform.db.tx import Read, Tx
from dealings.platform.outbox.consumers import consumer

NAME = "insight"
KINDS = (ProductTouched.kind, messaging.MessagePosted.kind, orders.OrderChanged.kind)


class Look(NamedTuple):
    touched: Touched
    at: Millis


@consumer(NAME, kinds=KINDS)
def learn(tx: Tx, events: Sequence[Stored]) -> None:
    """Turn events into facts."""
    news = [read for read in map(_read, events) if read is not None]
    changed = [order for order in news if isinstance(order, orders.Order)]
    found = [fact for order in changed for fact in model.steps_of(order)]
    found += _follow(tx, [each for each in news if isinstance(each, Look | Question)])
    tables.add_facts(tx, found)
    tables.put_sales(tx, map(model.sale_of, changed))


def _read(event: Stored) -> Look | Question | orders.Order | None:
    """An event as insight needs it. Of an order's two copies the shop's counts; of messages, a buyer's to a shop."""
    if event.kind == ProductTouched.kind:
        return Look(ProductTouched.decode(event.data), event.at)
    if event.kind == orders.OrderChanged.kind:
        return order_in(event)
    _, _, shop = event.stream.partition("@")
    return _question(messaging.MessagePosted.decode(event.data), shop) if shop else None


def order_in(event: Stored) -> orders.Order | None:
    """The order that an event tells of, in the copy for the shop; None for any other event."""
    ours = event.kind == orders.OrderChanged.kind and event.stream.startswith("s:")
    return orders.OrderChanged.decode(event.data) if ours else None


def _question(message: messaging.Message, shop: Id) -> Question | None:
    """What a buyer wrote, or a card that they dropped; not what staff or the system said, nor the card of an order."""
    if message.sender is None or message.shop is not None:
        return None
    if not isinstance(message.body, messaging.Text | messaging.ProductCard):
        return None
    return Question(Asker(shop, message.sender), message.conversation, message.seq, message.body.product, message.at)


def _follow(tx: Tx, news: Sequence[Look | Question]) -> Iterable[Fact]:
    """What was looked at and what was asked, each question by what its asker had opened before it."""
    interest = tables.select_interest(tx, _askers(news))
    own = _shops_of(tx, {each.product for each in news if isinstance(each, Question) and each.product})
    found: list[Fact] = []
    for each in news:
        if isinstance(each, Look):
            account = each.touched.account
            for noted in each.touched.touches:
                found.append(model.looked(noted, account=account, at=each.at))
                if noted.step == "opened":
                    opening = Opening(each.at, noted.kind, noted.source)
                    interest.open(Asker(noted.shop, account), noted.product, opening)
        elif asked := interest.ask(_own(each, own)):
            found.append(asked)
    tables.put_interest(tx, interest)
    return found


def _askers(news: Iterable[Look | Question]) -> set[Asker]:
    askers = {each.asker for each in news if isinstance(each, Question)}
    looks = [each.touched for each in news if isinstance(each, Look)]
    return askers | {Asker(noted.shop, look.account) for look in looks for noted in look.touches}


def _shops_of(db: Read, products: set[Id]) -> dict[Id, Id]:
    return {id: summary.shop.id for id, summary in catalogue.summaries(db, sorted(products)).items()}


def _own(question: Question, shops: dict[Id, Id]) -> Question:
    """A shop can only be asked about what is its own."""
    mine = question.product is not None and shops.get(question.product) == question.asker.shop
    return question if mine else question._replace(product=None)
