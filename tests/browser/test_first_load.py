"""What a phone has to fetch before the app shows anything."""

import pytest
from playwright.sync_api import Browser, Response, expect

from tests.browser.places import Place
from tests.browser.windows import window

pytestmark = pytest.mark.browser

LIMIT_BYTES = 250_000  # a second on a slow network


@pytest.mark.parametrize("signed_in", [False, True], ids=["a visitor", "a member"])
def test_the_first_load_is_at_most_250_kb_of_script(signed_in: bool, chromium: Browser, place: Place) -> None:
    """As transferred, compressed, with nothing in any cache."""
    handle = f"first_{int(signed_in)}"
    token = place.newcomer(handle, "Mei").token if signed_in else ""
    phone = window(chromium, place.url, "phone", token=token)
    scripts: list[Response] = []
    phone.page.on("response", lambda answer: scripts.append(answer) if _is_script(answer) else None)
    phone.open("/")
    shown = phone.see("tab-chats") if signed_in else phone.see("sign-in")
    expect(shown).to_be_visible()
    phone.calm()
    sizes = {answer.url: answer.request.sizes()["responseBodySize"] for answer in scripts}
    assert len(sizes) > 2
    assert all(answer.headers.get("content-encoding") == "gzip" for answer in scripts)
    assert sum(sizes.values()) <= LIMIT_BYTES, sizes


def _is_script(answer: Response) -> bool:
    return answer.request.resource_type == "script"
