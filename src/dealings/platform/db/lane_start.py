"""How a lane's process begins: as a program of its own, or as a fork of a server that has only just begun.

A fork has every module loaded that it needs, which on one core saves half of the time that a start takes. It is only
safe while there is no thread, no event loop and no open connection. So a lane that has to be started again is a program.
"""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

logger = structlog.get_logger("dealings.lanes")


@dataclass(frozen=True, slots=True)
class Started:
    """A lane's process, and this end of the socket to it."""

    pid: int
    socket: socket.socket
    wait: Callable[[], object]
    """Returns when the process has ended."""


def spawn(argv: Sequence[str], environment: Mapping[str, str]) -> Started:
    """The interpreter with these arguments and the number of its socket after them."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, *argv, str(theirs.fileno())]
        process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], start_new_session=True, env={**os.environ, **environment}
        )
    return Started(process.pid, ours, process.wait)


def fork(serve: Callable[[socket.socket], None], *, count: int) -> list[Started]:
    """So many processes that run `serve` on their sockets and end with it. None where forking is not safe."""
    started: list[Started] = []
    if not _safe_to_fork():
        return started
    gc.freeze()  # what is loaded stays shared: nothing will look through it for garbage and so copy it
    for _ in range(count):
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            for other in (ours, *(lane.socket for lane in started)):
                other.close()  # or it would not notice that the server is gone
            _be_lane(serve, theirs)
        theirs.close()
        started.append(Started(pid, ours, lambda pid=pid: _wait(pid)))  # type: ignore[misc]
    return started


def _safe_to_fork() -> bool:
    """Elsewhere than on Linux, libraries of the system may have begun threads that Python does not know of."""
    return sys.platform == "linux" and threading.active_count() == 1


def _be_lane(serve: Callable[[socket.socket], None], connection: socket.socket) -> None:
    """Never returns: what the server would do next, its fork must not."""
    status = 1
    try:
        os.setsid()  # Ctrl-C is for the server, which lets its lanes finish
        gc.enable()
        serve(connection)
        status = 0
    except BaseException as error:
        logger.error("lane_ended", exc_info=error)
    finally:
        os._exit(status)


def _wait(pid: int) -> None:
    with suppress(ChildProcessError):  # somebody else has heard of its end
        os.waitpid(pid, 0)
