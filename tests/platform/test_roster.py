"""The roster: who is there, and that each job is done by one node, soon by another when that one is gone."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from dealings.platform.bus import roster, tables
from dealings.platform.bus.roster import LAPSE, LEASE
from dealings.platform.db.stores import Store
from tests.conftest import fresh_store
from tests.world import World

JOBS = ["timers", "pictures", "consumer:a", "consumer:b"]
NODES = ["a" * 16, "b" * 16, "c" * 16]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The store's own clock, which these tests move."""
    now = [1_000_000]
    monkeypatch.setattr(tables, "store_time", lambda db: now[0])
    monkeypatch.setattr(tables, "up_since", lambda db: 0)
    return now


@pytest.fixture
def postgres_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with fresh_store(request, "postgres", tmp_path) as made:
        yield made


def sign(world: World, node: str) -> list[str]:
    return world.run(roster.sign, node=node, wanted=JOBS).jobs


def shares(world: World) -> list[list[str]]:
    """What each is given when all have signed often enough to know of one another."""
    for node in NODES:
        sign(world, node)
    return [sign(world, node) for node in NODES]


def test_every_job_is_done_by_exactly_one_and_the_work_is_shared(world: World, clock: list[int]) -> None:
    given = shares(world)
    assert sorted(job for jobs in given for job in jobs) == sorted(JOBS)
    assert max(map(len, given)) <= 2


def test_one_alone_does_everything(world: World, clock: list[int]) -> None:
    assert sign(world, NODES[0]) == sorted(JOBS)


def test_jobs_of_a_killed_node_are_taken_over_when_its_lease_ends_and_not_before(
    world: World, clock: list[int]
) -> None:
    first, second = NODES[:2]
    sign(world, first)
    clock[0] += LEASE - 1
    assert sign(world, second) == []
    clock[0] += 2
    assert sign(world, second) == sorted(JOBS)


def test_jobs_of_a_node_that_leaves_are_free_at_once(world: World, clock: list[int]) -> None:
    first, second = NODES[:2]
    sign(world, first)
    world.run(roster.leave, node=first)
    assert sign(world, second) == sorted(JOBS)
    assert world.read(roster.look).nodes == [second]


def test_a_newcomer_gets_its_share(world: World, clock: list[int]) -> None:
    first, second = NODES[:2]
    assert len(sign(world, first)) == 4
    sign(world, second)
    kept = sign(world, first)
    got = sign(world, second)
    assert len(kept) == len(got) == 2
    assert sorted(kept + got) == sorted(JOBS)


def test_what_wants_no_job_takes_nobodys_share_but_is_on_the_roster(world: World, clock: list[int]) -> None:
    first, second = NODES[:2]
    world.run(roster.sign, node=second, wanted=[])
    assert sign(world, first) == sorted(JOBS)
    assert world.read(roster.look).nodes == [first, second]
    clock[0] += LAPSE - LEASE + 1
    sign(world, first)
    assert world.read(roster.look).nodes == [first]


def test_a_silent_node_is_struck_out_and_may_sign_again(world: World, clock: list[int]) -> None:
    first, second = NODES[:2]
    sign(world, first)
    clock[0] += LAPSE + 1
    sign(world, second)
    assert world.read(roster.look).nodes == [second]
    sign(world, first)
    assert world.read(roster.look).nodes == [first, second]


def test_nobody_is_struck_out_for_having_been_silent_while_the_store_was_away(
    world: World, clock: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = NODES[:2]
    sign(world, first)
    clock[0] += 2 * LAPSE
    monkeypatch.setattr(tables, "up_since", lambda db: clock[0] - 100)
    sign(world, second)
    assert world.read(roster.look).nodes == [first, second]


def test_a_silent_node_stays_until_its_connections_are_ended(postgres_store: Store, clock: list[int]) -> None:
    """Whoever is not on the roster can't commit: PostgreSQL is asked to end what a dead node left open."""
    world = World(postgres_store)
    first, second = NODES[:2]
    sign(world, first)
    with postgres_store.connect(write=True) as left_open:
        left_open.exec_driver_sql(f"SET application_name = '{tables.session_name(first)}'")
        clock[0] += LAPSE + 1
        sign(world, second)
        assert first in world.read(roster.look).nodes
        with pytest.raises(OperationalError):
            left_open.exec_driver_sql("SELECT pg_sleep(10)")
        left_open.invalidate()
    sign(world, second)
    assert first not in world.read(roster.look).nodes
    world.close()


def test_a_signature_is_a_commit_that_is_on_disk(world: World) -> None:
    numbers = [world.run(roster.sign, node=NODES[0], wanted=JOBS).commit_no for _ in range(3)]
    assert world.store.dialect == "sqlite" or numbers == sorted(set(numbers))


def test_the_stores_clock_is_the_time(world: World) -> None:
    assert abs(world.read(tables.store_time) / 1000 - time.time()) < 60
    assert world.read(tables.up_since) <= world.read(tables.store_time)
