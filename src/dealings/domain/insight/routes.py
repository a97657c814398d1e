"""Insight over HTTP: what was looked at comes in; funnels, sales, traces and the operator's figures go out."""

from typing import Annotated, Final

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from litestar.status_codes import HTTP_204_NO_CONTENT

from dealings.domain.identity.api import Caller
from dealings.domain.insight import actions, health, queries, tracing
from dealings.domain.insight.health import Health
from dealings.domain.insight.model import TOUCHES_MOST, VIA_MOST, Funnel, Kind, Looking, MoneyReport, Sale, Touch, Trace
from dealings.domain.insight.tables import Before
from dealings.kernel.clock import Clock, Millis
from dealings.kernel.ids import Id
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.inputs import PAGE, Cursor, IdField, IdParameter, Limit, Page, position
from dealings.platform.inputs import cursor as cursor_of

LATEST: Final = 2**53

Since = Annotated[
    Millis, QueryParameter(name="from", ge=0, le=LATEST, description="From this moment on; ms since 1970")
]
Until = Annotated[
    Millis | None, QueryParameter(name="to", ge=0, le=LATEST, description="Up to but not including; absent: up to now")
]
ByCause = Annotated[Kind | None, QueryParameter(description="Only sales by this kind of cause")]
InCurrency = Annotated[
    str | None, QueryParameter(min_length=3, max_length=3, description="Absent: the one that most was paid in")
]

OfNode = Annotated[
    Id, QueryParameter(pattern="^[0-9a-z]{0,16}$", description="The node that gave the samples known so far")
]
AfterSample = Annotated[
    Millis,
    QueryParameter(ge=0, le=LATEST, description="The time of the newest sample known so far, if it was that node's"),
]


class TouchInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`via`: what led here, such as m:<conversation>:<seq>; it counts if it can be so."""

    step: Looking
    product: IdField
    via: Annotated[str, msgspec.Meta(max_length=VIA_MOST)] = "direct"


class Touches(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    touches: Annotated[list[TouchInput], msgspec.Meta(max_length=TOUCHES_MOST)]


def _end(until: Millis | None, clock: Clock) -> Millis:
    return clock() + 1 if until is None else until


@post("/touches", operation_id="touch", status_code=HTTP_204_NO_CONTENT)
async def touch(
    data: JSONBody[Touches], caller: NamedDependency[Caller], reads: NamedDependency[Reads], run: NamedDependency[Run]
) -> None:
    """What came into view or was opened. The same again on the same day changes nothing."""
    touches = [Touch(each.step, each.product, each.via) for each in data.touches]
    noted = await reads.long(queries.noted, account=caller.account, touches=touches)
    if noted:
        await run(actions.touch, account=caller.account, touches=noted)


@get("/shops/{shop:str}/funnel", operation_id="shop_funnel")
async def shop_funnel(
    shop: IdParameter,
    caller: NamedDependency[Caller],
    reads: NamedDependency[Reads],
    clock: NamedDependency[Clock],
    since: Since = 0,
    until: Until = None,
) -> Funnel:
    """What a shop's cards led to, step by step and by cause, for its staff."""
    return await reads.long(
        queries.shop_funnel, shop=shop, account=caller.account, since=since, until=_end(until, clock)
    )


@get("/operator/funnel", operation_id="whole_funnel")
async def whole_funnel(
    caller: NamedDependency[Caller],
    reads: NamedDependency[Reads],
    clock: NamedDependency[Clock],
    since: Since = 0,
    until: Until = None,
    currency: InCurrency = None,
) -> Funnel:
    """The funnel of all shops, for operators; money in one currency."""
    end = _end(until, clock)
    return await reads.long(queries.whole_funnel, account=caller.account, currency=currency, since=since, until=end)


@get("/shops/{shop:str}/sales", operation_id="sales")
async def sales(
    shop: IdParameter,
    caller: NamedDependency[Caller],
    reads: NamedDependency[Reads],
    clock: NamedDependency[Clock],
    cause: ByCause = None,
    since: Since = 0,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Page[Sale]:
    """The sales behind the funnel, newest first, each with the message that led to it."""
    items, last = await reads.long(
        queries.sales,
        shop=shop,
        account=caller.account,
        cause=cause,
        since=since,
        until=_end(until, clock),
        before=position(cursor, Before),
        limit=limit,
    )
    return Page(items, cursor_of(last) if last else None)


@get("/orders/{order:str}/trace", operation_id="trace")
async def trace(order: IdParameter, caller: NamedDependency[Caller], reads: NamedDependency[Reads]) -> Trace:
    """How a sale came about, for the shop's staff and for operators."""
    return await reads.long(tracing.trace, order=order, account=caller.account)


@get("/operator/money", operation_id="money")
async def money(
    caller: NamedDependency[Caller], reads: NamedDependency[Reads], clock: NamedDependency[Clock]
) -> MoneyReport:
    """The sums that must hold, worked out at this moment, for operators."""
    return await reads.long(queries.money, account=caller.account, now=clock())


@get("/operator/health", operation_id="health")
async def get_health(
    caller: NamedDependency[Caller],
    reads: NamedDependency[Reads],
    clock: NamedDependency[Clock],
    node: OfNode = "",
    after: AfterSample = 0,
) -> Health:
    """How the place is doing: states, totals, and the samples that whoever asks again each few seconds has not yet."""
    return await reads.long(health.health, account=caller.account, now=clock(), node=node, after=after)


ROUTES: Final = [touch, shop_funnel, whole_funnel, sales, trace, money, get_health]
