"""Money over HTTP: what one has, what moved, and play money in the demo."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import Parameter

from dealings.domain.identity.api import Caller
from dealings.domain.wallet import actions, queries
from dealings.domain.wallet.model import MOST_TOPUP, Statement, Wallet
from dealings.kernel.ids import Id
from dealings.kernel.money import Money
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run

PAGE = 30
MOST_A_PAGE = 100

Cursor = Annotated[str | None, Parameter(max_length=200, description="`next` of the page before")]
Limit = Annotated[int, Parameter(ge=1, le=MOST_A_PAGE)]


class TopUp(msgspec.Struct, frozen=True):
    """Play money, in minor units."""

    amount: Annotated[int, msgspec.Meta(ge=1, le=MOST_TOPUP)]
    currency: Annotated[str, msgspec.Meta(min_length=3, max_length=3)]


@get("/wallet", operation_id="wallet")
async def wallet(caller: Caller, reads: Reads) -> Wallet:
    return await reads(queries.wallet, owner=caller.account)


@get("/wallet/statement", operation_id="statement")
async def statement(caller: Caller, reads: Reads, cursor: Cursor = None, limit: Limit = PAGE) -> Statement:
    return await reads(queries.statement, owner=caller.account, cursor=cursor, limit=limit)


@post("/wallet/topups", operation_id="top_up")
async def top_up(caller: Caller, run: Run, data: TopUp) -> Wallet:
    return await run(actions.top_up, owner=caller.account, amount=Money(data.amount, data.currency))


@get("/shops/{shop:str}/wallet", operation_id="shop_wallet")
async def shop_wallet(caller: Caller, reads: Reads, shop: Id) -> Wallet:
    return await reads(queries.shop_wallet, shop=shop, by=caller.account)


@get("/shops/{shop:str}/statement", operation_id="shop_statement")
async def shop_statement(
    caller: Caller, reads: Reads, shop: Id, cursor: Cursor = None, limit: Limit = PAGE
) -> Statement:
    return await reads(queries.shop_statement, shop=shop, by=caller.account, cursor=cursor, limit=limit)


ROUTES = [wallet, statement, top_up, shop_wallet, shop_statement]
