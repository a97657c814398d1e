"""People who go on whatever happens: every intent has a key, is repeated until it is answered, and is then written down.

The journal is all that the checker believes: what is in it was acknowledged, and nothing else was asked for.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx

from dealings.client.connection import Client, Disconnected, Refused, connected
from dealings.kernel.clock import system_clock
from dealings.kernel.ids import Id, uuid7

PASSWORD = "a long enough passphrase"
AGAIN_SECONDS = 0.1
TIMEOUT_SECONDS = 10.0
NOT_SURE = {"unavailable", "crashed"}
"""What the server says when it can't tell whether it was done."""
ADDRESS = {"name": "Mei", "phone": "138", "text": "杭州"}
PRICE = 12_50


@dataclass(frozen=True)
class Said:
    conversation: Id
    sender: Id
    client_id: str
    text: str
    seq: int


@dataclass
class Journal:
    """What was acknowledged, as the clients wrote it down."""

    said: list[Said] = field(default_factory=list)
    orders: dict[Id, dict[Id, str]] = field(default_factory=dict)
    """By buyer: each order and the state of the last answer about it."""
    topped_up: Counter[Id] = field(default_factory=Counter)
    repeated: int = 0
    """Requests that had to be sent again: without some, nothing was proved."""


class Person:
    """Someone signed in, over HTTP."""

    def __init__(self, http: str, rng: Random, journal: Journal) -> None:
        self.rng = rng
        self.journal = journal
        self.id = self.token = ""
        limits = httpx.Limits(max_keepalive_connections=1, max_connections=2)
        self._client = httpx.AsyncClient(base_url=f"{http}/api/v1", timeout=TIMEOUT_SECONDS, limits=limits)

    async def insist(self, path: str, given: object = None, method: str = "POST") -> Any:
        """Ask under one key until there is an answer."""
        key = uuid7(system_clock(), self.rng)
        headers = {"Idempotency-Key": key, "Authorization": f"Bearer {self.token}"} if self.token else {}
        while True:
            try:
                answered = await self._client.request(method, path, json=given, headers=headers)
            except httpx.TransportError:
                answered = None
            if answered is not None and answered.status_code < 500:
                assert answered.is_success, (path, answered.status_code, answered.text)
                return answered.json() if answered.content else None
            self.journal.repeated += 1
            await asyncio.sleep(AGAIN_SECONDS)

    async def sign_up(self, handle: str) -> "Person":
        signed = await self.insist("/accounts", {"handle": handle, "name": handle.title(), "password": PASSWORD})
        self.id, self.token = signed["me"]["id"], signed["token"]
        return self

    async def close(self) -> None:
        await self._client.aclose()


@dataclass
class Town:
    """Who is there, and what each does again and again."""

    ws: str
    journal: Journal
    seller: Person
    variant: Id
    people: list[Person]
    pairs: list[tuple[Person, Id]]
    """Who writes, and in which conversation."""

    async def live(self, stop: asyncio.Event) -> None:
        """Until told to stop; then everyone finishes what was begun."""
        deeds: list[Callable[[], Awaitable[None]]] = [lambda p=p: buy(self, p) for p in self.people]  # type: ignore[misc]
        deeds += [lambda p=p: top_up(p) for p in self.people[:2]]  # type: ignore[misc]
        deeds += [lambda p=p, c=c: write(p, c) for p, c in self.pairs[:2]]  # type: ignore[misc]
        chats = [chat(self.ws, person, conversation, stop) for person, conversation in self.pairs]
        await asyncio.gather(*(_again(deed, stop) for deed in deeds), *chats)

    async def leave(self) -> None:
        for person in [self.seller, *self.people]:
            await person.close()


