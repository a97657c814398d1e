"""Accounts, sessions, contacts, shops: schema and SQL."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Select,
    and_,
    case,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)

from dealings.domain.identity.model import (
    Address,
    Caller,
    Contact,
    ContactState,
    Locale,
    Person,
    Session,
    Shop,
    Staffing,
    StaffMember,
    StaffRole,
)
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.platform.db.schema import (
    ID,
    LOCAL,
    METADATA,
    MILLIS,
    BigInteger,
    Column,
    Index,
    String,
    Table,
    Text,
    insert_new,
    upsert,
)
from dealings.platform.db.sets import rows_for
from dealings.platform.db.tx import Read, Tx

accounts = Table(
    "accounts",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("handle", String(30), nullable=False, unique=True),
    Column("name", String(40), nullable=False),
    Column("bio", String(200), nullable=False),
    Column("avatar", String(80)),
    Column("locale", String(10)),
    Column("password_hash", String(200), nullable=False),
    Column("card", String(16), nullable=False, unique=True),
    Column("operator", Boolean, nullable=False),
    Column("created_at", MILLIS, nullable=False),
)
sessions = Table(
    "sessions",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("account", ID, nullable=False, index=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("agent", String(200), nullable=False),
    Column("address", String(64), nullable=False),
    Column("created_at", MILLIS, nullable=False),
    Column("seen_at", MILLIS, nullable=False),
    info=LOCAL,
)
"""Of this copy only: a session that was ended after a backup was taken must not live again with it."""
SUBJECT_CHARS = 80
attempts = Table(
    "sign_in_attempts",
    METADATA,
    Column("subject", String(SUBJECT_CHARS), primary_key=True),
    Column("failures", BigInteger, nullable=False),
    Column("last_at", MILLIS, nullable=False),
    Column("retry_at", MILLIS, nullable=False),
    Index("sign_in_attempts_last", "last_at"),
)
contacts = Table(
    "contacts",
    METADATA,
    Column("owner", ID, primary_key=True),
    Column("other", ID, primary_key=True),
    Column("state", String(10), nullable=False),
    Column("remark", String(40)),
    Column("greeting", String(200), nullable=False),
    Column("changed_at", MILLIS, nullable=False),
    Index("contacts_by_other", "other"),
)
"""One side of two people. The row stays when nothing stands between them any more (`NOTHING`): two who act at
once meet at it, for a row that is not there can't be guarded."""
NOTHING = "none"
_STANDS = contacts.c.state != NOTHING
shops = Table(
    "shops",
    METADATA,
    Column("id", ID, primary_key=True),
    Column("handle", String(30), nullable=False, unique=True),
    Column("name", String(40), nullable=False),
    Column("tagline", String(200), nullable=False),
    Column("picture", String(80)),
    Column("currency", String(3), nullable=False),
    Column("owner", ID, nullable=False),
    Column("created_at", MILLIS, nullable=False),
)
staff = Table(
    "staff",
    METADATA,
    Column("shop", ID, primary_key=True),
    Column("account", ID, primary_key=True),
    Column("role", String(10), nullable=False),
    Index("staff_by_account", "account"),
)
addresses = Table(
    "addresses",
    METADATA,
    Column("account", ID, primary_key=True),
    Column("name", String(40), nullable=False),
    Column("phone", String(40), nullable=False),
    Column("text", Text, nullable=False),
)

PERSON = (accounts.c.id, accounts.c.handle, accounts.c.name, accounts.c.avatar, accounts.c.bio)


def file_url(name: str | None) -> str | None:
    """Where the browser finds a stored picture."""
    return f"/api/v1/files/{name}" if name else None


def _person(row: Any) -> Person:
    return Person(row.id, row.handle, row.name, file_url(row.avatar), row.bio)


# accounts


@dataclass(frozen=True, slots=True)
class Account:
    id: Id
    handle: str
    name: str
    bio: str
    avatar: str | None
    locale: Locale | None
    password_hash: str
    card: str
    operator: bool
    created_at: Millis


def insert_account(tx: Tx, account: Account) -> bool:
    """False when the handle is taken."""
    return insert_new(tx, accounts, **{f: getattr(account, f) for f in Account.__slots__})


def _account(db: Read, query: Select[Any]) -> Account | None:
    row = db.sql.execute(query).first()
    return Account(*(getattr(row, f) for f in Account.__slots__)) if row else None


def account_by_id(db: Read, id: Id) -> Account | None:
    return _account(db, select(accounts).where(accounts.c.id == id))


def account_by_handle(db: Read, handle: str) -> Account | None:
    return _account(db, select(accounts).where(accounts.c.handle == handle))


def account_by_card(db: Read, card: str) -> Account | None:
    return _account(db, select(accounts).where(accounts.c.card == card))


