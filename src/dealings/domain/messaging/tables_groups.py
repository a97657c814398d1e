"""How people come into groups and stay out of them: invitations, requests, removals."""

from sqlalchemy import Boolean

from dealings.kernel.ids import Id
from dealings.platform.db.schema import ID, METADATA, MILLIS, BigInteger, Column, String, Table, upsert
from dealings.platform.db.tx import Tx

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


def note_removal(tx: Tx, conversation: Id, account: Id) -> None:
    """Of several removals the last one counts."""
    noted = upsert(tx, removals).values(conversation=conversation, account=account, removed_at=tx.now)
    tx.sql.execute(
        noted.on_conflict_do_update(index_elements=removals.primary_key.columns, set_={"removed_at": tx.now})
    )
