"""Lanes as processes: what is under way when one dies is answered, and one new lane goes on."""

import asyncio
import os
import signal
from collections.abc import Sequence
from functools import partial

import pytest

from dealings import lane
from dealings.domain.identity import actions as identity
from dealings.kernel.errors import Unavailable
from dealings.kernel.ids import Id
from dealings.platform.db.actions import Stored
from dealings.platform.db.lane_start import spawn
from dealings.platform.db.lanes import LaneProcesses
from dealings.platform.db.run import Run
from dealings.platform.db.stores import Store
from dealings.platform.telemetry import metrics


class Told:
    """What the edge hears of its lanes."""

    def __init__(self) -> None:
        self.events: list[Stored] = []
        self.lost = 0

    def on_events(self, events: Sequence[Stored], horizon: int) -> None:
        self.events += events

    def on_lost(self) -> None:
        self.lost += 1


def lanes(store: Store, told: Told) -> LaneProcesses:
    location = store.url if store.dialect == "postgresql" else str(store.path)  # type: ignore[attr-defined]
    environment = {lane.LOCATION: location}
    return LaneProcesses(lane.ARGV, count=1, environment=environment, on_events=told.on_events, on_lost=told.on_lost)


def children() -> set[int]:
    with open(f"/proc/{os.getpid()}/task/{os.getpid()}/children") as file:  # noqa: PTH123
        return set(map(int, file.read().split()))


async def sign_up(run: Run, handle: str) -> Id:
    return await run(identity.sign_up, handle=handle, name="A", password_hash="x")


async def until_up(run: Run, handle: str) -> int:
    """How many tries it took until a command was answered."""
    tries = 0
    async with asyncio.timeout(20):
        while True:
            tries += 1
            try:
                await sign_up(run, handle)
            except Unavailable:
                await asyncio.sleep(0.05)
            else:
                return tries


def test_P8_a_killed_lane_answers_what_waits_and_is_replaced_by_one(store: Store) -> None:
    async def play() -> None:
        told, before = Told(), children()
        processes = lanes(store, told)
        await processes.start()
        run = Run(processes)
        await sign_up(run, "first")
        (pid,) = children() - before
        restarts = metrics.LANE_RESTARTS.value
        waiting = [asyncio.ensure_future(sign_up(run, f"waiting{n}")) for n in range(20)]
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGKILL)
        for answered in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(answered, str | Unavailable)
        assert await until_up(run, "after") > 1
        assert told.lost == 1
        assert len(children() - before) == 1
        assert metrics.LANE_RESTARTS.value > restarts
        await processes.close()
        assert children() == before

    asyncio.run(play())


def test_a_lane_says_how_busy_it_is_and_how_long_its_events_took(store: Store) -> None:
    async def play() -> None:
        processes = lanes(store, Told())
        await processes.start()
        waiting, up = metrics.LANE_WAITING.labels(0), metrics.LANE_UP.labels(0)
        assert (waiting.value, up.value) == (0, 1)
        delivered, committed = metrics.DELIVERY.seen(), metrics.LANE_COMMIT.seen()
        asked = asyncio.ensure_future(sign_up(Run(processes), "busy"))
        await asyncio.sleep(0)
        assert waiting.value == 1
        mei = await asked
        arun = await sign_up(Run(processes), "idle")
        await Run(processes)(identity.ask_contact, me=mei, other=arun)  # both are told
        await asyncio.sleep(0)
        took = metrics.DELIVERY.seen().since(delivered)
        assert took.number >= 2
        assert 0 < took.sum < 60 * took.number
        assert metrics.LANE_COMMIT.seen().since(committed).number == 3
        await processes.close()
        assert (waiting.value, up.value) == (0, 0)

    asyncio.run(play())


def test_P8_a_lane_that_cannot_start_is_tried_again_until_it_can(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        told, before = Told(), children()
        processes = lanes(store, told)
        await processes.start()
        run = Run(processes)
        (only,) = processes._lanes
        good, only._start = only._start, partial(spawn, ("-c", "raise SystemExit(1)"), {})
        os.kill((children() - before).pop(), signal.SIGKILL)
        await asyncio.sleep(1)
        with pytest.raises(Unavailable):
            await sign_up(run, "never")
        only._start = good
        await until_up(run, "after")
        assert told.lost == 1
        assert len(children() - before) == 1
        await processes.close()

    asyncio.run(play())