def update_account(tx: Tx, id: Id, **values: object) -> None:
    tx.sql.execute(update(accounts).where(accounts.c.id == id).values(**values))


PEOPLE = {
    "sqlite": "SELECT a.id, a.handle, a.name, a.avatar, a.bio FROM json_each(?) j CROSS JOIN accounts a ON a.id = j.value->>0",
    "postgresql": "SELECT a.id, a.handle, a.name, a.avatar, a.bio"
    " FROM unnest(%s::text[]) AS j(id) JOIN accounts a ON a.id = j.id",
}


def select_people(db: Read, ids: Iterable[Id]) -> dict[Id, Person]:
    rows = rows_for(db, PEOPLE, [(id,) for id in set(ids)])
    return {id: Person(id, handle, name, file_url(avatar), bio) for id, handle, name, avatar, bio in rows}


def find_people(db: Read, text: str, *, limit: int) -> list[Person]:
    """By the beginning of the handle, or the whole name."""
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    matching = or_(accounts.c.handle.like(f"{escaped}%", escape="\\"), accounts.c.name == text)
    rows = db.sql.execute(select(*PERSON).where(matching).order_by(accounts.c.handle).limit(limit))
    return [_person(row) for row in rows]


# sessions


def insert_session(tx: Tx, id: Id, *, account: Id, token_hash: str, agent: str, address: str) -> None:
    tx.sql.execute(
        insert(sessions).values(
            id=id,
            account=account,
            token_hash=token_hash,
            agent=agent,
            address=address,
            created_at=tx.now,
            seen_at=tx.now,
        )
    )


def _alive(*, seen_after: Millis, created_after: Millis) -> ColumnElement[bool]:
    return and_(sessions.c.seen_at > seen_after, sessions.c.created_at > created_after)


def session_by_token(db: Read, token_hash: str, *, seen_after: Millis, created_after: Millis) -> Caller | None:
    alive = _alive(seen_after=seen_after, created_after=created_after)
    query = select(sessions.c.account, sessions.c.id, sessions.c.seen_at).where(sessions.c.token_hash == token_hash)
    row = db.sql.execute(query.where(alive)).first()
    return Caller(row.account, row.id, row.seen_at) if row else None


def select_sessions(db: Read, account: Id, *, seen_after: Millis = 0, created_after: Millis = 0) -> list[Session]:
    """The one seen last first."""
    alive = _alive(seen_after=seen_after, created_after=created_after)
    query = select(sessions).where(sessions.c.account == account, alive)
    rows = db.sql.execute(query.order_by(sessions.c.seen_at.desc(), sessions.c.id.desc()))
    return [Session(r.id, r.created_at, r.seen_at, r.agent, r.address) for r in rows]


def delete_expired_sessions(tx: Tx, account: Id, *, seen_after: Millis, created_after: Millis) -> list[Id]:
    expired = not_(_alive(seen_after=seen_after, created_after=created_after))
    query = delete(sessions).where(sessions.c.account == account, expired).returning(sessions.c.id)
    return [row.id for row in tx.sql.execute(query)]


def touch_session(tx: Tx, id: Id) -> None:
    tx.sql.execute(update(sessions).where(sessions.c.id == id, sessions.c.seen_at < tx.now).values(seen_at=tx.now))


def delete_sessions(tx: Tx, *, account: Id, only: Id | None = None, but: Id | None = None) -> list[Id]:
    query = delete(sessions).where(sessions.c.account == account)
    if only is not None:
        query = query.where(sessions.c.id == only)
    if but is not None:
        query = query.where(sessions.c.id != but)
    return [row.id for row in tx.sql.execute(query.returning(sessions.c.id))]


# attempts


def count_attempt(tx: Tx, subject: str, *, forgotten: Millis) -> int | None:
    """Add one and answer how many there are now; None, and nothing is added, while the wait is on.

    One statement: attempts that other lanes count at the same time are not lost.
    """
    counted = case((attempts.c.last_at < forgotten, 1), else_=attempts.c.failures + 1)
    statement = upsert(tx, attempts).values(subject=subject, failures=1, last_at=tx.now, retry_at=0)
    statement = statement.on_conflict_do_update(
        index_elements=["subject"], set_={"failures": counted, "last_at": tx.now}, where=attempts.c.retry_at <= tx.now
    )
    found: int | None = tx.sql.execute(statement.returning(attempts.c.failures)).scalar()
    return found


def retry_at(db: Read, subject: str) -> Millis:
    return int(db.sql.execute(select(attempts.c.retry_at).where(attempts.c.subject == subject)).scalar() or 0)


def set_wait(tx: Tx, subject: str, *, retry_at: Millis) -> None:
    tx.sql.execute(update(attempts).where(attempts.c.subject == subject).values(retry_at=retry_at))


