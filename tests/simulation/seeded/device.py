"""A device: the real client core, a clock of its own that may jump, storage that outlives it, and what may befall it."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from dealings.client.link import Do, Link
from dealings.client.machine import Row
from dealings.client.messenger import Messenger, Unsent
from dealings.client.state import State
from dealings.kernel.ids import uuid7
from tests.simulation.seeded.network import Wire

Connect = Callable[["Device"], Wire]


class TracedLink(Link):
    """Writes down what it does."""

    trace: Callable[[str], None]
    miscounts = 0

    def _apply(self, row: Row) -> None:
        self.trace(
            f"{'·'.join(row.sources) if row.to in row.sources else ''} {self.state} --{row.on}--> {row.to}".strip()
        )
        self.miscounts += row.on == "differed" or (row.on == "resumed" and row.to == "waiting")
        super()._apply(row)


class Device:
    """Does what its client core says, over wires that `connect` makes."""

    def __init__(
        self,
        loop: Any,
        rng: Random,
        *,
        name: str,
        account: str,
        token: str,
        session: str,
        base: int,
        connect: Connect,
        trace: Callable[[str], None],
        messenger: type[Messenger] = Messenger,
    ) -> None:
        self.loop, self.rng, self.name, self.account = loop, rng, name, account
        self._token, self.session = token, session
        self._base, self._connect, self._messenger = base, connect, messenger
        self.trace: Callable[[str], None] = lambda line: trace(f"{name}: {line}")
        self.ahead_ms = 0
        self.kept: dict[str, Unsent] = {}
        """What is on its storage: the outbox."""
        self.written: list[tuple[str, str]] = []
        """(conversation, text) in the order in which a person sent them here."""
        self.failed: set[str] = set()
        self.acknowledged: set[str] = set()
        self.miscounts = 0
        self._wire: Wire | None = None
        self._timer: Any = None
        self._asleep: list[tuple[Wire, str, tuple[Any, ...]]] | None = None
        self._begin()

    def _begin(self) -> None:
        link = TracedLink(random=self.rng.random, hello={"token": self._token, "agent": self.name})
        link.trace = self.trace
        kept = [msgspec.structs.replace(item) for item in self.kept.values()]
        self.client = self._messenger(link, State(self.account), lambda now: uuid7(now, self.rng), kept)
        self.do("start")

    @property
    def link(self) -> TracedLink:
        assert isinstance(self.client.link, TracedLink)
        return self.client.link

    @property
    def now(self) -> int:
        return self._base + int(self.loop.time() * 1000) + self.ahead_ms

    # what a person does

    def send(self, conversation: str, text: str, **more: Any) -> None:
        self.written.append((conversation, text))
        self.do("send", conversation, text, **more)

    def do(self, name: str, *given: Any, **more: Any) -> None:
        """Call the client core, then do what it wants done."""
        getattr(self.client, name)(self.now, *given, **more)
        self._carry_out()
        self._shown_once()

    # what befalls it

    def crash(self) -> None:
        """The app ends in the middle of things and is started again: only what was stored remains."""
        self.miscounts += self.link.miscounts
        self._hang_up()
        self._asleep = None
        self._begin()

    def sign_in(self, token: str, session: str) -> None:
        self._token, self.session = token, session
        self.crash()

    def sleep(self) -> None:
        if self._asleep is None:
            self._asleep = []

    def wake_up(self) -> None:
        """What came meanwhile is found in the socket, before or after the timers are looked at."""
        if self._asleep is None:
            return
        waiting, self._asleep = self._asleep, None
        if self.rng.random() < 0.5:
            self.do("tick")
        for wire, name, given in waiting:
            self.told(wire, name, *given)
        self._set_timer()

    @property
    def is_asleep(self) -> bool:
        return self._asleep is not None

    @property
    def wire(self) -> Wire | None:
        return self._wire

    # the shell

    def told(self, wire: Wire, name: str, *given: Any) -> None:
        if self._asleep is not None:
            self._asleep.append((wire, name, given))
        elif wire is self._wire:
            self.do(name, *given)

    def _carry_out(self) -> None:
        for did in self.client.take():
            self._carry_out_one(did)
        self._set_timer()

    def _carry_out_one(self, did: Do) -> None:
        match did:
            case Do("open"):
                self._wire = self._connect(self)
            case Do("close"):
                self._hang_up()
            case Do("send", frame):
                assert self._wire is not None
                self._wire.send_up(msgspec.json.encode(frame).decode())
            case Do("keep", item):
                self._keep(item)
            case Do("forget", client_id):
                forgotten = self.kept.pop(client_id)
                self.acknowledged.add(forgotten.body["text"])
            case Do("ended", why):
                self.trace(f"ended: {why}")

    def _keep(self, item: Unsent) -> None:
        self.kept[item.client_id] = msgspec.structs.replace(item)
        if item.state == "failed":
            text = item.body["text"]
            self.trace(f"refused {item.code}: {text}")
            self.failed.add(text)

    def _hang_up(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.client_closes()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self.client.due
        if due is not None and self._asleep is None:
            self._timer = self.loop.call_later(max(0.0, (due - self.now) / 1000), self._tick)

    def _tick(self) -> None:
        if self._asleep is None:
            self.do("tick")

    def _shown_once(self) -> None:
        """A message is shown where it stands, or as on its way; never both, never twice."""
        unsent = [item.client_id for item in self.client.unsent]
        for thread in self.client.state.threads.values():
            shown = [m["client_id"] for m in thread.messages[-20:] if m["sender"] == self.account] + unsent
            assert len(shown) == len(set(shown)), f"{self.name} shows a message twice: {shown}"
