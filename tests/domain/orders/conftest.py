"""The market that the tests of orders trade in."""

import pytest

from tests.domain.orders.market import Market, open_market
from tests.world import World


@pytest.fixture
def market(world: World) -> Market:
    return open_market(world)
