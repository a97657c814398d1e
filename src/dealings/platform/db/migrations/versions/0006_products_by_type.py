"""Products on sale by their type, for the categories in Find."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_index("products_by_type", "products", ["state", "type", "id"])
