"""P2: a client's old state and the events it is told make the state it would fetch afresh, for every action."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import pytest

from dealings.client.connection import Event, Incoming
from dealings.client.state import State
from dealings.domain.catalogue import actions as catalogue
from dealings.domain.catalogue.model import ProductInput, VariantInput, VariantPatch
from dealings.domain.identity import actions as identity
from dealings.domain.identity.model import Address
from dealings.domain.messaging import actions as messaging
from dealings.domain.messaging import channels, devices, groups, handlers, invites, settings
from dealings.domain.messaging import queries as conversations
from dealings.domain.messaging.membership import Settings
from dealings.domain.messaging.model import Post, Text
from dealings.domain.messaging.model_devices import Reading
from dealings.domain.messaging.posting import post, send
from dealings.domain.orders import actions as orders
from dealings.domain.orders import carts, sharing
from dealings.domain.orders.model import Wanted
from dealings.domain.wallet import actions as wallet
from dealings.edge.gateway.hub import Hub
from dealings.edge.state import resume, snapshot
from dealings.kernel.clock import DAY, MINUTE
from dealings.kernel.money import Money
from dealings.platform.db.actions import REGISTRY
from dealings.platform.outbox import events as streams
from tests.world import World

ADDRESS = Address("Mei", "13800000000", "1 Lake Road")

KEPT = ("variant", "quantity", "via", "added_at")
"""What a cart keeps. Price and stock of its lines are the product's and live: they are looked up when it is opened."""


def _own(state: State) -> State:
    """The state less what belongs to others and is looked up by id: prices in the cart, names in orders."""
    cart = [{name: line[name] for name in KEPT} for line in state.cart]
    orders = {
        id: order | {"buyer": order["buyer"]["id"], "shop": order["shop"]["id"]} for id, order in state.orders.items()
    }
    return replace(state, cart=cart, orders=orders)


@dataclass
class Device:
    """A connected client of one account: told of events by a real hub, as a session would be."""

    world: World
    account: str
    shops: list[str] = field(default_factory=list)
    session: str = ""
    streams: set[str] = field(default_factory=set)
    cursor: str = ""
    told: int = 0

    def __post_init__(self) -> None:
        self.state = State(self.account)

    def __hash__(self) -> int:
        return id(self)

    def tell(self, frame: bytes) -> None:
        payload = frame[frame.index(b'{"') :]
        incoming = msgspec.json.decode(payload, type=Incoming)
        self.cursor = incoming.at or self.cursor
        self.state.apply(Event(incoming.ev, msgspec.Raw(bytes(incoming.data))))

    def revoke(self) -> None:
        """The connection would be closed."""

    def fetch(self, hub: Hub) -> dict[str, Any]:
        fetched = self.world.read(snapshot, account=self.account, cursor=hub.cursor)
        taken: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(fetched))
        for conversation in self._inbox():
            taken["conversations"].append(conversation)
        return taken

    def _inbox(self) -> list[Any]:
        """A staff member's client also holds the shop's inbox, page by page."""
        pages = [
            self.world.read(
                conversations.inbox, shop=shop, account=self.account, before=None, waiting=False, limit=100
            )[0]
            for shop in self.shops
        ]
        listed: list[Any] = msgspec.json.decode(msgspec.json.encode([view for page in pages for view in page]))
        return listed

    def start(self, hub: Hub) -> None:
        mine = self.world.read(conversations.subscriptions, account=self.account)
        hub.subscribe(self, [streams.account(self.account), *map(streams.conversation, mine)])
        hub.subscribe(self, map(streams.shop, self.shops))
        taken = self.fetch(hub)
        self.cursor = taken["cursor"]
        self.state.start_afresh(taken)

    def come_back(self, hub: Hub) -> bool:
        """As after a dropped connection: only what the log says was missed."""
        missed = self.world.read(resume, account=self.account, shops=self.shops, after=hub.commit_of(self.cursor))
        for kind, data in missed.events:
            self.state.apply(Event(kind, msgspec.Raw(data)))
        return missed.complete

    def expect_current(self, hub: Hub) -> None:
        fresh = State(self.account)
        fresh.start_afresh(self.fetch(hub))
        assert _own(self.state) == _own(fresh)


