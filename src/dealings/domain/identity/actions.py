"""What can be done with accounts, sessions, contacts and shops."""

from collections.abc import Iterable
from typing import NamedTuple

from dealings.domain.identity import model, queries, tables
from dealings.domain.identity.errors import (
    ContactsFull,
    ContactStep,
    CurrencyUnknown,
    HandleTaken,
    NoSuchSession,
    NotYourself,
    OwnerStays,
    TextTooLong,
    TooManyAttempts,
    TooManyContacts,
    TooManyShops,
    TooManyStaff,
    WrongCredentials,
)
from dealings.domain.identity.events import (
    ContactChanged,
    ContactRemoved,
    MeChanged,
    PersonChanged,
    SessionRevoked,
    ShopChanged,
)
from dealings.domain.identity.model import (
    Address,
    Contact,
    Gone,
    Locale,
    Me,
    Revoked,
    Shop,
    StaffMember,
    Standing,
    Step,
)
from dealings.kernel import ids, text
from dealings.kernel.clock import SECOND
from dealings.kernel.ids import Id
from dealings.kernel.money import EXPONENTS
from dealings.platform.db.actions import action
from dealings.platform.db.tx import LostRace, Tx
from dealings.platform.outbox import events as streams

CARD_BITS = 50  # a name card can't be guessed: 10 characters


