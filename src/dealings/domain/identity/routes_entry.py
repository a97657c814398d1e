"""Sign-up, sign-in, sessions and passwords over HTTP."""

from contextlib import suppress
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.status_codes import HTTP_204_NO_CONTENT

from dealings.domain.identity import actions, model, passwords, queries, tokens
from dealings.domain.identity.errors import NoSuchSession, WrongCredentials
from dealings.domain.identity.model import SESSION_LIFE, Caller, Locale, Me, Session
from dealings.kernel.clock import SECOND, Clock
from dealings.kernel.errors import KeyReused
from dealings.kernel.ids import Id
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.inputs import IdParameter

COOKIE: Final = "dealings_session"
BODY_MOST: Final = 256 * 1024
"""Bytes that anyone at all may send."""
MOST_TYPED: Final = 200
"""Characters of a handle, name or password that are looked at at all; what is right is far shorter."""

Typed = Annotated[str, msgspec.Meta(max_length=MOST_TYPED)]
AnyRequest = Request[Any, Any, Any]


class SignUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    handle: Typed
    name: Typed
    password: Typed
    locale: Locale | None = None


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    handle: Typed
    password: Typed


class SignedIn(msgspec.Struct, frozen=True):
    """`token` is for programs; browsers have the cookie."""

    me: Me
    token: str


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    old: Typed
    new: Typed


@post("/accounts", operation_id="sign_up", exclude_from_auth=True, request_max_body_size=BODY_MOST)
async def sign_up(
    data: JSONBody[SignUp],
    request: AnyRequest,
    run: NamedDependency[Run],
    reads: NamedDependency[Reads],
    origin: NamedDependency[str],
) -> Response[SignedIn]:
    """A new account, signed in. The same `Idempotency-Key` and password give the same account."""
    handle, name = model.clean_handle(data.handle), model.clean_name(data.name)
    model.check_password(data.password, handle=handle)
    await run.by(None)(actions.admit_sign_up, address=_address(request))
    fresh = await passwords.hashed(data.password)
    account = await run(actions.sign_up, handle=handle, name=name, password_hash=fresh, locale=data.locale)
    stored = (await reads(queries.own_credentials, account=account)).password_hash
    if stored != fresh and not await passwords.matches(data.password, stored):
        raise KeyReused()  # the key gave the account of an earlier request, which had another password
    return await _enter(request, run, reads, account=account, verified=stored, origin=origin)


@post("/sessions", operation_id="sign_in", exclude_from_auth=True, request_max_body_size=BODY_MOST)
async def sign_in(
    data: JSONBody[SignIn],
    request: AnyRequest,
    run: NamedDependency[Run],
    reads: NamedDependency[Reads],
    origin: NamedDependency[str],
) -> Response[SignedIn]:
    """A session for whoever knows the password. Attempts are counted, and slowed down when they fail."""
    await run.by(None)(actions.admit_attempt, handle=data.handle, address=_address(request))
    found = await reads(queries.credentials, handle=data.handle)
    right = await passwords.matches(data.password, found.password_hash if found else None)
    if found is None or not right:
        raise WrongCredentials()
    return await _enter(request, run, reads, account=found.account, verified=found.password_hash, origin=origin)


async def _enter(
    request: AnyRequest, run: Run, reads: Reads, *, account: Id, verified: str, origin: str
) -> Response[SignedIn]:
    """A new session. Never under a key: its token exists only in this answer, so every request needs its own."""
    token = tokens.new_token()
    await run.by(account)(
        actions.open_session,
        account=account,
        verified=verified,
        token_hash=tokens.digest(token),
        agent=request.headers.get("user-agent", ""),
        address=_address(request),
    )
    me = await reads(queries.me, account=account)
    return Response(SignedIn(me, token), status_code=201, cookies=[_cookie(request, token, origin=origin)])


def _address(request: AnyRequest) -> str:
    return request.client.host if request.client else ""


def _cookie(request: AnyRequest, token: str, *, origin: str, max_age: int = SESSION_LIFE // SECOND) -> Cookie:
    """Only over TLS where people reach us by it, also behind a proxy that doesn't say so."""
    reached = f"https://{request.headers.get('host', '')}"
    secure = request.url.scheme == "https" or reached == origin
    return Cookie(key=COOKIE, value=token, max_age=max_age, path="/", httponly=True, samesite="lax", secure=secure)


@get("/sessions", operation_id="list_sessions")
async def list_sessions(
    caller: NamedDependency[Caller], reads: NamedDependency[Reads], clock: NamedDependency[Clock]
) -> list[Session]:
    return await reads(queries.sessions, caller=caller, now=clock())


@delete("/sessions/current", operation_id="sign_out", status_code=HTTP_204_NO_CONTENT)
async def sign_out(
    request: AnyRequest, caller: NamedDependency[Caller], run: NamedDependency[Run], origin: NamedDependency[str]
) -> Response[None]:
    with suppress(NoSuchSession):  # ended from another device at the same moment: what was wanted
        await run(actions.revoke_session, account=caller.account, session=caller.session)
    return Response(None, status_code=HTTP_204_NO_CONTENT, cookies=[_cookie(request, "", origin=origin, max_age=0)])


@delete("/sessions/{session:str}", operation_id="revoke_session", status_code=HTTP_204_NO_CONTENT)
async def revoke_session(session: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run]) -> None:
    await run(actions.revoke_session, account=caller.account, session=session)


@post("/me/password", operation_id="change_password", status_code=HTTP_204_NO_CONTENT)
async def change_password(
    data: JSONBody[NewPassword],
    request: AnyRequest,
    caller: NamedDependency[Caller],
    run: NamedDependency[Run],
    reads: NamedDependency[Reads],
) -> None:
    """Asks for the old one, and slows down guessing it as at sign-in; ends every other session."""
    own = await reads(queries.own_credentials, account=caller.account)
    model.check_password(data.new, handle=own.handle)
    address = _address(request)
    await run.by(None)(actions.admit_attempt, handle=own.handle, address=address)
    if not await passwords.matches(data.old, own.password_hash):
        raise WrongCredentials()
    await run(
        actions.change_password,
        account=caller.account,
        keep=caller.session,
        verified=own.password_hash,
        password_hash=await passwords.hashed(data.new),
        address=address,
    )


ROUTES: Final = [sign_up, sign_in, list_sessions, sign_out, revoke_session, change_password]
