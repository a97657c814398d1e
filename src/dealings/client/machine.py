"""The written state machine of a client's connection: machine.json, typed and looked up.

The web apps read the same file (web/shared/machine.ts); tests/golden holds what both must do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec

TABLE = Path(__file__).with_name("machine.json")


class Row(msgspec.Struct, frozen=True, rename={"sources": "from", "guard": "if"}):
    """In these states, on this input, when the guard holds: do these, then be there."""

    sources: list[str]
    on: str
    to: str
    do: list[str]
    guard: str = ""


class Timer(msgspec.Struct, frozen=True):
    """`set_on_entering` names a constant for each state that starts it; other states of `kept_in` let it run."""

    about: str
    kept_in: list[str]
    set_on_entering: dict[str, str]


class Machine(msgspec.Struct, frozen=True):
    about: str
    constants: dict[str, int]
    without_position: list[str]
    """Events that count though they come without a position; `read.moved` only of others, in a group that is watched."""
    states: dict[str, str]
    timers: dict[str, Timer]
    inputs: dict[str, str]
    guards: dict[str, str]
    outputs: dict[str, str]
    transitions: list[Row]
    ignored: dict[str, list[str]]

    def rows(self, state: str, on: str) -> list[Row]:
        """What may apply, in order of precedence."""
        return [row for row in self.transitions if row.on == on and state in row.sources]

    def row(self, state: str, on: str, holds: Callable[[str], bool]) -> Row | None:
        """What applies; None where the input means nothing."""
        return next((row for row in self.rows(state, on) if not row.guard or holds(row.guard)), None)


@cache
def machine() -> Machine:
    return msgspec.json.decode(TABLE.read_bytes(), type=Machine)
