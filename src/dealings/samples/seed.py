"""Seeding: the sample script played through the real commands, with the clock set back.

Everything in the demo came about as it would in life: orders reserved stock and moved money, timers
closed what nobody paid, every event is in the log with the time it had.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial, singledispatchmethod
from random import Random
from typing import Any

from dealings.domain.catalogue import actions as catalogue
from dealings.domain.catalogue.model import Product, ProductInput, VariantInput
from dealings.domain.identity import actions as identity
from dealings.domain.identity import passwords
from dealings.domain.identity import queries as people
from dealings.domain.identity.model import Address
from dealings.domain.insight import actions as insight
from dealings.domain.insight import queries as insight_queries
from dealings.domain.insight.model import Touch
from dealings.domain.messaging import actions as messaging
from dealings.domain.messaging import channels, devices, groups, invites, settings
from dealings.domain.messaging import queries as conversations
from dealings.domain.messaging.model import Post, Text
from dealings.domain.messaging.model_devices import Reading
from dealings.domain.messaging.posting import post
from dealings.domain.orders import actions as orders
from dealings.domain.orders import sharing
from dealings.domain.orders.model import Wanted
from dealings.domain.wallet import actions as wallet
from dealings.kernel.clock import DAY, HOUR, ManualClock, Millis
from dealings.kernel.ids import Id, uuid7
from dealings.kernel.money import Money
from dealings.platform.db.actions import Command
from dealings.platform.db.direct import Direct
from dealings.platform.db.stores import Store
from dealings.platform.files.store import Files, keep_picture
from dealings.platform.outbox import tables as outbox
from dealings.samples import content, pictures, script

SEED = 20140718
BROWSED_DAYS = 85
LOOKS_A_DAY = 6
OPENED_SHARE = 0.3
Progress = Callable[[str], None]
Moment = tuple[Millis, int, Callable[[], None]]
"""When, in which order among what happens at once, and what."""


@dataclass
class Cards:
    """The cards of one conversation: where each is, and who has not seen it yet."""

    seqs: dict[str, int] = field(default_factory=dict)
    products: dict[int, str] = field(default_factory=dict)
    unseen: dict[str, set[int]] = field(default_factory=dict)


class Seeding:
    """The state of one seeding: names of the script by the ids they got."""

    def __init__(self, store: Store, *, clock: ManualClock) -> None:
        self._clock = clock
        self._rng = Random(SEED)
        self.direct = Direct(store, clock=clock, rng=self._rng)
        self.accounts: dict[str, Id] = {}
        self.shops: dict[str, Id] = {}
        self.products: dict[str, Product] = {}
        self.orders: dict[str, Id] = {}
        self.buyers: dict[str, str] = {}
        self.conversations: dict[str, Id] = {}
        self.scripts = {one.key: one for one in content.CONVERSATIONS}
        self.cards: dict[str, Cards] = {one.key: Cards() for one in content.CONVERSATIONS}
        self.placed_cards: dict[str, tuple[str, int]] = {}
        self.signs: dict[str, str] = {}
        """The stored pictures of groups, by their names in the script."""

    def by(self, who: str, action: Any, /, **arguments: Any) -> Any:
        """Run an action in someone's name."""
        return self.direct.submit(Command(action.name, arguments, self.accounts[who]))

    def to(self, moment: Millis) -> None:
        """Let time pass: what falls due on the way happens on the way."""
        while (due := self.direct.read(outbox.next_due)) is not None and due <= moment:
            self._clock.now = max(self._clock.now, due)
            self.direct.fire_due()
        self._clock.now = max(self._clock.now, moment)

    def uuid(self) -> str:
        return uuid7(self._clock(), self._rng)

    # people and shops

    async def settle_people(self) -> None:
        hashed = await passwords.hashed(content.PASSWORD)
        for person in content.PEOPLE:
            account = self.direct.run(
                identity.sign_up,
                handle=person.handle,
                name=person.name,
                password_hash=hashed,
                locale=person.locale,
                operator=person.handle in content.OPERATORS,
            )
            self.accounts[person.handle] = account
            self.by(person.handle, identity.edit_profile, account=account, bio=person.bio)
            if person.address is not None:
                address = Address(*person.address)
                self.by(person.handle, identity.save_address, account=account, address=address)
        for person in content.PEOPLE:
            for friend in person.friends:
                self._befriend(person.handle, friend)

    def _befriend(self, one: str, other: str) -> None:
        me, them = self.accounts[one], self.accounts[other]
        if not self.direct.read(people.are_friends, me, them):
            self.by(one, identity.ask_contact, me=me, other=them)
            self.by(other, identity.accept_contact, me=them, other=me)

    def open_shops(self) -> None:
        for shop in content.SHOPS:
            opened = self.by(
                shop.owner,
                identity.open_shop,
                owner=self.accounts[shop.owner],
                handle=shop.handle,
                name=shop.name,
                tagline=shop.tagline,
                currency=script.CURRENCY,
            )
            self.shops[shop.handle] = opened.id
            for member in shop.staff:
                self.by(shop.owner, identity.hire, shop=opened.id, by=self.accounts[shop.owner], handle=member)

    def owner(self, shop: str) -> str:
        return next(one.owner for one in content.SHOPS if one.handle == shop)

    async def hang_pictures(self, files: Files) -> None:
        for person in content.PEOPLE:
            file = await keep_picture(files, pictures.person_picture(person.picture))
            self.by(person.handle, identity.set_avatar, account=self.accounts[person.handle], file=file)
        for shop in content.SHOPS:
            file = await keep_picture(files, pictures.shop_picture(shop.picture))
            owner = self.accounts[shop.owner]
            self.by(shop.owner, identity.set_shop_picture, shop=self.shops[shop.handle], by=owner, file=file)

        for name in pictures.GROUP_SIGNS:
            self.signs[name] = await keep_picture(files, pictures.group_picture(name))

    async def stock_shelves(self, files: Files) -> None:
        drawn: dict[str, str] = {}
        for product in content.PRODUCTS:
            owner = self.owner(product.shop)
            by = self.accounts[owner]
            made = self.by(owner, catalogue.create_product, shop=self.shops[product.shop], by=by, given=_given(product))
            for name in product.pictures:
                if name not in drawn:
                    drawn[name] = await keep_picture(files, pictures.product_picture(name))
                self.by(owner, catalogue.add_picture, product=made.id, by=by, file=drawn[name], alt=product.title)
            self.products[product.handle] = made

    # what happened

    def open_conversation(self, one: script.Conversation) -> None:
        founder = one.members[0] if one.members else ""
        me = self.accounts.get(founder, "")
        if one.kind == "direct":
            opened = self.by(founder, messaging.open_direct, me=me, other=self.accounts[one.members[1]])
        elif one.kind == "shop":
            opened = self.by(founder, messaging.open_shop, shop=self.shops[one.shop], buyer=me)
        elif one.kind == "group":
            for handle in one.members[1:]:
                self._befriend(founder, handle)  # one invites those one knows
            others = [self.accounts[handle] for handle in one.members[1:]]
            opened = self.by(founder, groups.open_group, owner=me, name=one.name, members=others)
        elif one.kind == "channel":
            opened = self.by(founder, channels.open_channel, owner=me, name=one.name, notice="", listed=True)
        else:
            return
        self.conversations[one.key] = opened.id
        if one.kind in ("group", "channel"):
            self._arrange(one, founder)

    def _arrange(self, one: script.Conversation, founder: str) -> None:
        """How a group looks and who runs it; whoever reads a channel follows it."""
        at = {"conversation": self.conversations[one.key]}
        mine = at | {"by": self.accounts[founder]}
        if one.kind == "channel":
            for handle in one.members[1:]:
                self.by(handle, channels.follow, account=self.accounts[handle], **at)
        self.by(founder, settings.set_group_picture, file=self.signs[one.picture], **mine)
        if one.notice:
            self.by(founder, settings.set_notice, text=one.notice, **mine)
        for handle in one.admins:
            self.by(founder, groups.set_role, account=self.accounts[handle], role="admin", **mine)
        if one.invites:
            terms = {"expires_in_seconds": None, "uses": None, "approval": False}
            self.by(founder, invites.create_invite, **mine, **terms)

    @singledispatchmethod
    def play(self, step: Any, key: str) -> None:
        raise AssertionError(step)

    @play.register
    def _say(self, step: script.Say, key: str) -> None:
        about = self.products[step.about].id if step.about else None
        shop = self._speaks_for(step.who, key)
        item = Post(self.conversations[key], self.accounts[step.who], self.uuid(), Text(step.text, None, about), shop)
        message = self.direct.one(post, item, actor=self.accounts[step.who])
        self._read_to(step.who, message.conversation, message.seq)

    def _speaks_for(self, who: str, key: str) -> Id | None:
        one = self.scripts[key]
        return self.shops[one.shop] if one.kind == "shop" and who not in one.members else None

    @play.register
    def _card(self, step: script.Card, key: str) -> None:
        message = self.by(
            step.who,
            sharing.share_card,
            conversation=self.conversations[key],
            by=self.accounts[step.who],
            client_id=self.uuid(),
            product=self.products[step.product].id,
        )
        self._read_to(step.who, message.conversation, message.seq)
        self.placed_cards[step.key] = key, message.seq
        self.cards[key].products[message.seq] = step.product
        for member in self.scripts[key].members:
            if member != step.who:
                self.cards[key].unseen.setdefault(member, set()).add(message.seq)

    def _read_to(self, who: str, conversation: Id, seq: int) -> None:
        """Who writes or acts somewhere has read what is there."""
        self.direct.one(devices.mark_read, Reading(conversation, self.accounts[who], seq))

    def _read_all(self, who: str, conversation: Id) -> None:
        me = self.accounts[who]
        seen = self.direct.read(conversations.conversation, conversation=conversation, account=me)
        self._read_to(who, conversation, seen.last_seq)

    @play.register
    def _read(self, step: script.Read, key: str) -> None:
        conversation = self.conversations[key]
        self._read_all(step.who, conversation)
        for seq in sorted(self.cards[key].unseen.pop(step.who, set())):
            self._touch(step.who, "seen", self.cards[key].products[seq], f"m:{conversation}:{seq}")

    @play.register
    def _open(self, step: script.Open, key: str) -> None:
        self.look(step.who, step.product, step.via, opens=True)

    def look(self, who: str, product: str, via: str, *, opens: bool) -> None:
        """A product comes into view, and is opened or passed by."""
        led_by = self.via(via, product)
        self._touch(who, "seen", product, led_by)
        if opens:
            self._touch(who, "opened", product, led_by)

    def _touch(self, who: str, what: Any, product: str, via: str) -> None:
        account = self.accounts[who]
        touches = [Touch(what, self.products[product].id, via)]
        noted = self.direct.read(insight_queries.noted, account=account, touches=touches)
        self.by(who, insight.touch, account=account, touches=noted)

    def via(self, name: str, product: str) -> str:
        """A `via` as the app would send it."""
        if name in self.placed_cards:
            key, seq = self.placed_cards[name]
            return f"m:{self.conversations[key]}:{seq}"
        if name == "shop":
            return f"shop:{self.products[product].shop.id}"
        kind, _, who = name.partition(":")
        if kind == "link":
            link = self.by(who, sharing.make_link, product=self.products[product].id, by=self.accounts[who])
            return f"link:{link.code}"
        return name

    @play.register
    def _order(self, step: script.Order, key: str) -> None:
        person = next(one for one in content.PEOPLE if one.handle == step.who)
        lines = [Wanted(self._variant(line), line.quantity, self.via(step.via, line.product)) for line in step.lines]
        (placed,) = self.by(
            step.who,
            orders.place,
            buyer=self.accounts[step.who],
            lines=lines,
            address=Address(*person.address) if person.address else None,
            note=step.note,
        )
        self.orders[step.key], self.buyers[step.key] = placed.id, step.who

    def _variant(self, line: script.Line) -> Id:
        product = self.products[line.product]
        return next(variant.id for variant in product.variants if tuple(variant.options) == line.values)

    @play.register
    def _pay(self, step: script.Pay, key: str) -> None:
        self._step(self.buyers[step.order], orders.pay, step.order)

    @play.register
    def _ship(self, step: script.Ship, key: str) -> None:
        self._step(step.who, orders.ship, step.order, carrier=step.carrier, tracking=step.tracking)

    @play.register
    def _confirm(self, step: script.Confirm, key: str) -> None:
        self._step(self.buyers[step.order], orders.confirm, step.order)

    @play.register
    def _refund(self, step: script.Refund, key: str) -> None:
        self._step(step.who, orders.refund, step.order, reason=step.reason)

    @play.register
    def _cancel(self, step: script.Cancel, key: str) -> None:
        self._step(self.buyers[step.order], orders.cancel, step.order)

    def _step(self, who: str, action: Any, order: str, **arguments: str) -> None:
        order_now = self.by(who, action, order=self.orders[order], by=self.accounts[who], **arguments)
        self._read_all(who, order_now.conversation)

    @play.register
    def _top_up(self, step: script.TopUp, key: str) -> None:
        amount = Money(step.amount, script.CURRENCY)
        self.by(step.who, wallet.top_up, owner=self.accounts[step.who], amount=amount)


