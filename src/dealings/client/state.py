"""What a client knows, and how events change it: old state + events = state fetched afresh (P2).

The state is kept as the JSON that the server sends; the web app does the same in web/shared/state.ts.
Applying an event twice, or one that is older than what is known, changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from dealings.client.connection import Event

Json = dict[str, Any]
UNREAD_MOST = 100
OPEN_ORDERS = frozenset({"placed", "paid", "shipped", "received"})
COUNTED = ("last_seq", "last", "unread")


@dataclass
class State:
    """Everything that belongs to one signed-in account."""

    account: str
    conversations: dict[str, Json] = field(default_factory=dict)
    contacts: dict[str, Json] = field(default_factory=dict)
    orders: dict[str, Json] = field(default_factory=dict)
    wallet: Json = field(default_factory=dict)
    cart: list[Json] = field(default_factory=list)

    def start_afresh(self, snapshot: Json) -> None:
        self.conversations = {c["id"]: c for c in snapshot["conversations"]}
        self.contacts = {c["person"]["id"]: c for c in snapshot["contacts"]}
        self.orders = {o["id"]: o for o in snapshot["orders"]}
        self.wallet = snapshot["wallet"]
        self.cart = snapshot["cart"]

    def apply(self, event: Event) -> None:
        change = CHANGES.get(event.kind)
        if change is not None:
            change(self, msgspec.json.decode(event.data))

    # messages and conversations

    def message_posted(self, message: Json) -> None:
        known = self.conversations.get(message["conversation"])
        if known is None or message["seq"] <= known["last_seq"]:
            return
        known |= {"last_seq": message["seq"], "last": message}
        if message["seq"] > known["read_seq"] and not self._is_mine(known, message):
            known["unread"] = min(known["unread"] + 1, UNREAD_MOST)

    def _is_mine(self, conversation: Json, message: Json) -> bool:
        if conversation["role"] == "staff":
            return message["shop"] is not None
        return bool(message["sender"] == self.account and message["shop"] is None)

    def conversation_changed(self, told: Json) -> None:
        known = self.conversations.get(told["id"], {})
        newer = {name: known[name] for name in COUNTED} if self._is_behind(told, known) else {}
        if known or "last_seq" in told:
            self.conversations[told["id"]] = known | told | newer

    def _is_behind(self, told: Json, known: Json) -> bool:
        return bool(known) and "last_seq" in told and told["last_seq"] < known["last_seq"]

    def conversation_left(self, left: Json) -> None:
        self.conversations.pop(left["conversation"], None)

    def read_moved(self, moved: Json) -> None:
        known = self.conversations.get(moved["conversation"])
        if known is None:
            return
        me = known["shop"] if known["role"] == "staff" else self.account
        if moved["reader"] != me:
            known["peer_read_seq"] = max(known["peer_read_seq"] or 0, moved["seq"])
        elif moved["seq"] >= known["read_seq"]:
            known |= {"read_seq": moved["seq"], "unread": moved["unread"]}

    # the rest: whole values

    def contact_changed(self, contact: Json) -> None:
        self.contacts[contact["person"]["id"]] = contact

    def contact_removed(self, gone: Json) -> None:
        self.contacts.pop(gone["account"], None)

    def person_changed(self, person: Json) -> None:
        if person["id"] in self.contacts:
            self.contacts[person["id"]] |= {"person": person}

    def order_changed(self, order: Json) -> None:
        known = self.orders.get(order["id"])
        if order["buyer"]["id"] != self.account or (known and known["changed_at"] > order["changed_at"]):
            return
        self.orders[order["id"]] = order
        if order["state"] not in OPEN_ORDERS:
            del self.orders[order["id"]]

    def wallet_changed(self, wallet: Json) -> None:
        self.wallet = wallet

    def cart_changed(self, cart: Json) -> None:
        self.cart = cart["lines"]


CHANGES = {
    "message.posted": State.message_posted,
    "conversation.changed": State.conversation_changed,
    "conversation.left": State.conversation_left,
    "read.moved": State.read_moved,
    "contact.changed": State.contact_changed,
    "contact.removed": State.contact_removed,
    "person.changed": State.person_changed,
    "order.changed": State.order_changed,
    "wallet.changed": State.wallet_changed,
    "cart.changed": State.cart_changed,
}
