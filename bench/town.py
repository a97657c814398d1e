"""Who takes part in a measurement, and what each asks for again and again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count, cycle
from random import Random
from typing import Any

from dealings import main
from dealings.domain.catalogue import actions as catalogue
from dealings.domain.catalogue.model import ProductInput, VariantInput
from dealings.domain.identity import actions as identity
from dealings.domain.identity.api import Address
from dealings.domain.messaging import actions as messaging
from dealings.domain.messaging import api as messages
from dealings.domain.messaging.posting import send
from dealings.domain.orders import actions as orders
from dealings.domain.orders.model import Wanted
from dealings.domain.wallet import actions as wallet
from dealings.domain.wallet.api import AccountKey, Transfer
from dealings.kernel.clock import system_clock
from dealings.kernel.ids import Id, Ids, uuid7
from dealings.kernel.money import Money
from dealings.platform.db.actions import Action, Command
from dealings.platform.db.lane import Lane
from dealings.platform.db.stores import Store

assert main
PAIRS = 512
"""As many as there are callers at most, so that each has a conversation, a wallet and a product of its own."""
SHOPS = 4
UNPAID_EACH = 48
"""Just below what an account may have."""
HASH = "x" * 60  # nobody signs in with a password here
TEXT = "The spring harvest is in: would you like 250 g of the Longjing, as last year? 明前龙井"
ADDRESS = Address("Mei", "138 0000 0000", "杭州市西湖区 1 号")


@dataclass(frozen=True)
class Pair:
    """Two friends with a conversation; `variant` is what the one of them buys."""

    one: Id
    other: Id
    conversation: Id
    variant: Id = ""


@dataclass(frozen=True)
class Town:
    """Who is there, and orders that wait to be paid, each with its buyer."""

    pairs: Sequence[Pair]
    unpaid: Sequence[tuple[Id, Id]] = ()


Load = Callable[[int], Command]
"""What the n-th caller asks for next."""

_rng = Random()
_numbers = count()
_ids = Ids(system_clock, _rng)


def messages_of(town: Town) -> Load:
    """As the gateway hands them over."""

    def next_of(caller: int) -> Command:
        pair = town.pairs[caller % len(town.pairs)]
        item = messages.Post(pair.conversation, pair.one, uuid7(system_clock(), _rng), messages.Text(TEXT))
        return Command(send.name, {}, pair.one, item=item)

    return next_of


def transfers_of(town: Town) -> Load:
    def next_of(caller: int) -> Command:
        pair = town.pairs[caller % len(town.pairs)]
        debit, credit = (AccountKey(owner, "wallet", "CNY").id for owner in (pair.one, pair.other))
        item = Transfer(id=_ids(), debit=debit, credit=credit, amount=Money(1, "CNY"), reason="gift")
        return Command(wallet.transfer.name, {}, pair.one, item=item)

    return next_of


def orders_of(town: Town) -> Load:
    """Each by the next buyer, for an account can have only so many that it has not paid."""
    turns = cycle(town.pairs)
    return lambda caller: _order(next(turns))


def _order(pair: Pair) -> Command:
    arguments = {"buyer": pair.one, "lines": [Wanted(pair.variant, 1)], "address": ADDRESS, "note": ""}
    return Command(orders.place.name, arguments, pair.one, key=_key())


def _key() -> str:
    return f"{next(_numbers):x}-{_rng.getrandbits(64):x}"


def payments_of(town: Town) -> Load:
    """Each order once: a town has as many payments as it has unpaid orders."""
    left = iter(town.unpaid)

    def next_of(caller: int) -> Command:
        order, buyer = next(left)
        return Command(orders.pay.name, {"order": order, "by": buyer}, buyer, key=_key())

    return next_of


LOADS: dict[str, Callable[[Town], Load]] = {
    "messages": messages_of,
    "orders": orders_of,
    "payments": payments_of,
    "transfers": transfers_of,
}


def settle(store: Store, load: str = "messages") -> Town:
    """Pairs of friends who have conversations and money, and shops that sell; for payments, what is to be paid."""
    lane = Lane(store, clock=system_clock, rng=_rng)
    handles = [f"bench{n}" for n in range(2 * PAIRS)]
    people = _all(lane, identity.sign_up, [{"handle": h, "name": h, "password_hash": HASH} for h in handles])
    ones, others = people[:PAIRS], people[PAIRS:]
    friends = list(zip(ones, others, strict=True))
    _all(lane, identity.ask_contact, [{"me": one, "other": other} for one, other in friends])
    _all(lane, identity.accept_contact, [{"me": other, "other": one} for one, other in friends])
    opened = _all(lane, messaging.open_direct, [{"me": one, "other": other} for one, other in friends])
    _all(lane, wallet.set_sandbox, [{"open": True}])
    _all(lane, wallet.top_up, [{"owner": person, "amount": Money(10**7, "CNY")} for person in people])
    shops, variants = _stock(lane)
    pairs = [Pair(*pair, talk.id, variant) for pair, talk, variant in zip(friends, opened, variants, strict=True)]
    if load in ("orders", "payments"):
        threads = [{"shop": shops[n % SHOPS], "buyer": one} for n, one in enumerate(ones)]
        _all(lane, messaging.open_shop, threads)
    unpaid = _unpaid(lane, pairs) if load == "payments" else []
    lane.close()
    return Town(pairs, unpaid)


def _unpaid(lane: Lane, pairs: Sequence[Pair]) -> list[tuple[Id, Id]]:
    rounds = [[_order(pair) for pair in pairs] for _ in range(UNPAID_EACH)]
    outcomes = [outcome for commands in rounds for outcome in lane.execute(commands).outcomes]
    return [(order.id, order.buyer.id) for outcome in outcomes for order in outcome.value]


def _stock(lane: Lane) -> tuple[list[Id], list[Id]]:
    """The shops, and one variant a pair, never sold out."""
    (owner,) = _all(lane, identity.sign_up, [{"handle": "seller", "name": "Seller", "password_hash": HASH}])
    given = [
        {"owner": owner, "handle": f"shop{n}", "name": "Shop", "tagline": "", "currency": "CNY"} for n in range(SHOPS)
    ]
    shops = _all(lane, identity.open_shop, given)
    variant = VariantInput(price=12_50, on_hand=10**6)
    products = [
        {"shop": shops[n % SHOPS].id, "by": owner, "given": ProductInput(title=f"Tea {n}", variants=[variant])}
        for n in range(PAIRS)
    ]
    made = _all(lane, catalogue.create_product, products)
    return [shop.id for shop in shops], [product.variants[0].id for product in made]


def _all(lane: Lane, action: Action[..., Any], arguments: list[dict[str, Any]]) -> list[Any]:
    """Run in one commit what has to be there."""
    outcomes = lane.execute([Command(action.name, a) for a in arguments]).outcomes
    for outcome in outcomes:
        assert outcome.refusal is None, outcome.refusal
        assert not outcome.crashed
    return [outcome.value for outcome in outcomes]
