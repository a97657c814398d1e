"""Reads of carts and orders, as the side that asks may see them (P7), and the sums that must hold (P4)."""

from collections.abc import Collection, Sequence

from dealings.domain.catalogue import api as catalogue
from dealings.domain.identity import api as identity
from dealings.domain.orders import tables, tables_sums
from dealings.domain.orders.errors import NoSuchLink, NoSuchOrder
from dealings.domain.orders.model import (
    OPEN_STATES,
    CartLine,
    Link,
    Order,
    OrderLine,
    OrderState,
    Seller,
    Side,
    actions_for,
)
from dealings.domain.orders.tables import OrderRow
from dealings.domain.wallet import api as wallet
from dealings.domain.wallet.api import Equation, Term, equation
from dealings.kernel.ids import Id
from dealings.kernel.text import one_line
from dealings.platform.db.tx import Read
from dealings.platform.pages import Page

OPEN_MOST = 100
"""Open orders that a client starts with; someone with more pages through the list."""

wallet.holding(tables_sums.select_held)


def seller(shop: identity.Shop) -> Seller:
    return Seller(shop.id, shop.handle, shop.name, shop.picture)


def cart(db: Read, *, buyer: Id) -> list[CartLine]:
    """What someone has put aside, newest first, at the prices of now. What is gone from the shop is left out."""
    kept = tables.select_cart(db, buyer)
    offers = catalogue.sellable(db, [line.variant for line in kept])
    shops = identity.shops(db, {offer.shop for offer in offers.values()})
    return [
        CartLine(
            variant=line.variant,
            product=offer.product,
            shop=seller(shops[offer.shop]),
            title=offer.title,
            options=offer.options,
            picture=offer.picture,
            price=offer.price,
            quantity=line.quantity,
            available=offer.available if offer.active else 0,
            via=line.via,
            added_at=line.added_at,
        )
        for line in kept
        if (offer := offers.get(line.variant)) is not None
    ]


# orders


def views(db: Read, rows: Sequence[OrderRow], *, side: Side) -> list[Order]:
    """These orders as the buyer or the shop sees them."""
    lines = tables.select_lines(db, rows)
    people = identity.people(db, {row.buyer for row in rows})
    shops = identity.shops(db, {row.shop for row in rows})
    return [shown(row, lines[row.id], people[row.buyer], shops[row.shop], side=side) for row in rows]


def shown(row: OrderRow, lines: list[OrderLine], buyer: identity.Person, shop: identity.Shop, *, side: Side) -> Order:
    """An order as one side sees it, of what is known already."""
    return Order(
        id=row.id,
        number=row.number,
        buyer=buyer,
        shop=seller(shop),
        state=row.state,
        lines=lines,
        total=row.total,
        address=row.address,
        note=row.note,
        shipment=row.shipment,
        conversation=row.conversation,
        cause=row.cause,
        placed_at=row.placed_at,
        pay_by=row.pay_by,
        paid_at=row.paid_at,
        shipped_at=row.shipped_at,
        confirm_by=row.confirm_by,
        received_at=row.received_at,
        settled_at=row.settled_at,
        closed_at=row.closed_at,
        refunded_at=row.refunded_at,
        changed_at=row.changed_at,
        actions=actions_for(row.state, side),
    )


def view(db: Read, row: OrderRow, *, side: Side) -> Order:
    return views(db, [row], side=side)[0]


def sided(db: Read, *, order: Id, account: Id) -> tuple[OrderRow, Side]:
    """An order and the side this account is on. To all others it does not exist: NoSuchOrder."""
    row = tables.select_order(db, order)
    if row is None:
        raise NoSuchOrder()
    if row.buyer == account:
        return row, "buyer"
    if identity.staff_role(db, shop=row.shop, account=account) is None:
        raise NoSuchOrder()
    return row, "shop"


def order(db: Read, *, order: Id, account: Id) -> Order:
    row, side = sided(db, order=order, account=account)
    return view(db, row, side=side)


def found(db: Read, order: Id) -> Order:
    """An order as its shop sees it, for code that has checked who asks. Raises NoSuchOrder."""
    row = tables.select_order(db, order)
    if row is None:
        raise NoSuchOrder()
    return view(db, row, side="shop")


