"""How long a start takes: from `dealings serve` on existing data to the first hello that is answered, on one core."""

import asyncio
import os
import socket
import time
from pathlib import Path
from random import SystemRandom

from bench.places import Places
from bench.town import HASH
from bench.websocket import START_SECONDS, Server, serving
from dealings.client.connection import connected
from dealings.domain.identity import actions as identity
from dealings.domain.identity import tokens
from dealings.kernel.clock import system_clock
from dealings.platform.db.direct import Direct
from dealings.platform.db.stores import SqliteStore

STARTS = 5


def first_sign_in(places: Places) -> float:
    """Seconds, of several starts the one in the middle."""
    data = places.folder / "cold"
    data.mkdir(exist_ok=True)
    with serving(data, ""):
        pass  # makes the data, and whatever Python keeps compiled
    token = _member(data)
    taken = sorted(_start(data, token) for _ in range(STARTS))
    return taken[STARTS // 2]


def _member(data: Path) -> str:
    """Someone with a session."""
    here = Direct(SqliteStore(data / "dealings.db"), clock=system_clock, rng=SystemRandom())
    account = here.run(identity.sign_up, handle="first", name="First", password_hash=HASH)
    token = tokens.new_token()
    hashed = tokens.digest(token)
    here.run(
        identity.open_session, account=account, verified=HASH, token_hash=hashed, agent="bench", address="127.0.0.1"
    )
    here.close()
    return token


def _start(data: Path, token: str) -> float:
    started = time.perf_counter()
    server = Server(data, "")
    os.sched_setaffinity(server.pid, {min(os.sched_getaffinity(0))})  # what it forks inherits that
    try:
        _wait_for_port(server.port)
        asyncio.run(_hello(server.port, token))
        return time.perf_counter() - started
    finally:
        server.stop()


def _wait_for_port(port: int) -> None:
    """Lightly: the server may be on this core."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.005)
        else:
            return
    raise TimeoutError


async def _hello(port: int, token: str) -> None:
    async with connected(f"ws://127.0.0.1:{port}/ws", token=token):
        pass  # it is: the hello was answered
