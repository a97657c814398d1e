"""Durable messages through a WebSocket: a real server process, real sockets, clients in this process."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from random import SystemRandom

import uvloop

from bench import recording
from bench.measured import Measured, call
from bench.places import Places
from bench.through_run import FEWEST_COMMITS, Compared
from bench.town import HASH, LOADS, TEXT, Pair, Town, settle
from dealings.client.connection import Client, connected
from dealings.domain.identity import actions as identity
from dealings.domain.identity import tokens
from dealings.kernel.clock import system_clock
from dealings.kernel.ids import Id, uuid7
from dealings.platform.db.direct import Direct
from dealings.platform.db.stores import SqliteStore, Store

START_SECONDS = 30
_rng = SystemRandom()


class Server:
    """`dealings serve` on a free port, with the limits of a benchmark."""

    def __init__(self, data: Path, database_url: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        limits = {"DEALINGS_FRAMES_PER_SECOND": "1000000", "DEALINGS_REQUESTS_PER_SECOND": "1000000"}
        argv = [sys.executable, "-m", "dealings.cli", "serve", "--data", str(data), "--port", str(self.port)]
        environment = {**os.environ, **limits, "DEALINGS_DATABASE_URL": database_url}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # Python keeps what it has compiled, unless told otherwise
        self._process = subprocess.Popen(argv, env=environment, stderr=subprocess.DEVNULL)

    @property
    def pid(self) -> int:
        return self._process.pid

    def read(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            assert self._process.poll() is None, "the server ended"
            try:
                self.read("/healthz")
            except (OSError, urllib.error.URLError):
                time.sleep(0.005)
            else:
                return
        raise TimeoutError

    def lane_counts(self) -> tuple[float, float]:
        """Commands and commits so far."""
        text = self.read("/metrics")
        names = ("sum", "count")
        found = [re.search(rf"^dealings_lane_batch_commands_{name} (\S+)$", text, re.MULTILINE) for name in names]
        commands, commits = (float(match[1]) if match else 0.0 for match in found)
        return commands, commits

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


@contextmanager
def serving(data: Path, database_url: str) -> Iterator[Server]:
    server = Server(data, database_url)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def _sign_in(store: Store, accounts: Sequence[Id]) -> list[str]:
    """A token for each, without a password."""
    here = Direct(store, clock=system_clock, rng=_rng)
    given = [tokens.new_token() for _ in accounts]
    for account, token in zip(accounts, given, strict=True):
        hashed = tokens.digest(token)
        here.run(
            identity.open_session, account=account, verified=HASH, token_hash=hashed, agent="bench", address="127.0.0.1"
        )
    here.close()
    return given


@asynccontextmanager
async def _all_connected(url: str, tokens: Sequence[str]) -> AsyncIterator[list[Client]]:
    async with AsyncExitStack() as stack:
        opening = (connected(url, token=token, on_event=lambda event: None) for token in tokens)
        yield [await stack.enter_async_context(each) for each in opening]


async def _through(server: Server, town: Sequence[Pair], tokens: Sequence[str], seconds: float) -> Measured:
    async with _all_connected(f"ws://127.0.0.1:{server.port}/ws", tokens) as clients:

        async def send(caller: int) -> object:
            """The even ones write, the odd ones read along."""
            pair, client = town[caller], clients[2 * caller]
            return await client.send(pair.conversation, TEXT, client_id=uuid7(system_clock(), _rng))

        commands, commits = server.lane_counts()
        seen = await call(send, callers=len(town), seconds=seconds)
        commands_after, commits_after = server.lane_counts()
    batch = (commands_after - commands) / max(1.0, commits_after - commits)
    return Measured(seen.per_second, seen.p50, seen.p99, batch)


def compare(places: Places, engine: str, *, pairs: int, seconds: float) -> Compared:
    """Through the WebSockets of so many pairs, and the same writes by the raw driver."""
    data = places.folder / f"served-{engine}-{pairs}"
    data.mkdir()
    store = SqliteStore(data / "dealings.db") if engine == "sqlite" else places.fresh(engine)
    places.migrated(store)
    town = settle(store).pairs[:pairs]
    copies = [places.copy(store) for _ in range(2)]
    signed_in = _sign_in(store, [account for pair in town for account in (pair.one, pair.other)])
    url = "" if engine == "sqlite" else store.url
    with serving(data, url) as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        seen = runner.run(_through(server, town, signed_in, seconds))
    batch = max(1, round(seen.batch))
    said = LOADS["messages"](Town(town))
    batches = [[said(n * batch + k) for k in range(batch)] for n in range(10 * FEWEST_COMMITS)]
    return Compared(seen, recording.replay(copies[1], recording.record(copies[0], batches)))
