"""A server with hundreds of clients online ends, however, and starts again: all come back by themselves and know everything."""

import asyncio
import signal
from pathlib import Path

import pytest

from bench import returning

CLIENTS = 500
TRIES_MOST = 30
"""Of one client, on average: with back-off there are few even on a slow machine."""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["told to stop", "killed"])
def test_P2_everyone_comes_back_and_is_current(tmp_path: Path, how: signal.Signals) -> None:
    """From one address, on the default limits. `play` compares all with what is on disk."""
    (seen,) = asyncio.run(returning.play(tmp_path, clients=CLIENTS, hows=[how]))
    assert seen.clients == CLIENTS
    assert 1 <= seen.tries / CLIENTS < TRIES_MOST
