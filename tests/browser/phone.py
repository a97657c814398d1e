"""What a member does on a phone, in the words of the job."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.windows import Window
from tests.browser.words import word


class Phone:
    """A member's app. Nothing here reloads a page; everything waits for what is shown."""

    def __init__(self, window: Window, language: str) -> None:
        self.window = window
        self.page = window.page
        self._language = language

    def word(self, key: str, **given: object) -> str:
        return word(key, given, language=self._language)

    def tap(self, testid: str) -> None:
        self.page.get_by_test_id(testid).tap()

    def press(self, key: str, **given: object) -> None:
        """The button or link of these words."""
        name = self.word(key, **given)
        self.page.get_by_role("button", name=name, exact=True).or_(
            self.page.get_by_role("link", name=name, exact=True)
        ).first.tap()

    def fill(self, key: str, text: str) -> None:
        self.page.get_by_label(self.word(key), exact=True).fill(text)

    # at the door

    def sign_up(self, handle: str, name: str, password: str) -> None:
        self.window.open("/")
        self.press("door.signUp")
        self.fill("door.name", name)
        self.fill("door.handle", handle)
        self.fill("door.password", password)
        self.window.picture("sign-up")
        self.page.get_by_test_id("sign-up").get_by_role("button").tap()
        expect(self.page.get_by_text(self.word("chats.emptyTitle"))).to_be_visible()

    # talking

    def say(self, text: str) -> None:
        self.page.get_by_test_id("composer").fill(text)
        self.tap("send")

    def hears(self, text: str) -> Locator:
        said = self.page.get_by_role("log").get_by_text(text, exact=True)
        expect(said).to_be_visible()
        return said

    def tab(self, name: str) -> None:
        """Down to the tabs, by the arrow if need be, then to one of them."""
        tab = self.page.get_by_test_id(f"tab-{name}")
        back = self.page.get_by_role("button", name=self.word("common.back"), exact=True)
        expect(tab.or_(back).first).to_be_visible()
        while not tab.is_visible():
            was = self.page.url
            back.tap()
            self.page.wait_for_function("was => location.href !== was", arg=was)
            expect(tab.or_(back).first).to_be_visible()
        tab.tap()

    # buying

    def choose(self, *values: str) -> None:
        for value in values:
            self.page.get_by_role("button", name=value, exact=True).tap()

    def amount(self, testid: str, text: str) -> None:
        """An amount of money as it is shown, whatever stands between its figures and its sign."""
        figures = re.compile(rf"(?<![\d,.]){re.escape(text)}(?![\d,])")
        expect(self.page.get_by_test_id(testid)).to_have_text(figures)

    def order_is(self, state: str) -> None:
        """The order's card in the chat, which follows it live."""
        shown = self.page.get_by_test_id("order-card").get_by_test_id("order-state")
        expect(shown).to_have_attribute("data-state", state)