class Place:
    """Mei, Arun and Lin are friends; Tao has a tea shop; a thread, a group and orders in every state stand ready."""

    def __init__(self, world: World) -> None:
        self.world = world
        run = world.run
        self.mei, self.arun, self.lin, self.tao, self.sofia = (
            run(identity.sign_up, handle=handle, name=handle.title(), password_hash="x")
            for handle in ("mei", "arun", "lin", "tao", "sofia")
        )
        for other in (self.arun, self.lin):
            run(identity.ask_contact, me=self.mei, other=other)
            run(identity.accept_contact, me=other, other=self.mei)
        self.shop = run(
            identity.open_shop, owner=self.tao, handle="tea.house", name="Tea", tagline="", currency="CNY"
        ).id
        self.direct = run(messaging.open_direct, me=self.mei, other=self.arun).id
        self.group = run(groups.open_group, owner=self.mei, name="Family", members=[self.arun, self.lin]).id
        self.thread = run(messaging.open_shop, shop=self.shop, buyer=self.mei).id
        self.say(self.arun, self.direct, "hello")
        self.say(self.mei, self.thread, "is it fresh?")
        self._stock()

    def _stock(self) -> None:
        run = self.world.run
        given = ProductInput(title="龙井", variants=[VariantInput(price=12800, on_hand=50)])
        self.product = run(catalogue.create_product, shop=self.shop, by=self.tao, given=given)
        self.variant = self.product.variants[0].id
        run(wallet.set_sandbox, open=True)
        run(wallet.top_up, owner=self.mei, amount=Money(1_000_000, "CNY"))
        run(carts.put, buyer=self.mei, variant=self.variant, quantity=1, via="direct")
        self.placed = self.order()
        self.paid = self.order(orders.pay)
        self.shipped = self.order(orders.pay, orders.ship)

    def say(self, sender: str, conversation: str, text: str, shop: str | None = None) -> None:
        self.world.one(post, Post(conversation, sender, self.world.uuid(), Text(text), shop))

    def order(self, *steps: Any) -> str:
        line = Wanted(self.variant, 1, "direct")
        (placed,) = self.world.run(orders.place, buyer=self.mei, lines=[line], address=ADDRESS, note="")
        for step in steps:
            self.step(step, placed.id)
        return placed.id

    def step(self, step: Any, order: str) -> None:
        if step is orders.ship:
            self.world.run(step, order=order, by=self.tao, carrier="SF", tracking="1")
        else:
            self.world.run(step, order=order, by=self.mei)

    def devices(self, hub: Hub) -> list["Device"]:
        made = [Device(self.world, a) for a in (self.mei, self.arun, self.lin, self.sofia)]
        made.append(Device(self.world, self.tao, [self.shop]))
        for device in made:
            device.start(hub)
        return made


Scenario = Callable[[Place], Any]
SCENARIOS: dict[str, Scenario] = {}


def scenario(*actions: Any) -> Callable[[Scenario], Scenario]:
    """These actions are shown by this scenario."""

    def register(function: Scenario) -> Scenario:
        for action in actions:
            SCENARIOS[action.name] = function
        return function

    return register


@scenario(identity.sign_up, identity.admit_attempt, identity.admit_sign_up)
def _signing_in(p: Place) -> None:
    p.world.run(identity.sign_up, handle="newcomer", name="New", password_hash="x")
    p.world.run(identity.admit_sign_up, address="127.0.0.1")
    p.world.run(identity.admit_attempt, handle="mei", address="127.0.0.1")


@scenario(identity.open_session, identity.touch_session, identity.revoke_session, identity.change_password)
def _sessions(p: Place) -> None:
    run = p.world.run
    one, two = (
        run(identity.open_session, account=p.mei, verified="x", token_hash=token, agent="", address="")
        for token in "ab"
    )
    run(identity.touch_session, session=one)
    run(identity.revoke_session, account=p.mei, session=two)
    run(identity.change_password, account=p.mei, keep=one, verified="x", password_hash="y")


@scenario(identity.edit_profile, identity.set_avatar, identity.renew_card, identity.grant_operator)
def _profile(p: Place) -> None:
    p.world.run(identity.edit_profile, account=p.mei, name="Mei Lin", bio="tea", locale="zh-CN")
    p.world.run(identity.set_avatar, account=p.mei, file="0" * 40 + ".webp")
    p.world.run(identity.renew_card, account=p.mei)
    p.world.run(identity.grant_operator, account=p.mei)


@scenario(identity.save_address)
def _address(p: Place) -> None:
    p.world.run(identity.save_address, account=p.mei, address=ADDRESS)


