"""The words that the apps show, from their own files, so that a test finds a button as a reader does."""

import json
from functools import cache
from pathlib import Path
from typing import Any

WEB = Path(__file__).parents[2] / "web"


@cache
def _words(app: str, language: str) -> Any:
    return json.loads((WEB / app / "locales" / f"{language}.json").read_text())


def word(key: str, *, app: str = "app", language: str = "zh-CN", **given: object) -> str:
    """`word("pay.pay")`; placeholders are filled in."""
    found = _words(app, language)
    for part in key.split("."):
        found = found[part]
    text = str(found)
    for name, value in given.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text
