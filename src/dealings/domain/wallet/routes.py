"""Money over HTTP: what one has, what moved, and play money in the demo."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from dealings.domain.identity.api import Caller
from dealings.domain.wallet import actions, queries
from dealings.domain.wallet.model import MOST_TOPUP, Entry, Wallet
from dealings.kernel.money import Money
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.inputs import PAGE, Cursor, IdParameter, Limit, Page


class TopUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Play money, in minor units."""

    amount: Annotated[int, msgspec.Meta(ge=1, le=MOST_TOPUP)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


@get("/wallet", operation_id="wallet")
async def wallet(caller: NamedDependency[Caller], reads: NamedDependency[Reads]) -> Wallet:
    return await reads(queries.wallet, owner=caller.account)


@get("/wallet/statement", operation_id="statement")
async def statement(
    caller: NamedDependency[Caller], reads: NamedDependency[Reads], cursor: Cursor = None, limit: Limit = PAGE
) -> Page[Entry]:
    """What moved in one's wallet, newest first."""
    return await reads(queries.statement, owner=caller.account, cursor=cursor, limit=limit)


@post("/wallet/topups", operation_id="top_up")
async def top_up(data: JSONBody[TopUp], caller: NamedDependency[Caller], run: NamedDependency[Run]) -> Wallet:
    """Play money, in the demo only."""
    return await run(actions.top_up, owner=caller.account, amount=Money(data.amount, data.currency))


@get("/shops/{shop:str}/wallet", operation_id="shop_wallet")
async def shop_wallet(shop: IdParameter, caller: NamedDependency[Caller], reads: NamedDependency[Reads]) -> Wallet:
    """What a shop has earned and what waits in its escrow, for its owner."""
    return await reads(queries.shop_wallet, shop=shop, by=caller.account)


@get("/shops/{shop:str}/statement", operation_id="shop_statement")
async def shop_statement(
    shop: IdParameter,
    caller: NamedDependency[Caller],
    reads: NamedDependency[Reads],
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Page[Entry]:
    """What moved in a shop's earnings, newest first, for its owner."""
    return await reads(queries.shop_statement, shop=shop, by=caller.account, cursor=cursor, limit=limit)


ROUTES = [wallet, statement, top_up, shop_wallet, shop_statement]
