"""Who is asking: the session behind a cookie or a bearer token, and the lanes in their name."""

from contextlib import suppress
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from dealings.domain.identity import actions, queries
from dealings.domain.identity.errors import NotSignedIn
from dealings.domain.identity.model import SEEN_GRAIN, Caller
from dealings.kernel.clock import Clock
from dealings.kernel.errors import Forbidden, Invalid, Limited, Unauthenticated, Unavailable
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run

COOKIE = "dealings_session"
OPEN = "exclude_from_auth"
"""The mark of a handler that answers people who aren't signed in."""
VISITOR = "visitor"
KEY_MOST = 64
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class OtherOrigin(Forbidden):
    code = "other_origin"
    text = "This request came from another site and was not carried out."


class KeyInvalid(Invalid):
    code = "key_invalid"
    text = "An Idempotency-Key has 1 to 64 characters."


def hash_token(token: str) -> str:
    """Sessions are found by this; the token itself is never stored."""
    return sha256(token.encode()).hexdigest()


def bearer(request: Request[Any, Any, Any]) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None


def check_origin(*, origin: str | None, host: str, public_url: str, site: str | None = None) -> None:
    """A browser says where a request comes from; by cookie only our own pages may change anything.

    Without an `Origin` its `Sec-Fetch-Site` counts; without both it is no browser of today. "null" is the
    origin of a page that hides its own (a sandboxed frame): never ours.
    """
    if origin is None:
        ours = site in (None, "same-origin", "none")
    else:
        ours = _netloc(origin) in {host.lower(), _netloc(public_url)} - {""}
    if not ours:
        raise OtherOrigin()


def _netloc(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


class Access:
    """Finds the caller of each request; one lookup, by the hash of the token."""

    def __init__(self, reads: Reads, run: Run, *, clock: Clock, public_url: str) -> None:
        self._reads = reads
        self._run = run
        self._clock = clock
        self._public_url = public_url

    async def admit(self, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        """Before anything of the request is looked at: who asks, and whether that may be nobody (P7)."""
        visitor = await self._visitor(Request(connection.scope, connection.receive, connection.send))
        connection.scope["state"][VISITOR] = visitor
        if visitor is None and not handler.opt.get(OPEN):
            raise NotSignedIn()

    async def _visitor(self, request: Request[Any, Any, Any]) -> Caller | None:
        """The caller, or None for someone who isn't signed in."""
        token = bearer(request)
        if token is None:
            token = request.cookies.get(COOKIE)
            if request.method not in SAFE:  # without a cookie, too: nobody is signed in by another site
                host = request.headers.get("host", "")
                check_origin(
                    origin=request.headers.get("origin"),
                    host=host,
                    public_url=self._public_url,
                    site=request.headers.get("sec-fetch-site"),
                )
        if not token:
            return None
        try:
            return await self.caller_of(token)
        except Unauthenticated:
            return None

    async def caller_of(self, token: str) -> Caller:
        caller = await self._reads(queries.authenticate, token_hash=hash_token(token), now=self._clock())
        await self.seen(caller)
        return caller

    def is_due(self, caller: Caller) -> bool:
        """Is it time to note that a session is in use?"""
        return caller.seen_at < self._clock() - SEEN_GRAIN

    async def seen(self, caller: Caller) -> None:
        """Note now and then that a session is in use, so that it does not run out; when the store is busy, another time."""
        if self.is_due(caller):
            with suppress(Unavailable, Limited):
                await self._run(actions.touch_session, session=caller.session)

    def run_for(self, request: Request[Any, Any, Any], visitor: Caller | None) -> Run:
        key = request.headers.get("idempotency-key")
        if key is not None and not 1 <= len(key) <= KEY_MOST:
            raise KeyInvalid()
        return self._run.by(visitor.account if visitor else None, key=key)
