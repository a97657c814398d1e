"""Membership: who comes into groups and channels, who leaves, who is what there; and how they are invited.

Rows of members change together with the number of them that the conversation keeps (`member_count`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, and_, delete, func, insert, or_, select, update

from dealings.domain.messaging.membership import Invitation
from dealings.domain.messaging.model import MemberRole
from dealings.domain.messaging.tables import conversations, members, memberships
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.platform.db.schema import (
    ID,
    METADATA,
    MILLIS,
    BigInteger,
    Column,
    String,
    Table,
    insert_new,
    upsert,
)
from dealings.platform.db.sets import rows_for
from dealings.platform.db.tx import Read, Tx

CODE = String(24)

invites = Table(
    "invites",
    METADATA,
    Column("conversation", ID, primary_key=True),
    Column("code", CODE, primary_key=True),
    Column("by_account", ID, nullable=False),
    Column("created_at", MILLIS, nullable=False),
    Column("expires_at", MILLIS),
    Column("uses_left", BigInteger),
    Column("approval", Boolean, nullable=False),
    Column("revoked", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""Links into a group. A code begins with the id of its conversation, by which the table is distributed."""

join_requests = Table(
    "join_requests",
    METADATA,
    Column("conversation", ID, primary_key=True),
    Column("account", ID, primary_key=True),
    Column("code", CODE, nullable=False),
    Column("asked_at", MILLIS, nullable=False),
    sqlite_with_rowid=False,
)
"""Who waits for an admin to let them in, and by which link they came."""

removals = Table(
    "removals",
    METADATA,
    Column("conversation", ID, primary_key=True),
    Column("account", ID, primary_key=True),
    Column("removed_at", MILLIS, nullable=False),
    sqlite_with_rowid=False,
)
"""Who was removed and when: links made before that let them in only with an admin's consent."""


# members


def take_places(tx: Tx, conversation: Id, count: int, *, most: int) -> bool:
    """Count so many more members, unless they would be too many."""
    mine = and_(conversations.c.id == conversation, conversations.c.member_count + count <= most)
    counted = update(conversations).where(mine).values(member_count=conversations.c.member_count + count)
    return bool(tx.sql.execute(counted).rowcount == 1)


def insert_members(
    tx: Tx, conversation: Id, accounts: Sequence[Id], *, role: MemberRole, from_seq: int = 0, read_seq: int = 0
) -> None:
    """Those who are not in yet, and whose places are taken: two statements, however many they are."""
    if not accounts:
        return
    values = {"role": role, "from_seq": from_seq, "read_seq": read_seq, "received_seq": read_seq, "joined_at": tx.now}
    tx.sql.execute(
        insert(members), [{"conversation": conversation, "account": account, **values} for account in accounts]
    )
    tx.sql.execute(insert(memberships), [{"conversation": conversation, "account": account} for account in accounts])


def delete_member(tx: Tx, conversation: Id, account: Id) -> bool:
    """Their place is free again."""
    gone = tx.sql.execute(delete(members).where(_member(conversation, account))).rowcount == 1
    both = and_(memberships.c.account == account, memberships.c.conversation == conversation)
    tx.sql.execute(delete(memberships).where(both))
    if gone:
        here = update(conversations).where(conversations.c.id == conversation)
        tx.sql.execute(here.values(member_count=conversations.c.member_count - 1))
    return bool(gone)


def update_member(tx: Tx, conversation: Id, account: Id, **values: str | int | None) -> None:
    tx.sql.execute(update(members).where(_member(conversation, account)).values(**values))


def update_conversation(tx: Tx, conversation: Id, **values: str | int | bool | None) -> None:
    tx.sql.execute(update(conversations).where(conversations.c.id == conversation).values(**values))


def _member(conversation: Id, account: Id) -> Any:
    return and_(members.c.conversation == conversation, members.c.account == account)


def heir(db: Read, conversation: Id, *, after: Id) -> Id | None:
    """Who takes over from this account: of the admins whoever came first, else of the members."""
    for role in ("admin", "member"):
        query = select(members.c.account).where(members.c.conversation == conversation, members.c.role == role)
        query = query.where(members.c.account != after).order_by(members.c.joined_at, members.c.account)
        found: Id | None = db.sql.execute(query.limit(1)).scalar()
        if found is not None:
            return found
    return None


def leaders(db: Read, conversation: Id) -> list[Id]:
    """The owner and the admins."""
    query = select(members.c.account).where(members.c.conversation == conversation)
    return list(db.sql.execute(query.where(members.c.role.in_(["owner", "admin"]))).scalars())


def count_role(db: Read, conversation: Id, role: MemberRole) -> int:
    query = select(func.count()).where(members.c.conversation == conversation, members.c.role == role)
    return int(db.sql.execute(query).scalar_one())


# channels


@dataclass(frozen=True, slots=True)
class Findable:
    """What a channel is found by."""

    id: Id
    name: str
    notice: str


def findable(db: Read, *, after: Id, limit: int) -> list[Findable]:
    """Channels that can be found, in the order of their ids."""
    query = select(conversations.c.id, conversations.c.name, conversations.c.notice)
    query = query.where(conversations.c.listed, conversations.c.id > after).order_by(conversations.c.id)
    return [Findable(r.id, r.name or "", r.notice or "") for r in db.sql.execute(query.limit(limit))]


# removals


