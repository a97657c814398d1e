"""Commands through `run` and lanes as processes, as a server has them, beside the raw driver."""

import asyncio
import gc
from collections import deque
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvloop

from bench import recording
from bench.measured import Measured, call
from bench.places import Places, location
from bench.town import LOADS, Load, settle
from dealings import lane
from dealings.platform.db.actions import REGISTRY, Command, SetAction
from dealings.platform.db.lanes import LaneProcesses
from dealings.platform.db.run import Run
from dealings.platform.db.stores import Store

LANES = {"sqlite": 1, "postgresql": 2}
FEWEST_COMMITS = 60
MOST = 400_000
"""Commands in a measurement, all of which are made before it begins: more than a load gets through."""


@asynccontextmanager
async def lanes(store: Store, *, count: int | None = None) -> AsyncIterator[LaneProcesses]:
    started = LaneProcesses(
        lane.ARGV,
        count=count or LANES[store.dialect],
        environment={lane.LOCATION: location(store)},
        on_events=lambda events, horizon: None,
    )
    await started.start()
    try:
        yield started
    finally:
        await started.close()


async def ask(run: Run, command: Command) -> object:
    """The command as the edge would ask for it."""
    action = REGISTRY[command.action]
    if isinstance(action, SetAction):
        return await run.one(action, command.item)
    return await run.by(command.actor, key=command.key)(action, **command.arguments)


async def _through_run(store: Store, load: Load, prepared: int, *, callers: int, seconds: float) -> Measured:
    """What is asked for is made beforehand, as are the rows of the raw driver, and in the order in which it will be
    asked for: ids are by time, and so are those of the rows that the raw driver writes."""
    made: list[deque[Command]] = [deque() for _ in range(callers)]
    for _ in range(prepared // callers):
        for caller, mine in enumerate(made):
            mine.append(load(caller))
    gc.freeze()
    async with lanes(store) as started:
        run = Run(started)

        def next_of(caller: int) -> Awaitable[object]:
            return ask(run, made[caller].popleft() if made[caller] else load(caller))

        return await call(next_of, callers=callers, seconds=seconds)


@dataclass(frozen=True)
class Compared:
    """The same load through `run` and by the raw driver, with as many commands a commit."""

    run: Measured
    raw: Measured

    @property
    def ratio(self) -> float:
        return self.run.per_second / self.raw.per_second

    @property
    def times_slower(self) -> float:
        """One answer in the time of so many raw commits."""
        return self.run.p50 / self.raw.p50


def compare(places: Places, engine: str, load: str, *, callers: int, seconds: float) -> Compared:
    """On three copies of one town: through `run`, recorded, and written again raw."""
    store = places.fresh(engine)
    town = settle(store, load)
    most = len(town.unpaid) or MOST
    copies = [places.copy(store) for _ in range(2)]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        run = runner.run(_through_run(store, LOADS[load](town), most, callers=callers, seconds=seconds))
    batch = max(1, round(run.batch))
    # As many as went through `run`, so that the raw driver's tables and indexes grow as large.
    commands = min(most, max(FEWEST_COMMITS * batch, round(run.per_second * seconds)))
    asked = LOADS[load](town)
    batches = [[asked(n * batch + k) for k in range(batch)] for n in range(commands // batch)]
    recorded = recording.record(copies[0], batches)
    return Compared(run, recording.replay(copies[1], recorded))
