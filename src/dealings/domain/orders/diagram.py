"""Draws the lifecycle of an order from its table: `python -m dealings.domain.orders.diagram docs/subsystems/orders.md`."""

import sys
from pathlib import Path

from dealings.domain.orders.model import MOVERS, NEXT, edges

BEGIN, END = "<!-- lifecycle: drawn by dealings.domain.orders.diagram -->", "<!-- /lifecycle -->"


def mermaid() -> str:
    """The table `NEXT` as a state diagram, each step with who takes it."""
    arrows = [f"    {state} --> {to}: {step} ({', '.join(sorted(MOVERS[step]))})" for state, step, to in edges()]
    ends = [f"    {state} --> [*]" for state, steps in NEXT.items() if not steps]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> placed: place (buyer)", *arrows, *ends, "```"])


def drawn_into(page: str) -> str:
    """The page with the diagram between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, behind = rest.partition(END)
    return f"{before}{BEGIN}\n{mermaid()}\n{END}{behind}"


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(drawn_into(page.read_text("utf-8")), "utf-8")
