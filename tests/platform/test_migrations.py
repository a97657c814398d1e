"""Migrations make the schema that the code describes, once, and refuse what a newer version wrote."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from dealings.platform.db import migrate
from dealings.platform.db.schema import METADATA
from dealings.platform.db.stores import SqliteStore, Store, open_store
from tests.conftest import empty_database


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A store without any table."""
    if request.param == "sqlite":
        return SqliteStore(tmp_path / "empty.db")
    return open_store(empty_database(request.getfixturevalue("postgres_url")))


def test_the_newest_migration_is_the_one_the_program_was_written_for() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.NEWEST]


def test_P9_migrations_make_the_schema_of_the_code(store: Store) -> None:
    options = {"include_name": lambda name, kind, parents: kind != "table" or name in METADATA.tables}
    with store.connect(write=True) as sql:
        assert compare_metadata(MigrationContext.configure(sql, opts=options), METADATA) == []
        assert inspect(sql).has_table("search")


def test_migrating_again_changes_nothing(store: Store) -> None:
    with store.connect(write=True) as sql:
        before = sql.execute(text("SELECT incarnation FROM log")).scalar_one()
        migrate.migrate(store, incarnation="another")
        assert sql.execute(text("SELECT incarnation FROM log")).scalar_one() == before


BEFORE_GROUPS = [
    "INSERT INTO conversations (id, kind, name, created_at) VALUES ('g', 'group', 'Family', 1), ('e', 'group', 'Empty', 1)",
    (
        "INSERT INTO members (conversation, account, role, from_seq, read_seq, joined_at)"
        " VALUES ('g', 'a', 'owner', 0, 3, 1), ('g', 'b', 'member', 1, 2, 1)"
    ),
    "INSERT INTO memberships (account, conversation) VALUES ('a', 'g'), ('b', 'g')",
]
AFTER = {
    "SELECT id, member_count, members_invite, silenced, listed FROM conversations ORDER BY id": [
        ("e", 0, True, False, False),
        ("g", 2, True, False, False),
    ],
    "SELECT account, received_seq, mentioned_seq, silenced_until FROM members ORDER BY account": [
        ("a", 3, 0, None),
        ("b", 2, 0, None),
    ],
    "SELECT account, muted, draft FROM memberships ORDER BY account": [("a", False, None), ("b", False, None)],
}


def test_what_was_there_before_groups_had_roles_and_links_is_kept(empty: Store) -> None:
    with empty.connect(write=True) as sql:
        sql.exec_driver_sql(migrate.OPEN[empty.dialect][0])
        config = Config()
        config.set_main_option("script_location", str(migrate.SCRIPTS))
        config.attributes["connection"] = sql
        command.upgrade(config, "0001")
        for statement in BEFORE_GROUPS:
            sql.exec_driver_sql(statement)
        sql.exec_driver_sql("COMMIT")
    migrate.migrate(empty, incarnation="x")
    with empty.connect(write=True) as sql:
        for query, rows in AFTER.items():
            assert [tuple(row) for row in sql.execute(text(query))] == rows


def test_of_several_that_start_at_once_one_migrates(empty: Store) -> None:
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda name: migrate.migrate(empty, incarnation=name * 16), "abcd"))
    with empty.connect(write=True) as sql:
        assert sql.execute(text("SELECT count(*) FROM log")).scalar_one() == 1


def test_data_of_a_newer_version_is_refused(store: Store) -> None:
    with store.connect(write=True) as sql:
        sql.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrate.NewerStore, match="9999"):
        migrate.migrate(store, incarnation="x")


def test_a_migration_that_fails_leaves_nothing_behind(empty: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "_name_log", lambda sql, incarnation: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        migrate.migrate(empty, incarnation="x")
    with empty.connect(write=True) as sql:
        assert not inspect(sql).has_table("accounts")
