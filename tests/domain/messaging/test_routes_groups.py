"""Groups, links and channels over HTTP: what is sent and answered."""

from typing import Any

from tests.domain.messaging.test_routes import send
from tests.domain.web import ORIGIN, Web, picture


def group(web: Web) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Mei, who owns it, Arun, who is in it and signed in; and its path."""
    mei, arun = web.sign_up("mei"), web.sign_up("arun")
    web.befriend(mei, arun)
    given = {"kind": "group", "name": "Family", "members": [arun["id"]]}
    opened = web.ask("POST", "/conversations", given, token=mei["token"], status=201)
    return mei, arun, f"/conversations/{opened['id']}"


def test_roles_silence_and_handing_over(web: Web) -> None:
    mei, arun, path = group(web)
    owner = {"token": mei["token"]}
    members = web.ask("GET", f"{path}/members?limit=1", **owner)
    assert [m["person"]["handle"] for m in members["members"]] == ["mei"]
    rest = web.ask("GET", f"{path}/members?limit=1&after={members['next']}", **owner)
    assert set(rest["members"][0]) == set("person role nickname joined_at silenced_until".split())
    web.ask("PUT", f"{path}/members/{arun['id']}/silence", {"until": 2**52}, status=204, **owner)
    refused = {"client_id": "a", "body": {"kind": "text", "text": "but"}}
    response = web.send("POST", f"{path}/messages", refused)
    assert (response.status_code, response.json()["code"]) == (403, "messaging.silenced")
    assert response.json()["params"] == {"until": 2**52}
    web.ask("PUT", f"{path}/members/{arun['id']}/silence", {"until": None}, status=204, **owner)
    web.ask("PUT", f"{path}/members/{arun['id']}/role", {"role": "admin"}, status=204, **owner)
    assert web.ask("PUT", f"{path}/owner", {"account": arun["id"]}, status=200, **owner)["role"] == "admin"
    assert web.refused("PUT", f"{path}/members/{mei['id']}/role", {"role": "owner"})[0] == 422


def test_name_picture_notice_settings_nickname(web: Web) -> None:
    mei, _, path = group(web)
    owner = {"token": mei["token"]}
    named = web.ask("PUT", f"{path}/picture", files={"file": ("x.png", picture())}, **owner)
    shown = web.client.get(named["picture"])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/webp")
    assert web.ask("PUT", f"{path}/notice", {"text": "Dinner at eight"}, **owner)["notice"] == "Dinner at eight"
    given = {"silenced": True, "approval": True, "history_open": True, "members_invite": False}
    set_up = web.ask("PUT", f"{path}/settings", given, **owner)
    assert {name: set_up[name] for name in given} == given
    assert web.refused("PUT", f"{path}/settings", {"listed": True}, **owner) == (422, "messaging.no_such_setting")
    assert web.ask("PUT", f"{path}/nickname", {"nickname": "A"})["nickname"] == "A"
    assert web.refused("PUT", f"{path}/notice", {"text": "mine"}) == (403, "messaging.not_group_admin")
    notices = [m["body"]["code"] for m in web.ask("GET", f"{path}/messages", **owner)]
    assert notices == ["group.created", "group.picture_changed", "group.notice_changed", "group.silenced"]


def test_a_link_is_made_shown_and_followed(web: Web) -> None:
    mei, _, path = group(web)
    owner = {"token": mei["token"]}
    given = {"expires_in_seconds": 3600, "uses": 2, "approval": True}
    made = web.ask("POST", f"{path}/invites", given, status=201, **owner)
    assert made["url"] == f"{ORIGIN}/join/{made['code']}"
    assert (made["uses_left"], made["approval"], made["by"]) == (2, True, mei["id"])
    assert web.ask("GET", f"{path}/invites", **owner) == [made]
    assert web.ask("GET", f"{path}/invites") == []
    drawn = web.send("GET", f"{path}/invites/{made['code']}/qr", **owner)
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert drawn.text.startswith("<svg")
    lin = web.sign_up("lin")
    card = web.ask("GET", f"/invites/{made['code']}")
    assert (card["kind"], card["name"], card["approval"], card["joined"]) == ("group", "Family", True, False)
    assert web.ask("POST", f"/invites/{made['code']}/join", status=200) == {"conversation": None, "waiting": True}
    (asked,) = web.ask("GET", f"{path}/requests", **owner)
    assert asked["person"]["handle"] == "lin"
    web.ask("POST", f"{path}/requests/{lin['id']}", {"accept": True}, status=204, **owner)
    joined = web.ask("POST", f"/invites/{made['code']}/join", status=200)
    assert (joined["conversation"]["member_count"], joined["waiting"]) == (3, False)
    web.ask("DELETE", f"{path}/invites/{made['code']}", status=204, **owner)
    web.sign_up("tao")
    assert web.refused("GET", f"/invites/{made['code']}") == (404, "messaging.no_such_invite")
    assert web.refused("POST", "/invites/short/join")[0] == 404


def test_a_link_that_was_cut_or_made_up_leads_nowhere(web: Web) -> None:
    """Whoever follows one has entered nothing, and is told about the link."""
    mei = web.sign_up("mei")
    for code in ("nonsense", "0" * 23, "0" * 25, "茶", "a%00b", "a'b"):
        for method, path in (("GET", f"/invites/{code}"), ("POST", f"/invites/{code}/join")):
            refused = web.ask(method, path, status=404, token=mei["token"])
            assert refused["code"] == "messaging.no_such_invite", code


def test_a_channel_is_opened_found_followed_and_read(web: Web) -> None:
    web.sign_up("tao")
    opened = web.ask("POST", "/channels", {"name": "Tea news", "notice": "Spring"}, status=201)
    assert (opened["kind"], opened["role"], opened["notice"], opened["listed"]) == ("channel", "owner", "Spring", True)
    send(web, opened["id"], "first")
    web.sign_up("mei")
    (found,) = web.ask("GET", "/channels?query=tea")
    assert (found["id"], found["following"], found["member_count"]) == (opened["id"], False, 1)
    followed = web.ask("PUT", f"/channels/{opened['id']}/follow")
    assert (followed["role"], followed["may"], followed["last"]["body"]["text"]) == ("member", [], "first")
    body = {"client_id": "a", "body": {"kind": "text", "text": "me too"}}
    refused = web.refused("POST", f"/conversations/{opened['id']}/messages", body)
    assert refused == (403, "messaging.only_admins_write")
    assert web.ask("GET", f"/channels/{opened['id']}")["following"] is True
    web.ask("DELETE", f"/channels/{opened['id']}/follow", status=204)
    assert web.ask("GET", "/conversations") == []


def test_a_text_names_whom_it_calls(web: Web) -> None:
    mei, arun, path = group(web)
    body = {"kind": "text", "text": "@Mei look", "mentions": [mei["id"], "nobody"]}
    said = web.ask("POST", f"{path}/messages", {"client_id": "a", "body": body})
    assert said["body"]["mentions"] == [mei["id"]]
    assert "mentions" not in send(web, path.rpartition("/")[2], "plain", client_id="b")["body"]
    everyone = {"client_id": "c", "body": {"kind": "text", "text": "@all", "mentions": ["*"]}}
    assert web.refused("POST", f"{path}/messages", everyone) == (403, "messaging.only_admins_call_all")
    too_many = body | {"mentions": [arun["id"]] * 51}
    assert web.refused("POST", f"{path}/messages", {"client_id": "d", "body": too_many})[0] == 422
