"""A market with friends around it."""

import pytest

from tests.domain.insight.stage import Stage, join
from tests.domain.orders.market import open_market
from tests.world import World


@pytest.fixture
def stage(world: World) -> Stage:
    return join(open_market(world, money=1_000_000_00))
