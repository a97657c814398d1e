"""The catalogue over HTTP: what is sent and answered, and that bad input is answered well."""

import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.testing import TestClient
from PIL import Image

from dealings.domain.catalogue import routes
from dealings.domain.identity.api import Caller
from dealings.edge.web import refusals
from dealings.platform.db.lane import Lane
from dealings.platform.db.lanes import InlineLanes
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.files import routes as file_routes
from dealings.platform.files.store import FolderFiles
from tests.domain.catalogue.conftest import Shop

CSV = b"Handle,Title,Option1 Name,Option1 Value,Variant Inventory Qty,Variant Price\ntea,Tea,Size,S,3,9\n"
TEA: dict[str, Any] = {
    "title": "龙井",
    "options": ["规格"],
    "variants": [{"options": ["50 克"], "price": 100, "on_hand": 4}],
}


class Web:
    """A client that can change who it is."""

    def __init__(self, client: TestClient[Litestar], shop: Shop) -> None:
        self.client, self.shop, self.account = client, shop, shop.clerk

    def ask(self, method: str, path: str, **how: Any) -> Any:
        response = self.client.request(method, path, **how)
        assert response.status_code < 300, response.text
        return response.json() if response.content else None

    def refused(self, method: str, path: str, **how: Any) -> tuple[int, str]:
        response = self.client.request(method, path, **how)
        return response.status_code, response.json()["code"]

    def add(self, **changes: Any) -> Any:
        return self.ask("POST", f"/shops/{self.shop.id}/products", json=TEA | changes)


def provide(value: Callable[[], Any]) -> Provide:
    return Provide(lambda: value(), sync_to_thread=False)


@pytest.fixture
def web(shop: Shop, tmp_path: Path) -> Iterator[Web]:
    world = shop.world
    reads = Reads(world.store)
    run = Run(InlineLanes(Lane(world.store, clock=world.clock, rng=world.rng)))
    constants = {"run": run, "reads": reads, "files": FolderFiles(tmp_path / "files")}
    dependencies = {name: provide(partial(lambda it: it, it)) for name, it in constants.items()}
    dependencies["caller"] = provide(lambda: Caller(made.account, "session"))
    app = Litestar(
        [*routes.ROUTES, *file_routes.ROUTES], dependencies=dependencies, exception_handlers=refusals.HANDLERS
    )
    with TestClient(app) as client:
        made = Web(client, shop)
        yield made
    reads.close()


def picture() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (300, 200), "red").save(written, "PNG")
    return written.getvalue()


def test_a_product_is_made_read_changed_and_listed(web: Web) -> None:
    made = web.add(html="<b>好</b><script>x</script>")
    assert web.ask("GET", f"/products/{made['id']}") == made
    assert made["html"] == "<b>好</b>"
    assert made["price"] == {"amount": 100, "currency": "CNY"}
    assert made["variants"][0] == {
        "id": made["variants"][0]["id"],
        "sku": "",
        "options": ["50 克"],
        "price": {"amount": 100, "currency": "CNY"},
        "compare_at": None,
        "on_hand": 4,
        "available": 4,
        "picture": None,
    }
    changed = web.ask("PUT", f"/products/{made['id']}", json=TEA | {"title": "普洱"})
    assert (changed["title"], changed["handle"]) == ("普洱", "龙井")
    page = web.ask("GET", f"/shops/{web.shop.id}/products?limit=1")
    assert page["next"] is None
    assert page["items"] == [
        {
            "id": made["id"],
            "shop": {"id": web.shop.id, "handle": "shannan", "name": "山南茶坊"},
            "title": "普洱",
            "picture": None,
            "price": {"amount": 100, "currency": "CNY"},
            "price_max": None,
            "available": 4,
            "state": "active",
        }
    ]


def test_a_variant_is_patched(web: Web) -> None:
    id = web.add()["variants"][0]["id"]
    assert web.ask("PATCH", f"/variants/{id}", json={"on_hand": 9})["available"] == 9
    assert web.ask("PATCH", f"/variants/{id}", json={"price": 5})["price"]["amount"] == 5
    assert web.refused("PATCH", f"/variants/{id}", json={"price": -1})[0] in (400, 422)
    assert web.refused("PATCH", "/variants/nosuch", json={}) == (404, "catalogue.no_such_variant")


def test_a_picture_is_uploaded_served_and_removed(web: Web) -> None:
    id = web.add()["id"]
    form = {"files": {"file": ("x.png", picture(), "image/png")}, "data": {"alt": "茶"}}
    added = web.ask("POST", f"/products/{id}/pictures", **form)
    assert added["alt"] == "茶"
    assert web.ask("GET", f"/products/{id}")["pictures"] == [added]
    served = web.client.get(added["url"].removeprefix("/api/v1"), params={"w": 160})
    assert (served.status_code, served.headers["content-type"]) == (200, "image/webp")
    web.ask("DELETE", f"/products/{id}/pictures/{added['id']}")
    assert web.ask("GET", f"/products/{id}")["pictures"] == []


def test_what_is_no_picture_is_refused(web: Web) -> None:
    id = web.add()["id"]
    assert web.refused("POST", f"/products/{id}/pictures", files={"file": ("x.png", b"x")}) == (
        422,
        "picture.unreadable",
    )
    assert web.refused("POST", f"/products/{id}/pictures", data={"alt": "x"})[0] in (400, 422)
    large = b"\0" * (12 * 1024 * 1024 + 1)
    assert web.refused("POST", f"/products/{id}/pictures", files={"file": ("x", large)}) == (422, "picture.too_large")


