"""Refusals: what the domain says when it will not do a thing.

A refusal has a stable ``code`` (part of the API), a sentence for people and the
parameters that fill it. It says nothing about HTTP: `edge/web/refusals.py` maps the
families below to status numbers.
"""

from typing import ClassVar

Param = str | int


class Refusal(Exception):
    """The root: an expected answer, not a bug. Nothing was changed."""

    code: ClassVar[str] = "refused"
    text: ClassVar[str] = "This can't be done."

    def __init__(self, **params: Param) -> None:
        self.params = params
        super().__init__(self.text.format(**params))

    @property
    def message(self) -> str:
        return str(self)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.params)


def _rebuild(kind: type[Refusal], params: dict[str, Param]) -> Refusal:
    return kind(**params)


class Invalid(Refusal):
    """The input can't be right, whoever sends it."""


class Unauthenticated(Refusal):
    """Who is asking is not known."""


class Forbidden(Refusal):
    """Who is asking may not do this."""


class Missing(Refusal):
    """There is no such thing, or none that the asker may know of."""


class Conflict(Refusal):
    """Right in itself, but not in the present state."""


class Limited(Refusal):
    """Too much or too often; `retry_after_seconds` says when to come back, if waiting helps."""


class Unavailable(Refusal):
    """Not now, through no fault of the asker. The same key may be sent again."""

    code = "unavailable"
    text = "The server could not confirm this. Send it again with the same key; nothing is done twice."


class KeyReused(Conflict):
    code = "key_reused"
    text = "This key was used for something else. Use a new key for a new request."


class BadField(Invalid):
    """One field is off: `field` names it, `problem` is a stable word (empty, too_long, …)."""

    code = "bad_field"
    text = "Please check “{field}”: {problem}."