@scenario(identity.ask_contact, identity.accept_contact, identity.set_remark)
def _becoming_friends(p: Place) -> None:
    p.world.run(identity.ask_contact, me=p.sofia, other=p.mei, greeting="hi")
    p.world.run(identity.accept_contact, me=p.mei, other=p.sofia)
    p.world.run(identity.set_remark, me=p.mei, other=p.sofia, remark="So")


@scenario(identity.refuse_contact, identity.remove_contact)
def _parting(p: Place) -> None:
    p.world.run(identity.ask_contact, me=p.sofia, other=p.mei)
    p.world.run(identity.refuse_contact, me=p.mei, other=p.sofia)
    p.world.run(identity.remove_contact, me=p.arun, other=p.mei)


@scenario(identity.block_contact, identity.unblock_contact)
def _blocking(p: Place) -> None:
    p.world.run(identity.block_contact, me=p.mei, other=p.arun)
    p.world.run(identity.block_contact, me=p.mei, other=p.sofia)
    p.world.run(identity.unblock_contact, me=p.mei, other=p.arun)


@scenario(identity.open_shop, identity.edit_shop, identity.set_shop_picture, identity.hire, identity.dismiss)
def _shops(p: Place) -> None:
    run = p.world.run
    shop = run(identity.open_shop, owner=p.lin, handle="books", name="Books", tagline="", currency="CNY").id
    run(identity.edit_shop, shop=shop, by=p.lin, name="Bookshop", tagline="old and new")
    run(identity.set_shop_picture, shop=shop, by=p.lin, file="0" * 40 + ".webp")
    run(identity.hire, shop=shop, by=p.lin, handle="sofia")
    run(identity.dismiss, shop=shop, by=p.lin, account=p.sofia)


@scenario(messaging.open_direct, messaging.open_shop, groups.open_group)
def _opening(p: Place) -> None:
    direct = p.world.run(messaging.open_direct, me=p.lin, other=p.mei).id
    p.say(p.lin, direct, "hi")
    thread = p.world.run(messaging.open_shop, shop=p.shop, buyer=p.arun).id
    p.say(p.arun, thread, "open today?")
    p.say(p.tao, thread, "yes", p.shop)
    p.world.run(groups.open_group, owner=p.arun, name="Two", members=[p.mei])


@scenario(groups.add_members, groups.remove_member, settings.rename_group)
def _group(p: Place) -> None:
    run = p.world.run
    run(identity.ask_contact, me=p.sofia, other=p.mei)
    run(identity.accept_contact, me=p.mei, other=p.sofia)
    run(groups.add_members, conversation=p.group, by=p.mei, accounts=[p.sofia])
    p.say(p.lin, p.group, "welcome")
    run(settings.rename_group, conversation=p.group, by=p.mei, name="Everyone")
    run(groups.remove_member, conversation=p.group, by=p.mei, account=p.lin)
    p.say(p.arun, p.group, "and gone")
    run(groups.remove_member, conversation=p.group, by=p.mei, account=p.mei)


@scenario(groups.set_role, groups.hand_over, groups.silence_member, groups.set_nickname)
def _roles(p: Place) -> None:
    run, given = p.world.run, {"conversation": p.group, "by": p.mei}
    until = p.world.clock() + DAY
    run(groups.silence_member, **given, account=p.arun, until=until)
    run(groups.silence_member, **given, account=p.lin, until=until)
    run(groups.silence_member, **given, account=p.lin, until=None)
    run(groups.set_role, **given, account=p.arun, role="admin")
    run(groups.set_nickname, conversation=p.group, by=p.lin, nickname="Little Lin")
    run(groups.hand_over, **given, account=p.lin)
    run(groups.set_role, conversation=p.group, by=p.lin, account=p.mei, role="member")


@scenario(settings.set_group_picture, settings.set_notice, settings.set_settings)
def _looks(p: Place) -> None:
    run, given = p.world.run, {"conversation": p.group, "by": p.mei}
    run(settings.set_group_picture, **given, file="0" * 40 + ".webp")
    run(settings.set_notice, **given, text="Dinner at eight")
    for silenced in (True, False):
        run(settings.set_settings, **given, settings=Settings(silenced=silenced, members_invite=silenced))
    run(settings.set_settings, **given, settings=Settings(silenced=True, history_open=True, approval=True))


