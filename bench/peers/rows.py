"""The lines of the table: what is measured, on whom, what it was elsewhere, and which mark it has to reach."""

import gc
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.peers import loads, processes
from bench.peers.engine import Engine
from bench.peers.grounds import Contestant, Ground
from bench.peers.journal import spread
from bench.peers.measuring import Result, within
from bench.peers.servers import ALL_CORES, GENERATOR_CORES

PAIRS, FEW_PAIRS = 100, 5
STARTS = 5
SESSIONS = 20_000
RETURNING = 10_000

Measure = Callable[[Contestant, float], Result]
Load = Callable[[Engine, Ground, float], Result]


@contextmanager
def _ground(contestant: Contestant, *, people: int) -> Iterator[tuple[Engine, Ground]]:
    """Started, on a fresh store, and signed in to once; the generator has its own core, unless a database needs both."""
    with ExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="dealings-peers-", dir=os.environ.get("BENCH_DIR"))
        )
        engine = Engine()
        stack.callback(engine.close)
        ground = stack.enter_context(contestant.running(Path(folder), pairs=people))
        stack.enter_context(processes.on_cores(GENERATOR_CORES if contestant.apart else ALL_CORES))
        yield engine, ground
    gc.collect()


def _loaded(load: Load, *, people: int = PAIRS) -> Measure:
    def measure(contestant: Contestant, seconds: float) -> Result:
        with _ground(contestant, people=people) as (engine, ground):
            loads.first_sign_in(engine, ground)
            return load(engine, ground, seconds)

    return measure


def _sessions() -> int:
    """As many as the limit of open files of a process lets us show, up to the 20,000 of the mark."""
    return min(SESSIONS, processes.raise_file_limit() - processes.SPARE_FILES)


def _memory(contestant: Contestant, _seconds: float) -> Result:
    with _ground(contestant, people=SESSIONS // 2) as (engine, ground):
        loads.first_sign_in(engine, ground)
        return loads.idle_memory(engine, ground, count=_sessions())


def _start(contestant: Contestant, _seconds: float) -> Result:
    """The middle one of some starts, each on a store that is there already."""
    took: list[float] = []
    seen = None
    for _ in range(STARTS):
        with _ground(contestant, people=PAIRS) as (engine, ground):
            seen = within(ground.served.pids(), lambda: took.append(loads.first_sign_in(engine, ground)))
    assert seen is not None
    times = spread(took)
    return Result(times.p50, 0, seen, answer=times)


def _rate(result: Result) -> str:
    return f"{result.rate:,.0f}"


def _rate_and_times(result: Result) -> str:
    assert result.answer is not None
    return f"{result.rate:,.0f}, {result.answer.p50 * 1e3:.2f}/{result.answer.p99 * 1e3:.2f}"


def _answered_within(result: Result, *, p99: float, p50: float = 1.0) -> bool:
    return result.answer is not None and result.answer.p50 <= p50 and result.answer.p99 <= p99


@dataclass(frozen=True)
class Row:
    title: str
    unit: str
    measure: Measure
    mark: str
    reached: Callable[[Result], bool]
    shown: Callable[[Result], str] = _rate
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """As measured elsewhere, on this kind of machine: what needs set-up that this program does not do."""
    counts: bool = True
    """Is it a rate?"""
    also: tuple[str, ...] = ("nats", "jetstream", "relay")
    """Who besides Dealings."""


ROWS: dict[str, Row] = {
    "pairs": Row(
        "100 pairs, one under way each",
        "msg/s, p50/p99 ms",
        _loaded(lambda e, g, s: loads.pairs(e, g, count=PAIRS, window=1, seconds=s)),
        "≥ 14,000, p99 ≤ 20",
        lambda r: r.rate >= 14_000 and _answered_within(r, p99=0.020),
        _rate_and_times,
        {"ejabberd": "1,100–1,380, 88/158", "Prosody": "720–940", "Synapse": "23", "prototype": "14,600, 6.8/13.7"},
    ),
    "pairs16": Row(
        "100 pairs, 16 under way each",
        "msg/s",
        _loaded(lambda e, g, s: loads.pairs(e, g, count=PAIRS, window=16, seconds=s)),
        "≥ 30,000",
        lambda r: r.rate >= 30_000,
        elsewhere={"ejabberd": "1,110–1,490", "prototype": "31,800"},
    ),
    "pairs5": Row(
        "5 pairs, one under way each",
        "msg/s, p50/p99 ms",
        _loaded(lambda e, g, s: loads.pairs(e, g, count=FEW_PAIRS, window=1, seconds=s)),
        "≥ 4,000, ≤ 1.2/3.0",
        lambda r: r.rate >= 4_000 and _answered_within(r, p50=0.0012, p99=0.0030),
        _rate_and_times,
        {"ejabberd": "1,140, 4.2/7.4", "prototype": "4,280, 1.1/2.4"},
    ),
    "group": Row(
        "group of 500, one sender, window 1",
        "deliveries/s",
        _loaded(lambda e, g, s: loads.group(e, g, window=1, seconds=s)),
        "≥ 55,000",
        lambda r: r.rate >= 55_000,
        elsewhere={"ejabberd": "20,600", "Prosody": "3,000", "Synapse": "120", "prototype": "59,200"},
    ),
    "group4": Row(
        "group of 500, one sender, window 4",
        "deliveries/s",
        _loaded(lambda e, g, s: loads.group(e, g, window=4, seconds=s)),
        "≥ 120,000",
        lambda r: r.rate >= 120_000,
        elsewhere={"ejabberd": "22,400–27,600", "prototype": "136,000"},
    ),
    "memory": Row(
        "memory of an idle session, of 20,000",
        "KiB",
        _memory,
        "≤ 10",
        lambda r: r.rate <= 10,
        lambda r: f"{r.rate:.1f}",
        {"ejabberd": "52", "prototype": "9.4"},
        counts=False,
        also=("nats",),
    ),
    "missed": Row(
        "connect and fetch 1,000 missed messages",
        "ms",
        _loaded(lambda e, g, _: loads.missed(e, g)),
        "≤ 12",
        lambda r: r.rate <= 12,
        lambda r: f"{r.rate:.1f}",
        {"ejabberd": "98", "prototype": "6.8"},
        counts=False,
        also=("jetstream",),
    ),
    "signins": Row(
        "sign-ins of returning clients",
        "a second",
        _loaded(lambda e, g, _: loads.returning(e, g, count=RETURNING), people=RETURNING // 2),
        "≥ 5,000",
        lambda r: r.rate >= 5_000,
        elsewhere={"ejabberd": "1,500", "prototype": "6,800"},
        also=("nats",),
    ),
    "start": Row(
        "process start to first sign-in",
        "s",
        _start,
        "≤ 1.0",
        lambda r: r.rate <= 1.0,
        lambda r: f"{r.rate:.2f}",
        {"ejabberd": "1.0", "prototype": "0.12"},
        counts=False,
        also=("nats", "jetstream"),
    ),
}

ON_POSTGRESQL: dict[str, tuple[str, float]] = {"pairs": ("≥ 6,000", 6_000), "pairs16": ("≥ 12,000", 12_000)}
"""The marks of the first two lines with the database on the same two cores."""


def mark_of(key: str, who: str) -> tuple[str, Callable[[Result], bool]] | None:
    """Which mark this contestant has to reach in this line; peers have none."""
    row = ROWS[key]
    if who == "dealings":
        return row.mark, row.reached
    if who == "postgresql" and key in ON_POSTGRESQL:
        text, least = ON_POSTGRESQL[key]
        return text, lambda r: r.rate >= least
    return None
