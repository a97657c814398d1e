"""NATS servers of our own for tests: the program comes from a wheel, the cluster lives in a temporary folder."""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "nats-server"


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now: taken together, so that they differ."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


@dataclass
class NatsServer:
    """One server of a cluster, on ports that stay the same over all its lives."""

    number: int
    folder: Path
    port: int
    route: int
    routes: list[int]
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        routes = ",".join(f"nats://127.0.0.1:{port}" for port in self.routes if port != self.route)
        argv = [str(PROGRAM), "--addr", "127.0.0.1", "--port", str(self.port), "--name", f"n{self.number}"]
        argv += ["--cluster_name", "test", "--cluster", f"nats://127.0.0.1:{self.route}"]
        argv += ["--routes", routes] if routes else []
        with (self.folder / f"nats{self.number}.log").open("ab") as log:
            self.process = subprocess.Popen(argv, stdout=log, stderr=log)

    def kill(self) -> None:
        """`kill -9`."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def nats_cluster(folder: Path, *, size: int) -> Iterator[list[NatsServer]]:
    folder.mkdir(parents=True, exist_ok=True)
    ports = free_ports(2 * size)
    servers = [NatsServer(n, folder, ports[2 * n], ports[2 * n + 1], ports[1::2]) for n in range(size)]
    try:
        for server in servers:
            server.start()
        yield servers
    finally:
        for server in servers:
            server.kill()
