"""The orders of each buyer, listed with the buyer."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

COLUMNS = "buyer, state, id, shop, total, currency"
LIST = f"INSERT INTO purchases ({COLUMNS}) SELECT {COLUMNS} FROM orders"


def upgrade() -> None:
    op.create_table(
        "purchases",
        sa.Column("buyer", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("shop", sa.String(length=16), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.PrimaryKeyConstraint("buyer", "state", "id"),
        sqlite_with_rowid=False,
    )
    op.execute(LIST)
    op.drop_index("orders_by_buyer", table_name="orders")
