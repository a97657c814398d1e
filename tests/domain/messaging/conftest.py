"""The town in which tests of conversations take place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import fresh_store
from tests.domain.town import Town
from tests.domain.web import Web, served
from tests.world import World


@pytest.fixture
def town(world: World) -> Town:
    return Town(world)


@pytest.fixture
def web(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Web]:
    """On one store: what differs between the two lies beneath the commands, and is tested there."""
    with fresh_store(request, "sqlite", tmp_path) as store, served(World(store), tmp_path) as made:
        yield made
        made.world.close()
