"""What a browser's headers allow, and what a body may be: judged before any handler sees the request."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dealings.edge.web.access import OtherOrigin, check_origin
from dealings.edge.web.app import BODY_MOST
from tests.domain.web import Web, served
from tests.world import World

HOST = "deal.example:8000"
STRANGE = [
    "null",
    "",
    "http://[",
    "https://evil.example",
    "https://deal.example.evil.example",
    "http://deal.example:9000",
]


@pytest.mark.parametrize("public_url", ["", "https://deal.example"])
@pytest.mark.parametrize("origin", STRANGE)
def test_P7_a_page_of_another_origin_is_none_of_ours(origin: str, public_url: str) -> None:
    with pytest.raises(OtherOrigin):
        check_origin(origin=origin, host=HOST, public_url=public_url)


@pytest.mark.parametrize("origin", [f"http://{HOST}", "http://DEAL.example:8000", "https://deal.example", None])
def test_our_own_pages_and_programs_are_let_in(origin: str | None) -> None:
    check_origin(origin=origin, host=HOST, public_url="https://deal.example")


@pytest.mark.parametrize(("site", "ours"), [(None, True), ("same-origin", True), ("none", True), ("cross-site", False)])
def test_P7_without_an_origin_the_browser_says_where_from(site: str | None, ours: bool) -> None:
    try:
        check_origin(origin=None, host=HOST, public_url="", site=site)
    except OtherOrigin:
        assert not ours
    else:
        assert ours


@pytest.fixture
def web(world: World, tmp_path: Path) -> Iterator[Web]:
    with served(world, tmp_path) as made:
        yield made


@pytest.mark.parametrize("origin", STRANGE)
def test_P7_nobody_is_signed_in_by_another_site(web: Web, origin: str) -> None:
    given = {"handle": "mei", "name": "Mei", "password": "correct horse"}
    assert web.refused("POST", "/accounts", given, headers={"Origin": origin}) == (403, "other_origin")


BODIES = {
    "nested": b"[" * 100_000,
    "nested where nobody looks": b'{"name":"a","x":' + b'{"x":' * 50_000,
    "no UTF-8": b'{"name":"\xff"}',
    "half a pair": b'{"name":"\\ud800"}',
    "nothing": b"",
    "no JSON": b"name=a",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("path", ["/me", "/sessions"])
def test_a_body_that_cannot_be_read_is_the_senders_fault(web: Web, path: str, body: bytes) -> None:
    token = web.sign_up("mei")["token"]
    method, json = "PATCH" if path == "/me" else "POST", {"Content-Type": "application/json"}
    assert web.refused(method, path, token=token, content=body, headers=json)[0] in (400, 422)


def form(*, head: str = "", value: bytes = b"x") -> bytes:
    disposition = b'Content-Disposition: form-data; name="file"\r\n'
    return b"--a\r\n" + disposition + head.encode() + b"\r\n" + value + b"\r\n--a--\r\n"


FORMS = {
    "no UTF-8": form(value=b"\xff\xfe"),
    "too long": form(value=b"x" * 20_000),
    "no such charset": form(head="Content-Type: text/plain; charset=none\r\n"),
    "a charset that takes hours": form(head="Content-Type: text/plain; charset=punycode\r\n", value=b"b" * 5_000_000),
    "cut short": form()[:-9],
    "no form": b"x",
    "a name that is no UTF-8": b"--a\r\nContent-Disposition: form-data; name=\xff\r\n\r\nx\r\n--a--\r\n",
}


@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
def test_a_form_that_no_browser_sends_is_refused_at_once(web: Web, body: bytes) -> None:
    token, kind = web.sign_up("mei")["token"], {"Content-Type": "multipart/form-data; boundary=a"}
    assert web.refused("PUT", "/me/avatar", token=token, content=body, headers=kind)[0] in (400, 422)


def test_what_the_api_answers_is_kept_nowhere(web: Web) -> None:
    assert web.send("GET", "/me", token=web.sign_up("mei")["token"]).headers["cache-control"] == "no-store"


def test_a_body_is_as_large_as_what_it_is_for(web: Web) -> None:
    token, json = web.sign_up("mei")["token"], {"Content-Type": "application/json"}
    assert web.refused("PATCH", "/me", token=token, content=b" " * (BODY_MOST + 1), headers=json) == (413, "too_large")
    assert web.refused("POST", "/sessions", content=b" " * 300_000, headers=json) == (413, "too_large")
    large = {"file": ("x.png", b"x" * (BODY_MOST + 1))}
    assert web.refused("PUT", "/me/avatar", token=token, files=large) == (422, "picture.unreadable")