async def _again(deed: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    while not stop.is_set():
        await deed()


async def settle_in(http: str, ws: str, journal: Journal, rng: Random) -> Town:
    """Three friends of one another who buy at one shop."""
    people = [await Person(http, rng, journal).sign_up(f"buyer{n}") for n in range(3)]
    seller = await Person(http, rng, journal).sign_up("seller")
    shop = await seller.insist("/shops", {"handle": "tea", "name": "Tea", "tagline": "", "currency": "CNY"})
    variant = {"options": ["leaf"], "sku": "t1", "price": PRICE, "on_hand": 1_000_000}
    given = {"title": "龙井", "html": "", "vendor": "", "type": "", "tags": [], "options": ["Kind"], "state": "active"}
    product = await seller.insist(f"/shops/{shop['id']}/products", {**given, "variants": [variant]})
    pairs = []
    for one, other in zip(people, people[1:] + people[:1], strict=True):
        await one.insist("/contacts", {"account": other.id})
        await other.insist(f"/contacts/{one.id}/accept")
        opened = await one.insist("/conversations", {"kind": "direct", "account": other.id})
        pairs.append((one, opened["id"]))
        await _add_money(one, 10_000_00)
    return Town(ws, journal, seller, product["variants"][0]["id"], people, pairs)


async def write(person: Person, conversation: Id) -> None:
    """A message over HTTP."""
    client_id, text = uuid7(system_clock(), person.rng), f"茶 {person.rng.random()}"
    body = {"client_id": client_id, "body": {"kind": "text", "text": text}}
    message = await person.insist(f"/conversations/{conversation}/messages", body)
    person.journal.said.append(Said(conversation, person.id, client_id, text, message["seq"]))


async def chat(ws: str, person: Person, conversation: Id, stop: asyncio.Event) -> None:
    """Messages over the WebSocket; after a break, what was not answered is sent again first."""
    pending: tuple[str, str] | None = None
    while not stop.is_set() or pending is not None:
        try:
            async with connected(ws, token=person.token, on_event=lambda event: None) as client:
                while not stop.is_set() or pending is not None:
                    pending = pending or (uuid7(system_clock(), person.rng), f"chat {person.rng.random()}")
                    await _send(client, person, conversation, *pending)
                    pending = None
        except (Disconnected, OSError, TimeoutError, Refused) as error:
            if isinstance(error, Refused) and error.code not in NOT_SURE:
                raise
            person.journal.repeated += 1
            await asyncio.sleep(AGAIN_SECONDS)


async def _send(client: Client, person: Person, conversation: Id, client_id: str, text: str) -> None:
    sent = await client.send(conversation, text, client_id=client_id)
    person.journal.said.append(Said(conversation, person.id, client_id, text, sent.seq))


async def top_up(person: Person) -> None:
    await _add_money(person, person.rng.randint(1, 500))


async def _add_money(person: Person, amount: int) -> None:
    await person.insist("/wallet/topups", {"amount": amount, "currency": "CNY"})
    person.journal.topped_up[person.id] += amount


async def buy(town: Town, buyer: Person) -> None:
    """One order, on one of the ways that an order can go."""
    line = {"variant": town.variant, "quantity": 1, "via": "direct"}
    placed = await buyer.insist("/orders", {"lines": [line], "address": ADDRESS, "note": "", "from_cart": False})
    (order,) = placed
    journal = buyer.journal.orders.setdefault(buyer.id, {})
    journal[order["id"]] = order["state"]
    for who, step, given in buyer.rng.choice(_ways(town, buyer)):
        moved = await who.insist(f"/orders/{order['id']}/{step}", given)
        journal[order["id"]] = moved["state"]


def _ways(town: Town, buyer: Person) -> list[list[tuple[Person, str, object]]]:
    pay, ship = (buyer, "pay", None), (town.seller, "ship", {"carrier": "SF", "tracking": "1"})
    return [
        [],
        [(buyer, "cancel", None)],
        [pay],
        [pay, (buyer, "refund", {"reason": ""})],
        [pay, ship],
        [pay, ship, (buyer, "confirm", None)],
    ]
