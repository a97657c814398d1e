"""Sessions: only hashes are stored, they can be listed and ended, and they run out."""

import re

import pytest
from sqlalchemy import text

from dealings.domain.identity import actions, model, queries, tokens
from dealings.domain.identity.errors import NoSuchSession, NotSignedIn, WrongCredentials
from dealings.domain.identity.events import SessionRevoked
from dealings.domain.identity.model import SESSION_IDLE, SESSION_LIFE, Caller
from dealings.kernel.clock import DAY
from dealings.platform.outbox.events import account
from tests.domain.town import Town


def open_session(town: Town, mei: str, token: str, *, verified: str = "x") -> str:
    given = {"token_hash": tokens.digest(token), "agent": "phone", "address": "192.0.2.1"}
    return town.world.run(actions.open_session, account=mei, verified=verified, **given)


def caller(town: Town, token: str) -> Caller:
    return town.world.read(queries.authenticate, token_hash=tokens.digest(token), now=town.world.clock())


def listed(town: Town, token: str) -> list[tuple[str, bool]]:
    sessions = town.world.read(queries.sessions, caller=caller(town, token), now=town.world.clock())
    return [(s.id, s.current) for s in sessions]


def test_a_token_leads_to_its_account_and_is_not_stored(town: Town) -> None:
    mei = town.sign_up("mei")
    token = tokens.new_token()
    session = open_session(town, mei, token)
    assert caller(town, token) == Caller(mei, session, town.world.clock())
    (row,) = town.world.read(lambda db: db.sql.execute(text("SELECT * FROM sessions")).all())
    assert token not in map(str, row)
    assert any(re.fullmatch("[0-9a-f]{64}", str(value)) for value in row)


def test_tokens_are_long_and_never_the_same() -> None:
    made = {tokens.new_token() for _ in range(100)}
    assert len(made) == 100
    assert min(map(len, made)) == 43  # 256 bits, base64


def test_an_unknown_token_is_signed_out(town: Town) -> None:
    with pytest.raises(NotSignedIn):
        caller(town, "nothing")


def test_a_session_opens_only_for_the_password_that_was_checked(town: Town) -> None:
    mei = town.sign_up("mei")
    keep = open_session(town, mei, "a")
    town.world.run(actions.change_password, account=mei, keep=keep, verified="x", password_hash="y")
    with pytest.raises(WrongCredentials):
        open_session(town, mei, "b", verified="x")
    with pytest.raises(WrongCredentials):
        town.world.run(actions.change_password, account=mei, keep=keep, verified="x", password_hash="z")
    with pytest.raises(WrongCredentials):
        open_session(town, "0" * 16, "b")
    assert open_session(town, mei, "b", verified="y")


def test_sessions_are_listed_and_ended_one_by_one(town: Town) -> None:
    mei = town.sign_up("mei")
    phone = open_session(town, mei, "phone")
    town.world.clock.advance(1)
    laptop = open_session(town, mei, "laptop")
    assert listed(town, "phone") == [(laptop, False), (phone, True)]
    town.world.run(actions.revoke_session, account=mei, session=laptop)
    (told,) = town.told(account(mei), "session.revoked")
    assert SessionRevoked.decode(told.data).session == laptop
    assert listed(town, "phone") == [(phone, True)]
    with pytest.raises(NotSignedIn):
        caller(town, "laptop")


def test_P7_nobody_ends_the_sessions_of_others(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    session = open_session(town, mei, "phone")
    with pytest.raises(NoSuchSession):
        town.world.run(actions.revoke_session, account=arun, session=session)
    assert caller(town, "phone").session == session


def test_a_new_password_ends_all_other_sessions(town: Town) -> None:
    mei = town.sign_up("mei")
    kept, others = open_session(town, mei, "kept"), {open_session(town, mei, token) for token in "ab"}
    town.world.run(actions.change_password, account=mei, keep=kept, verified="x", password_hash="y")
    assert listed(town, "kept") == [(kept, True)]
    told = town.told(account(mei), "session.revoked")
    assert {SessionRevoked.decode(e.data).session for e in told} == others


def test_a_session_that_is_not_used_runs_out(town: Town) -> None:
    mei = town.sign_up("mei")
    session = open_session(town, mei, "phone")
    town.world.clock.advance(SESSION_IDLE - 1)
    assert caller(town, "phone").session == session
    town.world.run(actions.touch_session, session=session)
    town.world.clock.advance(SESSION_IDLE - 1)
    assert caller(town, "phone").session == session
    town.world.clock.advance(1)
    with pytest.raises(NotSignedIn):
        caller(town, "phone")


def test_a_session_ends_some_day_however_much_it_is_used(town: Town) -> None:
    mei = town.sign_up("mei")
    session = open_session(town, mei, "phone")
    for _ in range(SESSION_LIFE // DAY - 1):
        town.world.clock.advance(DAY)
        town.world.run(actions.touch_session, session=session)
    assert caller(town, "phone").session == session
    town.world.clock.advance(DAY)
    town.world.run(actions.touch_session, session=session)
    with pytest.raises(NotSignedIn):
        caller(town, "phone")


def test_what_ran_out_is_neither_listed_nor_kept(town: Town) -> None:
    mei = town.sign_up("mei")
    old = open_session(town, mei, "old")
    town.world.clock.advance(SESSION_IDLE)
    new = open_session(town, mei, "new")
    (told,) = town.told(account(mei), "session.revoked")
    assert SessionRevoked.decode(told.data).session == old
    assert listed(town, "new") == [(new, True)]
    assert town.world.read(lambda db: db.sql.execute(text("SELECT count(*) FROM sessions")).scalar_one()) == 1


def test_of_too_many_sessions_the_one_seen_last_is_kept(town: Town) -> None:
    mei = town.sign_up("mei")
    opened = []
    for n in range(model.SESSIONS_MOST + 2):
        town.world.clock.advance(1)
        opened.append(open_session(town, mei, str(n)))
    newest = str(model.SESSIONS_MOST + 1)
    assert [id for id, _ in listed(town, newest)] == opened[:1:-1]
    told = town.told(account(mei), "session.revoked")
    assert [SessionRevoked.decode(e.data).session for e in told] == opened[:2]
