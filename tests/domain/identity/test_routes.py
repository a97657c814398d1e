"""People, sessions, contacts and shops over HTTP: what is sent and answered, and how bad input is answered."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy import text

from dealings.domain.identity import passwords, tokens
from dealings.domain.identity.model import FREE_FAILURES
from dealings.platform.db.tx import Read
from dealings.platform.inputs import cursor
from tests.domain.web import ORIGIN, PASSWORD, Web, picture

MEI = {"handle": "mei", "name": "Mei", "password": PASSWORD}


def cookie(response: Any) -> str:
    return str(response.headers["set-cookie"])


def test_signing_up_signs_in(web: Web) -> None:
    response = web.send("POST", "/accounts", MEI | {"locale": "zh-CN"})
    assert response.status_code == 201
    answered = response.json()
    assert set(answered["me"]) == set("id handle name avatar bio locale operator shops created_at".split())
    assert (answered["me"]["handle"], answered["me"]["locale"]) == ("mei", "zh-CN")
    assert web.ask("GET", "/me") == answered["me"]  # by cookie
    web.client.cookies.clear()
    assert web.ask("GET", "/me", token=answered["token"]) == answered["me"]
    assert web.refused("GET", "/me") == (401, "identity.not_signed_in")
    assert web.refused("GET", "/me", token="nonsense") == (401, "identity.not_signed_in")


def test_the_cookie_is_for_the_server_only(web: Web) -> None:
    given = cookie(web.send("POST", "/accounts", MEI))
    token = re.match("dealings_session=([^;]+);", given)
    assert token is not None and len(token[1]) == 43
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(given.split("; "))
    assert "Secure" not in given
    again = {"handle": "mei", "password": PASSWORD}
    web.client.base_url = "http://deal.example"  # behind a proxy that doesn't say that it has TLS
    assert "Secure" in cookie(web.send("POST", "/sessions", again))
    web.client.base_url = "https://localhost"
    assert "Secure" in cookie(web.send("POST", "/sessions", again))


def test_P7_nobody_is_signed_in_or_out_by_another_site(web: Web) -> None:
    web.sign_up("mei")
    elsewhere = {"Origin": "https://evil.example"}
    given = {"handle": "mei", "password": PASSWORD}
    assert web.refused("DELETE", "/sessions/current", headers=elsewhere) == (403, "other_origin")
    web.client.cookies.clear()
    assert web.refused("POST", "/sessions", given, headers=elsewhere) == (403, "other_origin")
    assert web.refused("POST", "/accounts", MEI | {"handle": "arun"}, headers=elsewhere) == (403, "other_origin")
    assert web.ask("POST", "/sessions", given, headers={"Origin": ORIGIN})


def test_neither_password_nor_token_is_stored_or_logged(web: Web, capfd: pytest.CaptureFixture[str]) -> None:
    answered = web.ask("POST", "/accounts", MEI, headers={"Idempotency-Key": "k"})
    web.refused("POST", "/sessions", {"handle": "mei", "password": "wrong " + PASSWORD})
    web.ask("PATCH", "/me", {"bio": "tea"})
    tables = ("accounts", "sessions", "answers", "events", "sign_in_attempts")
    rows = [str(row) for table in tables for row in web.world.read(everything, table)]
    assert all(web.world.read(everything, table) for table in tables)
    assert any("$argon2id$v=19$m=19456,t=2,p=1$" in row for row in rows)
    assert any(tokens.digest(answered["token"]) in row for row in rows)
    said = "".join(capfd.readouterr())
    assert [row for row in [*rows, said] if PASSWORD in row or answered["token"] in row] == []


def everything(db: Read, table: str) -> list[Any]:
    return list(db.sql.execute(text(f"SELECT * FROM {table}")))


def test_signing_in_with_the_password_only(web: Web) -> None:
    web.sign_up("mei")
    web.client.cookies.clear()
    wrong = (401, "identity.wrong_credentials")
    assert web.refused("POST", "/sessions", {"handle": "mei", "password": "wrong password"}) == wrong
    assert web.refused("POST", "/sessions", {"handle": "nobody", "password": PASSWORD}) == wrong
    assert web.refused("POST", "/sessions", {"handle": "mei", "password": ""}) == wrong
    assert web.ask("POST", "/sessions", {"handle": " @MEI", "password": PASSWORD}, status=201)["me"]["handle"] == "mei"


def test_passwords_are_the_same_however_they_were_composed(web: Web) -> None:
    web.ask("POST", "/accounts", MEI | {"password": "cafe\u0301 au lait"})
    assert web.ask("POST", "/sessions", {"handle": "mei", "password": "caf\u00e9 au lait"}, status=201)


def test_an_unknown_handle_costs_the_same_work(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    web.sign_up("mei")
    verified: list[str] = []
    original = passwords._verified

    def counting(password: str, stored: str) -> bool:
        verified.append(stored.split("$")[3])
        return original(password, stored)

    monkeypatch.setattr(passwords, "_verified", counting)
    for handle in ("mei", "nobody"):
        web.refused("POST", "/sessions", {"handle": handle, "password": "wrong password"})
    assert verified == ["m=19456,t=2,p=1"] * 2


def test_guessing_is_slowed_down(web: Web) -> None:
    web.sign_up("mei")
    guess = {"handle": "mei", "password": "wrong password"}
    codes = [web.refused("POST", "/sessions", guess)[1] for _ in range(FREE_FAILURES + 1)]
    assert codes == ["identity.wrong_credentials"] * FREE_FAILURES + ["identity.too_many_attempts"]
    response = web.send("POST", "/sessions", {"handle": "mei", "password": PASSWORD})
    assert (response.status_code, response.headers["retry-after"]) == (429, "2")
    assert response.json()["retry_after_seconds"] == 2
    web.world.clock.advance(2000)
    web.ask("POST", "/sessions", {"handle": "mei", "password": PASSWORD})
    web.ask("POST", "/sessions", {"handle": "mei", "password": PASSWORD})


def test_P8_a_sign_up_that_is_repeated_gives_the_same_account(web: Web) -> None:
    headers = {"Idempotency-Key": "one intent"}
    first = web.ask("POST", "/accounts", MEI, headers=headers)
    web.client.cookies.clear()
    again = web.ask("POST", "/accounts", MEI, headers=headers)
    assert again["me"] == first["me"]
    assert again["token"] != first["token"]
    assert web.ask("GET", "/me", token=first["token"]) == web.ask("GET", "/me", token=again["token"])
    web.client.cookies.clear()
    assert web.refused("POST", "/accounts", MEI | {"password": "another password"}, headers=headers) == (
        409,
        "key_reused",
    )
    assert web.refused("POST", "/accounts", MEI | {"name": "Mo"}, headers=headers) == (409, "key_reused")
    assert web.refused("POST", "/accounts", MEI) == (409, "identity.handle_taken")


def test_P8_every_sign_in_has_a_token_of_its_own_also_under_one_key(web: Web) -> None:
    web.sign_up("mei")
    given = {"handle": "mei", "password": PASSWORD}
    found = [web.ask("POST", "/sessions", given, headers={"Idempotency-Key": "k"})["token"] for _ in range(2)]
    assert len(set(found)) == 2
    assert all(web.ask("GET", "/me", token=token) for token in found)


def test_sessions_are_listed_and_ended(web: Web) -> None:
    mei = web.sign_up("mei")
    other = web.ask("POST", "/sessions", {"handle": "mei", "password": PASSWORD}, headers={"User-Agent": "My phone"})
    listed = web.ask("GET", "/sessions", token=mei["token"])
    assert [set(s) for s in listed] == [set("id created_at seen_at agent address current".split())] * 2
    assert sorted((s["current"], s["agent"]) for s in listed) == [(False, "My phone"), (True, "testclient")]
    (ended,) = [s["id"] for s in listed if not s["current"]]
    web.ask("DELETE", f"/sessions/{ended}", token=mei["token"], status=204)
    assert web.refused("GET", "/me", token=other["token"]) == (401, "identity.not_signed_in")
    assert web.refused("DELETE", f"/sessions/{ended}", token=mei["token"]) == (404, "identity.no_such_session")


def test_signing_out_ends_the_session_and_takes_the_cookie(web: Web) -> None:
    mei = web.sign_up("mei")
    response = web.send("DELETE", "/sessions/current")
    assert response.status_code == 204
    assert "Max-Age=0" in cookie(response)
    assert web.refused("GET", "/me", token=mei["token"]) == (401, "identity.not_signed_in")


def test_a_password_is_changed_by_who_knows_the_old_one(web: Web) -> None:
    mei = web.sign_up("mei")
    other = web.ask("POST", "/sessions", {"handle": "mei", "password": PASSWORD})
    change = {"old": PASSWORD, "new": "a better passphrase"}
    token = mei["token"]
    assert web.refused("POST", "/me/password", change | {"old": "wrong password"}, token=token)[0] == 401
    assert web.refused("POST", "/me/password", change | {"new": "short"}, token=token) == (
        422,
        "identity.password_weak",
    )
    web.ask("POST", "/me/password", change, token=token, status=204)
    assert web.ask("GET", "/me", token=token)
    assert web.refused("GET", "/me", token=other["token"])[0] == 401
    assert web.refused("POST", "/sessions", {"handle": "mei", "password": PASSWORD})[0] == 401
    assert web.ask("POST", "/sessions", {"handle": "mei", "password": change["new"]})
    for _ in range(FREE_FAILURES):
        web.refused("POST", "/me/password", {"old": "guess " * 2, "new": "a good passphrase"}, token=token)
    assert web.refused("POST", "/me/password", change, token=token) == (429, "identity.too_many_attempts")


def test_a_profile_over_http(web: Web) -> None:
    web.sign_up("mei")
    changed = web.ask("PATCH", "/me", {"name": "Mei Lin", "bio": "tea", "locale": "en"})
    assert (changed["name"], changed["bio"], changed["locale"]) == ("Mei Lin", "tea", "en")
    assert web.ask("PATCH", "/me", {}) == changed == web.ask("GET", "/me")
    assert web.ask("GET", "/me/address") is None
    address = {"name": "Mei", "phone": "138", "text": "1 Lake Road"}
    assert web.ask("PUT", "/me/address", address) == web.ask("GET", "/me/address") == address


def test_pictures_are_uploaded_and_served(web: Web) -> None:
    web.sign_up("mei")
    me = web.ask("PUT", "/me/avatar", files={"file": ("me.png", picture(), "image/png")})
    got = web.client.get(me["avatar"])
    assert (got.status_code, got.headers["content-type"]) == (200, "image/webp")
    shop = web.ask("POST", "/shops", {"handle": "tea.house", "name": "Tea"}, status=201)
    shop = web.ask("PUT", f"/shops/{shop['id']}/picture", files={"file": ("s.png", picture(), "image/png")})
    assert shop["picture"] == me["avatar"]  # the same picture
    for bad in (b"", b"%PDF-1.7", picture()[:100]):
        assert web.refused("PUT", "/me/avatar", files={"file": ("x", bad, "image/png")}) == (422, "picture.unreadable")
    assert web.ask("GET", "/me")["avatar"] == me["avatar"]
    web.sign_up("arun")
    assert web.refused("PUT", f"/shops/{shop['id']}/picture", files={"file": ("s.png", picture(), "image/png")}) == (
        403,
        "identity.not_staff",
    )


def test_a_name_card_is_a_link_and_a_qr_code(web: Web) -> None:
    web.sign_up("mei")
    card = web.ask("GET", "/me/card")
    assert card["link"] == f"{ORIGIN}/u/{card['code']}"
    svg = ElementTree.fromstring(card["svg"])
    assert svg.tag == "svg" and "viewBox" in svg.attrib and "width" not in svg.attrib
    ground, modules = list(svg)
    assert (ground.attrib["fill"], modules.attrib["stroke"]) == ("#fff", "#1d1b19")
    new = web.ask("POST", "/me/card", status=200)
    assert new["code"] != card["code"]
    arun = web.sign_up("arun")
    assert web.ask("GET", f"/cards/{new['code'].upper()}")["handle"] == "mei"
    assert web.refused("GET", f"/cards/{card['code']}") == (404, "identity.no_such_person")
    asked = web.ask("POST", "/contacts", {"code": new["code"], "greeting": "hi"}, status=201)
    assert (asked["state"], asked["person"]["handle"]) == ("asked", "mei")
    assert web.refused("POST", "/contacts", {"code": card["code"]}, token=arun["token"])[0] == 404
    assert web.refused("POST", "/contacts", {}, token=arun["token"]) == (404, "identity.no_such_person")


def test_people_are_looked_up_and_found(web: Web) -> None:
    mei, arun = web.sign_up("mei"), web.sign_up("arun")
    asked = f"/people?ids={mei['id']},{arun['id']},{mei['id']},{'0' * 16},"
    assert [p["handle"] for p in web.ask("GET", asked)] == ["mei", "arun"]
    assert set(web.ask("GET", asked)[0]) == set("id handle name avatar bio".split())
    (found,) = web.ask("GET", "/people?q=me")
    assert found == web.ask("GET", f"/people/{mei['id']}")
    assert set(found) == set("id handle name avatar bio relation remark card".split())
    assert web.ask("GET", "/people") == web.ask("GET", "/people?ids=") == []
    assert web.refused("GET", f"/people/{'0' * 16}") == (404, "identity.no_such_person")


def test_contacts_over_http(web: Web) -> None:
    mei, arun = web.sign_up("mei"), web.sign_up("arun")
    one, two = {"token": mei["token"]}, {"token": arun["token"]}
    asked = web.ask("POST", "/contacts", {"account": arun["id"], "greeting": "hi"}, status=201, **one)
    assert set(asked) == set("person state remark greeting changed_at".split())
    assert web.ask("GET", "/contacts", **two)[0]["greeting"] == "hi"
    assert web.ask("POST", f"/contacts/{mei['id']}/accept", status=200, **two)["state"] == "accepted"
    assert web.ask("PATCH", f"/contacts/{arun['id']}", {"remark": "A"}, **one)["remark"] == "A"
    assert web.ask("POST", f"/contacts/{mei['id']}/block", status=200, **two)["state"] == "blocked"
    assert web.refused("POST", f"/contacts/{mei['id']}/accept", **two) == (409, "identity.contact_step")
    assert web.ask("POST", f"/contacts/{mei['id']}/unblock", status=200, **two)["state"] == "accepted"
    web.ask("DELETE", f"/contacts/{mei['id']}", status=204, **two)
    assert web.ask("GET", "/contacts", **one) == web.ask("GET", "/contacts", **two) == []
    web.ask("POST", f"/contacts/{mei['id']}/block", **two)
    assert web.ask("POST", f"/contacts/{mei['id']}/unblock", status=204, **two) is None
    web.ask("POST", "/contacts", {"account": arun["id"]}, **one)
    web.ask("POST", f"/contacts/{mei['id']}/refuse", status=204, **two)
    assert web.ask("GET", "/contacts", **one) == []


def test_shops_over_http(web: Web) -> None:
    tao, lin = web.sign_up("tao"), web.sign_up("lin")
    owner = {"token": tao["token"]}
    given = {"handle": "Tea.House", "name": "Tea House", "tagline": "from the hills", "currency": "cny"}
    shop = web.ask("POST", "/shops", given, status=201, **owner)
    assert set(shop) == set("id handle name tagline picture currency owner created_at".split())
    assert web.ask("GET", "/shops/tea.house") == web.ask("GET", f"/shops/{shop['id']}") == shop
    path = f"/shops/{shop['id']}"
    assert web.ask("PATCH", path, {"tagline": "new"}, **owner)["tagline"] == "new"
    assert web.refused("PATCH", path, {"name": "Mine"}) == (403, "identity.not_staff")
    assert web.refused("GET", f"{path}/staff") == (403, "identity.not_staff")
    hired = web.ask("POST", f"{path}/staff", {"handle": "lin", "role": "staff"}, status=201, **owner)
    assert (hired["person"]["id"], hired["role"]) == (lin["id"], "staff")
    assert web.refused("POST", f"{path}/staff", {"handle": "lin", "role": "owner"}, **owner)[0] == 422
    assert [m["role"] for m in web.ask("GET", f"{path}/staff")] == ["owner", "staff"]
    assert web.ask("GET", "/me")["shops"][0]["role"] == "staff"
    web.ask("DELETE", f"{path}/staff/{lin['id']}", status=204)
    assert web.refused("DELETE", f"{path}/staff/{tao['id']}", **owner) == (409, "identity.owner_stays")
    assert web.refused("GET", "/shops/none") == (404, "identity.no_such_shop")


def pages(web: Web) -> Iterator[list[str]]:
    after = ""
    while after is not None:
        page = web.ask("GET", f"/shops?limit=2&cursor={after}")
        yield [shop["handle"] for shop in page["items"]]
        after = page["next"]


def test_shops_are_listed_page_by_page(web: Web) -> None:
    web.sign_up("tao")
    for n in range(5):
        web.ask("POST", "/shops", {"handle": f"shop{n}", "name": "Shop"})
        web.world.clock.advance(1)
    assert list(pages(web)) == [["shop0", "shop1"], ["shop2", "shop3"], ["shop4"]]
    for bad in (cursor({"shop": "a\x00"}), cursor("s"), "x", "%00", "!!!!", "gqFhAQ", "a" * 201):
        status, code = web.refused("GET", f"/shops?cursor={bad}")
        assert (status, code) in ((422, "bad_cursor"), (422, "bad_request"), (400, "bad_request"))


BAD: list[tuple[str, str, object]] = [
    ("POST", "/accounts", {}),
    ("POST", "/accounts", MEI | {"handle": 7}),
    ("POST", "/accounts", MEI | {"operator": True}),
    ("POST", "/accounts", MEI | {"locale": "xx"}),
    ("POST", "/accounts", MEI | {"name": "x" * 100_000}),
    ("POST", "/accounts", MEI | {"password": "x" * 201}),
    ("POST", "/sessions", []),
    ("POST", "/sessions", {"handle": None, "password": None}),
    ("PATCH", "/me", {"locale": "de"}),
    ("PATCH", "/me", {"operator": True}),
    ("PATCH", "/me", {"bio": "x" * 5_000_000}),
    ("PUT", "/me/address", {"name": "x"}),
    ("GET", "/people?ids=a%00b", None),
    ("GET", "/people?ids=" + "a," * 2000, None),
    ("GET", "/people?q=" + "x" * 101, None),
    ("GET", "/people/a%00b", None),
    ("GET", "/cards/a'b", None),
    ("GET", "/shops?limit=0", None),
    ("GET", "/shops?limit=101", None),
    ("POST", "/contacts", {"account": "a\x00"}),
    ("POST", "/contacts", {"account": "x" * 17}),
    ("POST", "/shops", {"handle": "shop", "name": "x", "currency": "x" * 9}),
    ("PUT", "/me/avatar", {"file": "no form"}),
]


def test_input_of_the_wrong_shape_is_answered_in_words(web: Web) -> None:
    web.sign_up("tao")
    for method, path, body in BAD:
        response = web.send(method, path, body)
        assert response.status_code in (400, 422), (method, path, response.text)
        assert response.json()["code"] in ("bad_request", "identity.no_such_person"), (method, path)
        assert "Traceback" not in response.text


def test_a_sign_up_that_can_not_be_says_why(web: Web) -> None:
    for change, code in (
        ({"handle": "m"}, "identity.handle_invalid"),
        ({"handle": "mei\x00"}, "identity.handle_invalid"),
        ({"name": " "}, "identity.name_invalid"),
        ({"name": "x" * 41}, "identity.name_invalid"),
        ({"password": "short"}, "identity.password_weak"),
        ({"password": "x" * 129}, "identity.password_weak"),
        ({"password": "password1"}, "identity.password_weak"),
    ):
        assert web.refused("POST", "/accounts", MEI | change) == (422, code)
    assert web.ask("POST", "/accounts", MEI, status=201)
