"""Every operation of the API, with every one of its inputs in turn replaced by what nobody should send: no 500 on either store."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest

from dealings.domain.identity import actions as identity
from dealings.domain.messaging import routes_groups
from dealings.domain.wallet import actions as wallet
from dealings.platform.inputs import cursor
from tests.domain.web import PASSWORD, Web, picture, served
from tests.world import World

SCHEMA: Final = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
METHODS: Final = ("get", "post", "put", "patch", "delete")
LEFT_OUT: Final = {"sign_out"}
"""Ends the session that the rest is asked with."""

DEEP: Final = json.loads("[" * 900 + "]" * 900)
TEXTS: Final = ("", "\0", "a\0b", "\ud800", "%_\\'\"", "\u202e", "x" * 5_000, "💥" * 40, "9" * 25, "../../etc/passwd")
NUMBERS: Final = (-1, 0, 2**31, 2**53, 2**63, 2**64, -(2**63) - 1, 1.5, 1e308)
OTHERS: Final[tuple[Any, ...]] = (None, True, [], {}, DEEP)
POSITIONS: Final = ("\0", 2**64 - 1, [2**64 - 1, "x"], [-1, "\0"], {"CNY": 2**64 - 1}, {"a\0": 1}, ["\0"], [["x"]])
CURSORS: Final = tuple(map(cursor, POSITIONS))

FILES: Final = (b"", b"\0" * 100, b"GIF89a" + b"\xff" * 50, b"\x89PNG\r\n\x1a\n" + b"\0" * 30, b"RIFF\0\0\0\0WEBPVP8 ")


@dataclass(frozen=True)
class Call:
    """One request, as parts that can be exchanged one by one."""

    name: str
    method: str
    path: str
    parameters: dict[str, Any]
    query: dict[str, Any]
    body: Any
    form: bool

    def send(self, web: Web, token: str) -> Any:
        path = self.path
        for name, value in self.parameters.items():
            path = path.replace(f"{{{name}}}", quote(_text(value), safe=""))
        params = {name: _text(value) for name, value in self.query.items() if value is not None}
        if self.form:
            return web.send(self.method, path, token=token, params=params, files={"file": ("x", self.body)})
        # Our own JSON: half a pair of UTF-16 can be written as an escape, but not as UTF-8.
        content = None if self.body is None else json.dumps(self.body, ensure_ascii=True)
        headers = {"Content-Type": "application/json"}
        return web.send(self.method, path, token=token, params=params, content=content, headers=headers)


def _text(value: Any) -> str:
    return str(value).encode(errors="replace").decode()


class Known:
    """Things that are there, so that a call gets as far as it can."""

    def __init__(self, web: Web) -> None:
        world = web.world
        world.run(wallet.set_sandbox, open=True)
        owner, friend = web.sign_up("owner"), web.sign_up("friend")
        self.token: str = friend["token"]
        self.owner_token: str = owner["token"]
        web.befriend(owner, friend)
        for one in (owner, friend):
            world.run(identity.grant_operator, account=one["id"])
        given = {"handle": "teahouse", "name": "Tea", "currency": "CNY"}
        shop = web.ask("POST", "/shops", given, token=owner["token"])["id"]
        tea = {"title": "Tea", "variants": [{"price": 100, "on_hand": 1_000}]}
        product = web.ask("POST", f"/shops/{shop}/products", tea, token=owner["token"])
        variant = product["variants"][0]["id"]
        web.ask("POST", "/wallet/topups", {"amount": 10_000, "currency": "CNY"}, token=self.token)
        lines = {"lines": [{"variant": variant, "quantity": 1}]}
        order = web.ask("POST", "/orders", lines, token=self.token)[0]
        friends = {"kind": "group", "name": "Tea friends", "members": [owner["id"]]}
        self.group: str = web.ask("POST", "/conversations", friends, token=self.token)["id"]
        link = web.ask("POST", f"/conversations/{self.group}/invites", {}, token=self.token)
        channel = web.ask("POST", "/channels", {"name": "News"}, token=self.token)
        self.values = {
            "code": link["code"],
            "channel": channel["id"],
            "account": owner["id"],
            "person": owner["id"],
            "shop": shop,
            "product": product["id"],
            "variant": variant,
            "order": order["id"],
            "conversation": order["conversation"],
            "currency": "CNY",
            "handle": "friend",
            "password": PASSWORD,
            "old": PASSWORD,
        }

    def sample(self, schema: dict[str, Any], name: str = "") -> Any:
        """Something that fits."""
        schema = _resolved(schema)
        if name in self.values and schema.get("type", "string") == "string":
            return self.values[name]
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        match schema.get("type"):
            case "object":
                return {key: self.sample(part, key) for key, part in schema.get("properties", {}).items()}
            case "array":
                return [self.sample(schema.get("items", {}), name)] if schema.get("minItems", 1) else []
            case "integer":
                return max(1, schema.get("minimum", 1))
            case "boolean":
                return False
        return "ab"


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: Any = SCHEMA
        for part in schema["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return _resolved(found)
    for choice in ("oneOf", "anyOf"):
        if choice in schema:
            return _resolved(next(each for each in schema[choice] if each.get("type") != "null"))
    return schema


OF_GROUPS: Final = {handler.operation_id for handler in routes_groups.ROUTES}
"""Get further in a group than in the thread with a shop."""


def calls(known: Known) -> Iterator[Call]:
    for path, methods in SCHEMA["paths"].items():
        for method in filter(methods.__contains__, METHODS):
            operation = methods[method]
            given: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
            for parameter in operation.get("parameters", []):
                name = parameter["name"]
                given[parameter["in"]][name] = known.sample(parameter["schema"], name)
            if operation["operationId"] in OF_GROUPS and "conversation" in given["path"]:
                given["path"]["conversation"] = known.group
            content = operation.get("requestBody", {}).get("content", {})
            form = "multipart/form-data" in content
            schema = content.get("application/json", {}).get("schema", {})
            for body in (
                [picture(20)] if form else map(known.sample, schema.get("oneOf", [schema])) if schema else [None]
            ):
                yield Call(
                    operation["operationId"],
                    method.upper(),
                    path.removeprefix("/api/v1"),
                    given["path"],
                    dict.fromkeys(given["query"]),
                    body,
                    form,
                )


def spoilt(call: Call) -> Iterator[Call]:
    """The call as it is, then with each input in turn replaced."""
    yield call
    for name in call.parameters:
        for value in TEXTS[1:]:
            yield replace(call, parameters=call.parameters | {name: value})
    for name in call.query:
        given: tuple[Any, ...] = (*TEXTS, *NUMBERS, *CURSORS)
        for value in given:
            yield replace(call, query=call.query | {name: value})
    if call.form:
        for raw in FILES:
            yield replace(call, body=raw)
    elif call.body is not None:
        for body in _spoilt(call.body):
            yield replace(call, body=body)


def _spoilt(body: Any) -> Iterator[Any]:
    yield from (*TEXTS[:4], *NUMBERS, *OTHERS)
    if isinstance(body, dict):
        yield body | {"unknown": DEEP}
    yield from _inside(body)


def _inside(body: Any) -> Iterator[Any]:
    parts = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, part in parts:
        for value in (*TEXTS, *NUMBERS, *OTHERS, *_inside(part)):
            changed = dict(body) if isinstance(body, dict) else list(body)
            changed[key] = value
            yield changed


def _token(web: Web, known: Known, call: Call) -> str:
    """Of the buyer, or where that one may not, of the shop's owner."""
    of_owner: bool = call.send(web, known.token).status_code == 403
    return known.owner_token if of_owner else known.token


def test_nothing_that_is_sent_breaks_anything(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dealings.domain.identity.model.wait_after", lambda failures: 0)
    with served(world, tmp_path) as web:
        known, broken = Known(web), []
        for call in calls(known):
            token = _token(web, known, call)
            for wrong in spoilt(call) if call.name not in LEFT_OUT else ():
                answered = wrong.send(web, token)
                if answered.status_code >= 500:
                    broken.append((call.name, wrong.parameters, wrong.query, repr(wrong.body)[:100]))
        assert not broken
        world.react()
