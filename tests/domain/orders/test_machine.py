"""P3–P5 as a machine: people trade, time passes, and after every step money and stock are conserved.

Hypothesis chooses who does what; a plain model (a few dictionaries) says what must have come of it.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dealings.domain.catalogue import actions as catalogue
from dealings.domain.catalogue.model import VariantPatch
from dealings.domain.orders import actions, model, queries
from dealings.domain.orders.model import NEXT, OrderState, Wanted
from dealings.domain.wallet import actions as wallet
from dealings.domain.wallet import queries as balances
from dealings.kernel.clock import MINUTE
from dealings.kernel.errors import Refusal
from dealings.kernel.ids import Id
from dealings.kernel.money import Money
from dealings.platform.db.actions import Command
from dealings.platform.db.stores import Store
from tests.conftest import fresh_store
from tests.domain.orders.market import Market, open_market
from tests.world import World

EXAMPLES = {"sqlite": 25, "postgres": 8}
STEPS_MOST = 30
ON_HAND = 10


@dataclass
class Known:
    """An order as the model has it."""

    buyer: Id
    amount: int
    pieces: dict[Id, int]
    state: OrderState
    due: int
    """When it is closed, or settled, by itself."""


class Trade(RuleBasedStateMachine):
    """What is expected of buyers, shop and time, and what is there."""

    orders = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.store())
        self.market: Market = open_market(self.world, money=500_00)
        hua = self.market.sign_up("hua", money=100_00)
        self.buyers = [self.market.mei, hua]
        self.known: dict[Id, Known] = {}
        self.purse = {self.market.mei: 500_00, hua: 100_00}
        self.earned = 0
        self.prices = {self.market.leaf: 12_50, self.market.cake: 300_00}
        self.shelf = {self.market.leaf: ON_HAND, self.market.cake: ON_HAND}

    def store(self) -> Store:
        """An empty, migrated store for this example."""
        raise NotImplementedError

    def teardown(self) -> None:
        self.world.close()

    # what people do

    @initialize(target=orders)
    def first(self) -> Id:
        return self._placed(self.market.mei, {self.market.leaf: 1})

    @rule(target=orders, who=st.integers(0, 1), leaves=st.integers(0, 6), cakes=st.integers(0, 2))
    def place(self, who: int, leaves: int, cakes: int) -> Id:
        pieces = {v: n for v, n in ((self.market.leaf, leaves), (self.market.cake, cakes)) if n}
        fits = bool(pieces) and all(n <= self._left(v) for v, n in pieces.items())
        if fits:
            return self._placed(self.buyers[who], pieces)
        with pytest.raises(Refusal):
            self._placed(self.buyers[who], pieces)
        return next(iter(self.known))

    def _placed(self, buyer: Id, pieces: dict[Id, int]) -> Id:
        lines = [Wanted(variant, quantity) for variant, quantity in pieces.items()]
        order = self.market.place(*lines, buyer=buyer)
        amount = sum(self.prices[variant] * quantity for variant, quantity in pieces.items())
        assert order.total == Money(amount, "CNY")
        self.known[order.id] = Known(buyer, amount, pieces, "placed", self.world.clock() + model.PAY_WITHIN)
        return order.id

    @rule(order=orders, taps=st.integers(1, 2), keyed=st.booleans())
    def pay(self, order: Id, taps: int, keyed: bool) -> None:
        known = self.known[order]
        allowed = known.state == "placed" and known.amount <= self.purse[known.buyer]
        key = self.world.uuid() if keyed else None
        tap = Command(actions.pay.name, {"order": order, "by": known.buyer}, known.buyer, key)
        outcomes = self.world.batch([tap] * taps)
        done = sum(outcome.refusal is None for outcome in outcomes)
        assert done == (0 if not allowed else taps if keyed else 1)
        if allowed:
            self.purse[known.buyer] -= known.amount
            known.state = "paid"

    @rule(order=orders)
    def cancel(self, order: Id) -> None:
        known = self.known[order]
        if self._step(actions.cancel.name, order, known.buyer, allowed=known.state == "placed"):
            known.state = "closed"

    @rule(order=orders)
    def ship(self, order: Id) -> None:
        known, more = self.known[order], {"carrier": "SF", "tracking": ""}
        if self._step(actions.ship.name, order, self.market.wang, allowed=known.state == "paid", **more):
            known.state, known.due = "shipped", self.world.clock() + model.CONFIRM_WITHIN
            for variant, quantity in known.pieces.items():
                self.shelf[variant] -= quantity

    @rule(order=orders, by_shop=st.booleans())
    def refund(self, order: Id, by_shop: bool) -> None:
        known = self.known[order]
        by = self.market.lin if by_shop else known.buyer
        if self._step(actions.refund.name, order, by, allowed=known.state == "paid", reason=""):
            known.state = "refunded"
            self.purse[known.buyer] += known.amount

    @rule(order=orders)
    def confirm(self, order: Id) -> None:
        known = self.known[order]
        if self._step(actions.confirm.name, order, known.buyer, allowed=known.state == "shipped"):
            self._settled(known)

    @rule(order=orders, step=st.sampled_from(["pay", "cancel", "ship", "confirm", "refund"]))
    def meddle(self, order: Id, step: str) -> None:
        """The other buyer can do nothing with it (P7)."""
        (other,) = (buyer for buyer in self.buyers if buyer != self.known[order].buyer)
        more = {"ship": {"carrier": "SF", "tracking": ""}, "refund": {"reason": ""}}.get(step, {})
        assert not self._step(f"orders.{step}", order, other, allowed=False, **more)

    def _step(self, action: str, order: Id, by: Id, *, allowed: bool, **more: str) -> bool:
        (outcome,) = self.world.batch([Command(action, {"order": order, "by": by, **more}, by)])
        assert not outcome.crashed
        assert (outcome.refusal is None) == allowed, outcome
        return allowed

    @rule(amount=st.integers(1, 200_00), who=st.integers(0, 1))
    def top_up(self, amount: int, who: int) -> None:
        self.world.run(wallet.top_up, owner=self.buyers[who], amount=Money(amount, "CNY"))
        self.purse[self.buyers[who]] += amount

    @rule(price=st.integers(1, 400_00))
    def change_price(self, price: int) -> None:
        """What is ordered keeps its price."""
        self.world.run(
            catalogue.patch_variant, variant=self.market.leaf, by=self.market.lin, patch=VariantPatch(price=price)
        )
        self.prices[self.market.leaf] = price

    @rule(minutes=st.sampled_from([1, 10, 29, 30, 24 * 60, 11 * 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.world.pass_time(minutes * MINUTE)
        for known in self.known.values():
            if known.due <= self.world.clock():
                if known.state == "placed":
                    known.state = "closed"
                elif known.state == "shipped":
                    self._settled(known)

    def _settled(self, known: Known) -> None:
        known.state = "settled"
        self.earned += known.amount

    def _left(self, variant: Id) -> int:
        reserved = sum(k.pieces.get(variant, 0) for k in self.known.values() if k.state in model.RESERVED_STATES)
        return self.shelf[variant] - reserved

    # what must hold after every step

    @invariant()
    def money_is_where_the_model_has_it(self) -> None:
        escrow = sum(k.amount for k in self.known.values() if k.state in model.HELD_STATES)
        for buyer in self.buyers:
            held = sum(k.amount for k in self.known.values() if k.buyer == buyer and k.state in model.HELD_STATES)
            (found,) = self.world.read(balances.wallet, owner=buyer).balances
            assert (found.available, found.held) == (self.purse[buyer], held)
        assert self.market.money(self.market.shop, "escrow") == escrow
        assert self.market.money(self.market.shop, "shop") == self.earned

    @invariant()
    def every_sum_adds_up(self) -> None:
        self.market.equations_hold()

    @invariant()
    def stock_is_conserved(self) -> None:
        for variant in self.shelf:
            assert self.market.available(variant) == self._left(variant) >= 0

    @invariant()
    @precondition(lambda self: self.known)
    def orders_are_where_the_model_has_them(self) -> None:
        page = self.world.read(queries.sales, shop=self.market.shop, account=self.market.lin, limit=999)
        assert {order.id: order.state for order in page.items} == {id: k.state for id, k in self.known.items()}
        for order in page.items:
            assert order.actions == model.actions_for(order.state, "shop")
            assert bool(order.closed_at) == (order.state == "closed")
            assert (order.state in NEXT) and order.changed_at <= self.world.clock()


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_P3_P4_P5_trade_conserves_money_and_stock(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> None:
    with ExitStack() as opened:

        class FreshTrade(Trade):
            """Every example in a store of its own; the one before is dropped."""

            def store(self) -> Store:
                opened.close()
                return opened.enter_context(fresh_store(request, engine, tmp_path))

        run_state_machine_as_test(
            FreshTrade,
            settings=settings(
                max_examples=EXAMPLES[engine],
                stateful_step_count=STEPS_MOST,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
