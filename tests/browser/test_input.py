"""Whatever people type, the answer is a clear sentence and nothing typed is lost."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.places import PASSWORD, Place
from tests.browser.scenes import Friends, Shop, phone_of, tea_shop, two_friends
from tests.browser.windows import eventually, window
from tests.browser.words import word

pytestmark = pytest.mark.browser

HUGE = 5_000_000
LIMIT = 10_000
ODD = {
    "emoji": "👨‍👩‍👧‍👦🫖 下午茶 👍🏽",
    "arabic": "مرحبا، هل لديكم شاي أخضر؟",
    "both ways": "السعر ¥148.00 لعلبة «龙井» واحدة؟",
    "markup": '<img src=x onerror=alert(1)><b>龙井</b> & "quotes" {{ 1 + 1 }}',
    "one word": "龙" * 200 + "a" * 300,
    "lines": "第一行\n\n  第三行",
}


@pytest.fixture(scope="module")
def friends(place: Place) -> Friends:
    return two_friends(place, "input")


@pytest.fixture(scope="module")
def shop(place: Place) -> Shop:
    return tea_shop(place, "input")


def test_odd_texts_arrive_as_they_were_written(chromium: Browser, place: Place, friends: Friends) -> None:
    mei, arun = (phone_of(chromium, place, who) for who in (friends.mei, friends.arun))
    for each in (mei, arun):
        each.window.open(f"/c/{friends.conversation}")
    for text in ODD.values():
        mei.say(text)
        expect(arun.page.locator("[role=log] .text").last).to_have_text(text, use_inner_text=True)
        assert no_wider_than_the_screen(arun.page) and no_wider_than_the_screen(mei.page)
    arabic = arun.page.get_by_text(ODD["arabic"], exact=True)
    assert arabic.evaluate("it => getComputedStyle(it).direction") == "rtl"
    assert friends.texts()[-len(ODD) :] == list(ODD.values())
    assert mei.window.trouble == arun.window.trouble == []


def test_nothing_can_be_sent_of_nothing(chromium: Browser, place: Place, friends: Friends) -> None:
    mei = phone_of(chromium, place, friends.mei)
    mei.window.open(f"/c/{friends.conversation}")
    before = friends.texts()
    for text in ("", "   ", "\n\n"):
        mei.page.get_by_test_id("composer").fill(text)
        expect(mei.page.get_by_test_id("send")).to_be_hidden()
    assert friends.texts() == before


def test_a_paste_of_five_megabytes_is_told_in_a_sentence_and_kept(
    chromium: Browser, place: Place, friends: Friends
) -> None:
    mei = phone_of(chromium, place, friends.mei)
    mei.window.open(f"/c/{friends.conversation}")
    _paste_hugely(mei.page)
    sentence = mei.word("conversation.tooLong", length=f"{HUGE:,}", limit=f"{LIMIT:,}")
    expect(mei.page.get_by_role("alert")).to_have_text(sentence)
    expect(mei.page.get_by_test_id("send")).to_be_disabled()
    assert mei.page.get_by_test_id("composer").evaluate("it => it.value.length") == HUGE
    mei.page.get_by_test_id("huge-text").get_by_role("button", name=mei.word("common.delete")).tap()
    mei.say("短一点")
    mei.hears("短一点")


def test_the_desk_leaves_a_paste_of_five_megabytes_on_the_clipboard(
    chromium: Browser, place: Place, friends: Friends, shop: Shop
) -> None:
    thread = friends.mei.post("/conversations", json={"kind": "shop", "shop": shop.shop["id"]})
    desk = window(chromium, place.url, "desk", token=shop.keeper.token)
    page = desk.page
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    desk.open(f"/desk/s/{shop.shop['handle']}/inbox/{thread['id']}")
    whole = '"conversations"'  # what was there before the whole state came is drawn anew
    eventually(page, lambda: any(whole in frame for frame in frames), what="the desk knows its state")
    desk.calm()
    page.get_by_test_id("composer").fill("写了一半")
    _paste_hugely(page)
    expect(page.get_by_role("alert")).to_have_text(word("chat.pasteRefused", {"n": f"{HUGE:,}"}, app="desk"))
    expect(page.get_by_test_id("composer")).to_have_value("写了一半")
    desk.click("send")
    expect(page.get_by_role("log").get_by_text("写了一半")).to_be_visible()


def _paste_hugely(page: Page) -> None:
    page.get_by_test_id("composer").focus()
    page.evaluate("length => navigator.clipboard.writeText('龙井 茶 '.repeat(length / 5))", HUGE)
    page.wait_for_function("async (length) => (await navigator.clipboard.readText()).length === length", arg=HUGE)
    page.keyboard.press("Control+V")


def test_a_text_one_too_long_can_be_cut_and_sent(chromium: Browser, place: Place, friends: Friends) -> None:
    mei = phone_of(chromium, place, friends.mei)
    mei.window.open(f"/c/{friends.conversation}")
    mei.page.get_by_test_id("composer").fill("茶" * (LIMIT + 1))
    expect(mei.page.get_by_test_id("too-long")).to_be_visible()
    mei.page.get_by_test_id("composer").press("Control+End")
    mei.page.get_by_test_id("composer").press("Backspace")
    expect(mei.page.get_by_test_id("too-long")).to_be_hidden()
    mei.tap("send")
    expect(mei.page.get_by_test_id("composer")).to_have_value("")
    expect(mei.page.locator("[role=log] .text").last).to_have_text("茶" * LIMIT)
    # The page shows it as on its way before the server has it.
    eventually(mei.page, lambda: friends.texts()[-1] == "茶" * LIMIT, what="it has arrived")


@pytest.mark.parametrize("app", ["app", "desk"])
def test_a_wrong_password_keeps_the_handle(app: str, chromium: Browser, place: Place, friends: Friends) -> None:
    visitor = window(chromium, place.url, "phone" if app == "app" else "desk")
    page = visitor.open("/sign-in" if app == "app" else "/desk/sign-in")
    handle = page.locator("input[autocomplete=username]")
    handle.fill(friends.mei.me["handle"])
    page.locator("input[type=password]").fill("not the password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(word("errors.identity.wrong_credentials", app=app))
    expect(handle).to_have_value(friends.mei.me["handle"])
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def test_signing_up_names_the_field_that_is_wrong_and_keeps_the_others(chromium: Browser, place: Place) -> None:
    visitor = window(chromium, place.url, "phone", language="en")
    page = visitor.open("/sign-up")
    name, handle, password = (page.get_by_label(word(f"door.{key}", language="en"), exact=True) for key in FIELDS)
    for texts, refused in WRONG_SIGN_UPS:
        for field, text in zip((name, handle, password), texts, strict=True):
            field.fill(text)
        page.get_by_test_id("sign-up").get_by_role("button").tap()
        expect(page.get_by_test_id("sign-up")).to_contain_text(word(f"errors.identity.{refused}", language="en"))
        for field, text in zip((name, handle, password), texts, strict=True):
            expect(field).to_have_value(text)


FIELDS = ("name", "handle", "password")
WRONG_SIGN_UPS = (
    (("Mei", "梅", PASSWORD), "handle_invalid"),
    (("Mei", "mei_input", PASSWORD), "handle_taken"),
    (("Mei", "mei_short", "1234"), "password_weak"),
    (("梅" * 41, "mei_long", PASSWORD), "name_invalid"),
)


def test_an_amount_that_is_none_moves_nothing_and_says_so(chromium: Browser, place: Place, friends: Friends) -> None:
    mei = phone_of(chromium, place, friends.mei)
    mei.window.open("/wallet?sheet=topup")
    field = mei.page.get_by_test_id("topup").get_by_label(mei.word("wallet.amount"))
    for typed in ("-5", "0", "abc", "1.234", "٥٠", "1e3", "99999999999999999999"):
        field.fill(typed)
        expect(mei.page.get_by_text(mei.word("wallet.amountWrong"))).to_be_visible()
        expect(mei.page.get_by_test_id("topup").get_by_role("button", name=mei.word("wallet.topUp"))).to_be_disabled()
        expect(field).to_have_value(typed)
        field.fill("")
    assert friends.mei.get("/wallet/statement")["items"] == []


def test_a_quantity_stays_between_one_and_what_is_there(
    chromium: Browser, place: Place, friends: Friends, shop: Shop
) -> None:
    mei = phone_of(chromium, place, friends.mei)
    mei.window.open(f"/products/{shop.tea['id']}")
    mei.choose("罐装")
    quantity = mei.page.get_by_role("spinbutton")
    for typed, becomes in (("-3", "1"), ("0", "1"), ("999", "10"), ("", "1")):
        quantity.fill(typed)
        quantity.blur()
        expect(quantity).to_have_value(becomes)


def test_any_search_is_answered(chromium: Browser, place: Place, friends: Friends) -> None:
    mei = phone_of(chromium, place, friends.mei)
    mei.window.open("/find")
    field = mei.page.get_by_role("searchbox")
    for typed in ("%", "_", "'; DROP TABLE accounts; --", "🫖", "*", '"', "\\", "（", "龙" * 200):
        with mei.page.expect_response("**/api/v1/search*") as answer:
            field.fill(typed)
        assert answer.value.ok, typed
        nothing = mei.page.get_by_text(mei.word("find.noneText"))
        expect(mei.page.get_by_test_id("shop-row").or_(nothing).first).to_be_visible()
        assert no_wider_than_the_screen(mei.page)
    assert mei.window.trouble == []


def test_a_product_with_a_price_that_is_none_is_not_saved_and_stays_typed(
    chromium: Browser, place: Place, shop: Shop
) -> None:
    desk = window(chromium, place.url, "desk", token=shop.keeper.token)
    page = desk.open(f"/desk/s/{shop.shop['handle']}/products/new")
    page.get_by_test_id("product-title").fill("碧螺春")
    page.get_by_test_id("stock-0").fill("-2")
    for typed in ("-1", "abc", ""):
        page.get_by_test_id("price-0").fill(typed)
        desk.click("save-product")
        expect(page.get_by_text(word("product.faults.rows", app="desk"))).to_be_visible()
        expect(page.get_by_test_id("product-title")).to_have_value("碧螺春")
        expect(page.get_by_test_id("price-0")).to_have_value(typed)
    assert [one["title"] for one in shop.keeper.get(f"/shops/{shop.shop['id']}/products")["items"]] == ["明前龙井"]


def no_wider_than_the_screen(page: Page) -> bool:
    """Nothing is pushed out to the right: neither the page nor what scrolls within it."""
    return bool(
        page.evaluate(
            """() => [document.scrollingElement, ...document.querySelectorAll('.page-body, [role=log]')]
                .every((it) => it.scrollWidth <= it.clientWidth)"""
        )
    )
