"""P1, P2, P8: whatever network, clocks, crashes and people do, every client ends equal to the server (tests/simulation/seeded).

A seed that fails is printed with all that happened in it and the command that plays it again.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import fresh_store
from tests.simulation.seeded import scene, seeds
from tests.simulation.seeded.seeds import Failed, Template

SEEDS = 1_000
BLOCK = 50
ON_POSTGRES = 5
SHOWN_LINES = 200


@pytest.fixture(scope="module")
def template() -> Iterator[Template]:
    with seeds.template() as made:
        yield made


def survives(seed: int, template: Template) -> None:
    try:
        with template.copy() as store:
            seeds.play(seed, store, template.scene)
    except Failed as failed:
        pytest.fail("\n".join([*failed.lines[-SHOWN_LINES:], str(failed), f"Replay: {failed.replay}"]), pytrace=False)


@pytest.mark.parametrize("block", range(SEEDS // BLOCK))
def test_every_client_ends_equal_to_the_server(block: int, template: Template) -> None:
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        survives(seed, template)


@pytest.mark.parametrize("seed", range(ON_POSTGRES))
def test_every_client_ends_equal_to_the_server_on_postgres(
    seed: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    with fresh_store(request, "postgres", tmp_path) as store:
        seeds.play(seed, store, scene.prepare(store))


@pytest.mark.soak
def test_every_client_ends_equal_to_the_server_for_as_long_as_told(template: Template) -> None:
    until = time.monotonic() + float(os.environ.get("SOAK_SECONDS", "600"))
    first = seed = time.time_ns() // 1_000_000
    while time.monotonic() < until:
        survives(seed, template)
        seed += 1
    print(f"{seed - first} seeds from {first} on")


def test_a_seed_is_the_same_run_in_every_process() -> None:
    """Whatever Python makes of hashes there, so that a failing seed can be looked at."""
    program = [sys.executable, "-m", "tests.simulation.seeded.seeds", "3"]
    root = Path(__file__).parents[2]
    runs = {
        subprocess.run(
            program, cwd=root, env={**os.environ, "PYTHONHASHSEED": salt}, check=True, capture_output=True
        ).stdout
        for salt in ("1", "2")
    }
    assert len(runs) == 1
