"""Insight over HTTP: the names of the contract, and that wrong input is answered well."""

from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.testing import TestClient

from dealings.domain.identity.api import Caller
from dealings.domain.insight import health, routes
from dealings.domain.insight.model import KINDS
from dealings.edge.web import refusals
from dealings.kernel.clock import SECOND
from dealings.platform.db.lane import Lane
from dealings.platform.db.lanes import InlineLanes
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.telemetry.history import History
from tests.domain.insight.stage import Stage


class Web:
    """A client that can change who it is."""

    def __init__(self, client: TestClient[Litestar], stage: Stage) -> None:
        self.client, self.stage, self.account = client, stage, stage.market.wang

    def get(self, path: str, *, account: str = "") -> Any:
        self.account = account or self.stage.market.wang
        response = self.client.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    def refused(self, method: str, path: str, **how: Any) -> tuple[int, str]:
        response = self.client.request(method, path, **how)
        return response.status_code, response.json()["code"]

    def touch(self, *touches: dict[str, str]) -> int:
        self.account = self.stage.market.mei
        return self.client.post("/touches", json={"touches": touches}).status_code


@pytest.fixture
def web(stage: Stage) -> Iterator[Web]:
    world = stage.world
    lane, reads = Lane(world.store, clock=world.clock, rng=world.rng), Reads(world.store)
    run = Run(InlineLanes(lane))
    asking: list[Web] = []
    given: dict[str, Any] = {
        "caller": lambda: Caller(asking[0].account, "session"),
        "run": lambda: run,
        "reads": lambda: reads,
        "clock": lambda: world.clock,
    }
    app = Litestar(
        list(routes.ROUTES),
        dependencies={name: Provide(value, sync_to_thread=False) for name, value in given.items()},
        exception_handlers=refusals.HANDLERS,
    )
    with TestClient(app) as connection:
        asking.append(Web(connection, stage))
        yield asking[0]
    reads.close()
    lane.close()


def test_touches_are_noted(web: Web) -> None:
    tea = web.stage.market.tea
    touches = [{"step": step, "product": tea, "via": "search"} for step in ("seen", "opened")]
    assert web.touch(*touches) == web.touch(*touches) == web.touch() == 204
    assert web.stage.row("search").counts == [1, 1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    "touch",
    [
        {"step": "paid", "product": "0" * 16, "via": "search"},
        {"step": "seen", "product": "../etc", "via": "search"},
        {"step": "seen", "product": "0" * 17, "via": "search"},
        {"step": "seen", "product": "0" * 16, "via": "x" * 81},
        {"step": "seen", "product": "0" * 16, "via": None},
        {"step": "seen", "product": "0" * 16, "cause": "search"},
        {"step": "seen"},
        "seen",
    ],
)
def test_touches_of_the_wrong_shape_are_refused_whole(web: Web, touch: Any) -> None:
    good = {"step": "seen", "product": web.stage.market.tea, "via": "search"}
    assert web.refused("POST", "/touches", json={"touches": [good, touch]}) == (422, "bad_request")
    assert web.stage.funnel().total.counts[0] == 0


@pytest.mark.parametrize(
    "via",
    [
        "",
        "m:",
        "m:a",
        "m:a:b:c",
        "m:a:99999999999999999999",
        "shop:",
        "link:",
        "👻",
        "\0",
        "m:\0:1",
        "link:\0",
        "shop:\0",
        "مرحبا",
    ],
)
def test_any_via_is_taken_and_what_makes_no_sense_is_direct(web: Web, via: str) -> None:
    assert web.touch({"step": "seen", "product": web.stage.market.tea, "via": via}) == 204
    assert web.stage.row("direct").counts[0] == 1


def test_more_touches_than_fit_a_request_are_refused(web: Web) -> None:
    touch = {"step": "seen", "product": web.stage.market.tea, "via": "search"}
    assert web.touch(*[touch] * 50) == 204
    assert web.refused("POST", "/touches", json={"touches": [touch] * 51}) == (422, "bad_request")


