"""Cart, orders, wallet and sharing over HTTP: the loop as a client plays it, and bad input answered well."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.testing import TestClient

from dealings.domain.identity.api import Caller
from dealings.domain.orders import routes
from dealings.domain.wallet import routes as wallet_routes
from dealings.edge.web import refusals
from dealings.kernel.ids import Id
from dealings.platform.db.lane import Lane
from dealings.platform.db.lanes import InlineLanes
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from tests.domain.orders.market import Market


class Web:
    """A client that can change who it is."""

    def __init__(self, client: TestClient[Litestar], market: Market) -> None:
        self.client, self.market, self.account = client, market, market.mei

    def ask(self, method: str, path: str, body: object = None, *, by: Id | None = None) -> Any:
        self.account = by or self.market.mei
        response = self.client.request(method, path, json=body)
        assert response.status_code < 300, response.text
        return response.json()

    def refused(self, method: str, path: str, body: object = None, *, by: Id | None = None) -> tuple[int, str]:
        self.account = by or self.market.mei
        response = self.client.request(method, path, json=body)
        return response.status_code, response.json()["code"]

    def order(self, quantity: int = 1, via: str = "direct") -> Any:
        lines = [{"variant": self.market.leaf, "quantity": quantity, "via": via}]
        (placed,) = self.ask("POST", "/orders", {"lines": lines, "address": None, "note": "", "from_cart": False})
        return placed


def provide(value: Callable[[], Any]) -> Provide:
    return Provide(lambda: value(), sync_to_thread=False)


@pytest.fixture
def web(market: Market) -> Iterator[Web]:
    world = market.world
    reads = Reads(world.store)
    run = Run(InlineLanes(Lane(world.store, clock=world.clock, rng=world.rng)))
    constants = {"run": run, "reads": reads, "origin": "https://deal.example"}
    dependencies = {name: provide(partial(lambda it: it, it)) for name, it in constants.items()}
    dependencies["caller"] = provide(lambda: Caller(made.account, "session"))
    handlers = [*routes.ROUTES, *wallet_routes.ROUTES]
    app = Litestar(handlers, dependencies=dependencies, exception_handlers=refusals.HANDLERS)
    with TestClient(app) as client:
        made = Web(client, market)
        yield made
    reads.close()


ORDER_FIELDS = set(
    "id number buyer shop state lines total address note shipment conversation cause placed_at pay_by paid_at shipped_at "
    "confirm_by received_at settled_at closed_at refunded_at changed_at actions".split()
)


def test_the_loop_from_card_to_settlement(web: Web) -> None:
    market = web.market
    card = {"client_id": market.world.uuid(), "product": market.tea}
    message = web.ask("POST", f"/conversations/{market.thread()}/products", card, by=market.wang)
    via = f"m:{message['conversation']}:{message['seq']}"
    lines = web.ask("PUT", f"/cart/{market.leaf}", {"quantity": 2, "via": via})
    assert [(line["quantity"], line["price"], line["via"]) for line in lines] == [
        (2, {"amount": 1250, "currency": "CNY"}, via)
    ]
    address = {"name": "Mei", "phone": "1", "text": "x"}
    wanted = [{"variant": market.leaf, "quantity": 2, "via": via}]
    (order,) = web.ask("POST", "/orders", {"lines": wanted, "address": address, "note": "", "from_cart": True})
    assert set(order) == ORDER_FIELDS
    assert order["cause"] == {
        "kind": "shop_chat",
        "conversation": message["conversation"],
        "seq": message["seq"],
        "link": None,
        "shared_by": market.wang,
    }
    assert (order["actions"], order["address"], web.ask("GET", "/cart")) == (["pay", "cancel"], address, [])
    path = f"/orders/{order['id']}"
    assert web.ask("POST", f"{path}/pay")["state"] == "paid"
    assert web.ask("GET", "/wallet") == {
        "balances": [{"currency": "CNY", "available": 975_00, "held": 25_00}],
        "sandbox": True,
    }
    shipped = web.ask("POST", f"{path}/ship", {"carrier": "SF", "tracking": "1"}, by=market.wang)
    assert (shipped["shipment"], shipped["actions"]) == ({"carrier": "SF", "tracking": "1"}, [])
    assert web.ask("POST", f"{path}/confirm")["state"] == "settled"
    assert web.ask("GET", path) == web.ask("GET", "/orders?state=settled")["items"][0]
    earned = web.ask("GET", f"/shops/{market.shop}/wallet", by=market.lin)
    assert earned["balances"] == [{"currency": "CNY", "available": 25_00, "held": 0}]
    entry = web.ask("GET", f"/shops/{market.shop}/statement", by=market.lin)["items"][0]
    assert (entry["reason"], entry["counterparty"], entry["cause"]["seq"]) == ("settlement", "Mei", message["seq"])


def test_cancel_and_refund(web: Web) -> None:
    cancelled = web.ask("POST", f"/orders/{web.order()['id']}/cancel")
    assert (cancelled["state"], cancelled["actions"]) == ("closed", [])
    order = web.order()
    web.ask("POST", f"/orders/{order['id']}/pay")
    assert web.ask("POST", f"/orders/{order['id']}/refund", {"reason": "不要了"})["state"] == "refunded"
    found = web.ask("GET", f"/shops/{web.market.shop}/orders?q={order['number']}", by=web.market.wang)
    assert [(o["id"], o["state"]) for o in found["items"]] == [(order["id"], "refunded")]


def test_lists_go_on_where_they_ended(web: Web) -> None:
    placed = []
    for _ in range(3):
        placed.append(web.order()["id"])
        web.market.world.clock.advance(1)
    first = web.ask("GET", "/orders?limit=2")
    rest = web.ask("GET", f"/orders?limit=2&cursor={first['next']}")
    assert [o["id"] for o in first["items"] + rest["items"]] == placed[::-1]
    assert rest["next"] is None
    for amount in (1, 2, 3):
        web.ask("POST", "/wallet/topups", {"amount": amount, "currency": "CNY"})
    page = web.ask("GET", "/wallet/statement?limit=3")
    assert [entry["amount"]["amount"] for entry in page["items"]] == [3, 2, 1]
    page = web.ask("GET", f"/wallet/statement?limit=3&cursor={page['next']}")
    assert [entry["balance"]["amount"] for entry in page["items"]] == [1_000_00]


def test_a_link_leads_to_the_product(web: Web) -> None:
    made = web.ask("POST", f"/products/{web.market.tea}/links")
    assert made["link"] == f"https://deal.example/p/{made['code']}"
    assert web.ask("GET", f"/links/{made['code'].upper()}") == {
        "product": web.market.tea,
        "shared_by": web.market.mei,
    }


def test_P7_others_are_turned_away(web: Web) -> None:
    order, stranger = web.order(), web.market.sign_up("stranger")
    path, shop = f"/orders/{order['id']}", web.market.shop
    assert web.refused("GET", path, by=stranger) == (404, "orders.no_such_order")
    assert web.refused("POST", f"{path}/pay", by=stranger) == (404, "orders.no_such_order")
    assert web.refused("POST", f"{path}/pay", by=web.market.wang) == (403, "orders.not_yours")
    assert web.refused("GET", f"/shops/{shop}/orders", by=stranger) == (403, "identity.not_staff")
    assert web.refused("GET", f"/shops/{shop}/wallet", by=web.market.wang) == (403, "identity.not_owner")


LINE = {"variant": "0", "quantity": 1, "via": "direct"}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/orders", {"lines": []}),
        ("POST", "/orders", {"lines": [LINE | {"quantity": 0}]}),
        ("POST", "/orders", {"lines": [LINE | {"quantity": -1}]}),
        ("POST", "/orders", {"lines": [LINE | {"quantity": 10**30}]}),
        ("POST", "/orders", {"lines": [LINE | {"quantity": 1.5}]}),
        ("POST", "/orders", {"lines": [LINE], "note": "x" * 5_000_000}),
        ("POST", "/orders", {"lines": [LINE], "note": "🍵" * 201}),
        ("POST", "/orders", {"lines": [LINE], "address": {"name": "", "phone": "1", "text": "x"}}),
        ("POST", "/orders", {"lines": [LINE | {"via": "x" * 81}]}),
        ("POST", "/orders", {"lines": [LINE] * 1000}),
        ("POST", "/orders", {"rubbish": 1}),
        ("PUT", "/cart/0", {"quantity": 1000}),
        ("POST", "/wallet/topups", {"amount": -5, "currency": "CNY"}),
        ("POST", "/wallet/topups", {"amount": 5, "currency": "مال"}),
        ("POST", "/wallet/topups", {"amount": 10**40, "currency": "CNY"}),
        ("GET", "/wallet/statement?limit=0", None),
        ("GET", "/wallet/statement?cursor=رررر", None),
        ("GET", "/orders?state=lost", None),
    ],
)
def test_bad_input_is_answered_with_a_code_and_changes_nothing(web: Web, method: str, path: str, body: object) -> None:
    status, code = web.refused(method, path, body)
    assert 400 <= status < 500
    assert code
    assert web.ask("GET", "/orders")["items"] == []
    assert web.ask("GET", "/wallet")["balances"][0]["available"] == 1_000_00


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/orders/0000000000000000", "orders.no_such_order"),
        ("GET", "/links/nothing", "orders.no_such_link"),
        ("POST", "/products/0000000000000000/links", "catalogue.no_such_product"),
    ],
)
def test_what_is_not_there_is_said_so(web: Web, method: str, path: str, code: str) -> None:
    assert web.refused(method, path) == (404, code)
