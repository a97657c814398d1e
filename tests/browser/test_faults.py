"""The network breaks and the server dies; nobody has to do anything, and everything happens once."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, WebSocketRoute, expect

from tests.browser.phone import Phone
from tests.browser.places import Place
from tests.browser.scenes import Friends, Shop, phone_of, tea_shop, two_friends, unpaid_order
from tests.browser.windows import Window, eventually, window

pytestmark = pytest.mark.browser


def talk(chromium: Browser, place: Place, friends: Friends) -> tuple[Phone, Phone]:
    mei, arun = phone_of(chromium, place, friends.mei), phone_of(chromium, place, friends.arun)
    for each in (mei, arun):
        each.window.open(f"/c/{friends.conversation}")
        expect(each.page.get_by_test_id("composer")).to_be_visible()
    return mei, arun


def test_a_message_written_while_the_server_is_gone_waits_and_goes_once(chromium: Browser, place: Place) -> None:
    friends = two_friends(place, "gone")
    mei, arun = talk(chromium, place, friends)
    mei.say("在吗？")
    arun.hears("在吗？")
    place.kill()
    mei.say("服务器停了，我先写着。")
    mei.say("这是第二条。")
    expect(mei.page.get_by_test_id("unsent-waiting")).to_have_count(2)
    place.start()
    arun.hears("服务器停了，我先写着。")
    arun.hears("这是第二条。")
    expect(mei.page.get_by_test_id("unsent-waiting")).to_have_count(0)
    assert friends.texts() == ["在吗？", "服务器停了，我先写着。", "这是第二条。"]


def test_a_waiting_message_outlives_the_page(chromium: Browser, place: Place) -> None:
    friends = two_friends(place, "page")
    mei, arun = talk(chromium, place, friends)
    mei.window.context.set_offline(True)
    place.kill()
    mei.say("先关掉页面。")
    expect(mei.page.get_by_test_id("unsent-waiting")).to_be_visible()
    place.start()
    mei.window.context.set_offline(False)
    mei.page.reload()
    arun.hears("先关掉页面。")
    expect(mei.page.get_by_test_id("unsent-waiting")).to_have_count(0)
    assert friends.texts() == ["先关掉页面。"]


def test_an_answer_that_is_lost_makes_no_second_copy(chromium: Browser, place: Place) -> None:
    """The message reached the server's disk; the connection broke before the sender was told."""
    friends = two_friends(place, "answer")
    arun = phone_of(chromium, place, friends.arun)
    mei = phone_of(chromium, place, friends.mei)
    lost = LostAnswers()
    mei.page.route_web_socket("**/ws", lost.between)
    for each in (mei, arun):
        each.window.open(f"/c/{friends.conversation}")
    mei.say("只要一份。")
    arun.hears("只要一份。")
    mei.hears("只要一份。")
    expect(mei.page.get_by_test_id("unsent-waiting")).to_have_count(0)
    assert 1 <= lost.sends <= 2  # what it is told on coming back may settle it before it sends again
    assert friends.texts() == ["只要一份。"]


