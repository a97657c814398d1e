"""A folder that others may enter, with a short path: PostgreSQL runs as another user, and its socket's path has a limit."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def short_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dealings-kill-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder
