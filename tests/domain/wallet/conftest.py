"""People with wallets."""

from collections.abc import Callable

import pytest

from dealings.domain.identity import actions as identity
from dealings.domain.wallet import actions as wallet
from dealings.kernel.ids import Id
from dealings.kernel.money import Money
from tests.world import World

Sign = Callable[..., Id]


@pytest.fixture
def person(world: World) -> Sign:
    """Sign someone up, with play money if asked."""
    world.run(wallet.set_sandbox, open=True)

    def sign(handle: str, *, money: int = 0, currency: str = "CNY") -> Id:
        account = world.run(identity.sign_up, handle=handle, name=handle.title(), password_hash="x")
        if money:
            world.run(wallet.top_up, owner=account, amount=Money(money, currency))
        return account

    return sign
