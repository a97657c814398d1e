"""The program of a lane process: every action registered, one connection, commands from the parent's socket.

Nothing of the edge is imported here, nor any route: a lane that died is started again in a moment.
"""

import os
import socket
import sys
from functools import partial
from pathlib import Path

from dealings import main
from dealings.platform.db import lane_process, lane_start
from dealings.platform.db.lane_start import Started
from dealings.platform.telemetry.logs import configure

ARGV = ("-m", "dealings.lane")
LOCATION = "DEALINGS_LANE_STORE"
"""The environment variable with the store's location: arguments can be seen by every user of the machine."""


def forked(location: str | Path, *, count: int) -> list[Started]:
    """The first lanes of a server that has loaded what a lane needs, and nothing else yet. None where that can't be."""
    return lane_start.fork(partial(lane_process.serve, location=location), count=count)


if __name__ == "__main__":
    assert main
    configure()
    lane_process.serve(socket.socket(fileno=int(sys.argv[1])), os.environ[LOCATION])
