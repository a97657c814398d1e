"""What people hold in their hands: a phone or a desk's screen, watched for everything that goes wrong on it."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, expect

from tests.browser.pictures import save_pair, save_png

SIZES = {"phone": (390, 844), "desk": (1440, 900)}
Kind = Literal["phone", "desk"]
IMAGES = Path(__file__).parents[2] / "docs" / "images"
FACE = """
    @font-face { font-family: face; src: local("NotoSansCJKsc-Regular"); unicode-range: U+0-B6, U+B8-10FFFF }
    @font-face { font-family: face; src: local("NotoSansCJKsc-Bold"); font-weight: 600; unicode-range: U+0-B6, U+B8-10FFFF }
    :root { --font: face, "DejaVu Sans", sans-serif }
"""  # one face for both scripts, as phones have; its middle dot is as wide as a word
NAVIGATE = "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')) }"
LOADED = """() => ![...document.querySelectorAll('.skeleton, .splash, .rows[role=status]')].some(
    (it) => it.checkVisibility({ visibilityProperty: true }))"""
IN_THE_DARK = (
    "app",
    "chats",
    "conversation",
    "group",
    "group-details",
    "health",
    "inbox",
    "insight",
    "product-sheet",
    "wallet",
)
RESULTS = Path(__file__).parents[2] / "test-results"
WANTED = os.environ.get("DEALINGS_SCREENSHOTS") == "1"
"""Pictures for the documents are only taken when asked for, so that a test run leaves the tree as it was."""

LEFT = re.compile("net::ERR_ABORTED")  # the page that had asked was left
NOBODY_YET = "/api/v1/me"  # an app's first question: who am I? A visitor's answer is 401, which browsers log
OURS = "blocked by Playwright"  # see `workers`


@dataclass
class Window:
    """One page of one person, with whatever it complained about."""

    page: Page
    url: str
    kind: Kind
    dark: bool
    trouble: list[str] = field(default_factory=list)
    asking: set[Request] = field(default_factory=set)
    """What was asked of the server and is not answered yet."""

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def go(self, path: str) -> None:
        """To another page as the app itself goes there, without loading it anew."""
        self.page.evaluate(NAVIGATE, path)
        self.calm()

    def calm(self) -> None:
        """Until the page shows something and everything that was asked for is there."""
        expect(self.page.locator("h1, h2, form").first).to_be_attached()
        self.page.wait_for_function(LOADED)
        eventually(self.page, lambda: not self.asking, what="nothing is being asked for")
        self.page.wait_for_function(LOADED)

    def see(self, testid: str) -> Any:
        return self.page.get_by_test_id(testid)

    def click(self, testid: str) -> None:
        self.page.get_by_test_id(testid).click()

    def picture(self, name: str) -> None:
        """Leaves docs/images/<name>-<phone|desk>[-dark].png, if pictures are wanted; few in the dark."""
        if not WANTED or (self.dark and name not in IN_THE_DARK):
            return
        save_png(self.shot(), IMAGES / f"{name}-{self.kind}{'-dark' if self.dark else ''}.png")

    def shot(self) -> bytes:
        settle(self.page)
        self.page.add_style_tag(content=FACE)
        return self.page.screenshot(animations="disabled", caret="hide")

    def watch(self) -> None:
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        self.page.on("request", lambda request: self.asking.add(request))
        self.page.on("requestfinished", lambda request: self.asking.discard(request))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        expected = NOBODY_YET in message.location["url"] or OURS in message.text
        if message.type in ("error", "warning") and not expected:
            self.trouble.append(f"console {message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        self.asking.discard(request)
        if not LEFT.search(request.failure or ""):
            self.trouble.append(f"failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and not response.url.endswith(NOBODY_YET):
            self.trouble.append(f"{response.status}: {response.request.method} {response.url}")


def window(
    browser: Browser,
    url: str,
    kind: Kind,
    *,
    language: str = "zh-CN",
    dark: bool = False,
    token: str = "",
    workers: Literal["allow", "block"] = "block",
) -> Window:
    """A fresh browser of someone: a phone that is touched, or a desk's screen. With a token they are signed in."""
    width, height = SIZES[kind]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=2 if WANTED and kind == "phone" else 1,
        is_mobile=kind == "phone",
        has_touch=kind == "phone",
        locale=language,
        timezone_id="Asia/Shanghai",
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        service_workers=workers,
        permissions=["clipboard-read", "clipboard-write"],
    )
    if token:
        context.add_cookies([{"name": "dealings_session", "value": token, "url": url}])
    opened = Window(context.new_page(), url, kind, dark)
    opened.watch()
    _open.append(opened)
    return opened


_open: list[Window] = []


def leave_evidence(test: str) -> None:
    """What every open window shows after a test has failed, in test-results/."""
    RESULTS.mkdir(exist_ok=True)
    test = re.sub(r"[^\w-]+", "-", test)
    for at, each in enumerate(_open):
        if not each.page.is_closed():
            each.page.screenshot(path=RESULTS / f"{test}-{at}-{each.kind}.png")
            (RESULTS / f"{test}-{at}-{each.kind}.txt").write_text("\n".join([each.page.url, *each.trouble]))


def close_all() -> None:
    """Everyone goes home."""
    while _open:
        _open.pop().context.close()


def picture_of_both(desk: Window, phone: Window, name: str) -> None:
    if WANTED:
        save_pair(desk.shot(), phone.shot(), IMAGES / f"{name}.png")


def settle(page: Page) -> None:
    """Fonts and pictures are there, nothing moves any more."""
    page.wait_for_function(
        """() => document.fonts.status === 'loaded'
            && [...document.images].every((it) => it.complete || it.loading === 'lazy')
            && !document.querySelector('.van-toast:not([style*="display: none"])')
            && document.getAnimations().every((it) => it.playState !== 'running')"""
    )


def eventually(page: Page, question: Callable[[], bool], *, what: str, within_ms: int = 10_000) -> None:
    """Until it is so; for what the page itself doesn't show."""
    for _ in range(within_ms // 50):
        if question():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"not so after {within_ms} ms: {what}")
