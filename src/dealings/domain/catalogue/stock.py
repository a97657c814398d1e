"""Stock for orders: promised when placed, given back when closed, taken out when shipped (P5).

Called inside a transaction. What may be promised is decided in the order in which it is asked for; what is
written are conditional updates, so that it also holds when another lane was faster: then `LostRace` is raised,
and the lane runs it again on what the other left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from dealings.domain.catalogue import actions, tables
from dealings.domain.catalogue.errors import NoSuchVariant, OutOfStock
from dealings.domain.catalogue.model import Sellable, StockLine
from dealings.domain.catalogue.tables import Stock
from dealings.kernel.errors import Refusal
from dealings.kernel.ids import Id
from dealings.platform.db.sets import Statement
from dealings.platform.db.tx import LostRace, Tx


class Shelf:
    """Some variants while one after the other asks for pieces: each sees what those before it have left."""

    def __init__(self, there: Mapping[Id, Stock | Sellable]) -> None:
        self.there = there
        self.promised: Counter[Id] = Counter()

    def left(self, variant: Id) -> int:
        return self.there[variant].available - self.promised[variant]

    def promise(self, lines: Iterable[StockLine]) -> Refusal | None:
        """Set all of these aside, or none: OutOfStock or NoSuchVariant for the first that can't be had, by id."""
        wanted = _summed(lines)
        for variant, quantity in sorted(wanted.items()):
            if variant not in self.there:
                return NoSuchVariant()
            if self.left(variant) < quantity:
                return OutOfStock(left=self.left(variant), variant=variant)
        self.promised.update(wanted)
        return None


def reserve(tx: Tx, shelf: Shelf) -> None:
    """Write down what was promised, and tell the shops."""
    moves = [(quantity, variant, shelf.there[variant].shop) for variant, quantity in shelf.promised.items()]
    if not tables.move_stock(tx, tables.RESERVE, moves):
        assert tx.dialect != "sqlite", "there is one writer: what was read just before still holds"
        raise LostRace()
    actions.tell(tx, {shelf.there[variant].product for variant in shelf.promised})


def reserve_lines(tx: Tx, lines: Sequence[StockLine]) -> None:
    """Promise all of these, or refuse: OutOfStock or NoSuchVariant."""
    shelf = Shelf(tables.stock(tx, [line.variant for line in lines]))
    refused = shelf.promise(lines)
    if refused is not None:
        raise refused
    reserve(tx, shelf)


def release_lines(tx: Tx, lines: Sequence[StockLine]) -> None:
    """Give promised pieces back to the shelf."""
    _move(tx, lines, tables.RELEASE)


def fulfil_lines(tx: Tx, lines: Sequence[StockLine]) -> None:
    """Take promised pieces off the shelf: they have left the house."""
    _move(tx, lines, tables.FULFIL)


def _move(tx: Tx, lines: Iterable[StockLine], movement: Statement) -> None:
    wanted = _summed(lines)
    there = tables.stock(tx, wanted)
    moves = [(quantity, variant, there[variant].shop) for variant, quantity in wanted.items()]
    assert tables.move_stock(tx, movement, moves), f"more than was reserved: {wanted}"
    actions.tell(tx, {stock.product for stock in there.values()})


def _summed(lines: Iterable[StockLine]) -> Counter[Id]:
    wanted: Counter[Id] = Counter()
    for line in lines:
        assert line.quantity > 0, line
        wanted[line.variant] += line.quantity
    return wanted
