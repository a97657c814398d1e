"""Draws the connection's states from machine.json: `python -m dealings.client.diagram docs/protocol.md`."""

import sys
from pathlib import Path

from dealings.client.machine import Row, machine

BEGIN, END = "<!-- connection: drawn by dealings.client.diagram -->", "<!-- /connection -->"


def mermaid() -> str:
    """The table as a state diagram: what comes [under which condition] / what is done."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in machine().transitions:
        for source in row.sources:
            arrows.setdefault((source, row.to), []).append(_label(row))
    drawn = [f"    {source} --> {to}: {label}" for (source, to), labels in arrows.items() for label in labels]
    return "\n".join(["```mermaid", "stateDiagram-v2", "    [*] --> offline", *drawn, "```"])


def _label(row: Row) -> str:
    return row.on + (f" [{row.guard}]" if row.guard else "") + (f" / {', '.join(row.do)}" if row.do else "")


def words() -> str:
    """What the names in the diagram mean."""
    table = machine()
    parts = [
        ("state", table.states),
        ("input", table.inputs),
        ("condition", table.guards),
        ("what is done", table.outputs),
    ]
    lines = [f"| {heading} | meaning |\n| --- | --- |\n" + "\n".join(_rows(words)) for heading, words in parts]
    timers = {name: timer.about for name, timer in table.timers.items()}
    lines.append("| timer | meaning |\n| --- | --- |\n" + "\n".join(_rows(timers)))
    constants = ", ".join(f"`{name}` {value:,}" for name, value in table.constants.items())
    return "\n\n".join([*lines, f"Constants: {constants}."])


def _rows(meanings: dict[str, str]) -> list[str]:
    return [f"| `{name}` | {meaning} |" for name, meaning in meanings.items() if meaning != "timer"]


def drawn_into(page: str) -> str:
    """The page with diagram and words between the two marks as they are now."""
    before, _, rest = page.partition(BEGIN)
    _, _, behind = rest.partition(END)
    return f"{before}{BEGIN}\n{mermaid()}\n\n{words()}\n{END}{behind}"


def main() -> None:
    for page in map(Path, sys.argv[1:]):
        page.write_text(drawn_into(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
