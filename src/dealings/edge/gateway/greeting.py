"""Hello: who a connection is, what it may hear, and what it missed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from dealings.domain.identity import queries as identity
from dealings.domain.identity.errors import NotSignedIn
from dealings.domain.identity.model import Arrival
from dealings.domain.messaging import queries as conversations
from dealings.domain.messaging.model import TEXT_MOST
from dealings.edge.gateway import protocol
from dealings.edge.gateway.protocol import Hello, HelloOnce, Limits, OldProtocol, TooManyConnections
from dealings.edge.gateway.session import UNDER_WAY_MOST
from dealings.edge.state import Resumed, resume
from dealings.edge.web.access import hash_token
from dealings.kernel.ids import Id
from dealings.platform.db.lanes import Overloaded
from dealings.platform.outbox import events as streams
from dealings.platform.telemetry import metrics

if TYPE_CHECKING:
    from dealings.edge.gateway.gateway import Gateway
    from dealings.edge.gateway.hub import Hub
    from dealings.edge.gateway.session import Session
    from dealings.edge.web.access import Access
    from dealings.kernel.clock import Clock
    from dealings.platform.db.reads import Reads
    from dealings.platform.db.tx import Read

CONNECTIONS_AN_ACCOUNT = 100
"""Of one account at a time: every device with room; one account can't take the places of all others."""
GREETING_MOST = 1_000
"""Connections that say hello at the same moment; more are asked to come back, so that these are soon done."""
RETRY_SECONDS = 2


class Greeting(msgspec.Struct, frozen=True):
    me: Any
    cursor: str
    resumed: bool
    limits: Limits
    server_time: int


class Seat(msgspec.Struct, frozen=True):
    """Who a connection is, and the streams it may hear."""

    arrival: Arrival
    streams: list[str]


def _seat(db: Read, *, token_hash: str, now: int) -> Seat:
    arrival = identity.arrive(db, token_hash=token_hash, now=now)
    me = arrival.me
    mine = conversations.subscriptions(db, account=me.id)
    return Seat(arrival, _streams(me.id, mine, [staffing.shop.id for staffing in me.shops]))


def _streams(account: Id, mine: Sequence[Id], shops: Sequence[Id]) -> list[str]:
    return [
        streams.account(account),
        *(streams.conversation(conversation) for conversation in mine),
        *(streams.shop(shop) for shop in shops),
    ]


class Greeter:
    """Answers hello, and looks again later."""

    def __init__(self, gateway: Gateway, hub: Hub, reads: Reads, access: Access, *, clock: Clock) -> None:
        self._gateway = gateway
        self._hub = hub
        self._reads = reads
        self._access = access
        self._clock = clock
        self._greeting = 0

    async def hello(self, session: Session, frame: Hello) -> None:
        """It is answered ahead of the events that were missed, so there is nothing left to reply."""
        if frame.protocol != protocol.PROTOCOL:
            raise OldProtocol(supported=protocol.PROTOCOL)
        token = frame.token or session.cookie
        if not token:
            raise NotSignedIn()
        if session.token:
            raise HelloOnce()
        if self._greeting >= GREETING_MOST:
            metrics.HELLOS.labels("overloaded").inc()
            raise Overloaded(retry_after_seconds=RETRY_SECONDS)
        session.token = token
        session.hold()
        self._greeting += 1
        try:
            await self._greet(session, frame)
        except BaseException:
            metrics.HELLOS.labels("refused").inc()
            session.token, session.caller = "", None
            self._hub.leave(session)
            raise
        finally:
            self._greeting -= 1
            session.release()

    async def _greet(self, session: Session, frame: Hello) -> None:
        """Subscribe first, read what was missed after: nothing falls between the two."""
        me = (await self.seat(session)).me
        after = self._hub.commit_of(frame.cursor or "")
        shops = [staffing.shop.id for staffing in me.shops]
        missed = await self._reads(resume, account=me.id, shops=shops, after=after)
        cursor = self._hub.cursor(missed.horizon)
        limits = Limits(protocol.FRAME_MOST, TEXT_MOST, self._gateway.frames_per_second, UNDER_WAY_MOST)
        greeting = Greeting(me, cursor.decode(), missed.complete, limits, self._clock())
        session.tell_now(protocol.reply(frame.id, greeting))
        _replay(session, missed, cursor)
        self._gateway.greeted(session)
        metrics.HELLOS.labels("resumed" if missed.complete else "fresh").inc()

    async def seat(self, session: Session) -> Arrival:
        """Subscribe a connection to what its account may hear, and to no more.

        Where reading takes a moment, the session may end meanwhile, a group be left, a shop part with its
        staff. So all is asked once more when the connection listens to everything; a read on the spot has no meanwhile.
        """
        seat = await self._ask(session)
        before = set(session.streams)
        self._listen(session, seat)
        if not self._reads.on_the_spot:
            first, seat = seat, await self._ask(session)
            before |= set(first.streams)
            self._listen(session, seat)
        self._hub.unsubscribe(session, before.difference(seat.streams))
        if not self._gateway.is_here(session):
            self._hub.leave(session)
        await self._access.seen(seat.arrival.caller)
        return seat.arrival

    async def _ask(self, session: Session) -> Seat:
        return await self._reads(_seat, token_hash=hash_token(session.token), now=self._clock())

    def _listen(self, session: Session, seat: Seat) -> None:
        caller = seat.arrival.caller
        own = streams.account(caller.account)
        if own not in session.streams and len(self._hub.listening(own)) >= CONNECTIONS_AN_ACCOUNT:
            raise TooManyConnections(retry_after_seconds=60)
        session.is_of(caller, self._gateway.bucket_of(caller.account))
        self._hub.subscribe(session, seat.streams)


def _replay(session: Session, missed: Resumed, cursor: bytes) -> None:
    if missed.complete:
        frames = [protocol.event(kind, data, at=b"") for kind, data in missed.events]
        for frame in frames:
            session.tell_now(frame)
        session.tell_now(protocol.resumed(cursor, told=len(set(frames))))
