"""The lane's own process: frames in from the edge, one commit for whatever has arrived, one write out.

Between parent and child runs a socket pair. A frame is a 4-byte length and a pickle; both ends
are this program, so pickle is safe here, and it is the fastest that carries typed values.
A closed socket means that the parent is gone: the lane finishes its batch and ends.
"""

import pickle
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from random import SystemRandom

from dealings.kernel.clock import system_clock
from dealings.platform.db.actions import Command
from dealings.platform.db.lane import Lane
from dealings.platform.db.stores import open_store

HEADER = struct.Struct("<I")
MOST_COMMANDS = 512
"""Per commit. Measured: appends/s level off between 128 and 512 a commit, and latency grows on."""
RECEIVE_BYTES = 1 << 20


def frame(value: object) -> bytes:
    body = pickle.dumps(value, protocol=5)
    return HEADER.pack(len(body)) + body


class Frames:
    """Cuts a byte stream into the values that `frame` made."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[object]:
        self._buffer += data
        start = 0
        while len(self._buffer) - start >= HEADER.size:
            (length,) = HEADER.unpack_from(self._buffer, start)
            end = start + HEADER.size + length
            if len(self._buffer) < end:
                break
            yield pickle.loads(memoryview(self._buffer)[start + HEADER.size : end].tobytes())
            start = end
        del self._buffer[:start]


def _arrivals(connection: socket.socket) -> Iterator[list[tuple[int, Command]]]:
    """Everything that waits, as lists; waits itself only when nothing does."""
    frames = Frames()
    waiting: list[tuple[int, Command]] = []
    while data := connection.recv(RECEIVE_BYTES):
        for commands in frames.feed(data):
            waiting += commands  # type: ignore[arg-type]
        while waiting:
            yield waiting[:MOST_COMMANDS]
            del waiting[:MOST_COMMANDS]


def serve(connection: socket.socket, location: str) -> None:
    """Run until the parent closes its end."""
    lane = Lane(open_store(location), clock=system_clock, rng=SystemRandom())
    with suppress(ConnectionError):  # the parent is gone: what is committed stays, and nobody waits for the answer
        connection.sendall(frame("ready"))
        for arrived in _arrivals(connection):
            batch = lane.execute([command for _, command in arrived])
            numbers = [number for number, _ in arrived]
            connection.sendall(frame((numbers, batch)))
    lane.close()
