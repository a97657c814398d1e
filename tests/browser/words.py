"""The words that the apps show, from their own files, so that a test finds a button as a reader does."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

WEB = Path(__file__).parents[2] / "web"


@cache
def _words(app: str, language: str) -> Any:
    return json.loads((WEB / app / "locales" / f"{language}.json").read_text())


def word(key: str, given: Mapping[str, object] | None = None, *, app: str = "app", language: str = "zh-CN") -> str:
    """`word("pay.pay")`; placeholders are filled in with what is given."""
    found = _words(app, language)
    for part in key.split("."):
        found = found[part]
    text = str(found)
    for name, value in (given or {}).items():
        text = text.replace(f"{{{name}}}", str(value))
    return text.replace("{'@'}", "@")  # which alone would stand for another text