def open_orders(db: Read, *, buyer: Id) -> list[Order]:
    """The orders of someone that still wait for a step."""
    return views(db, tables.select_purchases(db, buyer, states=OPEN_STATES, limit=OPEN_MOST), side="buyer")


def purchases(db: Read, *, buyer: Id, state: OrderState | None, cursor: Id | None, limit: int) -> Page[Order]:
    """Someone's own orders, newest first."""
    states = (state,) if state else ()
    rows = tables.select_purchases(db, buyer, states=states, before=cursor, limit=limit + 1)
    return _page(db, rows, limit=limit, side="buyer")


def sales(
    db: Read,
    *,
    shop: Id,
    account: Id,
    state: OrderState | None = None,
    buyer: Id | None = None,
    text: str | None = None,
    cursor: Id | None = None,
    limit: int,
) -> Page[Order]:
    """A shop's orders for its staff, newest first; `text` is the beginning of a number, or someone's handle or name."""
    identity.require_staff(db, shop=shop, account=account)
    states = (state,) if state else ()
    wanted = one_line(text or "")
    if buyer is not None and not wanted:
        rows = tables.select_purchases(db, buyer, shop=shop, states=states, before=cursor, limit=limit + 1)
        return _page(db, rows, limit=limit, side="shop")
    rows = tables.select_sales(
        db,
        shop,
        states=states,
        buyer=buyer,
        number=wanted.upper() or None,
        buyers=_buyers_called(db, wanted, account),
        before=cursor,
        limit=limit + 1,
    )
    return _page(db, rows, limit=limit, side="shop")


def _buyers_called(db: Read, text: str, account: Id) -> list[Id]:
    return [profile.id for profile in identity.search_people(db, text=text, viewer=account)] if text else []


def _page(db: Read, rows: Sequence[OrderRow], *, limit: int, side: Side) -> Page[Order]:
    shown = rows[:limit]
    return Page(views(db, shown, side=side), shown[-1].id if len(rows) > limit else None)


# links


def link(db: Read, code: str) -> Link:
    found = tables.select_link(db, code)
    if found is None:
        raise NoSuchLink()
    return found


# the sums that must hold


def equations(db: Read) -> list[Equation]:
    """All that must be equal about money, per currency: the ledger's own sums, escrow, and sums per cause."""
    return [*wallet.equations(db), *_escrow_held(db), *_sums_per_cause(db)]


def _escrow_held(db: Read) -> list[Equation]:
    """P4: in every shop's escrow is exactly what is paid and not settled."""
    escrow = {(key.owner, key.currency): amount for key, amount in wallet.balances(db, purpose="escrow").items()}
    unsettled = tables_sums.select_unsettled(db)
    expected: dict[tuple[Id, str], int] = {}
    for part in unsettled:
        expected[part.shop, part.currency] = expected.get((part.shop, part.currency), 0) + part.amount
    found = []
    for currency in _currencies(escrow.keys() | expected.keys()):
        shops = {shop for shop, of in escrow.keys() | expected.keys() if of == currency}
        left = [Term("escrow", sum(escrow.get((shop, currency), 0) for shop in shops))]
        right = [Term(state, _sum_of(unsettled, currency, state)) for state in ("paid", "shipped", "received")]
        each = all(escrow.get((shop, currency), 0) == expected.get((shop, currency), 0) for shop in shops)
        found.append(equation("escrow_held", currency, left=left, right=right, holds=each))
    return found


def _currencies(keys: Collection[tuple[Id, str]]) -> list[str]:
    return sorted({currency for _, currency in keys})


def _sum_of(sums: Sequence[tables_sums.UnsettledSum], currency: str, state: str) -> int:
    return sum(part.amount for part in sums if (part.currency, part.state) == (currency, state))


def _sums_per_cause(db: Read) -> list[Equation]:
    """P6: what was paid, by what led to it, is what the ledger saw paid."""
    paid = tables_sums.select_paid_by_cause(db)
    ledger = wallet.moved_by_reason(db, reason="payment")
    return [
        equation(
            "paid_by_cause",
            currency,
            left=[Term("ledger", ledger.get(currency, 0))],
            right=[Term(kind, amount) for (of, kind), amount in sorted(paid.items()) if of == currency],
        )
        for currency in sorted(ledger.keys() | {of for of, _ in paid})
    ]
