"""P7 over all of the API: whoever isn't signed in gets nothing; whoever has nothing to do with a thing can't see it."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.edge.test_process import fetch, program

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
OPEN = {"sign_up", "sign_in", "serve_file", "link"}
"""Operations for people who are not signed in; names of pictures and codes of links can't be guessed."""
METHODS = {"get", "post", "put", "patch", "delete"}


def _filled(path: str, operation: dict[str, Any]) -> str:
    """A number where the path holds one."""
    numbers = {part["name"] for part in operation.get("parameters", []) if part["schema"].get("type") == "integer"}
    return re.sub(r"\{(\w+)\}", lambda found: "1" if found[1] in numbers else "x", path)


def operations() -> Iterator[tuple[str, str, str]]:
    for path, methods in SCHEMA["paths"].items():
        for method, operation in methods.items():
            if method in METHODS:
                yield operation["operationId"], method.upper(), _filled(path, operation)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with program(tmp_path_factory.mktemp("contract"), DEALINGS_REQUESTS_PER_SECOND="1000") as (_, address):
        fetch(address, "/healthz")
        yield address


def ask(address: str, method: str, path: str, **headers: str) -> tuple[int, dict[str, Any]]:
    given = None if method in ("GET", "DELETE") else b"{}"
    asked = urllib.request.Request(address + path, given, {"Content-Type": "application/json"} | headers, method=method)
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status, {}
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [name for name, _, _ in operations()]
    assert len(names) == len(set(names)) > 70


@pytest.mark.parametrize(("name", "method", "path"), operations())
def test_P7_nobody_gets_nothing(address: str, name: str, method: str, path: str) -> None:
    status, problem = ask(address, method, path)
    if name in OPEN:
        assert status != 401 or problem["code"] == "identity.wrong_credentials"
    else:
        assert (status, problem["code"]) == (401, "identity.not_signed_in")


@pytest.mark.parametrize(("name", "method", "path"), operations())
def test_P7_a_cookie_alone_changes_nothing_from_another_site(address: str, name: str, method: str, path: str) -> None:
    if method != "GET":
        status, problem = ask(address, method, path, Cookie="dealings_session=x", Origin="https://evil.example")
        assert (status, problem["code"]) == (403, "other_origin")


@pytest.mark.parametrize("path", ["/api/v1/none", "/assets/none.js"])
def test_what_is_not_there_says_so(address: str, path: str) -> None:
    status, problem = ask(address, "GET", path)
    assert (status, problem["code"]) == (404, "not_found")
