"""One account on many devices, and what each sees of the other side: drafts, receipts, presence, pins and mutes."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.phone import Phone
from tests.browser.places import Caller, Place, befriend
from tests.browser.scenes import phone_of, two_friends
from tests.browser.windows import Window, window

pytestmark = pytest.mark.browser
LOOK = os.environ.get("DEALINGS_LOOK", "")
"""A folder for pictures to look at while working on the pages."""


def look(it: Window, name: str) -> None:
    if LOOK:
        (Path(LOOK) / f"{name}.png").write_bytes(it.shot())


def stage(phone: Phone, key: str) -> None:
    """How far the last message of mine has come, in words."""
    expect(phone.page.get_by_test_id("stage")).to_have_text(phone.word(f"conversation.{key}"))


def test_a_message_is_sent_delivered_and_read_and_the_other_one_is_there(chromium: Browser, place: Place) -> None:
    friends = two_friends(place, "stages")
    mei = phone_of(chromium, place, friends.mei)
    mei.window.open(f"/c/{friends.conversation}")
    mei.say("你在吗？")
    stage(mei, "sent")
    expect(mei.page.get_by_test_id("online")).to_have_count(0)
    arun = phone_of(chromium, place, friends.arun, "en")
    arun.window.open("/chats")
    stage(mei, "delivered")
    expect(mei.page.get_by_test_id("online")).to_be_visible()
    look(mei.window, "delivered")
    arun.tap(f"chat-{friends.conversation}")
    stage(mei, "read")
    arun.page.get_by_test_id("composer").press_sequentially("Yes, ")
    expect(mei.page.get_by_text(mei.word("conversation.typing"))).to_be_visible()
    look(mei.window, "read-typing")
    look(arun.window, "other-side")
    arun.window.context.close()
    expect(mei.page.get_by_test_id("online")).to_have_count(0)


def test_what_is_begun_on_one_device_goes_on_on_another(chromium: Browser, place: Place) -> None:
    friends = two_friends(place, "drafts")
    phone = phone_of(chromium, place, friends.mei)
    desk = Phone(window(chromium, place.url, "desk", token=friends.mei.token), "zh-CN")
    desk.window.open("/chats")
    phone.window.open(f"/c/{friends.conversation}")
    phone.page.get_by_test_id("composer").fill("我想问一下")
    row = desk.page.get_by_test_id(f"chat-{friends.conversation}")
    expect(row).to_contain_text(f"{desk.word('chats.draft')} 我想问一下")
    look(desk.window, "draft-wide")
    row.click()
    composer = desk.page.get_by_test_id("composer")
    expect(composer).to_have_value("我想问一下")
    composer.fill("我想问一下，还有龙井吗？")
    expect(phone.page.get_by_test_id("composer")).to_have_value("我想问一下，还有龙井吗？")
    desk.page.get_by_test_id("send").click()
    expect(phone.page.get_by_test_id("composer")).to_have_value("")
    phone.hears("我想问一下，还有龙井吗？")


def group_of(owner: Caller, *others: Caller) -> str:
    for other in others:
        befriend(owner, other)
    members = [other.me["id"] for other in others]
    return str(owner.post("/conversations", json={"kind": "group", "name": "周末爬山", "members": members})["id"])


def test_what_is_kept_on_top_or_muted_is_so_on_all_devices(chromium: Browser, place: Place) -> None:
    mei, arun = place.newcomer("mei_own", "陈小梅"), place.newcomer("arun_own", "Arun Nair", "en")
    group, talk = group_of(mei, arun), befriend(mei, arun)
    phone = phone_of(chromium, place, mei)
    phone.window.open("/chats")
    rows = phone.page.get_by_test_id("chats").get_by_role("link")
    arun.post(f"/conversations/{talk}/messages", json=_text("晚上一起吃饭？", "a"))
    expect(rows.first).to_contain_text("晚上一起吃饭？")
    phone.page.get_by_test_id(f"chat-{group}").click(button="right")
    look(phone.window, "arrange")
    phone.press("chats.pin")
    expect(rows.first).to_contain_text("周末爬山")
    phone.page.get_by_test_id(f"chat-{group}").click(button="right")
    phone.press("chats.mute")
    body = {"kind": "text", "text": "@小梅 看看这条路线", "mentions": [mei.me["id"]]}
    arun.post(f"/conversations/{group}/messages", json={"client_id": "b", "body": body})
    expect(rows.first).to_contain_text(phone.word("chats.mentioned"))
    expect(rows.first.locator(".muted")).to_be_visible()
    expect(phone.page.get_by_test_id("tab-chats")).to_contain_text("1")
    look(phone.window, "muted")
    phone.window.go(f"/c/{group}/info")
    expect(phone.page.get_by_role("switch", name=phone.word("chats.pin"))).to_be_checked()
    expect(phone.page.get_by_role("switch", name=phone.word("chats.mute"))).to_be_checked()
    look(phone.window, "info")
    other = phone_of(chromium, place, mei)
    other.window.open("/chats")
    expect(other.page.get_by_test_id("chats").get_by_role("link").first).to_contain_text("周末爬山")


def test_in_a_group_one_sees_who_has_read(chromium: Browser, place: Place) -> None:
    mei, arun, lin = (place.newcomer(f"{name}_read", name.title()) for name in ("mei", "arun", "lin"))
    group = group_of(mei, arun, lin)
    phone = phone_of(chromium, place, mei)
    phone.window.open(f"/c/{group}")
    phone.say("周六八点，北门见。")
    expect(phone.page.get_by_test_id("read-by")).to_contain_text(phone.word("conversation.sent"))
    reader = phone_of(chromium, place, arun, "en")
    reader.window.open(f"/c/{group}")
    expect(phone.page.get_by_test_id("read-by")).to_have_text(phone.word("conversation.readBy", n=1))
    expect(phone.page.get_by_text(phone.word("conversation.present", n=1))).to_be_visible()
    look(phone.window, "group")
    phone.page.get_by_test_id("read-by").click()
    readers = phone.page.get_by_test_id("readers")
    expect(readers.locator("section").first).to_contain_text("Arun")
    expect(readers.locator("section").last).to_contain_text("Lin")
    look(phone.window, "readers")


def _text(text: str, client_id: str) -> dict[str, object]:
    return {"client_id": client_id, "body": {"kind": "text", "text": text}}
