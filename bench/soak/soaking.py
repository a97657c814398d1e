"""A day's messages as fast as they go: a server, those who live on it, and a look at it now and then.

The server has one core and those who live on it the other, as where its top rate is measured (`bench.peers`).
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

from bench.hostile.ground import listening
from bench.peers import processes, servers
from bench.peers.servers import GENERATOR_CORES, SERVER_CORES
from bench.peers.town import Builder
from bench.soak.living import Life
from bench.soak.watching import SAMPLES_LEAST, Sample, faults, look
from dealings.platform.db.migrate import migrate
from dealings.platform.db.stores import SqliteStore

PAIRS, GROUP = 100, 100
TOP_RATE = 30_000
"""Messages a second: the mark that `bench.peers` sets for the same pairs with as many under way."""
DAY_AT_ONE_PERCENT = TOP_RATE * 86_400 // 100
LOOK_SECONDS = 2.0
GONE_SECONDS = 20.0
WARM_UP_SECONDS = 1.0


@dataclass(frozen=True)
class Soaked:
    messages: int
    seconds: float
    visits: int
    samples: list[Sample]
    faults: list[str]

    def told(self) -> str:
        first, last = self.samples[len(self.samples) // 2], self.samples[-1]
        memory = ", ".join(
            f"{name.partition(' ')[0]}: {first.kib[name] // 1024} → {last.kib[name] // 1024} MiB" for name in first.kib
        )
        day = self.messages / DAY_AT_ONE_PERCENT
        return (
            f"{day:.0%} of what 24 hours bring at 1 % of {TOP_RATE:,} messages a second: {self.messages:,} messages in {self.seconds:.0f} s ({self.messages / self.seconds:,.0f}/s), {self.visits:,} visits;"
            f" memory by process, half way → at the end: {memory}; files {first.files} → {last.files},"
            f" tasks {first.tasks} → {last.tasks}, write-ahead log at most"
            f" {max(s.wal_bytes for s in self.samples) / 2**20:.0f} MiB; {'; '.join(self.faults) or 'nothing grows, nothing is left'}"
        )


def soak(folder: Path, *, seconds: float, seed: int, tell: Callable[[str], None] = print) -> Soaked:
    store = SqliteStore(folder / "dealings.db")
    migrate(store, incarnation="0" * 16)
    builder = Builder()
    people = [builder.person(number) for number in range(2 * PAIRS)]
    talks = [builder.pair(*people[2 * n : 2 * n + 2]) for n in range(PAIRS)]
    group = builder.group(people[:GROUP])
    builder.write(store)
    with ExitStack() as stack:
        served = stack.enter_context(servers.dealings(folder, environment={}, cores=SERVER_CORES))
        listening(served)
        stack.enter_context(processes.on_cores(GENERATOR_CORES))
        sleep(WARM_UP_SECONDS)
        first = look(served, folder, messages=0)
        life = Life(served.port, talks, group, seed=seed)
        samples, began = [], perf_counter()
        pause = min(LOOK_SECONDS, seconds / (2 * SAMPLES_LEAST))
        while (now := perf_counter()) < began + seconds:
            while perf_counter() < now + pause:
                life.turn()
            samples.append(look(served, folder, messages=life.messages))
            if len(samples) % 30 == 0:
                tell(str(samples[-1]))
        took = perf_counter() - began
        life.leave()
        last = look(served, folder, messages=life.messages)
        until = perf_counter() + GONE_SECONDS
        while faults(samples, first=first, last=last) and perf_counter() < until:
            sleep(0.5)
            last = look(served, folder, messages=life.messages)
    return Soaked(life.messages, took, life.visits, samples, faults(samples, first=first, last=last))
