"""What led to an order, checked: what a client claims counts only if it could be so (P6)."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from dealings.domain.messaging import api as messaging
from dealings.domain.messaging.api import Seen, Sight
from dealings.domain.orders import tables
from dealings.domain.orders.model import Link, ViaLink, ViaMessage, ViaSearch, ViaShop, read_via
from dealings.domain.wallet.api import Cause
from dealings.kernel.ids import Id
from dealings.platform.db.tx import Read

DIRECT = Cause("direct")
CHATS: Mapping[str, Cause] = {
    "direct": Cause("direct_chat"),
    "group": Cause("group"),
    "channel": Cause("group"),
    "shop": Cause("shop_chat"),
}


class Claim(NamedTuple):
    """What a buyer says led to a product, and the shop that sells it."""

    via: str
    buyer: Id
    product: Id
    shop: Id


class Evidence(NamedTuple):
    """What is known about some claims."""

    seen: Mapping[Sight, Seen]
    links: Mapping[str, Link]


def evidence(db: Read, claims: Collection[Claim]) -> Evidence:
    """Look up what all these claims speak of, in one statement a kind of thing."""
    vias = [(read_via(claim.via), claim.buyer) for claim in claims]
    sights = {Sight(via.conversation, via.seq, buyer) for via, buyer in vias if isinstance(via, ViaMessage)}
    codes = {via.code for via, _ in vias if isinstance(via, ViaLink)}
    return Evidence(messaging.seen(db, sights) if sights else {}, tables.select_links(db, codes))


def judged(claim: Claim, known: Evidence) -> Cause:
    """The cause behind a claim; `direct` for what can't be or isn't known."""
    return next(_found(claim, known), DIRECT)


def _found(claim: Claim, known: Evidence) -> Iterator[Cause]:
    match read_via(claim.via):
        case ViaMessage(conversation, seq):
            sight = known.seen.get(Sight(conversation, seq, claim.buyer))
            if sight and _carries(sight.message.body, claim.product):
                yield Cause(CHATS[sight.kind].kind, conversation, seq, None, sight.message.sender)
        case ViaLink(code):
            link = known.links.get(code)
            if link and link.product == claim.product:
                yield Cause("link", None, None, code, link.shared_by)
        case ViaShop(id) if id == claim.shop:
            yield Cause("shop_page")
        case ViaSearch():
            yield Cause("search")


def _carries(body: object, product: Id) -> bool:
    """As a card, or as what is asked about."""
    return isinstance(body, messaging.ProductCard | messaging.Text) and body.product == product


def of(db: Read, via: str, *, buyer: Id, product: Id, shop: Id) -> Cause:
    """The cause behind a `via`, for this buyer and product."""
    claim = Claim(via, buyer, product, shop)
    return judged(claim, evidence(db, [claim]))
