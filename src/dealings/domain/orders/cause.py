"""What led to an order, checked: what a client claims counts only if it could be so (P6)."""

from dealings.domain.messaging import api as messaging
from dealings.domain.orders import tables
from dealings.domain.orders.model import ViaLink, ViaMessage, ViaSearch, ViaShop, read_via
from dealings.domain.wallet.api import Cause
from dealings.kernel.ids import Id
from dealings.platform.db.tx import Read

DIRECT = Cause("direct")


def of(db: Read, via: str, *, buyer: Id, product: Id, shop: Id) -> Cause:
    """The cause behind a `via`, for this buyer and product; `direct` for what can't be or isn't known."""
    match read_via(via):
        case ViaMessage(conversation, seq):
            return _message(db, conversation, seq, buyer=buyer, product=product)
        case ViaLink(code):
            return _link(db, code, product=product)
        case ViaShop(id) if id == shop:
            return Cause("shop_page")
        case ViaSearch():
            return Cause("search")
        case _:
            return DIRECT


def _message(db: Read, conversation: Id, seq: int, *, buyer: Id, product: Id) -> Cause:
    """A message that the buyer can read and that carries this product, as a card or as what is asked about."""
    if not messaging.readable(db, conversation=conversation, account=buyer, seq=seq):
        return DIRECT
    message = messaging.message(db, conversation=conversation, seq=seq)
    if message is None or not _carries(message.body, product):
        return DIRECT
    match messaging.kind_of(db, conversation):
        case "direct":
            return Cause("direct_chat", conversation, seq, None, message.sender)
        case "group":
            return Cause("group", conversation, seq, None, message.sender)
        case _:
            return Cause("shop_chat", conversation, seq, None, message.sender)


def _carries(body: object, product: Id) -> bool:
    return isinstance(body, messaging.ProductCard | messaging.Text) and body.product == product


def _link(db: Read, code: str, *, product: Id) -> Cause:
    found = tables.select_link(db, code)
    return Cause("link", None, None, code, found.shared_by) if found and found.product == product else DIRECT
