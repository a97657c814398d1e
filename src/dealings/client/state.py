"""What a client knows, and how events change it: old state + events = state fetched afresh (P2).

The state is kept as the JSON that the server sends; the web app does the same in web/shared/state.ts, and
tests/golden/state holds both to the same. Applying an event twice, or one that is older than what is known,
changes nothing. Messages are taken in the order of their numbers: what comes too early waits in `ahead`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from dealings.client.connection import Event

Json = dict[str, Any]
UNREAD_MOST = 100
OPEN_ORDERS = frozenset({"placed", "paid", "shipped", "received"})
COUNTED = ("last_seq", "last", "unread", "mentioned")
"""What messages change in a conversation."""
READ = ("read_seq", "unread", "mentioned")
"""What reading changes."""
DRAFT = ("draft", "draft_at")
ONLY_GROW = ("peer_read_seq", "peer_received_seq")


@dataclass
class Thread:
    """A stretch of a conversation without gaps, oldest first; `from_start`: the first message one may read is in it."""

    messages: list[Json] = field(default_factory=list)
    from_start: bool = False

    @property
    def newest(self) -> int:
        return int(self.messages[-1]["seq"]) if self.messages else 0

    def extend(self, message: Json) -> None:
        """Take the next message, or a known one as the server has it; any other is left to history."""
        if message["seq"] == self.newest + 1:
            self.messages.append(message)
        elif self.messages and self.messages[0]["seq"] <= message["seq"] <= self.newest:
            self.messages[message["seq"] - self.messages[0]["seq"]] = message

    def join(self, messages: Iterable[Json], *, from_start: bool) -> None:
        """Add a stretch of history; what stands before a gap is forgotten."""
        known = {message["seq"]: message for message in self.messages} | {m["seq"]: m for m in messages}
        seqs = sorted(known)
        first = next((i for i in range(len(seqs) - 1, 0, -1) if seqs[i - 1] + 1 != seqs[i]), 0)
        self.messages = [known[seq] for seq in seqs[first:]]
        self.from_start = (self.from_start or from_start) and first == 0


@dataclass
class State:
    """Everything that belongs to one signed-in account."""

    account: str
    conversations: dict[str, Json] = field(default_factory=dict)
    contacts: dict[str, Json] = field(default_factory=dict)
    orders: dict[str, Json] = field(default_factory=dict)
    wallet: Json = field(default_factory=dict)
    cart: list[Json] = field(default_factory=list)
    threads: dict[str, Thread] = field(default_factory=dict)
    """Of the conversations that were opened."""
    ahead: dict[str, dict[int, Json]] = field(default_factory=dict)
    """Messages that came before one of a smaller number."""

    def start_afresh(self, snapshot: Json) -> None:
        self.conversations = {c["id"]: c for c in snapshot["conversations"]}
        self.contacts = {c["person"]["id"]: c for c in snapshot["contacts"]}
        self.orders = {o["id"]: o for o in snapshot["orders"]}
        self.wallet = snapshot["wallet"]
        self.cart = snapshot["cart"]
        self.threads = {id: thread for id, thread in self.threads.items() if id in self.conversations}
        self.ahead = {}

    def apply(self, event: Event) -> None:
        self.change(event.kind, msgspec.json.decode(event.data))

    def change(self, kind: str, data: Json) -> None:
        change = CHANGES.get(kind)
        if change is not None:
            change(self, data)

    # messages

    def message_posted(self, message: Json) -> None:
        id, seq = message["conversation"], message["seq"]
        known = self.conversations.get(id)
        if known is None:
            return
        if seq > known["last_seq"] + 1:
            self.ahead.setdefault(id, {})[seq] = message
            return
        if seq == known["last_seq"] + 1:
            self._count(known, message)
        elif seq == known["last_seq"]:
            known["last"] = message
        self._extend_thread(message)
        self._take_ahead(known)

    def _count(self, known: Json, message: Json) -> None:
        known |= {"last_seq": message["seq"], "last": message}
        if message["seq"] <= known["read_seq"] or self.is_mine(known, message):
            return
        known["unread"] = min(known["unread"] + 1, UNREAD_MOST)
        if self._is_named(message):
            known["mentioned"] = message["seq"]

    def _extend_thread(self, message: Json) -> None:
        thread = self.threads.get(message["conversation"])
        if thread is not None:
            thread.extend(message)

    def _take_ahead(self, known: Json) -> None:
        """What came too early and is next now."""
        ahead = self.ahead.get(known["id"])
        if ahead is None:
            return
        for seq in [seq for seq in ahead if seq <= known["last_seq"]]:
            del ahead[seq]
        if not ahead:
            del self.ahead[known["id"]]
        elif known["last_seq"] + 1 in ahead:
            self.message_posted(ahead.pop(known["last_seq"] + 1))

    def leap(self, conversation: str) -> None:
        """Go on with what came too early, though what is between can't be had."""
        known, ahead = self.conversations.get(conversation), self.ahead.get(conversation)
        if known is not None and ahead:
            missing = min(ahead) - 1 - known["last_seq"]
            known |= {"last_seq": min(ahead) - 1, "unread": min(known["unread"] + missing, UNREAD_MOST)}
            self._take_ahead(known)

    def is_mine(self, conversation: Json, message: Json) -> bool:
        """From my side: by me, or for a shop whose thread I answer as its staff."""
        if conversation["role"] == "staff":
            return message["shop"] is not None
        return bool(message["sender"] == self.account and message["shop"] is None)

    def _is_named(self, message: Json) -> bool:
        mentions = message["body"].get("mentions") or []
        return "*" in mentions or self.account in mentions

    def take_history(self, conversation: str, messages: list[Json], *, from_start: bool) -> None:
        """A stretch of an opened conversation."""
        if conversation in self.conversations:
            self.threads.setdefault(conversation, Thread()).join(messages, from_start=from_start)

    def behind(self, conversation: str) -> int | None:
        """The last number of an opened stretch when newer messages are missing after it; else None."""
        thread, known = self.threads.get(conversation), self.conversations.get(conversation)
        if thread is None or known is None or thread.newest >= known["last_seq"]:
            return None
        return thread.newest

    # conversations

    def conversation_changed(self, told: Json) -> None:
        known = self.conversations.get(told["id"])
        if known is None and "last_seq" not in told:
            return
        if known is not None:
            told = known | _for_me(known, told) | _newer(known, told)
        self.conversations[told["id"]] = told
        self._take_ahead(self.conversations[told["id"]])

    def conversation_left(self, left: Json) -> None:
        id = left["conversation"]
        self.conversations.pop(id, None)
        self.threads.pop(id, None)
        self.ahead.pop(id, None)

    def read_moved(self, moved: Json) -> None:
        known = self.conversations.get(moved["conversation"])
        if known is None:
            return
        if moved["reader"] != self._side(known):
            self._grow(known, moved["seq"], "peer_read_seq", "peer_received_seq")
        elif moved["seq"] >= known["read_seq"]:
            known |= {"read_seq": moved["seq"], "unread": moved["unread"]}
            if (known.get("mentioned") or 0) <= moved["seq"]:
                known["mentioned"] = None

    def _side(self, known: Json) -> str:
        return str(known["shop"] if known["role"] == "staff" else self.account)

    def read_here(self, conversation: str, seq: int) -> None:
        """Before the server knows: it will tell how many are left."""
        known = self.conversations[conversation]
        self.read_moved(
            {
                "conversation": conversation,
                "reader": self._side(known),
                "seq": seq,
                "unread": max(0, known["unread"] - max(0, seq - known["read_seq"])),
            }
        )

    def received_moved(self, moved: Json) -> None:
        known = self.conversations.get(moved["conversation"])
        if known is not None and moved["reader"] != self._side(known):
            self._grow(known, moved["seq"], "peer_received_seq")

    def _grow(self, known: Json, seq: int, *names: str) -> None:
        """Where the other side shows how far it is."""
        for name in names:
            if known.get(name) is not None:
                known[name] = max(known[name], seq)

    def draft_changed(self, draft: Json) -> None:
        known = self.conversations.get(draft["conversation"])
        if known is not None and draft["at"] >= (known.get("draft_at") or 0):
            known |= {"draft": draft["text"] or None, "draft_at": draft["at"]}

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


