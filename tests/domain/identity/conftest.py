"""The town in which tests of people take place."""

import pytest

from tests.domain.town import Town
from tests.world import World


@pytest.fixture
def town(world: World) -> Town:
    return Town(world)
