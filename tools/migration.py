"""Write the next migration: what the tables in the code have and the newest migration does not.

    .venv/bin/python -m tools.migration 0002 "add red packets"

Read what it wrote: it can't know a rename from a drop, nor how old rows get new values.
"""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.config import Config

from dealings import main
from dealings.platform.db.migrate import SCRIPTS, upgrade
from dealings.platform.db.stores import SqliteStore


def write(revision: str, message: str) -> None:
    assert main
    with tempfile.TemporaryDirectory() as folder, SqliteStore(Path(folder) / "now.db").connect(write=True) as sql:
        upgrade(sql)
        config = Config()
        config.set_main_option("script_location", str(SCRIPTS))
        config.attributes["connection"] = sql
        command.revision(config, message, autogenerate=True, rev_id=revision)


if __name__ == "__main__":
    write(*sys.argv[1:])
