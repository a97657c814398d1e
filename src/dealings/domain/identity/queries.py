"""Reads about people and shops, as typed values."""

from collections.abc import Iterable, Sequence
from typing import TypedDict

import msgspec

from dealings.domain.identity import tables, tables_arrival
from dealings.domain.identity.errors import (
    NoSuchPerson,
    NoSuchShop,
    NotOperator,
    NotOwner,
    NotSignedIn,
    NotStaff,
)
from dealings.domain.identity.model import (
    SESSION_IDLE,
    SESSION_LIFE,
    Address,
    Arrival,
    Caller,
    Contact,
    Me,
    Person,
    Profile,
    Relation,
    Session,
    Shop,
    StaffMember,
    StaffRole,
    fold_handle,
)
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.kernel.text import one_line
from dealings.platform.db.tx import Read

FOUND_MOST = 20
SOUGHT_LEAST = 2
"""Characters: one letter would list everybody."""


class SessionLimits(TypedDict):
    seen_after: Millis
    created_after: Millis


def session_limits(now: Millis) -> SessionLimits:
    """A session ends when it was not used for long, and in any case some time after it began."""
    return {"seen_after": now - SESSION_IDLE, "created_after": now - SESSION_LIFE}


def authenticate(db: Read, *, token_hash: str, now: Millis) -> Caller:
    """The caller behind a session token; only its hash is ever stored or looked up."""
    caller = tables.session_by_token(db, token_hash, **session_limits(now))
    if caller is None:
        raise NotSignedIn()
    return caller


def arrive(db: Read, *, token_hash: str, now: Millis) -> Arrival:
    """`authenticate` and `me` in one look."""
    arrival = tables_arrival.arrival_by_token(db, token_hash, **session_limits(now))
    if arrival is None:
        raise NotSignedIn()
    return arrival


class Credentials(msgspec.Struct, frozen=True):
    account: Id
    handle: str
    password_hash: str


def credentials(db: Read, *, handle: str) -> Credentials | None:
    """What a sign-in is checked against; never leaves the server."""
    found = tables.account_by_handle(db, fold_handle(handle))
    return Credentials(found.id, found.handle, found.password_hash) if found else None


def own_credentials(db: Read, *, account: Id) -> Credentials:
    found = _account(db, account)
    return Credentials(found.id, found.handle, found.password_hash)


def _account(db: Read, id: Id) -> tables.Account:
    account = tables.account_by_id(db, id)
    if account is None:
        raise NoSuchPerson()
    return account


def me(db: Read, *, account: Id) -> Me:
    a = _account(db, account)
    shops = tables.select_staffings(db, account)
    return Me(a.id, a.handle, a.name, tables.file_url(a.avatar), a.bio, a.locale, a.operator, shops, a.created_at)


def card(db: Read, *, account: Id) -> str:
    return _account(db, account).card


def person(db: Read, id: Id) -> Person:
    found = tables.select_people(db, [id]).get(id)
    if found is None:
        raise NoSuchPerson()
    return found


def people(db: Read, ids: Iterable[Id]) -> dict[Id, Person]:
    return tables.select_people(db, ids)


def account_by_handle(db: Read, *, handle: str) -> Id:
    account = tables.account_by_handle(db, fold_handle(handle))
    if account is None:
        raise NoSuchPerson()
    return account.id


def relation(db: Read, *, viewer: Id, other: Id) -> Relation:
    if viewer == other:
        return "self"
    return tables.contact_state(db, owner=viewer, other=other) or "none"


def _profile(db: Read, account: tables.Account, *, viewer: Id) -> Profile:
    found = contact(db, owner=viewer, other=account.id)
    state: Relation = "self" if viewer == account.id else (found.state if found else "none")
    avatar, remark = tables.file_url(account.avatar), found.remark if found else None
    shown_card = account.card if viewer == account.id else None
    return Profile(account.id, account.handle, account.name, avatar, account.bio, state, remark, shown_card)


def profile(db: Read, *, account: Id, viewer: Id) -> Profile:
    return _profile(db, _account(db, account), viewer=viewer)


