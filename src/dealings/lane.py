"""The program of a lane process: every action registered, one connection, commands from the parent's socket."""

import os
import socket
import sys

from dealings import main
from dealings.platform.db import lane_process
from dealings.platform.telemetry.logs import configure

ARGV = ("-m", "dealings.lane")
LOCATION = "DEALINGS_LANE_STORE"
"""The environment variable with the store's location: arguments can be seen by every user of the machine."""

if __name__ == "__main__":
    assert main
    configure()
    lane_process.serve(socket.socket(fileno=int(sys.argv[1])), os.environ[LOCATION])
