"""Settings: from the command line and the environment (``DEALINGS_…``), checked once at the start."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom

from dealings.kernel.clock import system_clock
from dealings.kernel.ids import Id, Ids


@dataclass(frozen=True, slots=True)
class Settings:
    data: Path
    """Where the SQLite file and the stored pictures are."""
    host: str = "127.0.0.1"
    port: int = 8000
    database_url: str = ""
    """`postgresql://…`; empty: SQLite in the data folder."""
    public_url: str = ""
    """How people reach this server (`https://deal.example`): for links, QR codes and the origin check."""
    sandbox: bool = False
    """Lets people top up their wallets with play money; for demonstrations only."""
    lanes: int = 2
    """Write lanes on PostgreSQL; SQLite has one."""
    frames_per_second: int = 200
    """Requests a WebSocket connection may send, sustained."""
    requests_per_second: int = 50
    """HTTP requests an address may send, sustained; ten times that in a burst."""
    metrics_token: str = field(default="", repr=False)
    """With it, `/metrics` asks for this bearer token; without it, only this machine may read it."""

    nats_url: str = field(default="", repr=False)
    """`nats://…` or `tls://…`, several separated by commas: how the nodes on one PostgreSQL tell each other. May hold a
    user and password."""
    nats_credentials: Path | None = None
    nats_authority: Path | None = None
    nats_certificate: Path | None = None
    nats_key: Path | None = None
    """See `platform.bus.nats_bus.NatsSettings`."""
    node: Id = field(default_factory=lambda: Ids(system_clock, SystemRandom())())
    """This process among others; another one each time it is started."""

    @property
    def location(self) -> str | Path:
        return self.database_url or self.data / "dealings.db"

    @property
    def write_lanes(self) -> int:
        return self.lanes if self.database_url else 1

    @property
    def files(self) -> Path:
        return self.data / "files"


def from_environment(data: Path, **given: object) -> Settings:
    """What is given wins over the environment; the environment over the defaults."""
    env = os.environ
    values: dict[str, object] = {
        "database_url": env.get("DEALINGS_DATABASE_URL", ""),
        "public_url": env.get("DEALINGS_PUBLIC_URL", "").rstrip("/"),
        "metrics_token": env.get("DEALINGS_METRICS_TOKEN", ""),
        "sandbox": env.get("DEALINGS_SANDBOX", "") == "1",
        "nats_url": env.get("DEALINGS_NATS_URL", ""),
    }
    for name in ("nats_credentials", "nats_authority", "nats_certificate", "nats_key"):
        if path := env.get(f"DEALINGS_{name.upper()}"):
            values[name] = Path(path)
    for name in ("lanes", "frames_per_second", "requests_per_second"):
        if text := env.get(f"DEALINGS_{name.upper()}"):
            values[name] = int(text)
    return Settings(data, **values | given)  # type: ignore[arg-type]  # names and types are those above