def profile_by_card(db: Read, *, code: str, viewer: Id) -> Profile:
    account = tables.account_by_card(db, code)
    if account is None:
        raise NoSuchPerson()
    return _profile(db, account, viewer=viewer)


def search_people(db: Read, *, text: str, viewer: Id) -> list[Profile]:
    """Of those found, the ones who have blocked the viewer stay unfound."""
    sought = one_line(text).removeprefix("@")
    found = tables.find_people(db, sought, limit=FOUND_MOST) if len(sought) >= SOUGHT_LEAST else []
    hiding = tables.select_blocks(db, {(p.id, viewer) for p in found})
    return [profile(db, account=p.id, viewer=viewer) for p in found if (p.id, viewer) not in hiding]


def contacts(db: Read, *, account: Id) -> list[Contact]:
    return tables.select_contacts(db, account)


def contact(db: Read, *, owner: Id, other: Id) -> Contact | None:
    return next(iter(tables.select_contacts(db, owner, other=other)), None)


def are_friends(db: Read, a: Id, b: Id) -> bool:
    one, other = tables.contact_state(db, owner=a, other=b), tables.contact_state(db, owner=b, other=a)
    return one == other == "accepted"


def blocks(db: Read, pairs: Iterable[tuple[Id, Id]]) -> set[tuple[Id, Id]]:
    """Of these (by, other) pairs, the ones that are blocked; one statement for all of them."""
    return tables.select_blocks(db, pairs)


def friends_among(db: Read, me: Id, others: Sequence[Id]) -> set[Id]:
    """Of these, the accepted contacts."""
    return tables.select_friends(db, me, others)


def sessions(db: Read, *, caller: Caller, now: Millis) -> list[Session]:
    listed = tables.select_sessions(db, caller.account, **session_limits(now))
    return [Session(s.id, s.created_at, s.seen_at, s.agent, s.address, s.id == caller.session) for s in listed]


def shop(db: Read, id: Id) -> Shop:
    found = tables.select_shops(db, [id]).get(id)
    if found is None:
        raise NoSuchShop()
    return found


def shop_by_key(db: Read, *, key: str) -> Shop:
    """By id or by handle."""
    found = tables.select_shops(db, [key]).get(key) or tables.shop_by_handle(db, key)
    if found is None:
        raise NoSuchShop()
    return found


def shops(db: Read, ids: Iterable[Id]) -> dict[Id, Shop]:
    return tables.select_shops(db, ids)


def list_shops(db: Read, *, after: str, limit: int) -> list[Shop]:
    return tables.list_shops(db, after=after, limit=limit)


def search_shops(db: Read, *, text: str) -> list[Shop]:
    sought = one_line(text)
    return tables.find_shops(db, sought, limit=FOUND_MOST) if sought else []


def staff(db: Read, *, shop: Id, by: Id) -> list[StaffMember]:
    """Who works there, for those who do."""
    require_staff(db, shop=shop, account=by)
    return tables.select_staff(db, shop)


def staff_role(db: Read, *, shop: Id, account: Id) -> StaffRole | None:
    return tables.staff_role(db, shop=shop, account=account)


def staffed(db: Read, pairs: Iterable[tuple[Id, Id]]) -> set[tuple[Id, Id]]:
    """Of these (shop, account) pairs, the ones in which the account works at the shop; one statement for all."""
    return tables.select_staffed(db, pairs)


def require_staff(db: Read, *, shop: Id, account: Id, owner: bool = False) -> StaffRole:
    """The role of someone who works there; refuses everyone else, and, with `owner`, all but the owner."""
    role = tables.staff_role(db, shop=shop, account=account)
    if role is None:
        raise NotStaff()
    if owner and role != "owner":
        raise NotOwner()
    return role


def require_operator(db: Read, account: Id) -> None:
    if not _account(db, account).operator:
        raise NotOperator()


def address(db: Read, *, account: Id) -> Address | None:
    return tables.select_address(db, account)


def handles(db: Read) -> Sequence[str]:
    return tables.select_handles(db)
