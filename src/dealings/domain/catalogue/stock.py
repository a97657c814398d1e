"""Stock for orders: promised when placed, given back when closed, taken out when shipped (P5).

Called inside an order's transaction. Several lines are dealt with in the order of their ids, so
that two orders for the same things wait for each other instead of blocking each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from dealings.domain.catalogue import actions, tables
from dealings.domain.catalogue.errors import NoSuchVariant, OutOfStock
from dealings.domain.catalogue.model import StockLine
from dealings.kernel.ids import Id
from dealings.platform.db.tx import Tx


def reserve(tx: Tx, *, variant: Id, quantity: int) -> None:
    """Promise so many pieces. Raises OutOfStock(left=…, variant=…) or NoSuchVariant."""
    reserve_lines(tx, [StockLine(variant, quantity)])


def release(tx: Tx, *, variant: Id, quantity: int) -> None:
    """Give promised pieces back to the shelf."""
    release_lines(tx, [StockLine(variant, quantity)])


def fulfil(tx: Tx, *, variant: Id, quantity: int) -> None:
    """Take promised pieces off the shelf: they have left the house."""
    fulfil_lines(tx, [StockLine(variant, quantity)])


def reserve_lines(tx: Tx, lines: Sequence[StockLine]) -> None:
    """Promise all of these, or refuse at the first that isn't there: OutOfStock or NoSuchVariant."""
    _move(tx, lines, tables.reserve, _refuse)


def release_lines(tx: Tx, lines: Sequence[StockLine]) -> None:
    _move(tx, lines, tables.release, _impossible)


def fulfil_lines(tx: Tx, lines: Sequence[StockLine]) -> None:
    _move(tx, lines, tables.fulfil, _impossible)


def _move(tx: Tx, lines: Sequence[StockLine], step: Callable[..., Id | None], failed: Callable[[Tx, Id], None]) -> None:
    wanted: Counter[Id] = Counter()
    for line in lines:
        assert line.quantity > 0, line
        wanted[line.variant] += line.quantity
    products: dict[Id, None] = {}
    for variant, quantity in sorted(wanted.items()):
        product = step(tx, variant=variant, quantity=quantity)
        if product is None:
            failed(tx, variant)
        else:
            products[product] = None
    actions.tell(tx, products)


def _refuse(tx: Tx, variant: Id) -> None:
    left = tables.available(tx, variant)
    if left is None:
        raise NoSuchVariant()
    raise OutOfStock(left=left, variant=variant)


def _impossible(tx: Tx, variant: Id) -> None:
    raise AssertionError(f"more than was reserved of {variant}: {tables.available(tx, variant)}")