def _given(product: script.Product) -> ProductInput:
    variants = [
        VariantInput(
            sku=variant.sku,
            options=list(variant.values),
            price=variant.price,
            compare_at=variant.compare_at,
            on_hand=variant.stock,
        )
        for variant in product.variants
    ]
    return ProductInput(
        title=product.title,
        html=product.html,
        vendor=product.vendor,
        type=product.type,
        tags=list(product.tags),
        options=list(product.options),
        variants=variants,
    )


def _millis(moment: datetime) -> Millis:
    return int(moment.timestamp() * 1000)


def _begin(conversations: Sequence[script.Conversation], now: datetime) -> Millis:
    return min(_millis(one.began.before(now)) for one in conversations) - 2 * DAY


async def seed(store: Store, files: Files, *, now: Millis, tell: Progress = lambda text: None) -> None:
    """Fill an empty store with the sample people, shops and their history up to `now`."""
    today = datetime.fromtimestamp(now / 1000, UTC)
    clock = ManualClock(_begin(content.CONVERSATIONS, today))
    seeding = Seeding(store, clock=clock)
    try:
        seeding.direct.run(wallet.set_sandbox, open=True)
        tell("people and shops")
        await seeding.settle_people()
        seeding.open_shops()
        tell("pictures")
        await seeding.hang_pictures(files)
        clock.advance(HOUR)
        await seeding.stock_shelves(files)
        tell("three months of history")
        _play(seeding, today)
        seeding.to(now)
        seeding.direct.react()
    finally:
        seeding.direct.close()


