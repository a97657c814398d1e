"""Groups and channels as people run them from their phones: ways in, parts, notices, silence, and being called."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from dealings.samples.content import PASSWORD as SAMPLE_PASSWORD
from tests.browser.phone import Phone
from tests.browser.places import PASSWORD, Caller, Place, befriend
from tests.browser.scenes import phone_of
from tests.browser.windows import Kind, Window, window

pytestmark = pytest.mark.browser
LOOK = os.environ.get("DEALINGS_LOOK", "")
"""A folder for pictures to look at while working on the pages."""
NAME = "周末爬山"
NOTICE = "周六八点，北门集合。带水，带一件外套。"


def look(it: Window, name: str) -> None:
    if LOOK:
        (Path(LOOK) / f"{name}.png").write_bytes(it.shot())


def make_group(phone: Phone, with_whom: str) -> str:
    """By the page for it; the path of the group's conversation."""
    phone.window.open("/chats")
    phone.press("chats.start")
    phone.press("groups.new")
    form = phone.page.get_by_test_id("new-group")
    phone.fill("groups.name", NAME)
    form.get_by_role("button", name=with_whom).tap()
    form.locator("[type=submit]").tap()
    phone.page.wait_for_url(re.compile("/c/"))
    return phone.page.url.removeprefix(phone.window.url)


def make_link(phone: Phone, group: str) -> str:
    phone.window.go(f"{group}/info")
    look(phone.window, "group-details-new")
    phone.tap("invite-line")
    phone.tap("new-invite")
    look(phone.window, "invite-form")
    phone.tap("make-invite")
    link = phone.page.get_by_test_id("invite-link")
    expect(link).to_contain_text("/join/")
    look(phone.window, "invite")
    return str(link.text_content()).removeprefix(phone.window.url)


def join_from_outside(phone: Phone, path: str, handle: str) -> None:
    """Whoever is not signed in signs in first, and comes back to the invitation."""
    phone.window.open(path)
    expect(phone.page.get_by_test_id("join-outside")).to_be_visible()
    look(phone.window, "join-outside")
    phone.press("door.signIn")
    phone.fill("door.handle", handle)
    phone.fill("door.password", PASSWORD)
    phone.page.get_by_test_id("sign-in").locator("[type=submit]").tap()
    expect(phone.page.get_by_test_id("join")).to_contain_text(NAME)
    look(phone.window, "join")
    phone.tap("join-now")
    expect(phone.page.get_by_test_id("composer")).to_be_visible()


def test_a_group_from_its_making_to_its_silence(chromium: Browser, place: Place) -> None:
    mei, lin = place.newcomer("mei_group", "陈小梅"), place.newcomer("lin_group", "林雨")
    place.newcomer("arun_group", "Arun Nair", "en")
    befriend(mei, lin)
    hers, lins = phone_of(chromium, place, mei), phone_of(chromium, place, lin)
    his = Phone(window(chromium, place.url, "phone", language="en"), "en")
    group = make_group(hers, "林雨")
    join_from_outside(his, make_link(hers, group), "arun_group")

    hers.window.go(f"{group}/info")
    members = hers.page.get_by_test_id("members")
    members.get_by_role("button", name="Arun Nair").tap()
    look(hers.window, "member")
    hers.tap("do-admin")
    expect(hers.page.get_by_test_id("member")).to_contain_text(hers.word("groups.roles.admin"))

    hers.window.go(f"{group}/info")
    expect(members.get_by_role("button", name="Arun Nair")).to_contain_text(hers.word("groups.roles.admin"))
    hers.tap("notice-line")
    hers.page.get_by_test_id("notice").get_by_role("textbox").fill(NOTICE)
    hers.press("groups.noticeSet")
    expect(his.page.get_by_test_id("notice-bar")).to_contain_text(NOTICE)

    lins.window.open(group)
    expect(lins.page.get_by_test_id("composer")).to_be_visible()
    hers.window.go(f"{group}/info")
    hers.page.get_by_role("switch", name=hers.word("groups.rules.silenced")).tap()
    expect(lins.page.get_by_test_id("quiet-bar")).to_contain_text(lins.word("conversation.adminsOnly"))
    expect(lins.page.get_by_test_id("composer")).to_have_count(0)
    look(hers.window, "details")
    look(lins.window, "silenced-all")

    call(hers, group)
    expect(his.page.get_by_test_id("called")).to_have_text("@Arun Nair")
    expect(his.page.get_by_test_id("called")).to_have_class(re.compile(r"\bme\b"))
    his.say("I bring the tea.")
    hers.hears("I bring the tea.")
    look(his.window, "called")
    look(hers.window, "calling")
    assert [each.window.trouble for each in (hers, his, lins)] == [[], [], []]