def note_removal(tx: Tx, conversation: Id, account: Id) -> None:
    """Of several removals the last one counts. The links that they made lead nowhere any more."""
    noted = upsert(tx, removals).values(conversation=conversation, account=account, removed_at=tx.now)
    tx.sql.execute(
        noted.on_conflict_do_update(index_elements=removals.primary_key.columns, set_={"removed_at": tx.now})
    )
    theirs = and_(invites.c.conversation == conversation, invites.c.by_account == account)
    tx.sql.execute(update(invites).where(theirs).values(revoked=True))


def removed(db: Read, conversation: Id, accounts: Iterable[Id]) -> dict[Id, Millis]:
    """Of these, who was removed, and when."""
    query = select(removals.c.account, removals.c.removed_at)
    rows = db.sql.execute(query.where(removals.c.conversation == conversation, removals.c.account.in_(list(accounts))))
    return {row.account: row.removed_at for row in rows}


def forgive(tx: Tx, conversation: Id, accounts: Iterable[Id]) -> bool:
    """They are let in again, so that they were removed is forgotten; True when some of them waited to be let in."""
    those = list(accounts)
    gone = and_(removals.c.conversation == conversation, removals.c.account.in_(those))
    tx.sql.execute(delete(removals).where(gone))
    waiting = and_(join_requests.c.conversation == conversation, join_requests.c.account.in_(those))
    return bool(tx.sql.execute(delete(join_requests).where(waiting)).rowcount)


# invitations


def insert_invite(tx: Tx, invite: Invitation) -> None:
    tx.sql.execute(
        insert(invites).values(
            conversation=invite.conversation,
            code=invite.code,
            by_account=invite.by,
            created_at=invite.created_at,
            expires_at=invite.expires_at,
            uses_left=invite.uses_left,
            approval=invite.approval,
            revoked=invite.revoked,
        )
    )


def _invitation(r: Any) -> Invitation:
    return Invitation(
        r.conversation, r.code, r.by_account, r.created_at, r.expires_at, r.uses_left, r.approval, r.revoked
    )


def invite(db: Read, conversation: Id, code: str) -> Invitation | None:
    query = select(invites).where(invites.c.conversation == conversation, invites.c.code == code)
    found = db.sql.execute(query).first()
    return _invitation(found) if found else None


def _leads_in(now: Millis) -> Any:
    open_ended = or_(invites.c.expires_at.is_(None), invites.c.expires_at > now)
    return and_(~invites.c.revoked, open_ended, or_(invites.c.uses_left.is_(None), invites.c.uses_left > 0))


def list_invites(db: Read, conversation: Id, *, by: Id | None, now: Millis) -> list[Invitation]:
    """Those that lead in, the newest first; of one account, or (None) of all."""
    query = select(invites).where(invites.c.conversation == conversation, _leads_in(now))
    if by is not None:
        query = query.where(invites.c.by_account == by)
    return [_invitation(r) for r in db.sql.execute(query.order_by(invites.c.created_at.desc(), invites.c.code))]


def forget_spent(tx: Tx, conversation: Id) -> None:
    """Delete the links that lead nowhere any more."""
    tx.sql.execute(delete(invites).where(invites.c.conversation == conversation, ~_leads_in(tx.now)))


def revoke(tx: Tx, conversation: Id, code: str) -> None:
    mine = and_(invites.c.conversation == conversation, invites.c.code == code)
    tx.sql.execute(update(invites).where(mine).values(revoked=True))


def take_use(tx: Tx, conversation: Id, code: str) -> bool:
    """One use less; False when none is left, whoever asks at the same moment."""
    mine = and_(invites.c.conversation == conversation, invites.c.code == code, ~invites.c.revoked)
    left = or_(invites.c.uses_left.is_(None), invites.c.uses_left > 0)
    used = update(invites).where(mine, left).values(uses_left=invites.c.uses_left - 1)
    return bool(tx.sql.execute(used).rowcount == 1)


# requests

REQUESTS = {
    "sqlite": "SELECT j.value->>0, (SELECT count(*) FROM join_requests r WHERE r.conversation = j.value->>0)"
    " FROM json_each(?) j",
    "postgresql": "SELECT j.id, (SELECT count(*) FROM join_requests r WHERE r.conversation = j.id)"
    " FROM unnest(%s::text[]) AS j(id)",
}


def count_requests(db: Read, conversations: Iterable[Id]) -> dict[Id, int]:
    return dict(rows_for(db, REQUESTS, [(id,) for id in conversations]))


def insert_request(tx: Tx, conversation: Id, account: Id, code: str) -> bool:
    """False when they wait already."""
    return insert_new(tx, join_requests, conversation=conversation, account=account, code=code, asked_at=tx.now)


def list_requests(db: Read, conversation: Id) -> list[tuple[Id, Millis]]:
    """Who waits and since when, the first first."""
    query = select(join_requests.c.account, join_requests.c.asked_at).where(
        join_requests.c.conversation == conversation
    )
    rows = db.sql.execute(query.order_by(join_requests.c.asked_at, join_requests.c.account))
    return [(row.account, row.asked_at) for row in rows]


def take_request(tx: Tx, conversation: Id, account: Id) -> str | None:
    """The link by which they came; None when they don't wait (any more)."""
    mine = and_(join_requests.c.conversation == conversation, join_requests.c.account == account)
    code: str | None = tx.sql.execute(delete(join_requests).where(mine).returning(join_requests.c.code)).scalar()
    return code
