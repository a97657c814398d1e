"""Reads of insight: the funnel, the sales behind it, the way back from a sale, and the sums that must hold."""

from collections.abc import Iterable, Sequence

from dealings.domain.catalogue import api as catalogue
from dealings.domain.identity import api as identity
from dealings.domain.insight import handlers, model, tables
from dealings.domain.insight.errors import BadPeriod
from dealings.domain.insight.model import Checked, Funnel, Kind, MoneyReport, Noted, Sale, SaleRow, Touch
from dealings.domain.insight.tables import Before
from dealings.domain.messaging import api as messaging
from dealings.domain.orders import api as orders
from dealings.domain.wallet import api as wallet
from dealings.domain.wallet.api import AccountKey, Cause
from dealings.kernel.clock import Millis
from dealings.kernel.errors import Forbidden
from dealings.kernel.ids import Id
from dealings.kernel.money import EXPONENTS, Money
from dealings.platform.db.tx import Read
from dealings.platform.outbox import tables as outbox

UNREAD_MOST = 2_000
"""Events that are looked through for payments which the facts don't know yet: some transactions of the consumer."""
BEHIND_MOST = 100_000
"""How far a lag is counted; beyond, it is just "very far"."""
DEFAULT_CURRENCY = next(iter(EXPONENTS))


# what someone looked at


def noted(db: Read, *, account: Id, touches: Sequence[Touch]) -> list[Noted]:
    """Touches with their causes, checked as those of orders are. Left out: products that are unknown, and one's own shop's."""
    summaries = catalogue.summaries(db, sorted({touch.product for touch in touches}))
    shops = {summary.shop.id for summary in summaries.values()}
    own = {shop for shop in shops if identity.staff_role(db, shop=shop, account=account) is not None}
    return [
        _noted(db, touch, account=account, shop=summaries[touch.product].shop.id)
        for touch in dict.fromkeys(touches)
        if touch.product in summaries and summaries[touch.product].shop.id not in own
    ]


def _noted(db: Read, touch: Touch, *, account: Id, shop: Id) -> Noted:
    cause = orders.cause_of(db, touch.via, buyer=account, product=touch.product, shop=shop)
    source = "direct" if cause.kind == "direct" else touch.via
    return Noted(shop, touch.product, touch.step, cause.kind, source)


# the funnel


def shop_funnel(db: Read, *, shop: Id, account: Id, since: Millis, until: Millis) -> Funnel:
    """A shop's funnel, for its staff and for operators (NotStaff)."""
    currency = identity.shop(db, shop).currency
    _require_onlooker(db, shop=shop, account=account)
    return _funnel(db, shop, currency=currency, since=since, until=until)


def _require_onlooker(db: Read, *, shop: Id, account: Id) -> None:
    try:
        identity.require_operator(db, account)
    except Forbidden:
        identity.require_staff(db, shop=shop, account=account)


def whole_funnel(db: Read, *, account: Id, currency: str | None, since: Millis, until: Millis) -> Funnel:
    """The funnel of all shops, for operators (NotOperator). Money in one currency: the one that most was paid in, if none is named."""
    identity.require_operator(db, account)
    return _funnel(db, None, currency=currency, since=since, until=until)


def _funnel(db: Read, shop: Id | None, *, currency: str | None, since: Millis, until: Millis) -> Funnel:
    if since > until:
        raise BadPeriod()
    sums = tables.select_sums(db, shop, since=since, until=until)
    paid: dict[str, int] = {}
    for found in sums:
        paid[found.currency] = paid.get(found.currency, 0) + found.paid
    shown = currency or max(paid, key=lambda each: (paid[each], each), default=DEFAULT_CURRENCY)
    footprints = tables.select_footprints(db, shop, since=since, until=until)
    total, by_cause = model.rows(footprints, sums, currency=shown)
    checked = _checked(db, shop, paid=total.paid, since=since, until=until)
    return Funnel(since, until, list(model.STEPS), total, by_cause, checked, sorted(paid.keys() | {shown}))