@scenario(invites.create_invite, invites.revoke_invite, invites.join, invites.decide_request)
def _invited(p: Place) -> None:
    run = p.world.run
    given: dict[str, Any] = {"conversation": p.group, "by": p.mei}
    terms: dict[str, Any] = {"expires_in_seconds": None, "uses": 2, "approval": False}
    link = run(invites.create_invite, **given, **terms)
    run(groups.remove_member, **given, account=p.lin)
    for who in (p.sofia, p.lin, p.tao):  # Lin was removed, so her way in leads by an admin
        run(invites.join, conversation=p.group, account=who, code=link.code)
    run(invites.decide_request, **given, account=p.lin, accept=True)
    by_consent = run(invites.create_invite, **given, **(terms | {"approval": True}))
    run(groups.remove_member, conversation=p.group, by=p.sofia, account=p.sofia)
    run(invites.join, conversation=p.group, account=p.sofia, code=by_consent.code)
    run(invites.decide_request, **given, account=p.sofia, accept=False)
    run(invites.join, conversation=p.group, account=p.sofia, code=by_consent.code)
    run(invites.revoke_invite, **given, code=by_consent.code)


@scenario(channels.open_channel, channels.follow, channels.unfollow)
def _channel(p: Place) -> None:
    run = p.world.run
    news = run(channels.open_channel, owner=p.tao, name="Tea news", notice="Spring", listed=True).id
    p.say(p.tao, news, "first")
    for who in (p.mei, p.arun, p.lin):
        run(channels.follow, conversation=news, account=who)
    p.say(p.tao, news, "second")
    run(channels.unfollow, conversation=news, account=p.arun)
    run(groups.set_role, conversation=news, by=p.tao, account=p.mei, role="admin")
    run(settings.set_settings, conversation=news, by=p.mei, settings=Settings(listed=False))
    run(groups.remove_member, conversation=news, by=p.tao, account=p.lin)
    p.say(p.mei, news, "third")


@scenario(handlers.tell_of_person, handlers.tell_of_shop)
def _new_looks(p: Place) -> None:
    p.world.run(identity.edit_profile, account=p.mei, name="Mei Lin")
    p.world.run(identity.edit_shop, shop=p.shop, by=p.tao, name="Tea and more")
    p.world.react()


@scenario(post)
def _calling(p: Place) -> None:
    """@someone and @all: by others, by oneself, before and after one has read."""
    p.world.run(groups.set_role, conversation=p.group, by=p.mei, account=p.arun, role="admin")
    for sender, named in (
        (p.mei, ("*",)),
        (p.arun, (p.lin, p.sofia)),
        (p.arun, ("*",)),
        (p.lin, (p.mei, p.lin)),
        (p.mei, ("*",)),
    ):
        item = Post(p.group, sender, p.world.uuid(), Text("look", mentions=named))
        p.world.one(post, item)
        p.world.one(devices.mark_read, Reading(p.group, p.lin, p.world.one(post, item).seq - 1))
    p.say(p.lin, p.group, "plain")


@scenario(devices.mark_read, send)
def _talking(p: Place) -> None:
    p.world.one(send, Post(p.direct, p.mei, p.world.uuid(), Text("by the gateway")))
    for text in "abc":
        p.say(p.arun, p.direct, text)
        p.say(p.lin, p.group, text)
        p.say(p.mei, p.thread, text)
    one = p.world.one
    one(devices.mark_read, Reading(p.direct, p.mei, 3))
    one(devices.mark_read, Reading(p.group, p.mei, 2))
    one(devices.mark_read, Reading(p.thread, p.tao, 2))
    p.say(p.mei, p.direct, "d")
    p.say(p.tao, p.thread, "here", p.shop)
    one(devices.mark_read, Reading(p.thread, p.mei, 4))


@scenario(devices.receive)
def _receiving(p: Place) -> None:
    one = p.world.one
    for conversation in (p.direct, p.thread):
        p.say(p.mei, conversation, "there?")
        one(devices.receive, Reading(conversation, p.mei, 1))
    one(devices.receive, Reading(p.direct, p.arun, 2))
    one(devices.receive, Reading(p.thread, p.tao, 1))
    one(devices.mark_read, Reading(p.direct, p.arun, 2))
    p.say(p.mei, p.direct, "now?")
    p.world.run(identity.block_contact, me=p.arun, other=p.mei)
    one(devices.receive, Reading(p.direct, p.arun, 3))
    one(devices.mark_read, Reading(p.direct, p.arun, 3))
    p.world.run(identity.unblock_contact, me=p.arun, other=p.mei)
    one(devices.mark_read, Reading(p.direct, p.arun, 3))


