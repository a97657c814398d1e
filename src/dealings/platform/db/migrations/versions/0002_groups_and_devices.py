"""Groups, channels, invitations, and what an account keeps of its own in a conversation."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

COUNT_MEMBERS = (
    "UPDATE conversations SET member_count ="
    " (SELECT count(*) FROM members WHERE members.conversation = conversations.id)"
)
READ_IS_RECEIVED = "UPDATE members SET received_seq = read_seq"


def upgrade() -> None:
    _add_to_conversations()
    _add_to_members()
    _add_to_memberships()
    _create_tables()
    op.execute(COUNT_MEMBERS)
    op.execute(READ_IS_RECEIVED)


def _add_to_conversations() -> None:
    op.add_column("conversations", sa.Column("notice", sa.Text(), nullable=True))
    op.add_column("conversations", sa.Column("notice_by", sa.String(length=16), nullable=True))
    op.add_column("conversations", sa.Column("notice_at", sa.BigInteger(), nullable=True))
    for name in ("silenced", "history_open", "approval", "listed"):
        op.add_column("conversations", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("conversations", sa.Column("members_invite", sa.Boolean(), server_default=sa.true(), nullable=False))
    for name in ("member_count", "everyone_seq"):
        op.add_column("conversations", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.add_column("conversations", sa.Column("everyone_by", sa.String(length=16), nullable=True))


def _add_to_members() -> None:
    op.add_column("members", sa.Column("nickname", sa.String(length=40), nullable=True))
    op.add_column("members", sa.Column("silenced_until", sa.BigInteger(), nullable=True))
    for name in ("received_seq", "mentioned_seq"):
        op.add_column("members", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_index("members_by_role", "members", ["conversation", "role", "joined_at", "account"], unique=False)


def _add_to_memberships() -> None:
    op.add_column("memberships", sa.Column("muted", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("memberships", sa.Column("pinned_at", sa.BigInteger(), nullable=True))
    op.add_column("memberships", sa.Column("draft", sa.Text(), nullable=True))
    op.add_column("memberships", sa.Column("draft_at", sa.BigInteger(), nullable=True))


def _create_tables() -> None:
    op.create_table(
        "invites",
        sa.Column("conversation", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("by_account", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("uses_left", sa.BigInteger(), nullable=True),
        sa.Column("approval", sa.Boolean(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("conversation", "code"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "join_requests",
        sa.Column("conversation", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conversation", "account"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "removals",
        sa.Column("conversation", sa.String(length=16), nullable=False),
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("conversation", "account"),
        sqlite_with_rowid=False,
    )