def take_back_attempt(tx: Tx, subject: str) -> int:
    """How many are left."""
    counted = update(attempts).where(attempts.c.subject == subject, attempts.c.failures > 0)
    statement = counted.values(failures=attempts.c.failures - 1).returning(attempts.c.failures)
    return int(tx.sql.execute(statement).scalar() or 0)


def clear_attempts(tx: Tx, subject: str) -> None:
    tx.sql.execute(delete(attempts).where(attempts.c.subject == subject))


def prune_attempts(tx: Tx, *, before: Millis, most: int) -> None:
    old = select(attempts.c.subject).where(attempts.c.last_at < before).order_by(attempts.c.last_at).limit(most)
    tx.sql.execute(delete(attempts).where(attempts.c.subject.in_(old)))


# contacts


def contact_state(db: Read, *, owner: Id, other: Id) -> ContactState | None:
    query = select(contacts.c.state).where(contacts.c.owner == owner, contacts.c.other == other, _STANDS)
    found: ContactState | None = db.sql.execute(query).scalar()
    return found


def move_contact(
    tx: Tx, *, owner: Id, other: Id, before: ContactState | None, after: ContactState | None, greeting: str
) -> bool:
    """Write one side, also when it stays the same; False when it is no longer as it was read."""
    if before is None:
        given = {"state": NOTHING, "remark": None, "greeting": "", "changed_at": tx.now}
        insert_new(tx, contacts, owner=owner, other=other, **given)
    values: dict[str, object] = {"state": after or NOTHING}
    if before != after:
        values |= {"changed_at": tx.now}
    if after is None:
        values |= {"remark": None, "greeting": ""}
    elif before is None:
        values |= {"greeting": greeting}
    mine = and_(contacts.c.owner == owner, contacts.c.other == other, contacts.c.state == (before or NOTHING))
    return tx.sql.execute(update(contacts).where(mine).values(values)).rowcount == 1


def set_remark(tx: Tx, *, owner: Id, other: Id, remark: str | None) -> None:
    mine = update(contacts).where(contacts.c.owner == owner, contacts.c.other == other)
    tx.sql.execute(mine.values(remark=remark, changed_at=tx.now))


def count_contacts(db: Read, owner: Id) -> int:
    return int(db.sql.execute(select(func.count()).where(contacts.c.owner == owner, _STANDS)).scalar_one())


def select_contacts(db: Read, owner: Id, *, other: Id | None = None) -> list[Contact]:
    query = select(*PERSON, contacts).join(accounts, accounts.c.id == contacts.c.other)
    query = query.where(contacts.c.owner == owner, _STANDS).order_by(accounts.c.handle)
    if other is not None:
        query = query.where(contacts.c.other == other)
    return [Contact(_person(r), r.state, r.remark, r.greeting, r.changed_at) for r in db.sql.execute(query)]


def known_by(db: Read, account: Id) -> list[Id]:
    """Those who have this account in their list, whatever the state."""
    query = select(contacts.c.owner).where(contacts.c.other == account, _STANDS)
    rows = db.sql.execute(query.order_by(contacts.c.owner))
    return [row.owner for row in rows]


def select_friends(db: Read, account: Id, among: Sequence[Id]) -> set[Id]:
    """Of these, the ones of whom each has the other as an accepted contact."""
    mine, theirs = contacts.alias(), contacts.alias()
    both = and_(theirs.c.owner == mine.c.other, theirs.c.other == mine.c.owner, theirs.c.state == "accepted")
    query = select(mine.c.other).join(theirs, both)
    query = query.where(mine.c.owner == account, mine.c.other.in_(among), mine.c.state == "accepted")
    return {row.other for row in db.sql.execute(query)}


BLOCKS = {
    "sqlite": "SELECT c.owner, c.other FROM json_each(?) j"
    " CROSS JOIN contacts c ON c.owner = j.value->>0 AND c.other = j.value->>1 WHERE c.state = 'blocked'",
    "postgresql": "SELECT c.owner, c.other FROM unnest(%s::text[], %s::text[]) AS j(owner, other)"
    " JOIN contacts c ON c.owner = j.owner AND c.other = j.other WHERE c.state = 'blocked'",
}


def select_blocks(db: Read, pairs: Iterable[tuple[Id, Id]]) -> set[tuple[Id, Id]]:
    """Of these (owner, other) pairs, the ones in which the owner has blocked the other."""
    return {(owner, other) for owner, other in rows_for(db, BLOCKS, list(pairs))}


# shops


def insert_shop(tx: Tx, shop: Shop) -> bool:
    """False when the handle is taken."""
    return insert_new(tx, shops, **{f: getattr(shop, f) for f in Shop.__struct_fields__})


def update_shop(tx: Tx, id: Id, **values: object) -> None:
    tx.sql.execute(update(shops).where(shops.c.id == id).values(**values))


