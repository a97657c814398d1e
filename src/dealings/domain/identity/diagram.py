"""Draws how one side of two people moves from state to state: `python -m dealings.domain.identity.diagram FILE.md`."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

from dealings.domain.identity.errors import ContactStep
from dealings.domain.identity.model import ContactState, Standing, Step, after_step

STATES: Final[tuple[Standing, ...]] = (None, *get_args(ContactState))
STEPS: Final[tuple[Step, ...]] = get_args(Step)
BEGIN: Final = "<!-- contacts: drawn by dealings.domain.identity.diagram -->"
END: Final = "<!-- /contacts -->"


def after(step: Step, mine: Standing, theirs: Standing) -> tuple[Standing, Standing] | None:
    """Both sides after a step of mine; None where it does not fit."""
    try:
        return after_step(step, mine=mine, theirs=theirs)
    except ContactStep:
        return None


def reachable() -> set[tuple[Standing, Standing]]:
    """Every pair of sides that steps of the two can lead to, beginning as strangers."""
    found: set[tuple[Standing, Standing]] = set()
    waiting: list[tuple[Standing, Standing]] = [(None, None)]
    while waiting:
        pair = waiting.pop()
        if pair not in found:
            found.add(pair)
            waiting.append(pair[::-1])
            waiting += filter(None, (after(step, *pair) for step in STEPS))
    return found


def _moves() -> Iterator[tuple[Standing, Standing, str]]:
    """(side before, side after, by what), for both my own steps and what the other's do to my side."""
    for mine, theirs in reachable():
        for step in STEPS:
            pair = after(step, mine, theirs)
            if pair is not None:
                yield mine, pair[0], step
                yield theirs, pair[1], f"they {step}"


def mermaid() -> str:
    """My side: solid what I do, `they …` what the other does to it."""
    causes: dict[tuple[Standing, Standing], set[str]] = {}
    for before, then, cause in _moves():
        if before != then:
            causes.setdefault((before, then), set()).add(cause)
    order = {state: n for n, state in enumerate(STATES)}
    arrows = sorted(causes, key=lambda pair: (order[pair[0]], order[pair[1]]))
    drawn = [f"    {_name(a)} --> {_name(b)}: {', '.join(sorted(causes[a, b]))}" for a, b in arrows]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> none", *drawn, "```"])


def _name(state: Standing) -> str:
    return state or "none"


def drawn_into(page: str) -> str:
    """The page with the diagram between its marks as it is now."""
    return re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", f"{BEGIN}\n{mermaid()}\n{END}", page, flags=re.DOTALL)


def main() -> None:
    for page in map(Path, sys.argv[1:]):
        page.write_text(drawn_into(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
