"""`make bench-peers`: Dealings beside its peers, in one run, each with one core and the load generator with the other."""

import argparse
import gc
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from bench.peers import loads, processes, servers, town
from bench.peers.engine import Engine
from bench.peers.measuring import Result
from bench.peers.town import Town
from dealings.platform.db.migrate import migrate
from dealings.platform.db.stores import SqliteStore

SECONDS = 6.0
PAIRS = 100
Tell = Callable[[str], None]


def show(row: str, who: str, result: Result, tell: Tell, *, profile: bool) -> None:
    answer, delivery, window = result.answer, result.delivery, result.window
    times = [
        f"{name} p50 {s.p50 * 1e3:.2f} p99 {s.p99 * 1e3:.2f} ms"
        for name, s in (("answer", answer), ("delivery", delivery))
        if s
    ]
    shares = f"CPU server {window.server_share:.0%}, generator {window.generator_share:.0%}"
    tell(
        f"{who} | {row} | {result.rate:,.0f}/s | {', '.join(times)} | {shares} | {result.a_cpu_second:,.0f} messages a CPU second"
    )
    if profile:
        for pid, used in sorted(window.server.items()):
            user, system = used.user / window.seconds, used.system / window.seconds
            tell(f"    {pid:>7} user {user:.0%} system {system:.0%}  {processes.title(pid)}")


LOADS: dict[str, Callable[[Engine, servers.Served, Town, float], Result]] = {
    "pairs": lambda e, s, t, n: loads.pairs(e, s, t.pairs[:PAIRS], window=1, seconds=n),
    "pairs16": lambda e, s, t, n: loads.pairs(e, s, t.pairs[:PAIRS], window=16, seconds=n),
    "pairs5": lambda e, s, t, n: loads.pairs(e, s, t.pairs[:5], window=1, seconds=n),
    "group": lambda e, s, t, n: loads.group(e, s, t.group, window=1, seconds=n),
    "group4": lambda e, s, t, n: loads.group(e, s, t.group, window=4, seconds=n),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--only", choices=[*LOADS], action="append")
    parser.add_argument("--who", choices=["dealings"], action="append")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    processes.raise_file_limit()
    tell: Tell = lambda text: print(text, flush=True)  # noqa: E731
    for row in options.only or LOADS:
        with ExitStack() as stack:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dealings-peers-")))
            store = SqliteStore(data / "dealings.db")
            migrate(store, incarnation="0" * 16)
            people = town.settle(store, pairs=PAIRS)
            served = stack.enter_context(servers.dealings(data, database_url="", cores=servers.SERVER_CORES))
            stack.enter_context(processes.on_cores(servers.GENERATOR_CORES))
            engine = Engine()
            stack.callback(engine.close)
            took = loads.first_sign_in(engine, served, people.pairs[0].people[0])
            tell(f"first sign-in after {took:.2f} s")
            show(row, "dealings", LOADS[row](engine, served, people, options.seconds), tell, profile=options.profile)
        gc.collect()


if __name__ == "__main__":
    main()
