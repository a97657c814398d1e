"""A start loads what it needs and nothing else: measured, half of its time was what nobody had asked for yet."""

import json
import subprocess
import sys
from pathlib import Path

from dealings.commands.offline import prepare
from dealings.settings import Settings

THE_EDGES = {"httptools", "litestar", "picows", "uvicorn", "uvloop", "multipart", "anyio", "click", "typer"}
RARE = {"PIL", "alembic", "babel", "httpcore", "httpx", "opentelemetry", "prometheus_client", "psycopg", "rjieba"}
UNUSED = {"attr", "jinja2", "pydantic"}
"""What other packages bring along, and Litestar would load wherever it finds it."""

LANE = "import dealings.lane"
SERVER = """
import asyncio
from pathlib import Path
from dealings import cli, lane
from dealings.commands.offline import prepare
from dealings.edge import serve
from dealings.settings import Settings

async def start(settings):
    store = prepare(settings)
    program = serve.LaneProgram(lane.ARGV, {lane.LOCATION: str(settings.location)})
    async with serve.running(settings, store, program) as node:
        serve.server(settings, node)

asyncio.run(start(Settings(Path(%r))))
"""


def loaded(program: str) -> set[str]:
    """The packages that are there when a program has run in an interpreter of its own."""
    program += "\nimport json, sys; print(json.dumps([name.partition('.')[0] for name in sys.modules]))"
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    return set(json.loads(ended.stdout))


def test_a_lane_loads_nothing_of_the_edge() -> None:
    there = loaded(LANE)
    assert "sqlalchemy" in there
    assert there & (THE_EDGES | RARE | UNUSED) == set()


def test_a_lane_loads_no_routes() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", f"{LANE}\nimport sys; print(*sys.modules)"], check=True, capture_output=True, text=True
    )
    ours = [name for name in ended.stdout.split() if name.startswith("dealings.")]
    assert "dealings.domain.orders.actions" in ours
    assert [name for name in ours if "routes" in name or name.startswith(("dealings.edge", "dealings.commands"))] == []


def test_a_start_on_existing_data_loads_nothing_that_is_rarely_needed(tmp_path: Path) -> None:
    prepare(Settings(tmp_path))
    there = loaded(SERVER % str(tmp_path))
    assert {"litestar", "picows", "uvicorn"} <= there
    assert there & (RARE | UNUSED) == set()
