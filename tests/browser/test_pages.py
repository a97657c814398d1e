"""Every page of both apps, over the sample data: it opens, fits, speaks both languages and can be read by everyone."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from dealings.samples.content import PASSWORD
from tests.browser.places import Caller, Place
from tests.browser.windows import Kind, Window, window

pytestmark = pytest.mark.browser

LAYOUT = Path(__file__).with_name("layout.js").read_text()
AXE = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SIDEWAYS = ".van-swipe, .van-image-preview, section.sheet, div.sheet:has(> table), fieldset.chips, fieldset.filters, fieldset.categories, ul.goods, nav.rail"
"""What is made to be pushed sideways: pictures, wide tables, rows of chips."""
LARGE = "document.documentElement.style.fontSize = '200%'"
USUAL = "document.documentElement.style.fontSize = ''"


@dataclass(frozen=True)
class Look:
    kind: Kind
    language: str
    dark: bool

    def __str__(self) -> str:
        return f"{self.kind}-{self.language}-{'dark' if self.dark else 'light'}"


LOOKS = (
    Look("phone", "zh-CN", dark=False),
    Look("phone", "en", dark=True),
    Look("desk", "en", dark=False),
    Look("desk", "zh-CN", dark=True),
)
"""Every pair of width, language and theme."""

looks = pytest.mark.parametrize("look", LOOKS, ids=str)


@pytest.fixture(scope="module")
def app_paths(demo: Place) -> list[str]:
    mei = demo.caller("mei", PASSWORD)
    conversations = {one["kind"]: one["id"] for one in mei.get("/conversations")}
    friend = next(one for one in mei.get("/contacts") if one["state"] == "accepted")["person"]["id"]
    order = mei.get("/orders")["items"][0]
    product = order["lines"][0]["product"]
    return [
        *("/chats", "/find", "/wallet", "/me", "/contacts", "/contacts/new", "/groups/new", "/cart", "/orders"),
        *("/me/profile", "/me/card", "/me/address", "/me/sessions", "/me/password", "/nowhere"),
        *(f"/c/{each}" for each in conversations.values()),
        *(f"/c/{conversations['group']}/{each}" for each in ("info", "add", "members")),
        *(
            f"/c/{conversations['group']}/info?sheet={each}&of={conversations['group']}"
            for each in ("notice", "invite")
        ),
        *("/channels/new", f"/channels/{conversations['channel']}", f"/c/{conversations['channel']}/info"),
        f"/people/{friend}",
        f"/shops/{order['shop']['id']}",
        f"/products/{product}",
        f"/orders/{order['id']}",
        *(f"/c/{conversations['shop']}?sheet={each}" for each in ("cart", "topup", "checkout")),
        f"/c/{conversations['shop']}?sheet=product&of={product}&via=direct",
        f"/c/{conversations['shop']}?sheet=share&of={product}&via=direct",
        f"/c/{conversations['shop']}?sheet=order&of={order['id']}",
    ]


@pytest.fixture(scope="module")
def desk_paths(demo: Place) -> list[str]:
    keeper = demo.caller("shennan", PASSWORD)
    shop = keeper.me["shops"][0]["shop"]
    thread = keeper.get(f"/shops/{shop['id']}/inbox")["items"][0]["id"]
    product = keeper.get(f"/shops/{shop['id']}/products")["items"][0]["id"]
    order = keeper.get(f"/shops/{shop['id']}/orders")["items"][0]["id"]
    home = f"/desk/s/{shop['handle']}"
    pages = ("inbox", "orders", "products", "products/new", "products/import", "insight?span=quarter", "money")
    return [
        *(f"{home}/{page}" for page in pages),
        f"{home}/inbox/{thread}",
        f"{home}/products/{product}",
        f"{home}/orders?order={order}",
        *("/desk/settings", "/desk/new-shop", "/desk/nowhere"),
    ]


OPERATORS = ["/desk/operator/money", "/desk/operator/insight", "/desk/operator/health", "/desk/settings"]
OUTSIDE = ["/sign-in", "/sign-up", "/join/abcdefgh12345678abcdefgh", "/desk/sign-in"]


def person(chromium: Browser, demo: Place, handle: str, look: Look) -> Window:
    token = demo.caller(handle, PASSWORD).token if handle else ""
    return window(chromium, demo.url, look.kind, language=look.language, dark=look.dark, token=token)


def visits(one: Window, paths: list[str]) -> Iterator[str]:
    """Each page in turn, the first by its address, the others as the app itself goes there."""
    one.open(paths[0])
    one.calm()
    yield paths[0]
    for path in paths[1:]:
        one.go(path)
        yield path


@looks
def test_every_page_of_the_app_opens_and_fits(look: Look, chromium: Browser, demo: Place, app_paths: list[str]) -> None:
    mei = person(chromium, demo, "mei", look)
    check_all(mei, app_paths, look)


@looks
def test_every_page_of_the_desk_opens_and_fits(
    look: Look, chromium: Browser, demo: Place, desk_paths: list[str]
) -> None:
    check_all(person(chromium, demo, "shennan", look), desk_paths, look)
    check_all(person(chromium, demo, "jiangping", look), OPERATORS, look)


@looks
def test_the_doors_open_and_fit(look: Look, chromium: Browser, demo: Place) -> None:
    visitor = person(chromium, demo, "", look)
    for path in OUTSIDE:
        check_all(visitor, [path], look)


def check_all(one: Window, paths: list[str], look: Look) -> None:
    bad = [f"{path}: {fault}" for path in visits(one, paths) for fault in faults_of(one, look)]
    assert not bad, "\n".join(["", *bad])
    assert one.trouble == []


def faults_of(one: Window, look: Look) -> list[str]:
    found = list(one.page.evaluate(LAYOUT, SIDEWAYS))
    one.page.evaluate(LARGE)
    found += [f"at 200 %: {each}" for each in one.page.evaluate(LAYOUT, SIDEWAYS)]
    one.page.evaluate(USUAL)
    language = one.page.evaluate("document.documentElement.lang")
    return found + ([] if language == look.language else [f"speaks {language}"])


READ = ("/chats", "/find", "/wallet", "/me", "/orders", "/c/", "/products/", "/shops/", "/orders/", "/contacts")


@pytest.mark.parametrize("look", [LOOKS[0], LOOKS[3]], ids=str)
def test_the_app_can_be_read_by_everyone(look: Look, chromium: Browser, demo: Place, app_paths: list[str]) -> None:
    main = [path for path in app_paths if path.startswith(READ)]
    check_barriers(person(chromium, demo, "mei", look), main)


@pytest.mark.parametrize("look", LOOKS[2:], ids=str)
def test_the_desk_can_be_read_by_everyone(look: Look, chromium: Browser, demo: Place, desk_paths: list[str]) -> None:
    check_barriers(person(chromium, demo, "shennan", look), desk_paths)
    check_barriers(person(chromium, demo, "jiangping", look), OPERATORS)


@pytest.mark.parametrize("look", LOOKS[:2], ids=str)
def test_the_doors_can_be_read_by_everyone(look: Look, chromium: Browser, demo: Place) -> None:
    visitor = person(chromium, demo, "", look)
    for path in OUTSIDE:
        check_barriers(visitor, [path])


def check_barriers(one: Window, paths: list[str]) -> None:
    """Nothing that axe calls serious or critical."""
    found = [f"{path}: {barrier}" for path in visits(one, paths) for barrier in barriers(one)]
    assert not found, "\n".join(["", *found])


def barriers(one: Window) -> list[str]:
    one.page.evaluate(AXE.read_text())
    result = one.page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [_told(each) for each in result["violations"] if each["impact"] in ("serious", "critical")]


def _told(violation: Any) -> str:
    nodes = "; ".join(f"{node['target']} {node['failureSummary'][-160:]}" for node in violation["nodes"][:3])
    return f"{violation['id']}: {violation['help']}: {nodes}"


def test_a_long_last_line_leaves_the_time_on_the_screen(chromium: Browser, demo: Place) -> None:
    mei, arun = demo.caller("mei", PASSWORD), demo.caller("arun", PASSWORD)
    opened = mei.post("/conversations", json={"kind": "direct", "account": arun.me["id"]})
    _write(arun, opened["id"], "https://example.com/" + "a" * 600)
    phone = person(chromium, demo, "mei", LOOKS[0])
    phone.open("/chats")
    row = phone.see(f"chat-{opened['id']}")
    expect(row).to_contain_text("aaaa")
    right = row.locator("time").evaluate("it => it.getBoundingClientRect().right")
    assert right <= 390
    assert phone.page.evaluate(LAYOUT, SIDEWAYS) == []


def _write(who: Caller, conversation: str, text: str) -> None:
    body = {"kind": "text", "text": text, "quote": None, "product": None}
    who.post(f"/conversations/{conversation}/messages", json={"client_id": "a-long-line", "body": body})
