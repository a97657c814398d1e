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
    tuple_,
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
)
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
)
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


def select_people(db: Read, ids: Iterable[Id]) -> dict[Id, Person]:
    rows = db.sql.execute(select(*PERSON).where(accounts.c.id.in_(list(ids))))
    return {row.id: _person(row) for row in rows}


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


def delete_expired_sessions(tx: Tx, account: Id, *, seen_after: Millis, created_after: Millis) -> None:
    expired = not_(_alive(seen_after=seen_after, created_after=created_after))
    tx.sql.execute(delete(sessions).where(sessions.c.account == account, expired))


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
    found: ContactState | None = db.sql.execute(
        select(contacts.c.state).where(contacts.c.owner == owner, contacts.c.other == other)
    ).scalar()
    return found


def put_contact(tx: Tx, *, owner: Id, other: Id, state: ContactState, greeting: str | None = None) -> None:
    changed = {"state": state, "changed_at": tx.now} | ({} if greeting is None else {"greeting": greeting})
    statement = upsert(tx, contacts).values({"owner": owner, "other": other, "greeting": "", **changed})
    tx.sql.execute(statement.on_conflict_do_update(index_elements=["owner", "other"], set_=changed))


def set_remark(tx: Tx, *, owner: Id, other: Id, remark: str | None) -> None:
    mine = update(contacts).where(contacts.c.owner == owner, contacts.c.other == other)
    tx.sql.execute(mine.values(remark=remark, changed_at=tx.now))


def delete_contact(tx: Tx, *, owner: Id, other: Id) -> None:
    tx.sql.execute(delete(contacts).where(contacts.c.owner == owner, contacts.c.other == other))


def count_contacts(db: Read, owner: Id) -> int:
    return int(db.sql.execute(select(func.count()).where(contacts.c.owner == owner)).scalar_one())


def select_contacts(db: Read, owner: Id, *, other: Id | None = None) -> list[Contact]:
    query = select(*PERSON, contacts).join(accounts, accounts.c.id == contacts.c.other)
    query = query.where(contacts.c.owner == owner).order_by(accounts.c.handle)
    if other is not None:
        query = query.where(contacts.c.other == other)
    return [Contact(_person(r), r.state, r.remark, r.greeting, r.changed_at) for r in db.sql.execute(query)]


def friends_of(db: Read, account: Id) -> list[Id]:
    """Those who have this account among their accepted contacts."""
    rows = db.sql.execute(select(contacts.c.other).where(contacts.c.owner == account, contacts.c.state == "accepted"))
    return [row.other for row in rows]


def select_blocks(db: Read, pairs: Iterable[tuple[Id, Id]]) -> set[tuple[Id, Id]]:
    """Of these (owner, other) pairs, the ones in which the owner has blocked the other."""
    wanted = list(pairs)
    rows = db.sql.execute(
        select(contacts.c.owner, contacts.c.other).where(
            tuple_(contacts.c.owner, contacts.c.other).in_(wanted), contacts.c.state == "blocked"
        )
    )
    return {(row.owner, row.other) for row in rows}


# shops


def insert_shop(tx: Tx, shop: Shop) -> bool:
    """False when the handle is taken."""
    return insert_new(tx, shops, **{f: getattr(shop, f) for f in Shop.__struct_fields__})


def update_shop(tx: Tx, id: Id, **values: object) -> None:
    tx.sql.execute(update(shops).where(shops.c.id == id).values(**values))


def _shop(r: Any) -> Shop:
    return Shop(r.id, r.handle, r.name, r.tagline, file_url(r.picture), r.currency, r.owner, r.created_at)


def select_shops(db: Read, ids: Iterable[Id]) -> dict[Id, Shop]:
    rows = db.sql.execute(select(shops).where(shops.c.id.in_(list(ids))))
    return {row.id: _shop(row) for row in rows}


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
