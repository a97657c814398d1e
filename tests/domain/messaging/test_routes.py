"""Conversations over HTTP: what is sent and answered, and how bad input is answered."""

from typing import Any

from tests.domain.web import Web


def friends(web: Web) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Mei and Arun, and their conversation; Arun is signed in."""
    mei, arun = web.sign_up("mei"), web.sign_up("arun")
    web.befriend(mei, arun)
    opened = web.ask("POST", "/conversations", {"kind": "direct", "account": mei["id"]}, status=201)
    return mei, arun, opened["id"]


def send(web: Web, conversation: str, text: str, *, client_id: str = "", token: str = "", status: int = 201) -> Any:
    body = {"client_id": client_id or web.world.uuid(), "body": {"kind": "text", "text": text}}
    return web.ask("POST", f"/conversations/{conversation}/messages", body, token=token, status=status)


FIELDS = set(
    "id kind name picture peer shop buyer role member_count last_seq last read_seq peer_read_seq unread created_at"
    " notice notice_by notice_at silenced history_open members_invite approval listed nickname silenced_until"
    " muted pinned_at draft draft_at peer_received_seq mentioned may requests".split()
)


def test_two_people_talk(web: Web) -> None:
    mei, arun, talk = friends(web)
    again = web.ask("POST", "/conversations", {"kind": "direct", "account": arun["id"]}, token=mei["token"], status=200)
    assert (again["id"], again["peer"]) == (talk, arun["id"])
    first = send(web, talk, "hello", client_id="a")
    assert set(first) == set("conversation seq sender shop client_id body at".split())
    assert first["body"] == {"kind": "text", "text": "hello", "quote": None, "product": None}
    assert send(web, talk, "hello", client_id="a") == first
    said = {"client_id": "b", "body": {"kind": "text", "text": "yes", "quote": {"seq": 1}, "product": "p1"}}
    second = web.ask("POST", f"/conversations/{talk}/messages", said, token=mei["token"])
    assert second["body"]["quote"] == {"seq": 1, "text": "hello"}
    (listed,) = web.ask("GET", "/conversations")
    assert set(listed) == FIELDS
    assert (listed["last"], listed["unread"], listed["kind"]) == (second, 1, "direct")
    assert web.ask("POST", f"/conversations/{talk}/read", {"seq": 2}, status=200) == {"read_seq": 2, "unread": 0}
    assert web.ask("GET", f"/conversations/{talk}/messages") == [first, second]
    assert web.ask("GET", f"/conversations/{talk}/messages?before=2") == [first]
    assert web.ask("GET", f"/conversations/{talk}/messages?after=1&limit=1") == [second]
    opened = web.ask("GET", f"/conversations/{talk}")
    assert set(opened) == {"conversation", "members", "shop"}
    assert {(m["person"]["handle"], m["role"], m["read_seq"]) for m in opened["members"]} == {
        ("mei", "member", 0),
        ("arun", "member", 2),
    }


def test_groups_over_http(web: Web) -> None:
    mei, arun, _ = friends(web)
    lin = web.sign_up("lin")
    web.befriend(mei, lin)
    owner = {"token": mei["token"]}
    group = web.ask("POST", "/conversations", {"kind": "group", "name": "Us", "members": [arun["id"]]}, **owner)
    path = f"/conversations/{group['id']}"
    assert (group["role"], group["member_count"]) == ("owner", 2)
    assert web.ask("POST", f"{path}/members", {"accounts": [lin["id"]]}, status=200, **owner)["member_count"] == 3
    assert web.ask("PATCH", path, {"name": "All"}, **owner)["name"] == "All"
    assert web.refused("PATCH", path, {"name": "Mine"}) == (403, "messaging.not_group_admin")
    web.ask("DELETE", f"{path}/members/{arun['id']}", status=204, **owner)
    web.ask("DELETE", f"{path}/members/{lin['id']}", status=204)
    assert web.refused("GET", path) == (404, "messaging.no_such_conversation")
    notices = [m["body"]["code"] for m in web.ask("GET", f"{path}/messages", **owner)]
    assert notices == ["group.created", "member.added", "group.renamed", "member.removed", "member.left"]


def test_a_buyer_and_a_shop_talk_and_staff_answer_from_the_inbox(web: Web) -> None:
    tao = web.sign_up("tao")
    shop = web.ask("POST", "/shops", {"handle": "tea.house", "name": "Tea"})["id"]
    mei = web.sign_up("mei")
    thread = web.ask("POST", "/conversations", {"kind": "shop", "shop": shop}, status=201)
    assert web.ask("POST", "/conversations", {"kind": "shop", "shop": shop}, status=200) == thread
    send(web, thread["id"], "is it fresh?")
    staff = {"token": tao["token"]}
    page = web.ask("GET", f"/shops/{shop}/inbox?waiting=true", **staff)
    assert ([c["id"] for c in page["items"]], page["next"]) == ([thread["id"]], None)
    assert (page["items"][0]["role"], page["items"][0]["unread"]) == ("staff", 1)
    answer = send(web, thread["id"], "this week's", token=tao["token"])
    assert (answer["shop"], answer["sender"]) == (shop, tao["id"])
    assert web.ask("GET", f"/shops/{shop}/inbox?waiting=true", **staff)["items"] == []
    assert web.ask("GET", f"/conversations/{thread['id']}", **staff)["shop"]["handle"] == "tea.house"
    assert web.ask("GET", f"/conversations/{thread['id']}", token=mei["token"])["conversation"]["peer_read_seq"] == 0
    assert web.refused("GET", f"/shops/{shop}/inbox") == (403, "identity.not_staff")
    assert web.refused("POST", "/conversations", {"kind": "shop", "shop": shop}, **staff) == (
        422,
        "messaging.own_shop",
    )


def test_the_inbox_page_by_page(web: Web) -> None:
    tao = web.sign_up("tao")
    shop = web.ask("POST", "/shops", {"handle": "tea.house", "name": "Tea"})["id"]
    for n in range(3):
        web.sign_up(f"buyer{n}")
        web.ask("POST", "/conversations", {"kind": "shop", "shop": shop})
    first = web.ask("GET", f"/shops/{shop}/inbox?limit=2", token=tao["token"])
    rest = web.ask("GET", f"/shops/{shop}/inbox?limit=2&cursor={first['next']}", token=tao["token"])
    assert len({c["id"] for c in first["items"] + rest["items"]}) == 3
    assert rest["next"] is None
    assert web.refused("GET", f"/shops/{shop}/inbox?cursor=abc", token=tao["token"]) == (422, "bad_cursor")


def test_input_of_the_wrong_shape_is_answered_in_words(web: Web) -> None:
    mei, _, talk = friends(web)
    text = {"kind": "text", "text": "hi"}
    bad: list[tuple[str, str, object]] = [
        ("POST", "/conversations", {"kind": "nothing"}),
        ("POST", "/conversations", {"account": mei["id"]}),
        ("POST", "/conversations", {"kind": "direct", "account": "a\x00b"}),
        ("POST", "/conversations", {"kind": "group", "name": "x", "members": ["x"] * 501}),
        ("POST", "/conversations", {"kind": "group", "name": "x", "members": "mei"}),
        ("POST", f"/conversations/{talk}/messages", {"client_id": "", "body": text}),
        ("POST", f"/conversations/{talk}/messages", {"client_id": "x" * 41, "body": text}),
        ("POST", f"/conversations/{talk}/messages", {"client_id": "a", "body": {"kind": "notice", "code": "x"}}),
        ("POST", f"/conversations/{talk}/messages", {"client_id": "a", "body": text | {"quote": {"seq": -1}}}),
        ("POST", f"/conversations/{talk}/messages", {"client_id": "a", "body": text | {"product": "x" * 17}}),
        ("POST", f"/conversations/{talk}/messages", {"client_id": "a", "body": text, "sender": mei["id"]}),
        ("POST", f"/conversations/{talk}/messages", {"client_id": "a", "body": text, "shop": "s"}),
        ("POST", f"/conversations/{talk}/read", {"seq": -1}),
        ("POST", f"/conversations/{talk}/read", {"seq": 2**60}),
        ("POST", f"/conversations/{talk}/read", {"seq": "one"}),
        ("GET", f"/conversations/{talk}/messages?limit=201", None),
        ("GET", f"/conversations/{talk}/messages?before=x", None),
        ("GET", "/conversations/a%00b", None),
        ("PATCH", f"/conversations/{talk}", {}),
    ]
    for method, path, body in bad:
        response = web.send(method, path, body)
        assert response.status_code in (400, 422), (method, path, body, response.text)
        assert response.json()["code"] == "bad_request", (method, path, body)
    assert web.ask("GET", f"/conversations/{talk}/messages") == []


def test_refusals_have_codes_that_say_what_to_do(web: Web) -> None:
    _, _, talk = friends(web)
    lin = web.sign_up("lin")

    def refused(text: str, **more: Any) -> tuple[int, str]:
        said = {"client_id": "x", "body": {"kind": "text", "text": text}}
        return web.refused("POST", f"/conversations/{talk}/messages", said, **more)

    web.client.cookies.clear()
    assert refused("hi") == (401, "identity.not_signed_in")
    assert refused("hi", token=lin["token"]) == (404, "messaging.no_such_conversation")
    mei = web.ask("POST", "/sessions", {"handle": "mei", "password": "correct horse battery"})["token"]
    assert refused(" ", token=mei) == (422, "messaging.empty")
    assert refused("x" * 10_001, token=mei) == (422, "messaging.too_long")
    assert refused("x" * 5_000_000, token=mei) == (422, "messaging.too_long")
    assert web.refused("POST", f"/conversations/{talk}/read", {"seq": 9}, token=mei) == (
        422,
        "messaging.nothing_to_read",
    )
    send(web, talk, "the first", client_id="x", token=mei)
    assert refused("another", token=mei) == (409, "key_reused")
    stranger = {"kind": "direct", "account": lin["id"]}
    assert web.refused("POST", "/conversations", stranger, token=mei) == (403, "messaging.not_friends")