@scenario(devices.set_mine, devices.keep_draft)
def _own_things(p: Place) -> None:
    run = p.world.run
    run(devices.set_mine, conversation=p.group, by=p.mei, muted=True, pinned=True)
    run(devices.set_mine, conversation=p.thread, by=p.mei, pinned=True)
    run(devices.set_mine, conversation=p.direct, by=p.arun, muted=True)
    run(devices.set_mine, conversation=p.thread, by=p.mei, pinned=False)
    for text in ("I", "I think", ""):
        run(devices.keep_draft, conversation=p.group, by=p.mei, text=text)
        run(devices.keep_draft, conversation=p.direct, by=p.mei, text=text + "!")


@scenario(
    catalogue.create_product,
    catalogue.update_product,
    catalogue.patch_variant,
    catalogue.add_picture,
    catalogue.remove_picture,
)
def _products(p: Place) -> None:
    run = p.world.run
    given = ProductInput(title="普洱", variants=[VariantInput(price=9900, on_hand=3)])
    made = run(catalogue.create_product, shop=p.shop, by=p.tao, given=given)
    run(catalogue.update_product, product=made.id, by=p.tao, given=given)
    run(catalogue.patch_variant, variant=p.variant, by=p.tao, patch=VariantPatch(price=100))
    picture = run(catalogue.add_picture, product=made.id, by=p.tao, file="0" * 40 + ".webp", alt="")
    run(catalogue.remove_picture, product=made.id, by=p.tao, picture=picture.id)


@scenario(wallet.set_sandbox, wallet.top_up, wallet.transfer)
def _money(p: Place) -> None:
    p.world.run(wallet.top_up, owner=p.arun, amount=Money(500, "CNY"))
    p.world.run(wallet.top_up, owner=p.mei, amount=Money(500, "CNY"))


@scenario(carts.put, carts.remove)
def _cart(p: Place) -> None:
    p.world.run(carts.put, buyer=p.mei, variant=p.variant, quantity=3, via="search")
    p.world.run(carts.put, buyer=p.arun, variant=p.variant, quantity=1, via="search")
    p.world.run(carts.remove, buyer=p.mei, variant=p.variant)


@scenario(sharing.share_card, sharing.make_link)
def _sharing(p: Place) -> None:
    product = p.product.id
    run = p.world.run
    run(sharing.share_card, conversation=p.group, by=p.mei, client_id="card", product=product, variant=None)
    run(sharing.share_card, conversation=p.thread, by=p.tao, client_id="card", product=product, variant=None)
    run(sharing.make_link, product=product, by=p.mei)


@scenario(orders.place, orders.pay, orders.ship, orders.confirm)
def _deal(p: Place) -> None:
    p.order(orders.pay, orders.ship, orders.confirm)
    line = Wanted(p.variant, 1, "search")
    p.world.run(orders.place, buyer=p.mei, lines=[line], address=ADDRESS, note="", from_cart=True)


@scenario(orders.cancel, orders.refund)
def _calling_off(p: Place) -> None:
    p.step(orders.cancel, p.placed)
    p.world.run(orders.refund, order=p.paid, by=p.tao)


@scenario(orders.close_unpaid, orders.confirm_silent)
def _time_passes(p: Place) -> None:
    p.world.pass_time(31 * MINUTE)
    p.world.pass_time(11 * DAY)


WITHOUT_CLIENTS = frozenset(
    "outbox.consume outbox.fire_timer outbox.postpone_timer outbox.forget_answers roster.sign roster.leave nodes.share"
    " catalogue.attach_picture catalogue.give_up_picture importing.import_products insight.touch".split()
)
"""What no signed-in client's state shows: the log's own commands, and products, which are fetched when looked at."""


def test_P2_every_action_has_its_scenario() -> None:
    ours = {name for name in REGISTRY if not name.startswith("test_")}
    assert ours - WITHOUT_CLIENTS - set(SCENARIOS) == set()


@pytest.mark.parametrize("name", sorted({function.__name__ for function in SCENARIOS.values()}))
def test_P2_old_state_and_events_make_the_state_fetched_afresh(world: World, name: str) -> None:
    place = Place(world)
    hub = Hub("0" * 16)
    watching, away = place.devices(hub), place.devices(hub)
    for device in away:
        hub.leave(device)
    seen = len(world.events)
    next(function for function in SCENARIOS.values() if function.__name__ == name)(place)
    assert len(world.events) > seen or name in ("_signing_in", "_address")
    for event in world.events[seen:]:
        hub.publish([event], event.commit_no)
    for device in watching:
        device.expect_current(hub)
    for device in away:
        assert device.come_back(hub)
        device.expect_current(hub)
        assert device.come_back(hub)  # told twice
        device.expect_current(hub)
