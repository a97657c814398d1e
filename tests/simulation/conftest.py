"""For the games that are played here: a folder for servers, and an eye on the statements of every action."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from dealings.platform.db.stores import PostgresStore
from tests.platform.test_spread import forgets_its_key, known


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """Others may enter it and its path is short: PostgreSQL runs as another user, and its socket's path has a limit."""
    with tempfile.TemporaryDirectory(prefix="dealings-kill-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder


@pytest.fixture(autouse=True)
def every_statement_has_its_key(request: pytest.FixtureRequest) -> Iterator[None]:
    """What PostgreSQL is asked names the key of each table that would be spread over a cluster (docs/scale.md)."""
    store = request.getfixturevalue("store") if "store" in request.fixturenames else None
    asked: set[str] = set()
    if isinstance(store, PostgresStore):
        for engine in (store._writer, store._reader):
            event.listen(
                engine, "before_cursor_execute", lambda c, cursor, statement, p, context, many: asked.add(statement)
            )
    yield
    flat = [" ".join(statement.split()) for statement in asked]
    assert [statement for statement in flat if forgets_its_key(statement) and not known(statement)] == []
