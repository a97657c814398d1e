"""The operator's health page: what a busy node shows, what is said when it can't be asked, and how it looks."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.places import Caller, Place, befriend
from tests.browser.windows import Kind, Window, eventually, window

pytestmark = pytest.mark.browser

CHARTS = ("traffic", "commit", "delivery", "batch", "connections", "waiting", "drops", "lag", "cpu", "memory")


@pytest.fixture(scope="module")
def operator(place: Place) -> Caller:
    made = place.newcomer("olga", "Olga", "en")
    place.command("operator", "olga")
    return made


@pytest.fixture(scope="module")
def talk(place: Place) -> tuple[Caller, str]:
    """Someone who writes, and the conversation."""
    mei, arun = place.newcomer("mei", "Mei"), place.newcomer("arun", "Arun")
    return mei, befriend(mei, arun)


def say(talk: tuple[Caller, str], number: int) -> None:
    writer, conversation = talk
    body = {"kind": "text", "text": f"message {number}"}
    writer.post(f"/conversations/{conversation}/messages", json={"client_id": f"m{number}", "body": body})


def opened(chromium: Browser, place: Place, operator: Caller, kind: Kind, *, language: str, dark: bool) -> Window:
    one = window(chromium, place.url, kind, language=language, dark=dark, token=operator.token)
    one.open("/desk/operator/health")
    one.calm()
    return one


@pytest.mark.parametrize("kind", ["desk", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_an_operator_sees_what_the_node_is_doing(
    kind: Kind, dark: bool, chromium: Browser, place: Place, operator: Caller, talk: tuple[Caller, str]
) -> None:
    one = opened(chromium, place, operator, kind, language="zh-CN" if dark else "en", dark=dark)
    for chart in CHARTS:
        expect(one.see(f"chart-{chart}").locator("svg path").first).to_be_attached()
    expect(one.see("vital-store")).to_have_attribute("data-verdict", "fine")
    expect(one.see("vital-lanes")).to_have_attribute("data-verdict", "fine")
    expect(one.see("vital-bus")).to_have_attribute("data-verdict", "unknown")
    expect(one.see("vital-backup")).to_have_attribute("data-verdict", "look")
    before = one.see("chart-traffic").locator(".lines").get_attribute("aria-label")
    number = iter(range(100_000, 200_000))

    def moved() -> bool:
        say(talk, (kind == "desk") * 1_000_000 + dark * 500_000 + next(number))
        return bool(one.see("chart-traffic").locator(".lines").get_attribute("aria-label") != before)

    eventually(one.page, moved, what="the figures move on by themselves")
    one.picture("health")
    one.click("span-long")
    expect(one.see("empty")).to_be_visible()  # a minute has not passed yet
    one.click("span-recent")
    expect(one.see("chart-memory")).to_be_visible()
    assert one.trouble == []


def test_what_is_known_stays_when_the_node_does_not_answer(chromium: Browser, place: Place, operator: Caller) -> None:
    one = opened(chromium, place, operator, "desk", language="en", dark=False)
    expect(one.see("health-summary")).to_contain_text("as of")
    place.kill()
    expect(one.see("refusal")).to_be_visible()
    expect(one.see("chart-memory")).to_be_visible()
    expect(one.see("vital-store")).to_be_visible()
    place.start()
    expect(one.see("refusal")).to_be_hidden()


def test_after_a_backup_the_page_says_how_old_it_is(
    chromium: Browser, place: Place, operator: Caller, tmp_path_factory: pytest.TempPathFactory
) -> None:
    place.command("backup", str(tmp_path_factory.mktemp("backup") / "all.tar.gz"))
    one = opened(chromium, place, operator, "desk", language="en", dark=False)
    expect(one.see("vital-backup")).to_have_attribute("data-verdict", "fine", timeout=30_000)  # looked for now and then
