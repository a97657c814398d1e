"""The server that is measured: `dealings serve` on a store of its own, on the core that is the server's."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.peers import processes

SERVER_CORES, GENERATOR_CORES, ALL_CORES = {0}, {1}, {0, 1}
START_SECONDS = 30.0
STOP_SECONDS = 15.0
LIMITS = {
    "DEALINGS_FRAMES_PER_SECOND": "1000000",
    "DEALINGS_REQUESTS_PER_SECOND": "1000000",
}
"""One connection stands here for what many people send; the limits of one person are not what is measured."""


@dataclass
class Served:
    """A running server: where it listens, and its processes (those that a database runs in, too)."""

    port: int
    process: "subprocess.Popen[bytes]"
    started: float
    log: Path
    also: Callable[[], list[int]] = list

    def pids(self) -> list[int]:
        return processes.tree(self.process.pid) + self.also()

    def alive(self) -> bool:
        return self.process.poll() is None

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]


def _own() -> dict[str, str]:
    """Python keeps what it has compiled, unless told otherwise."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def launch(argv: list[str], *, port: int, cores: set[int], log: Path, environment: dict[str, str]) -> Served:
    with processes.on_cores(cores), log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            argv, env={**_own(), **environment}, stdout=output, stderr=output, start_new_session=True
        )
    return Served(port, process, started, log)


def stop(served: Served) -> None:
    served.process.terminate()
    try:
        served.process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        served.process.kill()
        served.process.wait()


@contextmanager
def running(
    argv: list[str], *, port: int, cores: set[int], log: Path, environment: dict[str, str] | None = None
) -> Iterator[Served]:
    """Started on these cores, and not yet waited for."""
    served = launch(argv, port=port, cores=cores, log=log, environment=environment or {})
    try:
        yield served
    finally:
        stop(served)


def dealings(data: Path, *, environment: dict[str, str], cores: set[int]) -> AbstractContextManager[Served]:
    data.mkdir(exist_ok=True)
    port = processes.free_port()
    argv = [sys.executable, "-m", "dealings.cli", "serve", "--data", str(data), "--port", str(port)]
    return running(argv, port=port, cores=cores, log=data / "server.log", environment=LIMITS | environment)
