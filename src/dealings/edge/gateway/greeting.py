"""Hello: who a connection is, what it may hear, and what it missed."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
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


class Look(msgspec.Struct, frozen=True):
    """Who a connection is, the streams it may hear, and, when it comes back, what it missed: all of one moment."""

    arrival: Arrival
    streams: list[str]
    missed: Resumed | None


def _look(db: Read, *, token_hash: str, now: int, resuming: bool, after: int | None) -> Look:
    arrival = identity.arrive(db, token_hash=token_hash, now=now)
    account, shops = arrival.me.id, [staffing.shop.id for staffing in arrival.me.shops]
    mine = conversations.subscriptions(db, account=account)
    missed = resume(db, account=account, shops=shops, mine=mine, after=after) if resuming else None
    return Look(arrival, _streams(account, mine, shops), missed)


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

    def hello(self, session: Session, frame: Hello) -> Coroutine[Any, Any, None] | None:
        """Greet, at once where reading happens on the spot; otherwise what is returned does it.

        It is answered ahead of the events that were missed, so there is nothing left to reply.
        """
        session.token = self._token(session, frame)
        session.hold()
        if not self._reads.on_the_spot:
            return self._greet_later(session, frame)
        try:
            look = self._reads.at_once(_look, **self._asked(session, frame))
            self._listen(session, look)
            self._welcome(session, frame, look)
            self._note_use(look)
        except BaseException:
            self._turn_away(session)
            raise
        finally:
            session.release()
        return None

    def _token(self, session: Session, frame: Hello) -> str:
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
        return token

    async def _greet_later(self, session: Session, frame: Hello) -> None:
        self._greeting += 1
        try:
            self._welcome(session, frame, await self._seat(session, self._asked(session, frame)))
        except BaseException:
            self._turn_away(session)
            raise
        finally:
            self._greeting -= 1
            session.release()

    def _turn_away(self, session: Session) -> None:
        metrics.HELLOS.labels("refused").inc()
        session.token, session.caller = "", None
        self._hub.leave(session)

    def _welcome(self, session: Session, frame: Hello, look: Look) -> None:
        missed = look.missed
        assert missed is not None
        cursor = self._hub.cursor(missed.horizon)
        limits = Limits(protocol.FRAME_MOST, TEXT_MOST, self._gateway.frames_per_second, UNDER_WAY_MOST)
        greeting = Greeting(look.arrival.me, cursor.decode(), missed.complete, limits, self._clock())
        session.tell_now(protocol.reply(frame.id, greeting))
        _replay(session, missed, cursor)
        self._gateway.greeted(session)
        metrics.HELLOS.labels("resumed" if missed.complete else "fresh").inc()

    def _note_use(self, look: Look) -> None:
        caller = look.arrival.caller
        if self._access.is_due(caller):
            self._gateway.go(self._access.seen(caller))

    async def look_again(self, session: Session) -> None:
        await self._seat(session, self._asked(session, None))

    async def _seat(self, session: Session, asked: Mapping[str, Any]) -> Look:
        """Subscribe a connection to what its account may hear, and to no more; what was missed is read no earlier,
        so that nothing falls between the two.

        While that is being read, the session may end, a group be left, a shop part with its staff. So all is
        asked once more when the connection listens to everything.
        """
        first = await self._ask({**asked, "resuming": False})
        before = {*session.streams, *first.streams}
        self._listen(session, first)
        look = await self._ask(asked)
        self._listen(session, look)
        self._hub.unsubscribe(session, before.difference(look.streams))
        if not self._gateway.is_here(session):
            self._hub.leave(session)
        self._note_use(look)
        return look

    def _asked(self, session: Session, frame: Hello | None) -> dict[str, Any]:
        """What `_look` is asked for this connection, when it says hello and later."""
        after = self._hub.commit_of(frame.cursor) if frame and frame.cursor else None
        token_hash = hash_token(session.token)
        return {"token_hash": token_hash, "now": self._clock(), "resuming": frame is not None, "after": after}

    async def _ask(self, asked: Mapping[str, Any]) -> Look:
        return await self._reads(_look, **asked)

    def _listen(self, session: Session, look: Look) -> None:
        caller = look.arrival.caller
        own = streams.account(caller.account)
        if own not in session.streams and len(self._hub.listening(own)) >= CONNECTIONS_AN_ACCOUNT:
            raise TooManyConnections(retry_after_seconds=60)
        session.is_of(caller, self._gateway.bucket_of(caller.account))
        self._hub.subscribe(session, look.streams)


def _replay(session: Session, missed: Resumed, cursor: bytes) -> None:
    if missed.complete:
        told = 0
        for kind, data in missed.events:
            frame = protocol.event(kind, data, at=b"")
            told = protocol.told_with(told, protocol.mark(frame))
            session.tell_now(frame)
        session.tell_now(protocol.resumed(cursor, told=told))
