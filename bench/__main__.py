"""`make bench`: durable messages, orders, payments and transfers a second on both stores, beside the raw driver.

Every line names the rate, how long an answer took (p50, p99), how many commands shared a commit, and what
the raw driver did with the same writes and as many rows a commit in the same run.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench import starting, through_run, websocket
from bench.places import Places, conditions, places
from bench.through_run import Compared

SECONDS = 4.0
RUN_CALLERS = {"messages": (1, 64, 512), "orders": (1, 64), "payments": (1, 64), "transfers": (1, 64, 512)}
WEBSOCKET_PAIRS = (1, 100)
ENGINES = ("sqlite", "postgresql")
FIRST_MARK_RATIO, FIRST_MARK_TIMES = 0.5, 3.0
FIRST_SIGN_IN_SECONDS = 1.0

HEADINGS = (
    "store",
    "what",
    "callers",
    "a second",
    "p50 ms",
    "p99 ms",
    "a commit",
    "raw a second",
    "raw p50 ms",
    "ratio",
)


@dataclass(frozen=True)
class Line:
    engine: str
    what: str
    callers: int
    compared: Compared

    def cells(self) -> tuple[str, ...]:
        run, raw = self.compared.run, self.compared.raw
        return (
            self.engine,
            self.what,
            str(self.callers),
            f"{run.per_second:,.0f}",
            f"{run.p50 * 1e3:.2f}",
            f"{run.p99 * 1e3:.2f}",
            f"{run.batch:.0f}",
            f"{raw.per_second:,.0f}",
            f"{raw.p50 * 1e3:.2f}",
            f"{self.compared.ratio:.2f}",
        )


def _lines(here: Places, options: argparse.Namespace) -> Iterator[Line]:
    for engine in options.store or ENGINES:
        for what, counts in RUN_CALLERS.items():
            for callers in counts if what in options.only else ():
                compared = through_run.compare(here, engine, what, callers=callers, seconds=options.seconds)
                yield Line(engine, what, callers, compared)
        for pairs in WEBSOCKET_PAIRS if "websocket" in options.only else ():
            compared = websocket.compare(here, engine, pairs=pairs, seconds=options.seconds)
            yield Line(engine, "messages, WebSocket", pairs, compared)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {cells[0]:<10} | {cells[1]:<19} | " + " | ".join(f"{cell:>12}" for cell in cells[2:]) + " |"


def _marks(lines: list[Line]) -> Iterator[str]:
    """Did it come as far as the first marks?"""
    for line in lines:
        if (line.what, line.callers) == ("messages", 64):
            ratio = line.compared.ratio
            yield f"{line.engine}: run at 64 callers is {ratio:.0%} of raw (mark 50 %): {_said(ratio >= FIRST_MARK_RATIO)}"
        if (line.what, line.callers) == ("messages", 1):
            times = line.compared.times_slower
            yield f"{line.engine}: one message is acknowledged in {times:.1f} raw commits (mark 3): {_said(times <= FIRST_MARK_TIMES)}"


def _said(reached: bool) -> str:
    return "reached" if reached else "missed"


def main() -> None:
    kinds = [*RUN_CALLERS, "websocket", "start"]
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each load lasts")
    parser.add_argument("--store", choices=ENGINES, action="append", help="only this one")
    parser.add_argument("--only", choices=kinds, action="append", help="only these loads")
    options = parser.parse_args()
    options.only = options.only or kinds
    tell: Callable[[str], None] = lambda text: print(text, flush=True)  # noqa: E731
    with places() as here:
        for condition in conditions(here):
            tell(condition)
        tell("\n" + _row(HEADINGS) + "\n" + _row(tuple("-" * len(heading) for heading in HEADINGS)))
        lines = []
        for line in _lines(here, options):
            tell(_row(line.cells()))
            lines.append(line)
        tell("")
        for mark in _marks(lines):
            tell(mark)
        if "start" in options.only:
            seconds = starting.first_sign_in(here)
            reached = _said(seconds <= FIRST_SIGN_IN_SECONDS)
            tell(f"from process start to the first sign-in, on one core: {seconds:.2f} s (mark 1): {reached}")


if __name__ == "__main__":
    main()