def call(phone: Phone, group: str) -> None:
    """Picks somebody from the list that an @ opens, and writes on."""
    phone.window.go(group)
    composer = phone.page.get_by_test_id("composer")
    composer.press_sequentially("@ar")
    picker = phone.page.get_by_test_id("call-picker")
    expect(picker.get_by_role("option")).to_have_count(1)
    look(phone.window, "picker")
    picker.get_by_role("option").tap()
    expect(composer).to_have_value("@Arun Nair ")
    composer.press_sequentially("周六你来带路？")
    phone.tap("send")
    expect(picker).to_have_count(0)


def group_of(owner: Caller, *others: Caller) -> str:
    for other in others:
        befriend(owner, other)
    members = [other.me["id"] for other in others]
    return str(owner.post("/conversations", json={"kind": "group", "name": NAME, "members": members})["id"])


def test_who_is_silenced_is_told_until_when_and_keeps_what_was_written(chromium: Browser, place: Place) -> None:
    mei, lin = place.newcomer("mei_hush", "陈小梅"), place.newcomer("lin_hush", "林雨")
    group = group_of(mei, lin)
    lins, hers = phone_of(chromium, place, lin), phone_of(chromium, place, mei)
    lins.window.open(f"/c/{group}")
    lins.page.get_by_test_id("composer").fill("还没写完")
    hers.window.open(f"/c/{group}/members")
    hers.tap("member-lin_hush")
    hers.tap("do-silence")
    hers.press("members.spans.h1")
    expect(hers.page.get_by_test_id("do-unsilence")).to_be_visible()
    look(hers.window, "member-silenced")
    told = lins.page.get_by_test_id("quiet-bar")
    expect(told).to_contain_text(re.compile(r"\d\d:\d\d"))
    look(lins.window, "silenced")
    hers.tap("do-unsilence")
    expect(lins.page.get_by_test_id("composer")).to_have_value("还没写完")


def test_who_asks_to_come_in_is_let_in_while_they_look(chromium: Browser, place: Place) -> None:
    mei, lin = place.newcomer("mei_ask", "陈小梅"), place.newcomer("lin_ask", "林雨")
    tom = place.newcomer("tom_ask", "Tom", "en")
    group = group_of(mei, lin)
    link = mei.post(f"/conversations/{group}/invites", json={"approval": True})["code"]
    toms, hers = phone_of(chromium, place, tom, "en"), phone_of(chromium, place, mei)
    hers.window.open(f"/c/{group}/info")
    toms.window.open(f"/join/{link}")
    toms.tap("join-now")
    expect(toms.page.get_by_test_id("asked")).to_be_visible()
    look(toms.window, "asked")
    hers.tap("asking-line")
    look(hers.window, "asking")
    hers.tap("let-in")
    expect(toms.page.get_by_test_id("composer")).to_be_visible()


def test_a_channel_is_made_found_followed_and_left(chromium: Browser, place: Place) -> None:
    mei, lin = place.newcomer("mei_news", "陈小梅"), place.newcomer("lin_news", "林雨")
    hers, lins = phone_of(chromium, place, mei), phone_of(chromium, place, lin)
    hers.window.open("/channels/new")
    hers.fill("channels.name", "龙井村消息")
    hers.fill("channels.about", "采茶、炒茶、开放日。")
    look(hers.window, "new-channel")
    hers.press("channels.create")
    hers.say("今天开采。")
    lins.window.open("/find?q=龙井村")
    lins.page.get_by_test_id("channel-row").tap()
    look(lins.window, "channel-card")
    lins.tap("follow")
    expect(lins.page.get_by_test_id("quiet-bar")).to_be_visible()
    hers.say("周六开放日。")
    lins.hears("周六开放日。")
    look(lins.window, "channel")
    lins.tap("mute")
    expect(lins.page.get_by_test_id("mute")).to_have_text(lins.word("chats.unmute"))
    lins.tap("unfollow")
    lins.page.get_by_role("dialog").get_by_role("button", name=lins.word("channels.leave")).tap()
    expect(lins.page.get_by_text(lins.word("chats.emptyTitle"))).to_be_visible()
    assert [lins.window.trouble, hers.window.trouble] == [[], []]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("kind", ["phone", "desk"])
def test_a_group_of_the_sample_people(kind: Kind, dark: bool, chromium: Browser, demo: Place) -> None:
    caller = demo.caller("mei", SAMPLE_PASSWORD)
    mei = window(chromium, demo.url, kind, dark=dark, token=caller.token)
    named = {each["name"]: each["id"] for each in caller.get("/conversations") if each["name"]}
    group, channel = f"/c/{named['茶友 Tea Friends']}", f"/c/{named['山南茶讯']}"
    mei.open(group)
    expect(mei.see("notice-bar")).to_be_visible()
    mei.calm()
    mei.picture("group")
    mei.go(f"{group}/info")
    expect(mei.see("members").get_by_role("button").nth(4)).to_be_visible()
    mei.calm()
    mei.picture("group-details")
    mei.click("invite-line")
    expect(mei.see("invite-link")).to_be_visible()
    mei.calm()
    mei.picture("group-invite")
    mei.go(channel)
    expect(mei.see("quiet-bar")).to_be_visible()
    mei.picture("channel")
    assert mei.trouble == []