def _card(tx: Tx) -> str:
    return ids.encode(tx.rng.getrandbits(CARD_BITS), CARD_BITS // 5)


def _short(field: str, given: str, most: int) -> str:
    cleaned = text.lines(given)
    if len(cleaned) > most:
        raise TextTooLong(field=field, most=most)
    return cleaned


# accounts and sessions


@action(route="handle", unkeyed=["password_hash"])
def sign_up(
    tx: Tx, *, handle: str, name: str, password_hash: str, locale: Locale | None = None, operator: bool = False
) -> Id:
    """A new account; the handle is unique for good."""
    handle, name = model.clean_handle(handle), model.clean_name(name)
    account = tables.Account(tx.new_id(), handle, name, "", None, locale, password_hash, _card(tx), operator, tx.now)
    if not tables.insert_account(tx, account):
        raise HandleTaken(handle=handle)
    return account.id


@action(route="handle")
def admit_attempt(tx: Tx, *, handle: str, address: str) -> None:
    """Count a sign-in attempt before the password is looked at; refuses while the wait is on.

    Counting first means that attempts under way at the same time count too. An address gets
    ten times the free failures of a handle, for many people may share one.
    """
    _count_attempt(tx, _handle_subject(handle), allowance=1)
    _count_attempt(tx, _address_subject(address), allowance=model.ADDRESS_ALLOWANCE)
    tables.prune_attempts(tx, before=tx.now - model.FAILURES_FORGOTTEN, most=model.PRUNED_AT_ONCE)


@action(route="address")
def admit_sign_up(tx: Tx, *, address: str) -> None:
    """Count a new account against the address it is made from."""
    subject = f"sign-up {model.network(address)}"
    _count_attempt(tx, subject, allowance=model.SIGN_UP_ALLOWANCE)


def _handle_subject(handle: str) -> str:
    return f"handle {model.fold_handle(handle)}"[: tables.SUBJECT_CHARS]


def _address_subject(address: str) -> str:
    return f"address {model.network(address)}"[: tables.SUBJECT_CHARS]


def _count_attempt(tx: Tx, subject: str, *, allowance: int) -> None:
    failures = tables.count_attempt(tx, subject, forgotten=tx.now - model.FAILURES_FORGOTTEN)
    if failures is None:
        wait = max(tables.retry_at(tx, subject) - tx.now, 1)
        raise TooManyAttempts(retry_after_seconds=-(-wait // SECOND))
    tables.set_wait(tx, subject, retry_at=tx.now + model.wait_after(failures // allowance))


def _forgive_attempt(tx: Tx, *, handle: str, address: str) -> None:
    """A right password clears its handle, and takes back what this attempt added to its address."""
    tables.clear_attempts(tx, _handle_subject(handle))
    subject = _address_subject(address)
    left = tables.take_back_attempt(tx, subject)
    tables.set_wait(tx, subject, retry_at=tx.now + model.wait_after(left // model.ADDRESS_ALLOWANCE))


@action(route="account", unkeyed=["token_hash", "verified"])
def open_session(tx: Tx, *, account: Id, verified: str, token_hash: str, agent: str, address: str) -> Id:
    """A session, after the password matched the hash `verified`, which must still be the account's.

    Sessions that ran out are dropped, and of too many the ones not seen for longest are ended.
    """
    found = _verified_account(tx, account, verified)
    _forgive_attempt(tx, handle=found.handle, address=address)
    _tell_revoked(tx, account, tables.delete_expired_sessions(tx, account, **queries.session_limits(tx.now)))
    session = tx.new_id()
    tables.insert_session(
        tx, session, account=account, token_hash=token_hash, agent=text.one_line(agent)[:200], address=address[:64]
    )
    crowded_out = [s.id for s in tables.select_sessions(tx, account)][model.SESSIONS_MOST :]
    for each in crowded_out:
        _tell_revoked(tx, account, tables.delete_sessions(tx, account=account, only=each))
    return session


def _verified_account(tx: Tx, account: Id, verified: str) -> tables.Account:
    """The password may have been changed between the look at its hash and this transaction."""
    found = tables.account_by_id(tx, account)
    if found is None or found.password_hash != verified:
        raise WrongCredentials()
    return found


@action(route="session")
def touch_session(tx: Tx, *, session: Id) -> None:
    """The session is in use; told every `SEEN_GRAIN`, not more often."""
    tables.touch_session(tx, session)


@action(route="account")
def revoke_session(tx: Tx, *, account: Id, session: Id) -> None:
    """End one session; its connections are closed."""
    gone = tables.delete_sessions(tx, account=account, only=session)
    if not gone:
        raise NoSuchSession()
    _tell_revoked(tx, account, gone)


@action(route="account", unkeyed=["password_hash", "verified"])
def change_password(tx: Tx, *, account: Id, keep: Id, verified: str, password_hash: str, address: str = "") -> None:
    """A new password, after the old one matched the hash `verified`; it ends every other session."""
    found = _verified_account(tx, account, verified)
    _forgive_attempt(tx, handle=found.handle, address=address)
    tables.update_account(tx, account, password_hash=password_hash)
    _tell_revoked(tx, account, tables.delete_sessions(tx, account=account, but=keep))


def _tell_revoked(tx: Tx, account: Id, gone: list[Id]) -> None:
    for session in gone:
        tx.emit(SessionRevoked(Revoked(session)), stream=streams.account(account))


@action(route="account")
def edit_profile(
    tx: Tx, *, account: Id, name: str | None = None, bio: str | None = None, locale: Locale | None = None
) -> Me:
    """Change what is given; friends see it at once."""
    values: dict[str, object] = {}
    if name is not None:
        values["name"] = model.clean_name(name)
    if bio is not None:
        values["bio"] = _short("bio", bio, model.BIO_MOST)
    if locale is not None:
        values["locale"] = locale
    if values:
        tables.update_account(tx, account, **values)
    return _tell_me(tx, account, public=name is not None or bio is not None)


@action(route="account")
def set_avatar(tx: Tx, *, account: Id, file: str) -> Me:
    tables.update_account(tx, account, avatar=file)
    return _tell_me(tx, account, public=True)


@action(route="account")
def renew_card(tx: Tx, *, account: Id) -> str:
    """A new name card; the old link and QR lead nowhere from now on."""
    code = _card(tx)
    tables.update_account(tx, account, card=code)
    return code


@action(route="account")
def grant_operator(tx: Tx, *, account: Id) -> None:
    """Only from the command line: whoever can run it has the data anyway."""
    tables.update_account(tx, account, operator=True)
    _tell_me(tx, account, public=False)


@action(route="account")
def save_address(tx: Tx, *, account: Id, address: Address) -> Address:
    kept = Address(
        model.clean_name(address.name),
        _short("phone", address.phone, model.PHONE_MOST),
        _short("text", address.text, model.ADDRESS_MOST),
    )
    tables.put_address(tx, account, kept)
    return kept


def _tell_me(tx: Tx, account: Id, *, public: bool) -> Me:
    """Tell the account itself and, of what others see, all who have it in their list; `messaging` tells its conversations."""
    me = queries.me(tx, account=account)
    tx.emit(MeChanged(me), stream=streams.account(account))
    if public:
        changed = PersonChanged(queries.person(tx, account))
        for stream in (streams.INTERNAL, *map(streams.account, tables.known_by(tx, account))):
            tx.emit(changed, stream=stream)
    return me


# contacts


class _Side(NamedTuple):
    """One side of two people, and what becomes of it."""

    owner: Id
    other: Id
    before: Standing
    after: Standing
    greeting: str = ""


def _step(tx: Tx, step: Step, *, me: Id, other: Id, greeting: str = "") -> None:
    """Move both sides as the table says, and tell each side whose own changed."""
    if me == other:
        raise NotYourself()
    mine, theirs = tables.contact_state(tx, owner=me, other=other), tables.contact_state(tx, owner=other, other=me)
    my_next, their_next = model.after_step(step, mine=mine, theirs=theirs)
    sides = _Side(me, other, mine, my_next), _Side(other, me, theirs, their_next, greeting)
    if (mine, theirs) != (my_next, their_next):
        _write(tx, sides)
        _tell(tx, sides)


def _write(tx: Tx, sides: Iterable[_Side]) -> None:
    """Both sides, also one that stays: whoever loses a race decides again from what is there then. In one
    order, whoever asks, so that two who act at once wait for each other instead of locking each other out."""
    for side in sorted(sides, key=lambda side: side.owner):
        if not tables.move_contact(tx, **side._asdict()):
            raise LostRace()


def _tell(tx: Tx, sides: Iterable[_Side]) -> None:
    for side in sides:
        stream = streams.account(side.owner)
        if side.before != side.after and side.after is None:
            tx.emit(ContactRemoved(Gone(side.other)), stream=stream)
        elif side.before != side.after:
            tx.emit(ContactChanged(_own(tx, me=side.owner, other=side.other)), stream=stream)


def _own(tx: Tx, *, me: Id, other: Id) -> Contact:
    """My side after a step; if the step changed nothing, the other side may have taken it away since it was read."""
    found = queries.contact(tx, owner=me, other=other)
    if found is None:
        raise LostRace()
    return found


@action(route="me")
def ask_contact(tx: Tx, *, me: Id, other: Id, greeting: str = "") -> Contact:
    """Ask someone to be a contact; if they have asked already, both are contacts now."""
    queries.person(tx, other)
    if tables.count_contacts(tx, me) >= model.CONTACTS_MOST:
        raise TooManyContacts(most=model.CONTACTS_MOST)
    if tables.count_contacts(tx, other) >= model.CONTACTS_MOST:
        raise ContactsFull()
    _step(tx, "ask", me=me, other=other, greeting=_short("greeting", greeting, model.BIO_MOST))
    return _own(tx, me=me, other=other)


@action(route="me")
def accept_contact(tx: Tx, *, me: Id, other: Id) -> Contact:
    """Both are contacts now."""
    _step(tx, "accept", me=me, other=other)
    return _own(tx, me=me, other=other)


@action(route="me")
def refuse_contact(tx: Tx, *, me: Id, other: Id) -> None:
    """The question is gone from both lists; they may ask again."""
    _step(tx, "refuse", me=me, other=other)


@action(route="me")
def remove_contact(tx: Tx, *, me: Id, other: Id) -> None:
    """Both lose each other from the list."""
    _step(tx, "remove", me=me, other=other)


@action(route="me")
def block_contact(tx: Tx, *, me: Id, other: Id) -> Contact:
    """They can't write or ask any more, and are not told."""
    queries.person(tx, other)
    _step(tx, "block", me=me, other=other)
    return _own(tx, me=me, other=other)


@action(route="me")
def unblock_contact(tx: Tx, *, me: Id, other: Id) -> Contact | None:
    """Back to what the other side still holds: contacts, or nothing (None)."""
    _step(tx, "unblock", me=me, other=other)
    friends = tables.contact_state(tx, owner=me, other=other) == "accepted"
    return _own(tx, me=me, other=other) if friends else None


@action(route="me")
def set_remark(tx: Tx, *, me: Id, other: Id, remark: str) -> Contact:
    """One's own name for a contact; empty takes it away."""
    if tables.contact_state(tx, owner=me, other=other) is None:
        raise ContactStep()
    tables.set_remark(tx, owner=me, other=other, remark=_short("remark", remark, model.NAME_MOST) or None)
    contact = _own(tx, me=me, other=other)
    tx.emit(ContactChanged(contact), stream=streams.account(me))
    return contact


# shops


@action(route="owner")
def open_shop(tx: Tx, *, owner: Id, handle: str, name: str, tagline: str, currency: str) -> Shop:
    handle, name = model.clean_handle(handle), model.clean_name(name)
    if currency not in EXPONENTS:
        raise CurrencyUnknown(currency=currency[:8])
    if tables.count_owned(tx, owner) >= model.SHOPS_MOST:
        raise TooManyShops(most=model.SHOPS_MOST)
    shop = Shop(tx.new_id(), handle, name, _short("tagline", tagline, model.BIO_MOST), None, currency, owner, tx.now)
    if not tables.insert_shop(tx, shop):
        raise HandleTaken(handle=handle)
    tables.put_staff(tx, shop=shop.id, account=owner, role="owner")
    _tell_me(tx, owner, public=False)
    return shop


@action(route="shop")
def edit_shop(tx: Tx, *, shop: Id, by: Id, name: str | None = None, tagline: str | None = None) -> Shop:
    queries.require_staff(tx, shop=shop, account=by, owner=True)
    values: dict[str, object] = {}
    if name is not None:
        values["name"] = model.clean_name(name)
    if tagline is not None:
        values["tagline"] = _short("tagline", tagline, model.BIO_MOST)
    return _update_shop(tx, shop, values)


@action(route="shop")
def set_shop_picture(tx: Tx, *, shop: Id, by: Id, file: str) -> Shop:
    queries.require_staff(tx, shop=shop, account=by, owner=True)
    return _update_shop(tx, shop, {"picture": file})


def _update_shop(tx: Tx, shop: Id, values: dict[str, object]) -> Shop:
    if values:
        tables.update_shop(tx, shop, **values)
    for member in tables.select_staff(tx, shop):
        _tell_me(tx, member.person.id, public=False)
    changed = queries.shop(tx, shop)
    tx.emit(ShopChanged(changed), stream=streams.INTERNAL)
    return changed


@action(route="shop")
def hire(tx: Tx, *, shop: Id, by: Id, handle: str) -> StaffMember:
    """Let someone answer and sell in the shop's name. There is one owner, and it is not chosen here."""
    queries.require_staff(tx, shop=shop, account=by, owner=True)
    account = queries.account_by_handle(tx, handle=handle)
    role = tables.staff_role(tx, shop=shop, account=account)
    if role is None:
        if len(tables.select_staff(tx, shop)) >= model.STAFF_MOST:
            raise TooManyStaff(most=model.STAFF_MOST)
        tables.put_staff(tx, shop=shop, account=account, role="staff")
        _tell_me(tx, account, public=False)
    return StaffMember(queries.person(tx, account), role or "staff")


@action(route="shop")
def dismiss(tx: Tx, *, shop: Id, by: Id, account: Id) -> None:
    """The owner dismisses; staff may leave by themselves."""
    queries.require_staff(tx, shop=shop, account=by, owner=by != account)
    if tables.staff_role(tx, shop=shop, account=account) == "owner":
        raise OwnerStays()
    tables.delete_staff(tx, shop=shop, account=account)
    _tell_me(tx, account, public=False)