class LostAnswers:
    """A network that carries the first message to the server and breaks before anything comes back."""

    def __init__(self) -> None:
        self.sends = 0

    def between(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        cut: list[bool] = []

        def up(frame: str | bytes) -> None:
            first = json.loads(frame)["op"] == "send" and not self.sends
            self.sends += json.loads(frame)["op"] == "send"
            if first:
                cut.append(True)
            server.send(frame)

        def down(frame: str | bytes) -> None:
            if cut:
                page.close()
            else:
                page.send(frame)

        page.on_message(up)
        server.on_message(down)


def test_both_come_back_current_after_the_server_was_killed(chromium: Browser, place: Place) -> None:
    friends = two_friends(place, "restart")
    shop = tea_shop(place, "restart")
    thread = friends.mei.post("/conversations", json={"kind": "shop", "shop": shop.shop["id"]})
    mei, arun = talk(chromium, place, friends)
    desk = window(chromium, place.url, "desk", token=shop.keeper.token)
    desk.open(f"/desk/s/{shop.shop['handle']}/inbox/{thread['id']}")
    expect(desk.see("composer")).to_be_visible()
    place.kill()
    place.start()
    _write(friends.mei, thread["id"], "老板在吗？")
    _write(friends.arun, friends.conversation, "Back again.")
    expect(desk.page.get_by_test_id("messages").get_by_text("老板在吗？")).to_be_visible()
    mei.hears("Back again.")
    arun.hears("Back again.")
    for page in (mei.page, arun.page, desk.page):
        expect(page.get_by_test_id("offline")).to_be_hidden()


def _write(who: Any, conversation: str, text: str) -> None:
    body = {"kind": "text", "text": text, "quote": None, "product": None}
    who.post(f"/conversations/{conversation}/messages", json={"client_id": f"api-{text}", "body": body})


def test_a_history_that_broke_off_is_fetched_again_when_the_server_is_back(chromium: Browser, place: Place) -> None:
    friends = two_friends(place, "history")
    _write(friends.arun, friends.conversation, "先说一句。")
    mei = phone_of(chromium, place, friends.mei)
    mei.page.route("**/messages?*", lambda route: route.abort("connectionreset"), times=1)
    mei.window.open(f"/c/{friends.conversation}")
    expect(mei.page.get_by_text(mei.word("errors.unreachable"))).to_be_visible()
    place.kill()
    place.start()
    mei.hears("先说一句。")


def test_what_the_desk_could_not_fetch_is_fetched_again_when_the_server_is_back(
    chromium: Browser, place: Place
) -> None:
    friends = two_friends(place, "deskfetch")
    shop = tea_shop(place, "deskfetch")
    thread = friends.mei.post("/conversations", json={"kind": "shop", "shop": shop.shop["id"]})
    _write(friends.mei, thread["id"], "老板在吗？")
    desk = _desk_that_will_lose(chromium, place, shop, "**/messages?*", "**/orders?*")
    desk.go(f"/desk/s/{shop.shop['handle']}/inbox/{thread['id']}")
    messages, buyer = desk.see("messages"), desk.see("buyer")
    for part in (messages, buyer):
        expect(part.get_by_test_id("retry")).to_be_visible()
    place.kill()
    place.start()
    expect(messages.get_by_text("老板在吗？")).to_be_visible()
    for part in (messages, buyer):
        expect(part.get_by_test_id("refusal")).to_have_count(0)


def test_what_the_desk_could_not_fetch_is_fetched_again_when_asked_for(chromium: Browser, place: Place) -> None:
    shop = tea_shop(place, "deskretry")
    desk = _desk_that_will_lose(chromium, place, shop, "**/orders?*")
    desk.go(f"/desk/s/{shop.shop['handle']}/orders")
    desk.click("retry")
    expect(desk.see("refusal")).to_have_count(0)


def _desk_that_will_lose(chromium: Browser, place: Place, shop: Shop, *reads: str) -> Window:
    """It is connected, and the next of each of these requests breaks off."""
    desk = window(chromium, place.url, "desk", token=shop.keeper.token)
    desk.open(f"/desk/s/{shop.shop['handle']}/products")
    desk.calm()
    for read in reads:
        desk.page.route(read, lambda route: route.abort("connectionreset"), times=1)
    return desk


def test_a_long_break_is_said_and_over_when_it_is(chromium: Browser, place: Place) -> None:
    friends = two_friends(place, "banner")
    mei, _ = talk(chromium, place, friends)
    place.kill()
    expect(mei.page.get_by_test_id("offline")).to_contain_text(mei.word("shell.offline"))
    place.start()
    again = mei.page.get_by_role("button", name=mei.word("shell.tryNow"), exact=True)
    again.evaluate_all("buttons => buttons.forEach(button => button.click())")  # gone when it has tried by itself
    expect(mei.page.get_by_test_id("offline")).to_be_hidden()


def test_two_taps_on_pay_and_a_lost_answer_pay_once(chromium: Browser, place: Place) -> None:
    friends = two_friends(place, "pay")
    shop = tea_shop(place, "pay")
    order = unpaid_order(shop, friends.mei)
    mei = phone_of(chromium, place, friends.mei)
    asked: list[str] = []

    def lose(route: Route) -> None:
        asked.append(route.request.url)
        route.fetch()
        route.abort()

    mei.page.route("**/api/v1/orders/*/pay", lose)
    mei.window.open(f"/c/{order['conversation']}")
    mei.tap("card-pay")
    mei.page.get_by_test_id("pay").evaluate("button => { button.click(); button.click() }")
    expect(mei.page.get_by_test_id("paid")).to_be_visible()
    mei.order_is("paid")
    assert len(asked) == 1
    payments = [one for one in friends.mei.get("/wallet/statement")["items"] if one["reason"] == "payment"]
    assert [one["amount"]["amount"] for one in payments] == [-14_800]


def test_paying_while_the_server_is_gone_charges_nothing_and_says_what_to_do(chromium: Browser, place: Place) -> None:
    friends = two_friends(place, "dark")
    order = unpaid_order(tea_shop(place, "dark"), friends.mei)
    mei = phone_of(chromium, place, friends.mei)
    mei.window.open(f"/c/{order['conversation']}?sheet=pay&of={order['id']}")
    expect(mei.page.get_by_test_id("pay")).to_be_enabled()
    place.kill()
    mei.tap("pay")
    expect(mei.page.get_by_role("alert")).to_contain_text(mei.word("errors.unreachable"))
    place.start()
    mei.tap("pay")
    expect(mei.page.get_by_test_id("paid")).to_be_visible()
    eventually(mei.page, lambda: _state(friends, order) == "paid", what="the order is paid")


def _state(friends: Friends, order: Any) -> str:
    return str(friends.mei.get(f"/orders/{order['id']}")["state"])
