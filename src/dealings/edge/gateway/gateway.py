"""The gateway: every connection of this process, and what each operation does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import msgspec
import structlog
from picows import WSUpgradeRequest

from dealings.domain.identity import queries as identity
from dealings.domain.identity.errors import NotSignedIn
from dealings.domain.identity.events import MeChanged
from dealings.domain.identity.model import Caller, Me
from dealings.domain.messaging import queries as conversations
from dealings.domain.messaging.model import TEXT_MOST, Post, Sent
from dealings.domain.messaging.posting import send
from dealings.edge.gateway import protocol
from dealings.edge.gateway.hub import Hub
from dealings.edge.gateway.operations import Means
from dealings.edge.gateway.protocol import (
    Hello,
    HelloFirst,
    HelloOnce,
    Limits,
    OldProtocol,
    Ping,
    Pong,
    Send,
    TooManyConnections,
)
from dealings.edge.gateway.session import UNDER_WAY_MOST, Session
from dealings.edge.state import Resumed, resume
from dealings.edge.web.access import COOKIE, Access, OtherOrigin, check_origin
from dealings.kernel.clock import Clock
from dealings.kernel.errors import Refusal, Unauthenticated
from dealings.kernel.ids import Id
from dealings.platform.db.actions import Outcome, Stored
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.outbox import events as streams
from dealings.platform.telemetry import metrics

CONNECTIONS_MOST = 50_000
CONNECTIONS_AN_ACCOUNT = 100
"""Of one account at a time: every device with room; one account can't take the places of all others."""

logger = structlog.get_logger("dealings.gateway")


class Greeting(msgspec.Struct, frozen=True):
    me: Any
    cursor: str
    resumed: bool
    limits: Limits
    server_time: int