def _shop(r: Any) -> Shop:
    return Shop(r.id, r.handle, r.name, r.tagline, file_url(r.picture), r.currency, r.owner, r.created_at)


SHOP_COLUMNS = "s.id, s.handle, s.name, s.tagline, s.picture, s.currency, s.owner, s.created_at"
SHOPS = {
    "sqlite": f"SELECT {SHOP_COLUMNS} FROM json_each(?) j CROSS JOIN shops s ON s.id = j.value->>0",
    "postgresql": f"SELECT {SHOP_COLUMNS} FROM unnest(%s::text[]) AS j(id) JOIN shops s ON s.id = j.id",
}


def select_shops(db: Read, ids: Iterable[Id]) -> dict[Id, Shop]:
    rows = rows_for(db, SHOPS, [(id,) for id in set(ids)])
    return {id: Shop(id, handle, name, tag, file_url(file), *more) for id, handle, name, tag, file, *more in rows}


def shop_by_handle(db: Read, handle: str) -> Shop | None:
    row = db.sql.execute(select(shops).where(shops.c.handle == handle)).first()
    return _shop(row) if row else None


def list_shops(db: Read, *, after: str, limit: int) -> list[Shop]:
    rows = db.sql.execute(select(shops).where(shops.c.id > after).order_by(shops.c.id).limit(limit))
    return [_shop(row) for row in rows]


def find_shops(db: Read, text: str, *, limit: int) -> list[Shop]:
    """By a part of the name or tagline, or the beginning of the handle."""
    escaped = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    matching = or_(
        func.lower(shops.c.name).like(f"%{escaped}%", escape="\\"),
        func.lower(shops.c.tagline).like(f"%{escaped}%", escape="\\"),
        shops.c.handle.like(f"{escaped}%", escape="\\"),
    )
    return [_shop(row) for row in db.sql.execute(select(shops).where(matching).order_by(shops.c.name).limit(limit))]


def count_owned(db: Read, owner: Id) -> int:
    return int(db.sql.execute(select(func.count()).where(shops.c.owner == owner)).scalar_one())


def staff_role(db: Read, *, shop: Id, account: Id) -> StaffRole | None:
    found: StaffRole | None = db.sql.execute(
        select(staff.c.role).where(staff.c.shop == shop, staff.c.account == account)
    ).scalar()
    return found


STAFFED = {
    "sqlite": "SELECT s.shop, s.account FROM json_each(?) j"
    " CROSS JOIN staff s ON s.shop = j.value->>0 AND s.account = j.value->>1",
    "postgresql": "SELECT s.shop, s.account FROM unnest(%s::text[], %s::text[]) AS j(shop, account)"
    " JOIN staff s ON s.shop = j.shop AND s.account = j.account",
}


def select_staffed(db: Read, pairs: Iterable[tuple[Id, Id]]) -> set[tuple[Id, Id]]:
    """Of these (shop, account) pairs, the ones in which the account is staff of the shop."""
    return {(shop, account) for shop, account in rows_for(db, STAFFED, list(pairs))}


def put_staff(tx: Tx, *, shop: Id, account: Id, role: StaffRole) -> None:
    statement = upsert(tx, staff).values(shop=shop, account=account, role=role)
    tx.sql.execute(statement.on_conflict_do_update(index_elements=["shop", "account"], set_={"role": role}))


def delete_staff(tx: Tx, *, shop: Id, account: Id) -> None:
    tx.sql.execute(delete(staff).where(staff.c.shop == shop, staff.c.account == account))


def select_staff(db: Read, shop: Id) -> list[StaffMember]:
    query = select(*PERSON, staff.c.role).join(accounts, accounts.c.id == staff.c.account)
    rows = db.sql.execute(query.where(staff.c.shop == shop).order_by(staff.c.role, accounts.c.handle))
    return [StaffMember(_person(row), row.role) for row in rows]


def select_staffings(db: Read, account: Id) -> list[Staffing]:
    query = select(shops, staff.c.role).join(staff, staff.c.shop == shops.c.id)
    rows = db.sql.execute(query.where(staff.c.account == account).order_by(shops.c.id))
    return [Staffing(_shop(row), row.role) for row in rows]


# addresses


def put_address(tx: Tx, account: Id, address: Address) -> None:
    values = {"name": address.name, "phone": address.phone, "text": address.text}
    statement = upsert(tx, addresses).values(account=account, **values)
    tx.sql.execute(statement.on_conflict_do_update(index_elements=["account"], set_=values))


def select_address(db: Read, account: Id) -> Address | None:
    row = db.sql.execute(select(addresses).where(addresses.c.account == account)).first()
    return Address(row.name, row.phone, row.text) if row else None


def select_handles(db: Read) -> Sequence[str]:
    return [row.handle for row in db.sql.execute(select(accounts.c.handle).order_by(accounts.c.handle))]
