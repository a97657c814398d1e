"""`python -m bench.hostile`: what hostile clients do to those who behave, one kind after another, on the default limits.

Each line: how long answers to well-behaved pairs took before and meanwhile (the middle one of three looks), how much the memory of the server's processes
grew, and what the hostile ones were told, with how many connections the server had not ended by itself when it had to.
The server runs on one core; those who behave, and the hostile ones in a process of their own, on the other.
"""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from bench.hostile.attacks import KINDS
from bench.hostile.ground import Seen, ground, suffer
from bench.peers.__main__ import conditions

SECONDS = 4.0
LOOKS = 3
TIMES_MOST = 2.0
"""How much longer the slowest of a hundred answers may take while others are hostile."""


def told(name: str, seen: Seen) -> str:
    before, meanwhile, outcome = seen.before, seen.meanwhile, seen.outcome
    times = meanwhile.p99 / before.p99
    answers = ", ".join(f"{count:,} {answer}" for answer, count in outcome.told.most_common(5))
    return " | ".join(
        [
            f"{name:<16}",
            f"before {before.p50 * 1e3:5.2f}/{before.p99 * 1e3:6.2f} ms",
            f"meanwhile {meanwhile.p50 * 1e3:5.2f}/{meanwhile.p99 * 1e3:6.2f} ms",
            f"p99 × {times:4.2f} {'within' if times <= TIMES_MOST else 'BEYOND'} {TIMES_MOST:g}",
            f"memory {(seen.kib_most - seen.kib_before) / 1024:+6.1f} MiB, after {(seen.kib_after - seen.kib_before) / 1024:+6.1f}",
            f"{outcome.sent:,} asked, {outcome.left}/{outcome.opened} left; told: {answers}",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.hostile", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long those who behave are looked at")
    parser.add_argument("--only", choices=[*KINDS], action="append", help="only these attacks")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server ends, too
    for condition in conditions():
        print(condition, flush=True)
    made = tempfile.TemporaryDirectory(prefix="dealings-hostile-", dir=os.environ.get("BENCH_DIR"))
    with made as folder, ground(Path(folder)) as here:
        here.steady.run(options.seconds / 2)
        for name in options.only or KINDS:
            print(told(name, suffer(here, name, seconds=options.seconds, looks=LOOKS)), flush=True)


if __name__ == "__main__":
    main()