class Gateway:
    """Accepts connections, hands their requests to `run` and `reads`, and writes what is due."""

    def __init__(
        self,
        hub: Hub,
        run: Run,
        reads: Reads,
        access: Access,
        *,
        clock: Clock,
        frames_per_second: int,
        public_url: str = "",
    ) -> None:
        self._hub = hub
        self._run = run
        self._reads = reads
        self._access = access
        self._clock = clock
        self._public_url = public_url
        self.frames_per_second = frames_per_second
        self._operations = Means(run, reads, hub)
        self._sessions: set[Session] = set()
        self._due: list[Session] = []
        self._then: list[Callable[[], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False

    # connections

    def accept(self, request: WSUpgradeRequest, address: str, scheme: str) -> Session | None:
        """A session for an upgrade to /ws from our own pages, or from a client that is no browser."""
        path = request.path.decode("latin-1").partition("?")[0]
        if path != "/ws" or self._draining or len(self._sessions) >= CONNECTIONS_MOST:
            return None
        origin = request.headers.get("origin")
        try:
            check_origin(origin=origin, host=request.headers.get("host", ""), public_url=self._public_url)
        except OtherOrigin:
            return None
        return Session(self, address=address, cookie=_cookie(request.headers.get("cookie", "")))

    def joined(self, session: Session) -> None:
        self._sessions.add(session)
        metrics.CONNECTIONS.set(len(self._sessions))

    def parted(self, session: Session) -> None:
        self._sessions.discard(session)
        self._hub.leave(session)
        metrics.CONNECTIONS.set(len(self._sessions))

    async def drain(self) -> None:
        """Before the process ends: no new connections, and every client told to come back elsewhere."""
        self._draining = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        self._flush()
        self.part_all()

    def part_all(self) -> None:
        """When events may have been missed here: everyone comes back at once, and catches up from the log."""
        for session in list(self._sessions):
            session.close(1012, b"restarting")

    # writing

    def due(self, session: Session) -> None:
        if not self._due:
            asyncio.get_running_loop().call_soon(self._flush)
        self._due.append(session)

    def after_flush(self, do: Callable[[], None]) -> None:
        self._then.append(do)
        if not self._due:
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        due, self._due = self._due, []
        for session in due:
            session.flush()
        then, self._then = self._then, []
        for do in then:
            do()

    def publish(self, events: Sequence[Stored], horizon: int) -> None:
        """Committed events, from the lanes or from another node."""
        self._hub.publish(events, horizon)
        for stored in events:
            if stored.kind == MeChanged.kind:  # from lanes side by side, an older one may come after a newer one
                for session in self._sessions & self._hub.listening(stored.stream):
                    self.look_again(session)

    # requests

    def handle(self, session: Session, frame: protocol.AnyFrame) -> None:
        if isinstance(frame, Hello):
            self._start(session, frame, self._hello(session, frame))
        elif session.caller is None:
            session.failed(frame, HelloFirst())
        elif isinstance(frame, Send):
            self._send(session, session.caller, frame)
        elif isinstance(frame, Ping):
            session.answered(frame, protocol.reply(frame.id, Pong(self._clock(), session.told)))
        else:
            self._start(session, frame, self._operations.answer(session, session.caller, frame))

    def _start(self, session: Session, frame: protocol.AnyFrame, work: Coroutine[Any, Any, bytes | None]) -> None:
        async def answer() -> None:
            try:
                session.answered(frame, await work)
            except Exception as error:
                session.failed(frame, error)

        task = asyncio.get_running_loop().create_task(answer())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # sending: no task, no await, one callback

    def _send(self, session: Session, caller: Caller, frame: Send) -> None:
        """As the member they are, or for the shop whose staff they are: posting decides."""
        item = Post(frame.conversation, caller.account, frame.client_id, frame.body)

        def done(outcome: Outcome) -> None:
            if outcome.refusal is not None or outcome.crashed:
                session.failed(frame, outcome.refusal or RuntimeError("a command crashed; the lane logged it"))
            else:
                sent: Sent = outcome.value
                session.answered(frame, protocol.sent(frame.id, sent.seq, sent.at))

        try:
            self._run.hand(send, item, done)
        except Refusal as refusal:
            session.failed(frame, refusal)

    # hello

    async def _hello(self, session: Session, frame: Hello) -> bytes | None:
        if frame.protocol != protocol.PROTOCOL:
            raise OldProtocol(supported=protocol.PROTOCOL)
        token = frame.token or session.cookie
        if not token:
            raise NotSignedIn()
        if session.token:
            raise HelloOnce()
        session.token = token
        session.hold()
        try:
            await self._greet(session, frame)
        except BaseException:
            session.token, session.caller = "", None
            self._hub.leave(session)
            raise
        finally:
            session.release()
        return None  # answered already, ahead of the events

    async def _greet(self, session: Session, frame: Hello) -> None:
        """Subscribe first, read what was missed after: nothing falls between the two."""
        session.caller, me = await self._seat(session)
        after = self._hub.commit_of(frame.cursor or "")
        shops = [staffing.shop.id for staffing in me.shops]
        missed = await self._reads(resume, account=me.id, shops=shops, after=after)
        cursor = self._hub.cursor(missed.horizon)
        limits = Limits(protocol.FRAME_MOST, TEXT_MOST, self.frames_per_second, UNDER_WAY_MOST)
        greeting = Greeting(me, cursor.decode(), missed.complete, limits, self._clock())
        session.tell_now(protocol.reply(frame.id, greeting))
        self._replay(session, missed, cursor)

    async def _seat(self, session: Session) -> tuple[Caller, Me]:
        """Subscribe a connection to what its account may hear, and to no more.

        While that is being read, the session may end, a group be left, a shop part with its staff. So the
        account is listened to first, and all is asked once more when everything is.
        """
        caller = await self._access.caller_of(session.token)
        session.session = caller.session
        own = streams.account(caller.account)
        if own not in session.streams and len(self._hub.listening(own)) >= CONNECTIONS_AN_ACCOUNT:
            raise TooManyConnections(retry_after_seconds=60)
        before = set(session.streams)
        self._hub.subscribe(session, [own])
        _, first = await self._audible(caller.account)
        self._hub.subscribe(session, first)
        await self._access.caller_of(session.token)
        me, now = await self._audible(caller.account)
        self._hub.unsubscribe(session, (before | set(first)) - set(now))
        if session not in self._sessions:  # it has gone meanwhile
            self._hub.leave(session)
        return caller, me

    async def _audible(self, account: Id) -> tuple[Me, list[str]]:
        me = await self._reads(identity.me, account=account)
        mine = await self._reads(conversations.subscriptions, account=account)
        return me, _streams(account, mine, [staffing.shop.id for staffing in me.shops])

    def look_again(self, session: Session) -> None:
        """May it still hear what it hears? A session runs out without an event; another node's events may not come here."""

        async def look() -> None:
            try:
                await self._seat(session)
            except Unauthenticated:
                session.revoke()
            except Exception as error:  # the next look will tell
                logger.error("look_failed", exc_info=error)

        task = asyncio.get_running_loop().create_task(look())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _replay(self, session: Session, missed: Resumed, cursor: bytes) -> None:
        if missed.complete:
            frames = [protocol.event(kind, data, at=b"") for kind, data in missed.events]
            for frame in frames:
                session.tell_now(frame)
            session.tell_now(protocol.resumed(cursor, told=len(set(frames))))


def _streams(account: Id, mine: Sequence[Id], shops: Sequence[Id]) -> list[str]:
    return [
        streams.account(account),
        *(streams.conversation(conversation) for conversation in mine),
        *(streams.shop(shop) for shop in shops),
    ]


def _cookie(header: str) -> str | None:
    """Our own among whatever other programs of this host have set; a token needs no quotes."""
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return next((value for name, _, value in pairs if name == COOKIE), None)
