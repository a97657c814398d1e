"""A signed-in client on top of a `Link`: what it knows, what it has to say, and what it still has to fetch.

Without sockets, clocks or chance, as the link is. What a person does is kept until the server has it: messages in
the outbox, one under way a conversation so that they arrive in order; the newest read position, draft and received
position of each conversation. All of it goes again, the same, after a break.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from dealings.client.link import Answered, Do, Failure, Json, Link, Millis
from dealings.client.state import State

HISTORY_LIMIT = 50
"""How many messages one request brings."""
FAR_BEHIND = 300
"""Further behind than this, messages are not fetched one by one: the newest are enough."""
GAP_PATIENCE_MS = 250
"""A message out of turn usually comes a moment later by itself."""
AGAIN_MS = 2_000
RECEIVED_EVERY_MS = 1_000
UNDER_WAY_MOST = 64
"""Requests without an answer yet; the server refuses more than 256."""
SINGLE = ("direct", "shop")
"""Kinds with one other side, which is shown how far we received."""

Position = Literal["read", "received"]


class Unsent(msgspec.Struct):
    """A message on its way; `failed` (with a code) waits for the person."""

    client_id: str
    conversation: str
    body: Json
    state: Literal["waiting", "failed"] = "waiting"
    code: str | None = None


@dataclass
class _Request:
    """What was asked, so that its answer means something."""

    op: str
    conversation: str
    what: Any = None


@dataclass
class Messenger:
    """Calls come with the time, as for a link; `take` and `due` are as there. `keep` and `forget` are for the
    shell's storage: what was kept is given back as `unsent` after a restart."""

    link: Link
    state: State
    new_client_id: Callable[[Millis], str]
    unsent: list[Unsent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._now: Millis = 0
        self._requests: dict[int, _Request] = {}
        self._busy: set[tuple[str, str]] = set()
        """(op, conversation) of what is under way."""
        self._not_before: dict[tuple[str, str], Millis] = {}
        self._reads: dict[str, int] = {}
        self._received: dict[str, int] = {}
        self._drafts: dict[str, str] = {}
        self._opening: set[str] = set()
        self._out: list[Do] = []

    # what a person does

    def send(self, now: Millis, conversation: str, text: str, **more: Any) -> str:
        """Put a message into the outbox; it is on its way until the server has it."""
        item = Unsent(self.new_client_id(now), conversation, {"kind": "text", "text": text, **more})
        self.unsent.append(item)
        self._out.append(Do("keep", item))
        self._go_on(now)
        return item.client_id

    def retry(self, now: Millis, client_id: str) -> None:
        for item in self.unsent:
            if item.client_id == client_id:
                item.state, item.code = "waiting", None
                self._out.append(Do("keep", item))
        self._go_on(now)

    def read(self, now: Millis, conversation: str, seq: int) -> None:
        """Everything up to `seq` has been seen."""
        known = self.state.conversations.get(conversation)
        if known is not None and seq > known["read_seq"]:
            self.state.read_here(conversation, seq)
            self._reads[conversation] = max(seq, self._reads.get(conversation, 0))
            self._go_on(now)

    def draft(self, now: Millis, conversation: str, text: str) -> None:
        self._drafts[conversation] = text
        self._go_on(now)

    def open(self, now: Millis, conversation: str) -> None:
        """Load the newest messages, and from then on keep the stretch without gaps."""
        if conversation in self.state.conversations and conversation not in self.state.threads:
            self._opening.add(conversation)
            self._go_on(now)

    def typing(self, now: Millis, conversation: str) -> None:
        self.link.say(now, "typing", conversation=conversation)
        self._go_on(now)

    # what the shell tells

    def start(self, now: Millis) -> None:
        self.link.start(now)
        self._go_on(now)

    def stop(self, now: Millis) -> None:
        self.link.stop(now)
        self._go_on(now)

    def wake(self, now: Millis) -> None:
        self.link.wake(now)
        self._go_on(now)

    def lost_network(self, now: Millis) -> None:
        self.link.lost_network(now)
        self._go_on(now)

    def opened(self, now: Millis) -> None:
        self.link.opened(now)
        self._go_on(now)

    def closed(self, now: Millis, code: int = 1006) -> None:
        self.link.closed(now, code)
        self._go_on(now)

    def received(self, now: Millis, text: str) -> None:
        self.link.received(now, text)
        self._go_on(now)

    def tick(self, now: Millis) -> None:
        self.link.tick(now)
        self._go_on(now)

    @property
    def due(self) -> Millis | None:
        own = self._not_before.values() if self.link.state == "live" else ()
        return min([*own, *([] if self.link.due is None else [self.link.due])], default=None)

    def take(self) -> list[Do]:
        taken, self._out = self._out, []
        return taken

    @property
    def is_settled(self) -> bool:
        """Live, and nothing left to say or to fetch."""
        waiting = any(item.state == "waiting" for item in self.unsent)
        wanted = self._reads or self._received or self._drafts or self._opening or self.state.ahead
        behind = any(self.state.behind(id) is not None for id in self.state.threads)
        return self.link.state == "live" and not (waiting or wanted or behind or self._requests)

    # going on

    def _go_on(self, now: Millis) -> None:
        """Take in what the link has, then ask for what is wanted, until neither brings anything new."""
        if now < self._now:
            self._not_before = {key: at + now - self._now for key, at in self._not_before.items()}
        self._now = now
        while True:
            if self.link.state == "live":
                self._ask_for_all()
            done = self.link.take()
            if not done:
                break
            for do in done:
                self._absorb(do)

    def _absorb(self, do: Do) -> None:
        match do:
            case Do("happened", frame):
                self._happened(frame)
            case Do("afresh", snapshot):
                self._start_afresh(snapshot)
            case Do("answered", answered):
                self._answered(answered)
            case Do("unanswered", number):
                self._over(number)
        if do.do not in ("answered", "unanswered"):
            self._out.append(do)

    def _start_afresh(self, snapshot: Json) -> None:
        self.state.start_afresh(snapshot)
        for known in self.state.conversations.values():
            if known["kind"] in SINGLE and known["unread"]:
                self._received[known["id"]] = known["last_seq"]

    def _happened(self, frame: Json) -> None:
        self.state.change(frame["ev"], frame.get("data") or {})
        if frame["ev"] == "message.posted":
            self._posted(frame["data"])

    def _posted(self, message: Json) -> None:
        id, known = message["conversation"], self.state.conversations.get(message["conversation"])
        if message["sender"] == self.state.account:
            self._settle(message["client_id"], id)
        elif known is not None and known["kind"] in SINGLE and not self.state.is_mine(known, message):
            self._received[id] = max(message["seq"], self._received.get(id, 0))
        if id in self.state.ahead:
            self._not_before.setdefault(("gap", id), self._now + GAP_PATIENCE_MS)

    def _settle(self, client_id: str, conversation: str) -> None:
        """The server has this one: it is shown where it stands now, and forgotten here."""
        for item in [i for i in self.unsent if (i.client_id, i.conversation) == (client_id, conversation)]:
            self.unsent.remove(item)
            self._out.append(Do("forget", client_id))

    # asking

    def _ask_for_all(self) -> None:
        due = [key for key, at in self._not_before.items() if at <= self._now]
        for key in due:
            del self._not_before[key]
        self._ask_gaps()
        for item in self._heads():
            self._ask("send", item.conversation, item.client_id, client_id=item.client_id, body=item.body)
        for conversation, seq in list(self._reads.items()):
            self._ask("read", conversation, seq, seq=seq)
        for conversation, text in list(self._drafts.items()):
            self._ask("draft", conversation, text, text=text)
        for conversation, seq in list(self._received.items()):
            self._ask("received", conversation, seq, seq=seq)

    def _heads(self) -> list[Unsent]:
        """The oldest that waits in each conversation."""
        heads: dict[str, Unsent] = {}
        for item in self.unsent:
            if item.state == "waiting":
                heads.setdefault(item.conversation, item)
        return list(heads.values())

    def _ask_gaps(self) -> None:
        for id in list(self.state.ahead):
            self._ask_gap(id)
        for id in self._opening:
            self._ask("history", id, "newest", limit=HISTORY_LIMIT)
        for id in list(self.state.threads):
            after = self.state.behind(id)
            if after is not None and id not in self.state.ahead:
                self._ask_behind(id, after)

    def _ask_gap(self, id: str) -> None:
        """What is missing between what is known and what came too early."""
        known = self.state.conversations[id]["last_seq"]
        if min(self.state.ahead[id]) - known > FAR_BEHIND:
            self.state.leap(id)
        elif ("gap", id) not in self._not_before:
            self._ask("history", id, "gap", after=known, limit=HISTORY_LIMIT)

    def _ask_behind(self, id: str, after: int) -> None:
        if self.state.conversations[id]["last_seq"] - after > FAR_BEHIND:
            self._ask("history", id, "newest", limit=HISTORY_LIMIT)
        else:
            self._ask("history", id, "behind", after=after, limit=HISTORY_LIMIT)

    def _ask(self, op: str, conversation: str, what: Any, **fields: Any) -> None:
        """Unless the same is under way or was refused for now."""
        key = (op, conversation)
        if key in self._busy or key in self._not_before or len(self._requests) >= UNDER_WAY_MOST:
            return
        number = self.link.ask(self._now, op, conversation=conversation, **fields)
        if number is not None:
            self._busy.add(key)
            self._requests[number] = _Request(op, conversation, what)

    def _over(self, number: int) -> _Request | None:
        request = self._requests.pop(number, None)
        if request is not None:
            self._busy.discard((request.op, request.conversation))
        return request

    # answers

    def _answered(self, answered: Answered) -> None:
        request = self._over(answered.id)
        if request is None:
            return
        if answered.error is not None and answered.error.passing:
            wait = 1000 * (answered.error.retry_after_seconds or 0) * (1 + self.link.random())
            self._not_before[request.op, request.conversation] = self._now + int(wait or AGAIN_MS)
        elif request.op == "send":
            self._answered_send(request, answered)
        elif request.op == "history":
            self._answered_history(request, answered)
        else:
            self._answered_wish(request)

    def _answered_send(self, request: _Request, answered: Answered) -> None:
        item = next((item for item in self.unsent if item.client_id == request.what), None)
        if item is None:  # the event came first
            return
        if answered.error is not None:
            self._failed(item, answered.error)
            return
        known = self.state.conversations.get(item.conversation)
        seq = answered.ok["seq"]
        if known is not None and seq > known["last_seq"] and seq not in self.state.ahead.get(known["id"], {}):
            self.state.message_posted(self._as_sent(item, known) | answered.ok)
        self._settle(item.client_id, item.conversation)

    def _as_sent(self, item: Unsent, known: Json) -> Json:
        """What it looks like until the server tells it; what the server has told is never replaced by this."""
        shop = known["shop"] if known["role"] == "staff" else None
        by = {"conversation": item.conversation, "sender": self.state.account, "shop": shop}
        return by | {"client_id": item.client_id, "body": item.body}

    def _failed(self, item: Unsent, error: Failure) -> None:
        item.state, item.code = "failed", error.code
        self._out.append(Do("keep", item))

    def _answered_wish(self, request: _Request) -> None:
        """Done, or refused for good: in both cases over, unless there is something newer to say."""
        wishes: dict[str, dict[str, Any]] = {"read": self._reads, "received": self._received, "draft": self._drafts}
        wish = wishes[request.op]
        if wish.get(request.conversation) == request.what:
            del wish[request.conversation]
        if request.op == "received":
            self._not_before["received", request.conversation] = self._now + RECEIVED_EVERY_MS

    def _answered_history(self, request: _Request, answered: Answered) -> None:
        id = request.conversation
        self._opening.discard(id)
        messages = [] if answered.error else answered.ok["messages"]
        for message in messages:
            if message["sender"] == self.state.account:  # sent before a restart, and not known to have arrived
                self._settle(message["client_id"], id)
        if request.what == "gap":
            self._fill(id, messages)
        elif request.what == "newest" and not answered.error:
            self.state.threads.pop(id, None)
            from_start = len(messages) < HISTORY_LIMIT
            self.state.take_history(id, messages, from_start=from_start)
        elif messages:
            self.state.take_history(id, messages, from_start=False)
        else:  # nothing there, though more was told of: not to be asked for again and again
            self.state.threads.pop(id, None)

    def _fill(self, id: str, messages: Iterable[Json]) -> None:
        before = self.state.conversations.get(id, {}).get("last_seq")
        for message in messages:
            self.state.message_posted(message)
        if id in self.state.ahead and self.state.conversations[id]["last_seq"] == before:
            self.state.leap(id)
