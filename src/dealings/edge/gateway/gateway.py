"""The gateway: every connection of this process, and the way of a message through it.

A frame comes in (`session.Session`), is decoded into a typed request and handed on in the same call: a message to the
lanes, without a task or a future (`send`); anything else to a task (`handle`). What the lanes have committed is
told to those whom it concerns (`publish`). Whatever is due to a connection in one tick of the loop leaves in one write.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog
from picows import WSUpgradeRequest

from dealings.domain.identity.events import MeChanged
from dealings.domain.identity.model import Caller
from dealings.domain.messaging.model import Post, Sent
from dealings.domain.messaging.posting import send
from dealings.edge.gateway import protocol
from dealings.edge.gateway.greeting import Greeter
from dealings.edge.gateway.hub import Hub
from dealings.edge.gateway.operations import Means
from dealings.edge.gateway.presence import Presence
from dealings.edge.gateway.protocol import Hello, HelloFirst, Ping, Pong, Send
from dealings.edge.gateway.session import CLOSE_RESTART, Session
from dealings.edge.web.access import COOKIE, Access, OtherOrigin, check_origin
from dealings.edge.web.observe import Bucket, Limits
from dealings.kernel.clock import Clock
from dealings.kernel.errors import Refusal, Unauthenticated, Unavailable
from dealings.kernel.ids import Id
from dealings.platform.db.actions import Outcome, Stored
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.outbox import events as streams
from dealings.platform.telemetry import metrics, tracing

CONNECTIONS_MOST = 50_000
STRANGERS_MOST = 10_000
"""Of them, those that have not said hello."""
GROWN_MOST = 256 * 1024 * 1024
"""Bytes that the buffers of all connections with large frames may take."""
ADDRESS_TIMES = 5
"""So many times as much as an account may ask, those at one address may who have not said hello yet; ten seconds' worth at
once. After a restart, thousands of people come back from behind one proxy, with a connection and a hello each."""
BURST_SECONDS = 5
"""So many seconds' worth of an account's requests may come at once."""
SLOW_BYTES_MOST = 256 * 1024 * 1024
"""What all slow connections together may leave unread; beyond it the slowest are cut first."""
SWEEP_SECONDS = 1.0
SWEEPS = 5
"""In so many sweeps every connection is looked at once; those that have not said hello, in each."""
TICK_BYTES = 256 * 1024
"""Written in one tick to connections to which much is due: long texts in a large group take the kernel milliseconds to copy,
for which nobody else should have to wait."""
RETURNS_A_SECOND = 1_000
"""How many clients are asked to come back each second when all have to; it sets the time they spread over."""
LEAVE_MILLIS_LEAST = 500
DRAIN_SECONDS = 5.0
DRAIN_LOOK_SECONDS = 0.02

logger = structlog.get_logger("dealings.gateway")


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
        self._clock = clock
        self._public_url = public_url
        self.frames_per_second = frames_per_second
        self._presence = Presence(hub, reads)
        self._operations = Means(run, reads, hub, self._presence)
        self._greeter = Greeter(self, hub, reads, access, clock=clock)
        self._loop = asyncio.get_running_loop()
        self.time = self._loop.time
        self._sessions: set[Session] = set()
        self._strangers: set[Session] = set()
        """Those of them that have not said hello."""
        self._addresses = Limits(per_second=ADDRESS_TIMES * frames_per_second)
        self._accounts: dict[Id, Bucket] = {}
        self._large: dict[Session, int] = {}
        self._grown = 0
        self.slow: set[Session] = set()
        self._due: list[Session] = []
        self._then: list[Callable[[], None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = False
        self._sweep_number = 0
        self._sweeping: asyncio.TimerHandle | None = None
        metrics.CONNECTIONS.read_by(lambda: len(self._sessions))

    # connections

    def accept(self, request: WSUpgradeRequest, address: str) -> Session | None:
        """A session for an upgrade to /ws from our own pages, or from a client that is no browser."""
        bucket = self._addresses.bucket(address, self.time())
        why = self._unwelcome(request) or ("" if bucket.take(self.time()) else "address")
        if why:
            metrics.UPGRADES_REFUSED.labels(why).inc()
            return None
        return Session(self, bucket=bucket, cookie=_cookie(request.headers.get("cookie", "")))

    def _unwelcome(self, request: WSUpgradeRequest) -> str:
        if request.path.partition(b"?")[0] != b"/ws":
            return "path"
        if self._draining:
            return "draining"
        if len(self._sessions) >= CONNECTIONS_MOST or len(self._strangers) >= STRANGERS_MOST:
            return "full"
        headers = request.headers
        try:
            check_origin(origin=headers.get("origin"), host=headers.get("host", ""), public_url=self._public_url)
        except OtherOrigin:
            return "origin"
        return ""

    def joined(self, session: Session) -> None:
        self._sessions.add(session)
        self._strangers.add(session)
        if self._sweeping is None:
            self._sweeping = self._loop.call_later(SWEEP_SECONDS, self._sweep)

    def greeted(self, session: Session) -> None:
        self._strangers.discard(session)
        self._presence.arrived(session)

    def parted(self, session: Session) -> None:
        self._sessions.discard(session)
        self._strangers.discard(session)
        self.slow.discard(session)
        self._grown -= self._large.pop(session, 0)
        self._presence.parting(session)
        self._hub.leave(session)
        if session.caller is not None and not self._hub.listening(streams.account(session.caller.account)):
            self._accounts.pop(session.caller.account, None)

    def bucket_of(self, account: Id) -> Bucket:
        """What this account may still ask: one for all its connections."""
        found = self._accounts.get(account)
        if found is None:
            rate = self.frames_per_second
            found = self._accounts[account] = Bucket(rate=rate, burst=BURST_SECONDS * rate, at=self.time())
        return found

    def grown(self, session: Session, size: int) -> None:
        """A connection's buffer has grown for good: when too much is taken up so, it has to begin anew."""
        before = self._large.get(session, 0)
        if size > before:
            self._large[session] = size
            self._grown += size - before
            if self._grown > GROWN_MOST:
                self.after_flush(lambda: session.close(CLOSE_RESTART, b"begin anew"))

    def is_here(self, session: Session) -> bool:
        return session in self._sessions

    def _sweep(self) -> None:
        """Look after those who are silent, too slow, or here on rights that may have run out."""
        now = self.time()
        self._sweep_number += 1
        for session in [*self._strangers, *list(self._sessions)[self._sweep_number % SWEEPS :: SWEEPS]]:
            session.check(now)
        self._cut_slowest()
        self._sweeping = self._loop.call_later(SWEEP_SECONDS, self._sweep) if self._sessions else None

    def _cut_slowest(self) -> None:
        waiting = sorted(((session.bytes_waiting, id(session), session) for session in self.slow), reverse=True)
        total = sum(size for size, _, _ in waiting)
        metrics.BYTES_WAITING_MOST.set(waiting[0][0] if waiting else 0)
        for size, _, session in waiting:
            if total > SLOW_BYTES_MOST:
                session.cut()
                total -= size
            elif not size:
                self.slow.discard(session)

    async def drain(self) -> None:
        """Before the process ends: nothing new is taken, every client is told to come back elsewhere, one by one, and
        what is under way is answered before the connections are closed."""
        self._draining = True
        self.send = self._turn_away  # type: ignore[method-assign,assignment]  # costs nothing as long as nobody drains
        self.handle = self._turn_away  # type: ignore[method-assign,assignment]
        within = max(LEAVE_MILLIS_LEAST, len(self._sessions) * 1000 // RETURNS_A_SECOND)
        frame = protocol.leave(within)
        for session in self._sessions:
            session.tell_now(frame)
        until = self.time() + DRAIN_SECONDS
        while self.time() < until and self._is_busy():  # noqa: ASYNC110  # it ends in many places
            await asyncio.sleep(DRAIN_LOOK_SECONDS)
        while self._due:
            self._flush()
        self.part_all()
        if self._sweeping is not None:
            self._sweeping.cancel()

    def _is_busy(self) -> bool:
        return bool(self._tasks) or any(session.is_waiting for session in self._sessions)

    def _turn_away(self, session: Session, *asked: Any) -> None:
        """It was not done; the client sends it again where it goes."""
        session.failed(asked[-1], Unavailable())

    def part_all(self) -> None:
        """When events may have been missed here: everyone comes back at once, and catches up from the log."""
        for session in list(self._sessions):
            session.close(CLOSE_RESTART, b"restarting")

    # writing

    def due(self, session: Session) -> None:
        if not self._due:
            self._loop.call_soon(self._flush)
        self._due.append(session)

    def after_flush(self, do: Callable[[], None]) -> None:
        self._then.append(do)
        if not self._due:
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        due, self._due = self._due, []
        room = TICK_BYTES
        for session in due:
            room -= session.flush(room)
        metrics.WRITES.value += len(due)
        if self._then:
            then, self._then = self._then, []
            for do in then:
                do()

    def publish(self, events: Sequence[Stored], horizon: int) -> None:
        """Committed events, from the lanes or from another node."""
        self._hub.publish(events, horizon)
        self._presence.follow(events)
        for stored in events:
            if stored.kind == MeChanged.kind:  # from lanes side by side, an older one may come after a newer one
                for session in self._sessions & self._hub.listening(stored.stream):
                    self.look_again(session)

    def review(self, streams: Sequence[str]) -> None:
        """What changes who may hear what was told late: whoever it concerns is looked at again."""
        for stream in streams:
            for session in self._sessions & self._hub.listening(stream):
                self.look_again(session)

    # requests

    def send(self, session: Session, caller: Caller, frame: Send) -> None:
        """As the member they are, or for the shop whose staff they are: posting decides."""
        started = time.monotonic()

        def done(outcome: Outcome) -> None:
            sent: Sent | None = outcome.value
            if sent is None:
                session.failed(frame, outcome.refusal or RuntimeError("a command crashed; the lane logged it"))
            else:
                session.answered(frame.id, protocol.sent(frame.id, sent.seq, sent.at))
            metrics.ANSWER.observe(time.monotonic() - started)

        then = done if tracing.on is None else tracing.on.frame("send", done)
        try:
            self._run.hand(send, Post(frame.conversation, caller.account, frame.client_id, frame.body), then)
        except Refusal as refusal:
            then(Outcome(refusal=refusal))

    def handle(self, session: Session, frame: protocol.AnyFrame) -> None:
        if isinstance(frame, Hello):
            self._greet(session, frame)
        elif session.caller is None:
            session.failed(frame, HelloFirst())
        elif isinstance(frame, Ping):
            session.answered(frame.id, protocol.reply(frame.id, Pong(self._clock(), session.told)))
        else:
            assert not isinstance(frame, Send)
            self._start(session, frame, self._operations.answer(session, session.caller, frame))

    def _greet(self, session: Session, frame: Hello) -> None:
        try:
            later = self._greeter.hello(session, frame)
        except Exception as error:
            session.failed(frame, error)
        else:
            if later is None:
                session.answered(frame.id, None)
            else:
                self._start(session, frame, later)

    def _start(self, session: Session, frame: protocol.AnyFrame, work: Coroutine[Any, Any, bytes | None]) -> None:
        if tracing.on is not None:
            work = tracing.on.operation(type(frame).__name__.lower(), work)

        async def answer() -> None:
            try:
                session.answered(frame.id, await work)
            except Exception as error:
                session.failed(frame, error)

        self.go(answer())

    def go(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def look_again(self, session: Session) -> None:
        """May it still hear what it hears? A session runs out without an event; another node's events may not come here."""

        async def look() -> None:
            try:
                await self._greeter.look_again(session)
            except Unauthenticated:
                session.revoke()
            except Exception as error:  # the next look will tell
                logger.error("look_failed", exc_info=error)

        self.go(look())


def _cookie(header: str) -> str | None:
    """Our own among whatever other programs of this host have set; a token needs no quotes."""
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return next((value for name, _, value in pairs if name == COOKIE), None)
