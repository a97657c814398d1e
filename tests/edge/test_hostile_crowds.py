"""Many hostile clients at once beside a few who behave: these are answered all along, what is asked of the server stays
within bounds, and afterwards nothing of it is left."""

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.hostile.attacks import KINDS, MALFORMED
from bench.hostile.ground import Ground, ground, suffer
from bench.peers import processes

PAIRS = 8
SECONDS = 0.5
SCALE = 0.2
GROWN_KIB_MOST = 96 * 1024
"""Of all processes of the server, while it lasts: 20 stalled readers with what waits for them, 1,000 connections."""
SPARE_FILES = 10
ENDS: dict[str, set[str]] = {
    "a byte a second": {"cut", "closed 4002"},
    "half-open": {"cut", "closed 4002"},
    "stalled readers": {"cut"},
    "deaf": set(),
    "requests": {"protocol.too_fast"},
    "garbage": {"protocol.too_fast", "protocol.bad_frame"},
    "pings": {"pong"},
    "HTTP requests": {"HTTP 400"},
    "malformed": {"closed 1002", "closed 1003", "closed 1009"},
    "fragments": {"closed 1003"},
    "bombs": {"HTTP 415", "closed 1002"},
}
"""What they have to be told, each at least once."""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("hostile")
    with ground(folder, pairs=PAIRS, program="tests.edge.impatient", apart=False) as made:
        yield made


def figure(here: Ground, name: str) -> float:
    with urllib.request.urlopen(f"http://127.0.0.1:{here.served.port}/metrics", timeout=30) as answer:
        found = re.search(rf"^{name} (\S+)$", answer.read().decode(), re.MULTILINE)
    assert found, name
    return float(found[1])


def open_files(here: Ground) -> int:
    return sum(1 for _ in Path(f"/proc/{here.served.process.pid}/fd").iterdir())


@pytest.mark.parametrize("name", KINDS)
def test_others_are_served_and_nothing_is_left(here: Ground, name: str) -> None:
    """A steady pair that is refused, cut, or never answered fails in `steady`."""
    files, tasks = open_files(here), figure(here, "dealings_tasks")
    seen = suffer(here, name, seconds=SECONDS, scale=SCALE, wanted=ENDS[name])
    assert set(seen.outcome.told) >= ENDS[name], seen.outcome
    assert seen.outcome.left == 0 or not KINDS[name].ends, seen.outcome
    assert seen.kib_most - seen.kib_before < GROWN_KIB_MOST
    until_all_is_as_before(here, files=files, tasks=tasks)


def until_all_is_as_before(here: Ground, *, files: int, tasks: float) -> None:
    """No session, no file, no task is left; as many answers as it takes to look."""
    for _ in range(240):
        here.steady.run(0.25)
        gone = figure(here, "dealings_ws_connections") == PAIRS and open_files(here) <= files + SPARE_FILES
        if gone and figure(here, "dealings_tasks") <= tasks + 1:
            return
    pytest.fail(f"left: {open_files(here) - files} files, {figure(here, 'dealings_tasks') - tasks} tasks")


def test_after_all_of_it_memory_is_bounded(here: Ground) -> None:
    before = processes.resident_kib(here.served.pids())
    for _ in range(3):
        suffer(here, "stalled readers", seconds=SECONDS, scale=SCALE, wanted={"cut"})
    assert processes.resident_kib(here.served.pids()) - before < GROWN_KIB_MOST


def test_each_malformed_frame_is_refused_by_itself(here: Ground) -> None:
    """Not only some of them."""
    seen = suffer(here, "malformed", seconds=SECONDS, wanted=ENDS["malformed"])
    assert seen.outcome.sent > len(MALFORMED)
    assert seen.outcome.left == 0
    assert set(seen.outcome.told) <= {"cut", "closed 1002", "closed 1003", "closed 1009"}
