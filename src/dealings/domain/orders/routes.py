"""Cart, orders, product cards and links over HTTP."""

from typing import Annotated

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, QueryParameter
from litestar.status_codes import HTTP_200_OK

from dealings.domain.identity.api import Address, Caller
from dealings.domain.messaging.api import Message
from dealings.domain.orders import actions, carts, model, queries, sharing
from dealings.domain.orders.model import CartLine, Order, OrderState, Wanted
from dealings.kernel.ids import Id
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.inputs import ID_PATTERN, PAGE, Cursor, IdField, IdParameter, Limit, Page

Via = Annotated[
    str, msgspec.Meta(max_length=model.VIA_MOST, description="What led here, such as m:<conversation>:<seq>")
]
Line = Annotated[str, msgspec.Meta(max_length=400)]
"""Loose: the domain says which field is too long, in words."""
Paragraph = Annotated[str, msgspec.Meta(max_length=4_000)]
Quantity = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31)]
InState = Annotated[OrderState | None, QueryParameter(name="state")]  # `state` itself is a name of the framework's
LinkCode = Annotated[str, PathParameter(pattern="^[0-9a-zA-Z]{1,16}$", description="What a shared link ends in")]


class CartInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    quantity: Quantity
    via: Via = "direct"


class WantedInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    variant: IdField
    quantity: Quantity
    via: Via = "direct"


class AddressLines(msgspec.Struct, frozen=True):
    name: Line
    phone: Line
    text: Paragraph


class OrderInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lines: Annotated[list[WantedInput], msgspec.Meta(max_length=2 * model.CART_MOST)]
    address: AddressLines | None = None
    note: Paragraph = ""
    from_cart: bool = False


class ShipmentInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    carrier: Line
    tracking: Line = ""


class RefundInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: Paragraph = ""


class CardInput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`client_id` names the message: sent again, it is the same one."""

    client_id: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    product: IdField
    variant: IdField | None = None


class SharedLink(msgspec.Struct, frozen=True):
    code: str
    link: str


class LinkTarget(msgspec.Struct, frozen=True):
    product: Id
    shared_by: Id


# the cart


@get("/cart", operation_id="cart")
async def cart(caller: NamedDependency[Caller], reads: NamedDependency[Reads]) -> list[CartLine]:
    return await reads(queries.cart, buyer=caller.account)


@put("/cart/{variant:str}", operation_id="put_in_cart")
async def put_in_cart(
    variant: IdParameter, data: JSONBody[CartInput], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> list[CartLine]:
    """So many of a variant, in place of how many there were."""
    return await run(carts.put, buyer=caller.account, variant=variant, quantity=data.quantity, via=data.via)


@delete("/cart/{variant:str}", operation_id="take_out_of_cart", status_code=HTTP_200_OK)
async def take_out_of_cart(
    variant: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> list[CartLine]:
    return await run(carts.remove, buyer=caller.account, variant=variant)


# orders


@post("/orders", operation_id="place_orders")
async def place_orders(
    data: JSONBody[OrderInput], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> list[Order]:
    """Order: one order a shop, all or nothing."""
    return await run(
        actions.place,
        buyer=caller.account,
        lines=[Wanted(line.variant, line.quantity, line.via) for line in data.lines],
        address=Address(data.address.name, data.address.phone, data.address.text) if data.address else None,
        note=data.note,
        from_cart=data.from_cart,
    )


@get("/orders", operation_id="my_orders")
async def my_orders(
    caller: NamedDependency[Caller],
    reads: NamedDependency[Reads],
    in_state: InState = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Page[Order]:
    """One's own orders, newest first."""
    return await reads(queries.purchases, buyer=caller.account, state=in_state, cursor=cursor, limit=limit)


@get("/orders/{order:str}", operation_id="order")
async def order(order: IdParameter, caller: NamedDependency[Caller], reads: NamedDependency[Reads]) -> Order:
    """An order, for its buyer and its shop's staff."""
    return await reads(queries.order, order=order, account=caller.account)


@post("/orders/{order:str}/pay", operation_id="pay_order", status_code=HTTP_200_OK)
async def pay_order(order: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run]) -> Order:
    """Pay from the wallet; the money waits in escrow."""
    return await run(actions.pay, order=order, by=caller.account)


@post("/orders/{order:str}/cancel", operation_id="cancel_order", status_code=HTTP_200_OK)
async def cancel_order(order: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run]) -> Order:
    """Give up an unpaid order."""
    return await run(actions.cancel, order=order, by=caller.account)


@post("/orders/{order:str}/ship", operation_id="ship_order", status_code=HTTP_200_OK)
async def ship_order(
    order: IdParameter, data: JSONBody[ShipmentInput], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Order:
    """Say that a paid order is on its way, as staff."""
    return await run(actions.ship, order=order, by=caller.account, carrier=data.carrier, tracking=data.tracking)


@post("/orders/{order:str}/confirm", operation_id="confirm_order", status_code=HTTP_200_OK)
async def confirm_order(order: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run]) -> Order:
    """Confirm that it has come, as the buyer; the shop is paid at once."""
    return await run(actions.confirm, order=order, by=caller.account)


@post("/orders/{order:str}/refund", operation_id="refund_order", status_code=HTTP_200_OK)
async def refund_order(
    order: IdParameter, data: JSONBody[RefundInput], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Order:
    """Call off a paid order before it is shipped, as either side."""
    return await run(actions.refund, order=order, by=caller.account, reason=data.reason)


@get("/shops/{shop:str}/orders", operation_id="shop_orders")
async def shop_orders(
    shop: IdParameter,
    caller: NamedDependency[Caller],
    reads: NamedDependency[Reads],
    in_state: InState = None,
    buyer: Annotated[Id | None, QueryParameter(pattern=ID_PATTERN)] = None,
    q: Annotated[str | None, QueryParameter(max_length=100)] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> Page[Order]:
    """A shop's orders for its staff, newest first."""
    return await reads(
        queries.sales,
        shop=shop,
        account=caller.account,
        state=in_state,
        buyer=buyer,
        text=q,
        cursor=cursor,
        limit=limit,
    )


# sharing


@post("/conversations/{conversation:str}/products", operation_id="share_product")
async def share_product(
    conversation: IdParameter, data: JSONBody[CardInput], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Message:
    """Drop a product card into a conversation."""
    return await run(
        sharing.share_card,
        conversation=conversation,
        by=caller.account,
        client_id=data.client_id,
        product=data.product,
        variant=data.variant,
    )


@post("/products/{product:str}/links", operation_id="make_link")
async def make_link(
    product: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run], origin: NamedDependency[str]
) -> SharedLink:
    """A link to a product that says who shared it."""
    made = await run(sharing.make_link, product=product, by=caller.account)
    return SharedLink(made.code, f"{origin}/p/{made.code}")


@get("/links/{code:str}", operation_id="link", exclude_from_auth=True)
async def link(code: LinkCode, reads: NamedDependency[Reads]) -> LinkTarget:
    """Where a shared link leads, and who shared it; also for someone who isn't signed in yet."""
    found = await reads(queries.link, code.lower())
    return LinkTarget(found.product, found.shared_by)


ROUTES = [
    cart,
    put_in_cart,
    take_out_of_cart,
    place_orders,
    my_orders,
    order,
    pay_order,
    cancel_order,
    ship_order,
    confirm_order,
    refund_order,
    shop_orders,
    share_product,
    make_link,
    link,
]
