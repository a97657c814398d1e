"""What a process counts and times, by the names that `/metrics` shows (docs/operation.md says what each means).

Seconds are of `time.monotonic()`, which is one clock for all processes of a machine: so a lane's commit and the
gateway's write can be compared.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from dealings.kernel.clock import system_clock
from dealings.platform.telemetry.figures import Buckets, Labelled, Level, Tally

M = TypeVar("M", bound="Measure")
Measure = Tally | Level | Buckets | Labelled[Tally] | Labelled[Level] | Labelled[Buckets]

SECONDS = (
    0.0002, 0.0005, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075,
    0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0,
)  # fmt: skip
"""Ends of the buckets for all that people wait for: close enough that a quantile between two means something."""
COUNTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
BYTES = tuple(1024 * 4**n for n in range(8))
"""1 KiB to 16 MiB."""


class Named(NamedTuple):
    name: str
    help: str
    measure: Measure


STARTED_AT = system_clock()
"""When this process began to count."""
ALL: list[Named] = []
"""Every measure there is, in the order in which `/metrics` shows them."""


def _named(name: str, help: str, measure: M) -> M:
    ALL.append(Named(f"dealings_{name}", help, measure))
    return measure


# the lanes, as the process that asks them sees them

LANE_BATCH = _named("lane_batch_commands", "Commands in one commit", Buckets(COUNTS))
LANE_COMMIT = _named("lane_commit_seconds", "From BEGIN to the end of COMMIT", Buckets(SECONDS))
LANE_WAITING = _named("lane_waiting_commands", "Commands handed over and not yet answered", Labelled(Level, "lane"))
LANE_UP = _named("lane_up", "1 while the lane takes commands", Labelled(Level, "lane"))
LANE_RETRIES = _named("lane_retries_total", "Batches and commands that were run again, having lost a race", Tally())
LANE_RESTARTS = _named("lane_restarts_total", "Lane processes started in place of one that died", Tally())
OVERLOADED = _named("lane_overloaded_total", "Commands refused because too many were waiting", Tally())

# HTTP

REQUESTS = _named("http_requests_total", "HTTP requests answered", Labelled(Tally, "method", "route", "status"))
REQUEST_SECONDS = _named(
    "http_request_seconds", "Time to answer", Labelled(lambda: Buckets(SECONDS), "method", "route")
)
REQUESTS_TOO_FAST = _named("http_too_fast_total", "HTTP requests refused: too many from their address", Tally())

# WebSocket

CONNECTIONS = _named("ws_connections", "Open WebSocket connections", Level())
UPGRADES_REFUSED = _named(
    "ws_upgrades_refused_total", "Connections not taken (path, draining, full, origin, address)", Labelled(Tally, "why")
)
HELLOS = _named("ws_hellos_total", "Sign-ins (resumed, fresh, refused, overloaded)", Labelled(Tally, "how"))
FRAMES_IN = _named("ws_frames_received_total", "WebSocket frames received", Tally())
EVENTS_OUT = _named("ws_events_sent_total", "Events written to WebSocket connections", Tally())
WRITES = _named("ws_writes_total", "Writes to sockets: what was due to a connection in one tick goes in one", Tally())
SLOW_CUT = _named("ws_slow_consumers_total", "Connections cut because they read too slowly", Tally())
TOO_FAST = _named("ws_too_fast_total", "Frames refused: too many from their connection", Tally())
BAD_FRAMES = _named("ws_bad_frames_total", "Frames that could not be read", Tally())
SILENT_CUT = _named("ws_silent_cut_total", "Connections cut because nothing was heard from them", Tally())
BYTES_WAITING = _named(
    "ws_waiting_bytes", "Bytes a connection still had to read when more was written to it", Buckets(BYTES)
)
BYTES_WAITING_MOST = _named("ws_waiting_bytes_most", "The most that waits for one connection now", Level())
ANSWER = _named("ws_answer_seconds", "Frame received to answer handed to the socket", Buckets(SECONDS))
DELIVERY = _named(
    "delivery_seconds", "End of COMMIT to the event handed to every socket of this process", Buckets(SECONDS)
)

# everything else

REFUSALS = _named("refusals_total", "Refusals answered", Labelled(Tally, "code"))
CONSUMER_LAG = _named("consumer_lag_events", "Events a consumer has yet to deal with", Labelled(Level, "consumer"))
TIMERS_FIRED = _named("timers_fired_total", "Timers run", Tally())
TIMERS_OVERDUE = _named("timers_overdue", "Timers whose moment has passed and that have not run", Level())
JOBS_FAILED = _named("jobs_failed_total", "Jobs that ended in an error; each is logged and tried again", Tally())
# Of one node alone there is no bus: labels() makes the figure once there is one.
BUS_CONNECTED = _named(
    "bus_connected", "1 while the bus to other nodes is reached; absent on a single node", Labelled(Level)
)
BUS_SENT = _named("bus_messages_sent_total", "Messages handed to the bus", Tally())
BUS_RECEIVED = _named("bus_messages_received_total", "Messages heard from other nodes", Tally())
BUS_CONNECTS = _named("bus_connects_total", "Times the bus was reached, or found again", Tally())
MESSAGES = _named("messages_total", "Messages committed by the lanes of this process", Tally())
DISK_FREE = _named("disk_free_bytes", "Free on the disk of the data folder", Level())
DISK = _named("disk_bytes", "Size of the disk of the data folder", Level())
BACKUP_AT = _named("last_backup_timestamp_seconds", "When the last backup was finished; 0: never", Level())
FILES = _named("open_files", "Open files and sockets, counted now and then", Level())
TASKS = _named("tasks", "Tasks of the event loop", Level())
LOOP_LATE = _named("loop_late_seconds", "How late the event loop comes to what is due", Buckets(SECONDS))