def _checked(db: Read, shop: Id | None, *, paid: Money, since: Millis, until: Millis) -> Checked:
    """What the facts say beside what the ledger says.

    Both are compared where the consumer is: payments that it has yet to learn of are in the
    ledger already, so they are taken off it. When it is too far behind for that, all that can
    be said is that the facts don't exceed the ledger; `behind` says why.
    """
    behind = consumer_lag(db, handlers.NAME)
    unread = _unread_payments(db, shop, currency=paid.currency, since=since, until=until)
    ledger = _ledger_paid(db, shop, currency=paid.currency, since=since, until=until) - unread
    equal = ledger == paid.amount if behind <= UNREAD_MOST else ledger >= paid.amount
    return Checked(paid, Money(ledger, paid.currency), equal, behind)


def consumer_lag(db: Read, name: str) -> int:
    """How many events a consumer has yet to deal with."""
    return outbox.count_unread(db, outbox.consumer_position(db, name), most=BEHIND_MOST)


def _unread_payments(db: Read, shop: Id | None, *, currency: str, since: Millis, until: Millis) -> int:
    """What was paid, in the events that the consumer has not come to."""
    position = outbox.consumer_position(db, handlers.NAME)
    unread = outbox.read_unread(db, position, limit=UNREAD_MOST)
    changed = {order.id: order for order in map(handlers.order_in, unread) if order is not None}
    known = tables.select_known_paid(db, {order.id: order.shop.id for order in changed.values()})
    return sum(
        order.total.amount
        for order in changed.values()
        if order.id not in known
        and shop in (None, order.shop.id)
        and order.total.currency == currency
        and order.paid_at is not None
        and since <= order.paid_at < until
    )


def _ledger_paid(db: Read, shop: Id | None, *, currency: str, since: Millis, until: Millis) -> int:
    """What came into escrow for orders in a period."""
    if shop is None:
        return wallet.moved_by_reason(db, reason="payment", since=since, until=until).get(currency, 0)
    escrow = AccountKey(shop, "escrow", currency).id
    return wallet.moved(db, account=escrow, reason="payment", since=since, until=until)


# sales


def sales(
    db: Read,
    *,
    shop: Id,
    account: Id,
    cause: Kind | None,
    since: Millis,
    until: Millis,
    before: Before | None,
    limit: int,
) -> tuple[list[Sale], Before | None]:
    """A page of the sales behind a line of the funnel, newest first, for the shop's staff and for operators; and where the next begins."""
    identity.shop(db, shop)
    _require_onlooker(db, shop=shop, account=account)
    found = tables.select_sales(db, shop, kind=cause, since=since, until=until, before=before, limit=limit + 1)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    return _sales(db, shown, viewer=account), Before(last.paid_at or 0, last.order) if last else None


def _sales(db: Read, rows: Iterable[SaleRow], *, viewer: Id) -> list[Sale]:
    rows = list(rows)
    people = identity.people(db, {row.buyer for row in rows})
    return [
        Sale(
            row.order,
            row.number,
            people[row.buyer],
            row.state,
            row.total,
            row.cause,
            row.paid_at or row.placed_at,
            causing_message(db, row.cause, viewer=viewer),
        )
        for row in rows
    ]


def causing_message(db: Read, cause: Cause, *, viewer: Id) -> messaging.Message | None:
    """The message behind a cause.

    What friends write to each other stays with them (P7): of a conversation that isn't the
    viewer's only the card itself is shown, which says no more than the cause does.
    """
    if cause.conversation is None or cause.seq is None:
        return None
    found = messaging.message(db, conversation=cause.conversation, seq=cause.seq)
    if found is None or isinstance(found.body, messaging.ProductCard):
        return found
    return found if messaging.readable(db, conversation=cause.conversation, account=viewer, seq=cause.seq) else None


# the sums that must hold


def money(db: Read, *, account: Id, now: Millis) -> MoneyReport:
    """Every equation about money, worked out now, for operators (P3, P4, P6)."""
    identity.require_operator(db, account)
    return MoneyReport(now, orders.equations(db))