def test_a_file_is_imported(web: Web) -> None:
    path = f"/shops/{web.shop.id}/imports"
    upload = {"file": ("products.csv", CSV, "text/csv")}
    counted = {"products": 1, "variants": 1, "stock": 3, "updated": 0, "errors": []}
    planned = web.ask("POST", f"{path}?dry_run=true", files=upload)
    assert planned == counted | {"written": False, "created": 1, "unchanged": 0}
    assert web.ask("POST", path, files=upload) == counted | {"written": True, "created": 1, "unchanged": 0}
    assert web.ask("POST", path, files=upload) == counted | {"written": True, "created": 0, "unchanged": 1}


def test_bad_lines_are_told_in_the_readers_language(web: Web) -> None:
    path = f"/shops/{web.shop.id}/imports"
    upload = {"file": ("products.csv", CSV + b"pot,Pot,,,1,free\n")}
    report = web.ask("POST", path, files=upload, headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert (report["written"], [(e["line"], e["code"]) for e in report["errors"]]) == (False, [(3, "bad_price")])
    assert "不是" in report["errors"][0]["message"]
    assert web.ask("POST", f"{path}?skip_bad=true", files=upload)["written"] is True


def test_a_large_file_is_imported_from_disk(web: Web) -> None:
    """Uploads over a megabyte are spooled to a file before they are read."""
    body = "x" * 60_000
    lines = b"".join(f"tea{n},Tea,,,1,9,{body}\n".encode() for n in range(60))
    header = CSV.splitlines()[0] + b",Body (HTML)\n"
    assert web.ask("POST", f"/shops/{web.shop.id}/imports", files={"file": ("p.csv", header + lines)})["created"] == 60


def test_search_answers_three_kinds(web: Web) -> None:
    made = web.add(title="狮峰明前西湖龙井茶叶250克")
    found = web.ask("GET", "/search", params={"q": "龙井"})
    assert [each["id"] for each in found["products"]] == [made["id"]]
    assert web.ask("GET", "/search", params={"q": "山南", "kind": "shops"})["shops"][0]["id"] == web.shop.id
    for nasty in ("", "\0", '"', "龙" * 3_000, "🍵", "%"):
        assert web.ask("GET", "/search", params={"q": nasty})["products"] == []
    assert web.client.get("/search?q=%ff%ed%a0%bc").status_code == 200


def test_categories_lead_to_products(web: Web) -> None:
    made = web.add(type="茶/绿茶 & 花茶")
    assert web.ask("GET", "/categories") == [{"name": "茶/绿茶 & 花茶", "count": 1}]
    found = web.ask("GET", "/products", params={"category": "茶/绿茶 & 花茶"})
    assert [each["id"] for each in found["items"]] == [made["id"]]
    assert web.client.get("/products").status_code in (400, 422)


def test_P7_strangers_are_refused_before_any_work(web: Web) -> None:
    made = web.add(state="hidden")
    web.account = web.shop.buyer
    shop, id = web.shop.id, made["id"]
    assert web.refused("GET", f"/products/{id}") == (404, "catalogue.no_such_product")
    asked: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", f"/shops/{shop}/products", {"json": TEA}),
        ("PUT", f"/products/{id}", {"json": TEA}),
        ("PATCH", f"/variants/{made['variants'][0]['id']}", {"json": {"price": 1}}),
        ("POST", f"/products/{id}/pictures", {"files": {"file": ("x.png", b"no picture")}}),
        ("DELETE", f"/products/{id}/pictures/x", {}),
        ("POST", f"/shops/{shop}/imports", {"files": {"file": ("x.csv", CSV)}}),
        ("GET", f"/shops/{shop}/products?state=hidden", {}),
    ]
    for method, path, how in asked:
        assert web.refused(method, path, **how) == (403, "identity.not_staff"), path


WRONG: list[dict[str, Any]] = [
    {"title": ""},
    {"title": "x" * 256},
    {"title": None},
    {"state": "gone"},
    {"variants": []},
    {"variants": [{"options": ["a"], "price": -1}]},
    {"variants": [{"options": ["a"], "price": 10**15}]},
    {"variants": [{"options": ["a"], "price": 1.5}]},
    {"variants": [{"options": ["a"], "price": 1, "on_hand": -1}]},
    {"variants": [{"options": ["a", "b"], "price": 1}]},
    {"variants": [{"options": ["a"] * 4, "price": 1}]},
    {"options": ["a", "b", "c", "d"]},
    {"tags": ["x"] * 251},
    {"html": "x" * 70_000},
]


def test_wrong_input_is_answered_with_a_reason_and_changes_nothing(web: Web) -> None:
    for wrong in WRONG:
        status, code = web.refused("POST", f"/shops/{web.shop.id}/products", json=TEA | wrong)
        assert status in (400, 422), wrong
        assert code
    assert web.ask("GET", f"/shops/{web.shop.id}/products")["items"] == []


def test_any_title_is_kept(web: Web) -> None:
    for title in ["🍵", "شاي أخضر", "a\0b", "<b>x</b>", "'; DROP TABLE products; --", "x" * 255]:
        made = web.add(title=title)
        assert made["title"] == title.replace("\0", "")
        assert web.ask("GET", f"/products/{made['id']}")["title"] == made["title"]


def test_pages_refuse_what_makes_no_sense(web: Web) -> None:
    for query in ["limit=0", "limit=101", "limit=x", "cursor=!!", "state=gone"]:
        assert web.refused("GET", f"/shops/{web.shop.id}/products?{query}")[0] in (400, 422), query
