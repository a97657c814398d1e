"""Bring a store to the newest schema. Migrations only go forward and keep data."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from dealings.kernel.ids import Id
from dealings.platform.db.stores import Store
from dealings.platform.db.tx import Read

NEWEST = "0006"
"""The schema this program was written for; tests/platform/test_migrations.py compares it with the folder."""
SCRIPTS = Path(__file__).parent / "migrations"
OPEN = {"sqlite": ["BEGIN IMMEDIATE"], "postgresql": ["BEGIN", "SELECT pg_advisory_xact_lock(7301)"]}
"""Of several nodes that start at once, one migrates; the others wait and find it done."""


class NewerStore(Exception):
    """The store was written by a newer version of this program, which alone can read it."""


def migrate(store: Store, *, incarnation: Id) -> None:
    """Create or upgrade all tables; a fresh log gets its name."""
    with store.connect(write=True) as sql:
        if _version(sql) == NEWEST:
            return  # nothing to do, and Alembic takes its time to load
        for statement in OPEN[store.dialect]:
            sql.exec_driver_sql(statement)
        try:
            upgrade(sql)
            _name_log(sql, incarnation)
            sql.exec_driver_sql("COMMIT")
        except BaseException:
            sql.exec_driver_sql("ROLLBACK")
            raise


def upgrade(sql: Connection) -> None:
    """Run the migrations that are missing, in the transaction that is open."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = sql
    version = _version(sql)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if version is not None and version not in known:
        raise NewerStore(f"This data was written by a newer version (schema {version}). Update the program.")
    command.upgrade(config, "head")


def revision(db: Read) -> str:
    """Which schema the store has: the same for both kinds of store."""
    return _version(db.sql) or ""


def _version(sql: Connection) -> str | None:
    if not inspect(sql).has_table("alembic_version"):
        return None
    found: str | None = sql.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _name_log(sql: Connection, incarnation: Id) -> None:
    if sql.execute(text("SELECT count(*) FROM log")).scalar_one() == 0:
        statement = text("INSERT INTO log (id, incarnation, commit_offset) VALUES (1, :incarnation, 0)")
        sql.execute(statement, {"incarnation": incarnation})
