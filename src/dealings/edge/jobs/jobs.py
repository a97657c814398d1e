"""What a node does by itself: runs due timers and lets the consumers catch up.

Every node may run these loops: a timer is claimed by deleting it, a consumer moves on by a
conditional update, both in the transaction that acts, so each happens once. Where there are several
nodes, `may` says which of them looks after what, so that they don't all look.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping

import structlog

from dealings.kernel.clock import DAY, HOUR, MINUTE, SECOND, Clock
from dealings.kernel.errors import Refusal
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Crashed, Run
from dealings.platform.outbox import consumers
from dealings.platform.outbox import tables as outbox
from dealings.platform.telemetry import metrics

LOOK_SECONDS = 1.0
"""How late a timer may be, and how long another node's events may wait for this one's consumers."""
LAG_SECONDS = 15.0
OVERDUE = 5 * SECOND
"""A timer that has waited longer than this after its moment counts as overdue."""
LAG_COUNTED = 10_000
"""Events a consumer is behind are counted up to this."""
GATHER_SECONDS = 0.05
"""What comes within this is reacted to together: else each message would be followed by a commit of every
consumer, and the next message would wait for those."""
TIMERS_AT_ONCE = 100
ANSWERS_KEPT = 30 * DAY
"""How long a key gives its first answer."""

logger = structlog.get_logger("dealings.jobs")
Step = Callable[[], Awaitable[object]]
May = Callable[[str], bool]
TIMERS, ANSWERS = "timers", "answers"


def consumer_job(name: str) -> str:
    return f"consumer:{name}"


def _always(job: str) -> bool:
    return True


class Jobs:
    """The loops of one process. `poke` is called after commits, so that reactions follow at once."""

    def __init__(
        self, run: Run, reads: Reads, *, clock: Clock, steps: Mapping[str, Step] | None = None, may: May = _always
    ) -> None:
        """`steps` are done again and again, each a job by its name; `may` is asked before a job is done."""
        self._run = run
        self._reads = reads
        self._clock = clock
        self._steps = dict(steps or {})
        self._may = may
        self._poked = asyncio.Event()
        self._looks: dict[str, consumers.Look] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        loops: list[Coroutine[object, object, None]] = [
            self._repeat(self._fire_timers, LOOK_SECONDS, job=TIMERS),
            self._repeat(self._forget_answers, HOUR / 1000, job=ANSWERS),
            self._repeat(self._measure_lag, LAG_SECONDS),
            *(self._repeat(step, LOOK_SECONDS, job=job) for job, step in self._steps.items()),
            self._consume(),
        ]
        self._tasks = [asyncio.get_running_loop().create_task(loop) for loop in loops]

    @property
    def names(self) -> list[str]:
        """The jobs that one node has to do for all."""
        return [TIMERS, ANSWERS, *self._steps, *map(consumer_job, consumers.CONSUMERS)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def poke(self) -> None:
        self._poked.set()

    async def _repeat(self, step: Step, seconds: float, *, job: str | None = None) -> None:
        while True:
            try:
                if job is None or self._may(job):
                    await step()
            except Exception as error:
                metrics.JOBS_FAILED.inc()
                logger.error("job_failed", job=getattr(step, "__name__", "step"), exc_info=error)
            await asyncio.sleep(seconds)

    async def _fire_timers(self) -> None:
        while due := await self._reads(outbox.due_timers, now=self._clock(), limit=TIMERS_AT_ONCE):
            await asyncio.gather(*(self._fire(timer) for timer in due))

    async def _fire(self, timer: str) -> None:
        try:
            await self._run(consumers.fire_timer, timer=timer)
            metrics.TIMERS_FIRED.inc()
        except (Refusal, Crashed) as error:
            logger.error("timer_failed", timer=timer, error=str(error))
            await self._run(consumers.postpone_timer, timer=timer, by=MINUTE)

    async def _measure_lag(self) -> None:
        metrics.TIMERS_OVERDUE.set(await self._reads(outbox.count_timers, due_by=self._clock() - OVERDUE))
        for name in consumers.CONSUMERS:
            metrics.CONSUMER_LAG.labels(name).set(await self._reads(consumers.lag, name=name, most=LAG_COUNTED))

    async def _forget_answers(self) -> None:
        await self._run(consumers.forget_answers, kept=ANSWERS_KEPT)

    async def _consume(self) -> None:
        """Work off what is there; then wait for a poke, or look again after a moment."""
        idle = True
        while True:
            self._poked.clear()
            for name in [name for name in consumers.CONSUMERS if self._may(consumer_job(name))]:
                try:
                    await self._catch_up(name, idle=idle)
                except Exception as error:
                    metrics.JOBS_FAILED.inc()
                    logger.error("consumer_failed", consumer=name, exc_info=error)
            await asyncio.sleep(GATHER_SECONDS)
            try:
                await asyncio.wait_for(self._poked.wait(), LOOK_SECONDS)
                idle = False
            except TimeoutError:
                idle = True

    async def _catch_up(self, name: str, *, idle: bool) -> None:
        """What concerns it at once; what doesn't when there is much of it, or nothing else to do."""
        seen = await self._reads(consumers.look, name=name, before=self._looks.pop(name, None))
        if seen.concerned or seen.gathered >= consumers.GATHERED_MOST or (idle and seen.gathered):
            while await self._run(consumers.consume, name=name) >= consumers.MOST_EVENTS:
                pass
        else:
            self._looks[name] = seen