def test_a_funnel_has_the_names_of_the_contract(web: Web) -> None:
    web.stage.market.paid(via="search")
    web.stage.world.react()
    funnel = web.get(f"/shops/{web.stage.market.shop}/funnel")
    assert funnel["from"] == 0
    assert funnel["to"] == web.stage.world.clock() + 1
    assert funnel["steps"] == ["seen", "opened", "asked", "ordered", "paid", "confirmed"]
    money = {"amount": 1250, "currency": "CNY"}
    none = {"amount": 0, "currency": "CNY"}
    row = {"counts": [0, 0, 0, 1, 1, 0], "paid": money, "confirmed": none, "refunded": none}
    rates = {"rates": [0.0, 0.0, 0.0, 1.0, 0.0]}
    assert funnel["total"] == {"cause": None, **row, **rates}
    assert funnel["by_cause"][3] == {"cause": "search", **row, **rates}
    assert [each["cause"] for each in funnel["by_cause"]] == list(KINDS)
    assert funnel["checked"] == {"paid": money, "ledger": money, "equal": True, "behind": 0}


def test_a_period_is_asked_for_in_words_of_the_contract(web: Web) -> None:
    shop = web.stage.market.shop
    funnel = web.get(f"/shops/{shop}/funnel?from=5&to=9")
    assert (funnel["from"], funnel["to"]) == (5, 9)
    assert web.refused("GET", f"/shops/{shop}/funnel?from=9&to=5") == (422, "insight.bad_period")
    for bad in ("from=-1", "from=yesterday", f"to={2**60}"):
        assert web.refused("GET", f"/shops/{shop}/funnel?{bad}")[0] == 422


def test_sales_page_by_page(web: Web) -> None:
    orders = [web.stage.market.paid(via="search").id for _ in range(3)]
    web.stage.market.paid()
    web.stage.world.react()
    path = f"/shops/{web.stage.market.shop}/sales?cause=search&limit=2"
    first = web.get(path)
    second = web.get(f"{path}&cursor={first['next']}")
    assert sorted(sale["order"] for sale in first["items"] + second["items"]) == sorted(orders)
    assert second["next"] is None
    assert set(first["items"][0]) == set("order number buyer state total cause at message".split())
    assert web.refused("GET", f"{path}&cursor=nonsense") == (422, "bad_cursor")
    assert web.refused("GET", f"{path[:-1]}0") == (422, "bad_request")


def test_a_trace_has_the_names_of_the_contract(web: Web) -> None:
    order = web.stage.market.paid(via="search")
    web.stage.world.react()
    trace = web.get(f"/orders/{order.id}/trace")
    assert trace["order"]["id"] == order.id
    assert set(trace["steps"][0]) == set("at what who text conversation seq".split())
    assert web.refused("GET", "/orders/nothere/trace") == (404, "orders.no_such_order")


def test_the_operators_pages(web: Web) -> None:
    web.stage.market.paid()
    web.stage.world.react()
    otto = web.stage.otto
    report = web.get("/operator/money", account=otto)
    assert report["checked_at"] == web.stage.world.clock()
    assert set(report["equations"][0]) == set("code currency left right holds".split())
    assert web.get("/operator/funnel?currency=CNY", account=otto)["total"]["paid"]["amount"] == 1250
    health = web.get("/operator/health", account=otto)
    assert health["store"]["kind"] == web.stage.world.store.dialect
    assert health["consumers"]["insight"] == 0
    web.account = web.stage.market.wang
    for page in ("money", "funnel", "health"):
        assert web.refused("GET", f"/operator/{page}") == (403, "identity.not_operator")


def test_health_tells_only_the_samples_that_are_not_known_yet(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = History()
    kept.node = "n1"
    for second in range(4):
        kept.take(second * SECOND)
    monkeypatch.setattr(health, "HISTORY", kept)

    def known(query: str) -> list[int]:
        told = web.get(f"/operator/health{query}", account=web.stage.otto)
        assert told["node"] == "n1"
        assert {vital["code"] for vital in told["vitals"]} > {"store", "lanes", "disk", "backup"}
        assert [each["node"] for each in told["nodes"]] == ["n1"]
        return [sample["at"] for sample in told["series"]["seconds"]]

    assert known("") == [1_000, 2_000, 3_000]
    assert known("?node=n1&after=2000") == [3_000]
    assert known("?node=another&after=2000") == [1_000, 2_000, 3_000]
    assert web.refused("GET", "/operator/health?after=-1")[0] == 422
    assert web.refused("GET", "/operator/health?node=../x")[0] == 422