def _play(seeding: Seeding, now: datetime) -> None:
    """Openings and steps in the order of their moments; a conversation opens before anything happens in it."""
    moments: list[Moment] = [
        (_millis(one.began.before(now)), 0, partial(seeding.open_conversation, one)) for one in content.CONVERSATIONS
    ]
    for happened in script.timeline(content.CONVERSATIONS, now=now):
        play = partial(seeding.play, happened.step, happened.conversation)
        moments.append((_millis(happened.at), 1, play))
    moments += _browsing(seeding, end=_millis(now))
    for moment, _, happen in sorted(moments, key=lambda entry: entry[:2]):
        seeding.to(moment)
        happen()


def _browsing(seeding: Seeding, *, end: Millis) -> list[Moment]:
    """People look at more than they buy: some products a day, found by searching or on a shop's page."""
    rng = Random(SEED)
    staff = {handle for shop in content.SHOPS for handle in (shop.owner, *shop.staff)} | set(content.OPERATORS)
    people = [person.handle for person in content.PEOPLE if person.handle not in staff]
    looks: list[Moment] = []
    for day in range(1, BROWSED_DAYS + 1):
        for _ in range(rng.randint(2, LOOKS_A_DAY)):
            product = rng.choice(content.PRODUCTS).handle
            via, opens = rng.choice(("search", "search", "shop")), rng.random() < OPENED_SHARE
            look = partial(seeding.look, rng.choice(people), product, via, opens=opens)
            looks.append((end - day * DAY + rng.randrange(HOUR * 12), 1, look))
    return looks
