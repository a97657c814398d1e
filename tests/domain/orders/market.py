"""A tea shop, its people and its buyers, for tests."""

from dataclasses import dataclass

from dealings.domain.catalogue import actions as catalogue_actions
from dealings.domain.catalogue import api as catalogue
from dealings.domain.catalogue.model import ProductInput, VariantInput
from dealings.domain.identity import actions as identity
from dealings.domain.identity.api import Address
from dealings.domain.messaging import actions as messaging
from dealings.domain.messaging import api as messages
from dealings.domain.orders import actions, queries, sharing
from dealings.domain.orders.model import Order, Wanted
from dealings.domain.wallet import actions as wallet
from dealings.domain.wallet import queries as balances
from dealings.domain.wallet.model import AccountKey
from dealings.kernel.ids import Id
from dealings.kernel.money import Money
from tests.world import World

ADDRESS = Address("Mei", "138 0000 0000", "杭州市西湖区 1 号")


@dataclass
class Market:
    """`tea` has the variants `leaf` (12.50) and `cake` (300.00), ten of each. Lin owns the shop, Wang works there."""

    world: World
    mei: Id
    lin: Id
    wang: Id
    shop: Id
    tea: Id
    leaf: Id
    cake: Id

    def sign_up(self, handle: str, *, money: int = 0) -> Id:
        return _sign_up(self.world, handle, money=money)

    def place(self, *lines: Wanted, buyer: Id | None = None, key: str | None = None, note: str = "") -> Order:
        placed = self.world.by(buyer or self.mei, key=key)(
            actions.place, buyer=buyer or self.mei, lines=list(lines), address=ADDRESS, note=note
        )
        assert len(placed) == 1
        return placed[0]

    def placed(self, quantity: int = 1, *, via: str = "direct", buyer: Id | None = None) -> Order:
        return self.place(Wanted(self.leaf, quantity, via), buyer=buyer)

    def paid(self, quantity: int = 1, *, via: str = "direct") -> Order:
        return self.pay(self.placed(quantity, via=via))

    def shipped(self, quantity: int = 1) -> Order:
        return self.ship(self.paid(quantity))

    def pay(self, order: Order, *, key: str | None = None) -> Order:
        return self.world.by(order.buyer.id, key=key)(actions.pay, order=order.id, by=order.buyer.id)

    def ship(self, order: Order) -> Order:
        return self.world.run(actions.ship, order=order.id, by=self.wang, carrier="SF", tracking="SF1")

    def confirm(self, order: Order) -> Order:
        return self.world.run(actions.confirm, order=order.id, by=order.buyer.id)

    def seen(self, order: Order, *, by: Id | None = None) -> Order:
        return self.world.read(queries.order, order=order.id, account=by or order.buyer.id)

    def available(self, variant: Id) -> int:
        return self.world.read(catalogue.sellable, [variant])[variant].available

    def money(self, owner: Id, purpose: str = "wallet") -> int:
        return self.world.read(balances.balance, AccountKey(owner, purpose, "CNY").id)

    def befriend(self, one: Id, other: Id) -> Id:
        self.world.run(identity.ask_contact, me=one, other=other)
        self.world.run(identity.accept_contact, me=other, other=one)
        return self.world.run(messaging.open_direct, me=one, other=other).id

    def card(self, conversation: Id, by: Id, product: Id | None = None) -> str:
        """Drop a card; the `via` of who taps on it."""
        message = self.world.run(
            sharing.share_card,
            conversation=conversation,
            by=by,
            client_id=self.world.uuid(),
            product=product or self.tea,
        )
        return f"m:{conversation}:{message.seq}"

    def thread(self, buyer: Id | None = None) -> Id:
        return self.world.run(messaging.open_shop, shop=self.shop, buyer=buyer or self.mei).id

    def messages(self, conversation: Id) -> list[messages.Message]:
        found: list[messages.Message] = []
        while (message := self.world.read(messages.message, conversation=conversation, seq=len(found) + 1)) is not None:
            found.append(message)
        return found

    def hide(self) -> None:
        """Take the tea off the shop's page."""
        kept = self.world.read(catalogue.product, self.tea)
        variants = [VariantInput(id=v.id, options=v.options, price=1, on_hand=10) for v in kept.variants]
        given = ProductInput(title="Hidden", options=["Kind"], variants=variants, state="hidden")
        self.world.run(catalogue_actions.update_product, product=self.tea, by=self.lin, given=given)

    def equations_hold(self) -> None:
        for equation in self.world.read(queries.equations):
            assert equation.holds, equation


def _sign_up(world: World, handle: str, *, money: int = 0) -> Id:
    account = world.run(identity.sign_up, handle=handle, name=handle.title(), password_hash="x")
    if money:
        world.run(wallet.top_up, owner=account, amount=Money(money, "CNY"))
    return account


def product(world: World, shop: Id, by: Id, title: str, prices: list[int], on_hand: int = 10) -> catalogue.Product:
    variants = [VariantInput(options=[f"no. {n}"], price=price, on_hand=on_hand) for n, price in enumerate(prices)]
    given = ProductInput(title=title, options=["Kind"], variants=variants)
    return world.run(catalogue_actions.create_product, shop=shop, by=by, given=given)


def open_market(world: World, *, money: int = 1_000_00) -> Market:
    world.run(wallet.set_sandbox, open=True)
    mei, lin, wang = _sign_up(world, "mei", money=money), _sign_up(world, "lin"), _sign_up(world, "wang")
    shop = world.run(identity.open_shop, owner=lin, handle="tea", name="Tea House", tagline="", currency="CNY").id
    world.run(identity.hire, shop=shop, by=lin, handle="wang")
    tea = product(world, shop, lin, "西湖龙井", [12_50, 300_00])
    return Market(world, mei, lin, wang, shop, tea.id, tea.variants[0].id, tea.variants[1].id)