def _for_me(known: Json, told: Json) -> Json:
    """What is told to all says what each role may do; one's own counts."""
    if "may_by_role" not in told:
        return told
    may = told["may_by_role"].get(known["role"], known.get("may"))
    return {name: value for name, value in told.items() if name != "may_by_role"} | {"may": may}


def _newer(known: Json, told: Json) -> Json:
    """What a description that was long on its way must not undo: messages, reading, drafts, the other's position."""
    if "last_seq" not in told:
        return {}
    newer: Json = {}
    if told["last_seq"] < known["last_seq"]:
        newer |= _of(known, COUNTED)
    if told["read_seq"] < known["read_seq"]:
        newer |= _of(known, READ)
    if (told.get("draft_at") or 0) < (known.get("draft_at") or 0):
        newer |= _of(known, DRAFT)
    for name in ONLY_GROW:
        if told.get(name) is not None and known.get(name) is not None:
            newer[name] = max(known[name], told[name])
    return newer


def _of(known: Json, names: Iterable[str]) -> Json:
    return {name: known[name] for name in names if name in known}


CHANGES = {
    "message.posted": State.message_posted,
    "conversation.changed": State.conversation_changed,
    "conversation.left": State.conversation_left,
    "read.moved": State.read_moved,
    "received.moved": State.received_moved,
    "draft.changed": State.draft_changed,
    "contact.changed": State.contact_changed,
    "contact.removed": State.contact_removed,
    "person.changed": State.person_changed,
    "order.changed": State.order_changed,
    "wallet.changed": State.wallet_changed,
    "cart.changed": State.cart_changed,
}
