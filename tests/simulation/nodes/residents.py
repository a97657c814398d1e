"""Five hundred clients in one process, each of whom writes down what it was told and when; nothing else is believed later.

A client keeps to docs/protocol.md: any node will do, the cursor is what `resumed` and live events said, a gap in the
numbers is fetched, what was not answered is sent again under the same client id.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

import msgspec
from picows import WSError, ws_connect

from dealings.client.connection import Client, Disconnected, Event, Refused
from dealings.kernel.clock import system_clock
from dealings.kernel.ids import Id, uuid7

COME_BACK_SECONDS = 1.0
"""At most, with jitter: what the server's hint would be for so few clients."""
CONNECT_SECONDS = 5.0
AGAIN_SECONDS = 0.2
BROKEN = (Disconnected, OSError, TimeoutError, WSError)
NOT_SURE = {"unavailable", "overloaded", "protocol.too_fast", "crashed"}
PAGE = 200


class Body(msgspec.Struct):
    text: str = ""


class Posted(msgspec.Struct):
    conversation: Id
    seq: int
    client_id: str
    sender: Id | None = None
    body: Body = msgspec.field(default_factory=Body)


class Page(msgspec.Struct):
    messages: list[Posted]


@dataclass(frozen=True)
class Said:
    """An own message, and what the server's answer was."""

    conversation: Id
    sender: Id
    client_id: str
    text: str
    seq: int
    at: float


@dataclass(frozen=True)
class Seen:
    client_id: str
    sender: Id | None
    text: str
    at: float


@dataclass
class Journal:
    """What one client wrote down."""

    seen: dict[Id, dict[int, Seen]] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """What must not be: another message under a known number."""
    counts: Counter[str] = field(default_factory=Counter)


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


class Resident:
    def __init__(self, account: Id, token: str, talks: Sequence[Id], addresses: Sequence[str], rng: Random) -> None:
        self.account = account
        self.journal = Journal({talk: {} for talk in talks})
        self._token = token
        self._addresses = addresses
        self._rng = rng
        self._last = dict.fromkeys(talks, 0)
        self._cursor: str | None = None
        self._current = False
        self._client: Client | None = None
        self._fetching: set[Id] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.here = asyncio.Event()

    # being there

    async def live(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self._stay(stop)
            except BROKEN:
                self.journal.counts["broken"] += 1
            except Refused as refused:
                if refused.code not in NOT_SURE:
                    raise
                self.journal.counts["refused"] += 1
            self._leave()
            await asyncio.sleep(self._rng.uniform(0, COME_BACK_SECONDS))

    async def _stay(self, stop: asyncio.Event) -> None:
        client = Client(self.told)
        async with asyncio.timeout(CONNECT_SECONDS):
            client.transport, _ = await ws_connect(lambda: client, self._rng.choice(self._addresses))
        self._client, self._current = client, False
        try:
            greeting = await client.hello(token=self._token, cursor=self._cursor)
            if not greeting.resumed:
                self.journal.counts["afresh"] += 1
                for talk in self._last:
                    await self._fetch(client, talk)
                self._cursor, self._current = greeting.cursor, True
            self.here.set()
            stopped = asyncio.create_task(_wait(stop))
            await asyncio.wait([client.closed, stopped], return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            self.journal.counts["broken"] += client.closed.done()
        finally:
            client.close()

    def _leave(self) -> None:
        self.here.clear()
        self._client = None
        self._fetching.clear()

    # what it is told

    def told(self, event: Event) -> None:
        client = self._client
        if event.kind == "resumed":
            self._current = True
        elif event.kind == "message.posted":
            posted = msgspec.json.decode(event.data, type=Posted)
            if posted.conversation in self._last:
                self._note(posted)
                self._mind_the_gap(posted)
        if client is not None and self._current and not self._fetching:
            self._cursor = client.cursor

    def _note(self, posted: Posted) -> None:
        seen = self.journal.seen[posted.conversation]
        known = seen.get(posted.seq)
        now = asyncio.get_running_loop().time()
        note = Seen(posted.client_id, posted.sender, posted.body.text, known.at if known else now)
        if known is None:
            seen[posted.seq] = note
            self.journal.counts["seen"] += 1
        else:
            self.journal.counts["again" if self._current else "again while catching up"] += 1
            if known != note:
                self.journal.faults.append(f"{posted.conversation} {posted.seq}: {known} is now {note}")
        last = self._last[posted.conversation]
        while last + 1 in seen:
            last += 1
        self._last[posted.conversation] = last

    def _mind_the_gap(self, posted: Posted) -> None:
        """The numbers have no gaps; so what is between is fetched."""
        talk, client = posted.conversation, self._client
        if posted.seq <= self._last[talk] or talk in self._fetching or client is None:
            return
        self.journal.counts["gaps"] += 1
        self._fetching.add(talk)

        async def fetch() -> None:
            try:
                await self._fetch(client, talk)
            except (*BROKEN, Refused):
                client.close()
            finally:
                self._fetching.discard(talk)

        task = asyncio.get_running_loop().create_task(fetch())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _fetch(self, client: Client, talk: Id) -> None:
        while True:
            page = await client.request("history", Page, conversation=talk, after=self._last[talk], limit=PAGE)
            for posted in page.messages:
                self._note(posted)
            if len(page.messages) < PAGE:
                return

    # what it says

    async def say(self, talk: Id) -> None:
        """One message, repeated under one id until it is answered."""
        client_id, text = uuid7(system_clock(), self._rng), f"茶 {self._rng.random()}"
        while True:
            await self.here.wait()
            client = self._client
            try:
                if client is not None:
                    sent = await client.send(talk, text, client_id=client_id)
                    at = asyncio.get_running_loop().time()
                    self.journal.said.append(Said(talk, self.account, client_id, text, sent.seq, at))
                    return
            except BROKEN:
                self.journal.counts["repeated"] += 1
                if client is not None:
                    client.close()
            except Refused as refused:
                if refused.code not in NOT_SURE:
                    raise
                self.journal.counts["repeated"] += 1
            await asyncio.sleep(AGAIN_SECONDS)
