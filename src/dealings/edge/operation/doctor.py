"""The doctor: looks whether the data keeps the promises, and says what is wrong. Changes nothing."""

from collections.abc import Iterator
from heapq import merge
from itertools import groupby

from dealings.domain.catalogue import checks as catalogue
from dealings.domain.messaging import checks as messaging
from dealings.domain.orders import checks as orders
from dealings.domain.wallet import checks as wallet
from dealings.platform.db.findings import Finding, named
from dealings.platform.db.stores import Store
from dealings.platform.db.tx import Read
from dealings.platform.db.views import reading
from dealings.platform.outbox import checks as log

REASONS = [reason for reason, _ in orders.MOVES]
MODULES = (log.findings, messaging.findings, wallet.findings, catalogue.findings, orders.findings)


def examine(store: Store) -> list[Finding]:
    """All that is wrong, of one moment, beside a running server."""
    with reading(store) as db:
        return findings(db)


def findings(db: Read) -> list[Finding]:
    return [found for module in MODULES for found in module(db)] + _reserved(db) + _moved(db)


def _reserved(db: Read) -> list[Finding]:
    """P5: what the shelf has put aside is what open orders wait for."""
    shelf, ordered = catalogue.reserved(db), orders.reserved(db)
    wrong = [
        f"{variant} has {shelf.get(variant, 0)} reserved, orders need {ordered.get(variant, 0)}"
        for variant in sorted(shelf.keys() | ordered.keys())
        if shelf.get(variant, 0) != ordered.get(variant, 0)
    ]
    return named("stock.reserved", "P5: what is reserved of a variant is not what its open orders need.", wrong)


def _moved(db: Read) -> list[Finding]:
    """P5: nobody is charged without an order, and every step of an order moved its money once."""
    text = "P5: the money that moved for an order is not what its steps should have moved."
    return named("orders.money", text, _unequal(db))


def _unequal(db: Read) -> Iterator[str]:
    """Orders whose moves differ from the ledger's: both lists are walked side by side, in order of the orders."""
    told = (((id, reason, amount, currency), "order") for id, reason, amount, currency in orders.expected_moves(db))
    seen = (((m.ref, m.reason, m.amount, m.currency), "ledger") for m in wallet.moved(db, reasons=REASONS))
    for order, moves in groupby(merge(told, seen), key=lambda move: move[0][0]):
        by_side: dict[str, list[object]] = {"order": [], "ledger": []}
        for move, side in moves:
            by_side[side].append(move)
        if by_side["order"] != by_side["ledger"]:
            yield order
