"""How Alembic runs here: on a connection that is handed to it, in one transaction of its own."""

from alembic import context

from dealings.platform.db.schema import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    transactional_ddl=False,  # `migrate` begins and commits
    include_name=lambda name, kind, parents: kind != "table" or name in METADATA.tables,
)
context.run_migrations()
