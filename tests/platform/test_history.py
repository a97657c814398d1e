"""Samples of a process's figures: what lies between two readings, and how many are kept."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from dealings.kernel.clock import MINUTE, SECOND
from dealings.platform.backup import last
from dealings.platform.telemetry import history, metrics, nodes, process
from dealings.platform.telemetry.history import LONG_KEPT, RECENT_KEPT, History
from tests.world import World


@pytest.fixture
def kept() -> Iterator[History]:
    before = {level: level.value for level in (metrics.CONNECTIONS, metrics.TIMERS_OVERDUE)}
    yield History()
    for level, value in before.items():
        level.set(value)


def test_a_sample_holds_rates_since_the_one_before_and_what_is(kept: History) -> None:
    kept.take(10 * SECOND)
    metrics.MESSAGES.inc(30)
    metrics.EVENTS_OUT.inc(60)
    metrics.LANE_BATCH.observe(4)
    metrics.LANE_BATCH.observe(8)
    metrics.LANE_COMMIT.observe(0.0015, times=2)
    metrics.SLOW_CUT.inc()
    metrics.UPGRADES_REFUSED.labels("full").inc(2)
    metrics.CONNECTIONS.read_by(lambda: 7)
    kept.take(12 * SECOND)
    (sample,) = kept.recent
    assert (sample.at, sample.messages, sample.deliveries, sample.commands, sample.batch) == (12_000, 15, 30, 6, 6)
    assert (sample.drops, sample.connections) == (3, 7)
    assert 1 < sample.commit_p50_ms < sample.commit_p99_ms <= 1.5
    assert sample.memory_bytes > 1_000_000


def test_nothing_happened_is_zero(kept: History) -> None:
    kept.take(SECOND)
    kept.take(2 * SECOND)
    (sample,) = kept.recent
    assert (sample.messages, sample.batch, sample.commit_p99_ms, sample.drops) == (0, 0, 0, 0)


def test_seconds_and_minutes_are_kept_for_a_while_and_no_longer(kept: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "lanes", list)
    for second in range(RECENT_KEPT + 130):
        kept.take(second * SECOND)
    assert len(kept.recent) == RECENT_KEPT
    assert [sample.at for sample in kept.long] == [
        minute * MINUTE for minute in range(1, (RECENT_KEPT + 129) * SECOND // MINUTE + 1)
    ]
    assert kept.long.maxlen == LONG_KEPT
    seconds, minutes = kept.after((RECENT_KEPT + 127) * SECOND)
    assert len(seconds) == 2
    assert list(minutes) == []


def test_the_loop_looks_around_and_takes_samples(tmp_path: Path) -> None:
    taken = History()

    async def play() -> None:
        task = asyncio.get_running_loop().create_task(history.keep(tmp_path, history=taken))
        while not taken.recent:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        task.cancel()

    late = metrics.LOOP_LATE.seen().number
    last.note(tmp_path)
    asyncio.run(play())
    assert metrics.LOOP_LATE.seen().number > late
    assert metrics.DISK.value >= metrics.DISK_FREE.value > 0
    assert metrics.BACKUP_AT.value * SECOND == pytest.approx(last.at(tmp_path))


def test_a_folder_without_a_backup_knows_of_none(tmp_path: Path) -> None:
    assert last.at(tmp_path) is None
    last.note(tmp_path / "missing")  # a backup is one, even if it can't be noted
    assert last.at(tmp_path / "missing") is None


def test_a_process_that_is_gone_uses_nothing() -> None:
    assert process.use_of(2**22 + 1) == process.Use(0, 0.0)


def test_nodes_tell_each_other_their_newest_figures_and_the_silent_are_forgotten(world: World) -> None:
    kept = History()
    kept.take(0)
    kept.take(SECOND)
    run = world.run
    for node in ("a", "b"):
        run(nodes.share, node=node, sample=kept.recent[-1])
    world.clock.advance(nodes.SILENT)
    run(nodes.share, node="b", sample=kept.recent[-1])
    assert [each.node for each in world.read(nodes.shared, now=world.clock())] == ["a", "b"]
    world.clock.advance(1)
    run(nodes.share, node="b", sample=kept.recent[-1])
    (only,) = world.read(nodes.shared, now=world.clock())
    assert (only.node, only.sample) == ("b", kept.recent[-1])
