"""The whole job, as its people do it: three on their own devices, one server, nothing reloaded by hand."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from dealings.samples.pictures import person_picture
from tests.browser.desk import Desk
from tests.browser.phone import Phone
from tests.browser.places import PASSWORD, Caller, Place
from tests.browser.windows import picture_of_both, window

GOODS = Path(__file__).with_name("goods.csv")
TEA = "明前龙井 2026"
SHOP = "小满茶坊"
TOPPED_UP = 50_000
PRICE = 14_800


@dataclass
class Cast:
    """Everyone who plays, each with a browser of their own."""

    mei: Phone
    arun: Phone
    tao: Desk
    operator: Desk


@pytest.fixture
def cast(chromium: Browser, place: Place) -> Cast:
    return Cast(
        mei=Phone(window(chromium, place.url, "phone", workers="allow"), "zh-CN"),
        arun=Phone(window(chromium, place.url, "phone", language="en", workers="allow"), "en"),
        tao=Desk(window(chromium, place.url, "desk")),
        operator=Desk(window(chromium, place.url, "desk", language="en")),
    )


@pytest.mark.browser
def test_a_talk_becomes_a_settled_sale_that_everyone_sees_live_and_the_operator_can_trace(
    cast: Cast, place: Place
) -> None:
    open_the_shop(cast.tao)
    become_friends(cast)
    for handle in ("mei", "arun"):
        place.caller(handle).wear(person_picture(handle))
    ask_the_shop(cast)
    ask_about_the_product(cast)
    order_in_the_chat(cast.mei)
    pay_once_with_two_taps(cast, place)
    ship_and_confirm(cast)
    sale = the_only_sale(place)
    follow_the_trace(cast.tao, sale)
    look_at_the_books(cast.operator, place, sale)
    sums_are_right_to_the_cent(place, sale)
    for each in (cast.mei, cast.arun, cast.tao, cast.operator):
        assert each.window.trouble == []


def open_the_shop(tao: Desk) -> None:
    tao.sign_up("tao", "陶然", PASSWORD)
    tao.open_shop("xiaoman-tea", SHOP, "龙坞山下，自己采，自己炒。")
    tao.hang_sign("shannan-tea")
    table = tao.import_goods(GOODS.read_bytes())
    expect(table.get_by_role("link")).to_have_count(4)
    tao.hang_pictures(TEA, "longjing", "longjing-pouch", "longjing-tin")
    tao.hang_pictures("2018 勐海熟普", "shou-puer")
    tao.hang_pictures("甜白釉盖碗", "gaiwan-white")
    tao.hang_pictures("茉莉银毫", "jasmine")
    tao.window.picture("products")
    tao.window.click("rail-inbox")


def become_friends(cast: Cast) -> None:
    mei, arun = cast.mei, cast.arun
    arun.sign_up("arun", "Arun Nair", PASSWORD)
    mei.sign_up("mei", "陈小梅", PASSWORD)
    link = _card_of(arun)
    mei.press("chats.start")
    mei.page.get_by_role("dialog").get_by_role("button", name=mei.word("contacts.add")).tap()
    mei.fill("contacts.byHandle", link)
    mei.page.get_by_test_id("find-person").get_by_role("button").tap()
    expect(mei.page.get_by_test_id("person")).to_contain_text("Arun Nair")
    mei.tap("add-contact")
    arun.tab("chats")
    arun.page.get_by_role("button", name=arun.word("contacts.title")).tap()
    arun.page.get_by_test_id("contact-request").get_by_role("button", name=arun.word("contacts.accept")).tap()
    mei.tap("chat-with")
    _talk(mei, arun)


def _card_of(person: Phone) -> str:
    """The name card: a code to scan, and the link that is in it."""
    person.tab("me")
    person.press("me.card")
    expect(
        person.page.get_by_role("img", name=person.word("card.code", name="Arun Nair")).locator("svg")
    ).to_be_visible()
    person.window.picture("card")
    return person.page.get_by_test_id("card-link").inner_text()


def _talk(mei: Phone, arun: Phone) -> None:
    mei.say("Arun，周末来喝茶吗？")
    arun.tab("chats")
    arun.page.get_by_test_id("chats").get_by_text("Arun，周末来喝茶吗？").tap()
    arun.say("Yes! Do you still have the Longjing?")
    mei.hears("Yes! Do you still have the Longjing?")
    mei.say("喝完了，我去问问茶坊。")
    arun.hears("喝完了，我去问问茶坊。")
    mei.window.picture("friends")


def ask_the_shop(cast: Cast) -> None:
    mei, tao = cast.mei, cast.tao
    mei.tab("find")
    mei.page.get_by_test_id("shop-row").filter(has_text=SHOP).tap()
    expect(mei.page.get_by_test_id("product-tile")).to_have_count(4)
    mei.window.picture("shop")
    mei.tap("chat-with-shop")
    mei.say("你好，今年的龙井到了吗？")
    tao.answer("陈小梅")
    tao.hears("你好，今年的龙井到了吗？")
    tao.say("到了，三月二十二日采的，我发给你看看。")
    mei.hears("到了，三月二十二日采的，我发给你看看。")
    tao.drop_card("龙井", TEA)
    expect(mei.page.get_by_test_id("product-card")).to_contain_text(TEA)
    mei.window.picture("product-card")


def ask_about_the_product(cast: Cast) -> None:
    """From the open product back to the chat, the product quoted."""
    mei, tao = cast.mei, cast.tao
    mei.tap("product-card")
    mei.tap("ask")
    mei.say("罐装的还有吗？想送人。")
    tao.hears("罐装的还有吗？想送人。")
    expect(tao.page.get_by_test_id("asked-product")).to_contain_text(TEA)
    tao.say("还有四罐。")
    mei.hears("还有四罐。")


def order_in_the_chat(mei: Phone) -> None:
    mei.tap("product-card")
    mei.choose("50 克", "罐装")
    expect(mei.page.get_by_text(mei.word("products.onlyLeft", n=4))).to_be_visible()
    mei.window.picture("product")
    mei.tap("buy")
    mei.fill("address.name", "陈小梅")
    mei.fill("address.phone", "13800001001")
    mei.fill("address.text", "浙江省杭州市拱墅区河坊小区 7 幢 302 室")
    mei.page.get_by_test_id("checkout").get_by_role("button", name=mei.word("wallet.topUp")).tap()
    mei.page.get_by_test_id("topup").get_by_role("button", name="500").tap()
    mei.page.get_by_test_id("topup").get_by_role("button", name=mei.word("wallet.topUp"), exact=True).tap()
    expect(mei.page.get_by_text(mei.word("pay.short"))).to_be_hidden()


def pay_once_with_two_taps(cast: Cast, place: Place) -> None:
    """Both taps come before the first is answered."""
    mei, tao = cast.mei, cast.tao
    paid: list[str] = []

    def slowly(route: Route) -> None:
        paid.append(route.request.url)
        route.continue_()

    mei.page.route("**/api/v1/orders/*/pay", slowly)
    mei.window.picture("pay")
    mei.page.get_by_test_id("pay").evaluate("button => { button.click(); button.click() }")
    expect(mei.page.get_by_test_id("paid")).to_be_visible()
    mei.window.picture("paid")
    mei.order_is("paid")
    tao.order_is("paid")
    expect(mei.page.get_by_test_id("paid")).to_be_hidden()
    assert len(paid) == 1
    (order,) = place.caller("mei").get("/orders")["items"]
    assert order["state"] == "paid" and order["total"] == _yuan(PRICE)
    mei.window.picture("order-paid")


def ship_and_confirm(cast: Cast) -> None:
    mei, tao = cast.mei, cast.tao
    tao.ship("顺丰速运", "SF1459980035127")
    expect(mei.page.get_by_text("SF1459980035127")).to_be_visible()
    mei.order_is("shipped")
    tao.order_is("shipped")
    mei.window.picture("order-shipped")
    picture_of_both(tao.window, mei.window, "loop")
    mei.tap("confirm")
    mei.page.get_by_role("dialog").get_by_role("button", name=mei.word("orders.confirm")).tap()
    mei.order_is("settled")
    tao.order_is("settled")
    tao.nobody_waits()
    mei.window.picture("order-settled")
    tao.window.picture("conversation")


def the_only_sale(place: Place) -> Any:
    tao = place.caller("tao")
    (shop,) = [staffing["shop"] for staffing in tao.me["shops"]]
    (sale,) = tao.get(f"/shops/{shop['id']}/sales")["items"]
    return sale


def follow_the_trace(tao: Desk, sale: Any) -> None:
    """From the funnel to the sale, from the sale to its message."""
    tao.window.click("rail-insight")
    row = tao.page.get_by_test_id("cause-shop_chat")
    expect(row.locator("td").nth(5)).to_contain_text("1")
    row.get_by_role("button").click()
    tao.page.get_by_test_id(f"sale-{sale['order']}").get_by_role("link", name=sale["number"]).click()
    trace = tao.page.get_by_test_id("trace")
    expect(trace).to_contain_text(TEA)
    tao.window.picture("trace")
    trace.get_by_test_id("trace-message").first.click()
    message = tao.page.get_by_test_id(f"message-{sale['cause']['seq']}")
    expect(message).to_be_visible()
    expect(message.get_by_test_id("product-card")).to_contain_text(TEA)


def look_at_the_books(operator: Desk, place: Place, sale: Any) -> None:
    place.newcomer("ping", "江平", "en")
    place.command("operator", "ping")
    operator.sign_in("ping", PASSWORD)
    equations = operator.page.locator("[data-testid^=equation-]")
    expect(equations.first).to_be_visible()
    expect(operator.page.locator("[data-testid^=equation-]:not(.holds)")).to_have_count(0)
    operator.window.picture("books")
    operator.window.click("rail-allShops")
    row = operator.page.get_by_test_id("cause-shop_chat")
    expect(row.locator("td").nth(4)).to_contain_text("1")
    expect(row).to_contain_text("148")
    expect(operator.page.get_by_test_id("ledger-check")).to_have_class("check equal")
    operator.page.get_by_role("button", name=SHOP).click()
    operator.page.get_by_test_id(f"sale-{sale['order']}").get_by_role("link", name=sale["number"]).click()
    expect(operator.page.get_by_test_id("trace")).to_contain_text(TEA)


def sums_are_right_to_the_cent(place: Place, sale: Any) -> None:
    mei, tao, ping = (place.caller(handle) for handle in ("mei", "tao", "ping"))
    shop = tao.me["shops"][0]["shop"]["id"]
    assert mei.get("/wallet")["balances"] == [_balance(TOPPED_UP - PRICE)]
    assert [entry["amount"]["amount"] for entry in mei.get("/wallet/statement")["items"]] == [-PRICE, TOPPED_UP]
    assert tao.get(f"/shops/{shop}/wallet")["balances"] == [_balance(PRICE)]
    funnel = tao.get(f"/shops/{shop}/funnel")
    checked = funnel["checked"]
    assert checked["equal"] and checked["paid"] == checked["ledger"] == _yuan(PRICE)
    (row,) = [row for row in funnel["by_cause"] if row["paid"]["amount"]]
    assert row["cause"] == "shop_chat" and row["counts"] == [1, 1, 1, 1, 1, 1]
    assert sale["cause"]["kind"] == "shop_chat" and sale["message"]["body"]["kind"] == "product"
    _equations_balance(ping)


def _equations_balance(operator: Caller) -> None:
    for equation in operator.get("/operator/money")["equations"]:
        sides = [sum(term["amount"] for term in equation[side]) for side in ("left", "right")]
        assert equation["holds"] and sides[0] == sides[1], equation["code"]


def _yuan(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "CNY"}


def _balance(available: int) -> dict[str, Any]:
    return {"currency": "CNY", "available": available, "held": 0}
