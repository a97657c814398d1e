"""Choosing what to look at and what to send: categories in Find, one variant of a product in the desk's picker."""

import pytest
from playwright.sync_api import Browser, expect

from dealings.samples.content import PASSWORD
from tests.browser.places import Place
from tests.browser.windows import Kind, Window, window

pytestmark = pytest.mark.browser


def opened(chromium: Browser, demo: Place, kind: Kind, who: str, path: str) -> Window:
    shown = window(chromium, demo.url, kind, token=demo.caller(who, PASSWORD).token)
    shown.open(path)
    return shown


def test_a_category_leads_to_the_products_of_all_shops(chromium: Browser, demo: Place) -> None:
    mei = opened(chromium, demo, "phone", "mei", "/find")
    kinds = demo.caller("mei", PASSWORD).get("/categories")
    expect(mei.page.get_by_test_id("category")).to_have_count(len(kinds))
    first = mei.page.get_by_test_id("category").first
    expect(first).to_contain_text(kinds[0]["name"])
    first.tap()
    expect(first).to_have_attribute("aria-pressed", "true")
    expect(mei.page.get_by_test_id("product-tile")).to_have_count(kinds[0]["count"])
    mei.calm()
    mei.page.get_by_test_id("product-tile").first.tap()
    expect(mei.page.get_by_test_id("buy")).to_be_visible()
    mei.page.go_back()
    expect(mei.page.get_by_test_id("product-tile")).to_have_count(kinds[0]["count"])
    first.tap()
    expect(first).to_have_attribute("aria-pressed", "false")
    assert mei.trouble == []


def test_the_desk_sends_one_variant_of_a_product(chromium: Browser, demo: Place) -> None:
    desk = opened(chromium, demo, "desk", "shennan", "/desk/")
    desk.see("queue").get_by_role("link").filter(has_text="陈小梅").click()
    cards = desk.page.get_by_test_id("product-card")
    expect(cards.first).to_be_visible()
    before = cards.count()
    desk.click("open-products")
    desk.page.get_by_test_id("picker-search").fill("龙井")
    expect(desk.page.get_by_role("option").first).to_contain_text("龙井")
    desk.page.get_by_test_id("picker-search").press("ArrowRight")
    picker = desk.page.get_by_test_id("variant-picker")
    expect(picker).to_be_focused()
    desk.calm()
    chosen = picker.get_by_role("option").nth(1)
    price = chosen.locator(".money").inner_text()
    picker.press("ArrowDown")
    expect(chosen).to_have_attribute("aria-selected", "true")
    picker.press("Enter")
    expect(picker).to_be_hidden()
    expect(cards).to_have_count(before + 1)
    expect(cards.last.locator(".price")).to_have_text(price)
    assert desk.trouble == []
