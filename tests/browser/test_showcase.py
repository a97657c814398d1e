"""The sample shops and people as a visitor of the project sees them: pictures for the documents, taken when asked for.

Without DEALINGS_SCREENSHOTS=1 the same places are only visited, so that the pictures can be taken any day.
"""

import re

import pytest
from playwright.sync_api import Browser, expect

from dealings.samples.content import PASSWORD
from tests.browser.places import Place
from tests.browser.windows import Kind, Window, window

pytestmark = pytest.mark.browser

SHOP = "山南茶坊"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_app_on_a_phone(dark: bool, chromium: Browser, demo: Place) -> None:
    mei = _member(chromium, demo, "phone", dark=dark)
    mei.open("/chats")
    expect(mei.see("chats").get_by_role("link").nth(5)).to_be_visible()
    mei.picture("chats")
    mei.see("chats").get_by_text(SHOP).first.tap()
    expect(mei.see("order-card").last).to_be_visible()
    mei.picture("conversation")
    for path, name in (("/find", "find"), ("/wallet", "wallet"), ("/me", "me"), ("/orders", "orders")):
        mei.go(path)
        mei.picture(name)
    mei.go("/find")
    _open_tea(mei)
    mei.picture("product-sheet")
    assert mei.trouble == []


def _open_tea(mei: Window) -> None:
    mei.page.get_by_test_id("shop-row").filter(has_text=SHOP).tap()
    mei.page.get_by_test_id("product-tile").filter(has_text="龙井").first.tap()
    expect(mei.page.get_by_test_id("buy")).to_be_visible()
    mei.calm()


def test_paying_on_a_phone(chromium: Browser, demo: Place) -> None:
    mei = _member(chromium, demo, "phone")
    mei.open("/find")
    _open_tea(mei)
    for option in mei.page.locator("fieldset.option").all():
        option.get_by_role("button", disabled=False).first.tap()
    mei.page.get_by_test_id("buy").tap()
    expect(mei.page.get_by_test_id("pay")).to_be_enabled()
    mei.calm()
    mei.picture("pay-sheet")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_app_on_a_desk(dark: bool, chromium: Browser, demo: Place) -> None:
    mei = _member(chromium, demo, "desk", dark=dark)
    mei.open("/chats")
    mei.see("chats").get_by_text(SHOP).first.click()
    expect(mei.see("product-card").first).to_be_attached()
    mei.see("product-card").last.click()
    expect(mei.see("buy")).to_be_visible()
    mei.calm()
    mei.picture("app")
    assert mei.trouble == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_desk_of_a_shop(dark: bool, chromium: Browser, demo: Place) -> None:
    desk = window(chromium, demo.url, "desk", dark=dark, token=demo.caller("shennan", PASSWORD).token)
    desk.open("/desk/")
    desk.see("queue").get_by_role("link").filter(has_text="陈小梅").click()
    expect(desk.see("buyer").locator("[data-testid^=buyer-order-]").first).to_be_visible()
    desk.calm()
    desk.picture("inbox")
    for name in ("orders", "products", "money"):
        desk.click(f"rail-{name}")
        expect(desk.page.locator("table tbody tr").first).to_be_visible()
        desk.calm()
        desk.picture(f"shop-{name}")
    desk.click("rail-insight")
    desk.click("span-quarter")
    expect(desk.see("sales").locator("tbody tr").first).to_be_visible()
    desk.calm()
    desk.picture("insight")
    assert desk.trouble == []


def test_the_desk_of_an_operator(chromium: Browser, demo: Place) -> None:
    desk = window(chromium, demo.url, "desk", token=demo.caller("jiangping", PASSWORD).token)
    desk.open("/desk/operator/money")
    expect(desk.see("verdict")).to_have_class(re.compile("good"))
    desk.calm()
    desk.picture("operator-money")
    desk.click("rail-allShops")
    expect(desk.see("cause-table").locator("tbody tr").first).to_be_visible()
    desk.calm()
    desk.picture("operator-insight")
    assert desk.trouble == []


def _member(chromium: Browser, demo: Place, kind: Kind, *, dark: bool = False) -> Window:
    return window(chromium, demo.url, kind, dark=dark, token=demo.caller("mei", PASSWORD).token)
