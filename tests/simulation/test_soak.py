"""24 hours' worth of messages at 1 % of the top rate of the table's mark, 30,000 a second, is 26 million: what ten minutes
at full speed can hold.

Clients come and go, read, begin to write and look back meanwhile. Memory may not grow with what was said, and when all
have gone, no session, file or task may be left."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bench.soak.soaking import soak
from bench.soak.watching import Sample, faults, growth

QUIET = Sample(0, {"0 1": 100_000}, 20, 10, 0, 1_000)


def seen(*kib: int) -> list[Sample]:
    return [replace(QUIET, messages=1_000_000 * n, kib={"0 1": each}) for n, each in enumerate(kib)]


def leaking(bytes_a_message: float) -> list[Sample]:
    """Beside the noise of pages that come and go."""
    noise = (0, 300, -200, 100)
    lost = [int(bytes_a_message * 1_000_000 * n / 1024) for n in range(60)]
    return seen(*(100_000 + each + noise[n % 4] for n, each in enumerate(lost)))


def test_memory_that_is_lost_with_each_message_is_found() -> None:
    samples = leaking(4)
    assert growth([(s.messages, s.kib["0 1"]) for s in samples]) == pytest.approx(4, rel=0.1)
    (found,) = faults(samples, first=QUIET, last=QUIET)
    assert "grows by 4.0 bytes a message" in found


def test_memory_that_is_taken_once_is_no_leak() -> None:
    """While it warms up, in steps, up and down again."""
    for samples in (
        seen(*(min(100_000 + 5_000 * n, 150_000) for n in range(60))),
        seen(*(100_000 + 20_000 * (n > 40) for n in range(60))),
        seen(*(100_000 + 20_000 * (n % 20) for n in range(60))),
        leaking(0.05),
    ):
        assert faults(samples, first=QUIET, last=QUIET) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [({"sessions": 1}, "1 sessions"), ({"files": 40}, "20 files"), ({"tasks": 30}, "20 tasks")],
)
def test_what_is_left_is_found(change: dict[str, int], found: str) -> None:
    (fault,) = faults(seen(*[100_000] * 60), first=QUIET, last=replace(QUIET, **change))  # type: ignore[arg-type]  # each is an int
    assert fault.startswith(found)


def test_a_write_ahead_log_without_end_is_found() -> None:
    samples = [replace(each, wal_bytes=2**30) for each in seen(*[100_000] * 60)]
    assert "write-ahead log" in faults(samples, first=QUIET, last=QUIET)[0]


def test_too_little_to_tell_is_not_told() -> None:
    with pytest.raises(AssertionError, match="too little"):
        growth([(n, n) for n in range(5)])


@pytest.mark.soak
def test_a_day_of_messages_leaves_memory_flat_and_nothing_open(tmp_path: Path) -> None:
    seed = time.time_ns()
    print("seed", seed)
    soaked = soak(tmp_path, seconds=float(os.environ.get("SOAK_SECONDS", "600")), seed=seed)
    print(soaked.told())
    assert soaked.faults == []
