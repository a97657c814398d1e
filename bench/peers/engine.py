"""The load generator's engine: one thread, one epoll, no event loop's tasks or futures between a socket and its reader.

A generator has to do less than the server that it measures, on a core as fast. So what comes is read into one
buffer, cut into frames there, and looked at by searching bytes; nothing is decoded while the load runs.
"""

import select
import socket
from collections.abc import Callable
from time import perf_counter
from typing import TypeVar

BUFFER_BYTES = 1 << 20
EVENTS_A_TURN = 512
CONNECTIONS_AN_ADDRESS = 8_000
"""Of one source address at a time: the kernel has some 28,000 ports for each, and closed ones rest for a while."""


class Line:
    """One connection. `read` is given the buffer and how much of it is filled, and says how much it has used."""

    def __init__(self, engine: "Engine", sock: socket.socket) -> None:
        self.engine = engine
        self.sock = sock
        self.rest = b""
        self.unsent = b""
        self.ended = False

    def read(self, buffer: bytearray, filled: int) -> int:
        raise NotImplementedError

    def write(self, data: bytes) -> None:
        if self.unsent:
            self.unsent += data
            return
        try:
            sent = self.sock.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            self.unsent = data[sent:]
            self.engine.wants_to_write(self, True)

    def can_write(self) -> None:
        data, self.unsent = self.unsent, b""
        self.write(data)
        if not self.unsent:
            self.engine.wants_to_write(self, False)

    def close(self) -> None:
        if not self.ended:
            self.ended = True
            self.engine.forget(self)
            self.sock.close()


L = TypeVar("L", bound=Line)


class Engine:
    """Reads whatever has come, and hands it to the line it came on."""

    def __init__(self, *, network: str = "127.0.0") -> None:
        """`network`: the addresses that its lines come from."""
        self._network = network
        self._epoll = select.epoll()
        self._lines: dict[int, Line] = {}
        self._buffer = bytearray(BUFFER_BYTES)
        self._view = memoryview(self._buffer)
        self._opened = 0
        self.now = perf_counter()
        """When the bytes being read came."""

    def connect(self, port: int, make: Callable[["Engine", socket.socket], L]) -> L:
        """A line to a server on this machine; the kernel completes it before the server has accepted it."""
        sock = socket.socket()
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_BIND_ADDRESS_NO_PORT, 1)
        sock.bind((f"{self._network}.{1 + self._opened // CONNECTIONS_AN_ADDRESS % 250}", 0))
        self._opened += 1
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            sock.connect(("127.0.0.1", port))
        except OSError:
            sock.close()
            raise
        sock.setblocking(False)
        line = make(self, sock)
        self._lines[sock.fileno()] = line
        self._epoll.register(sock.fileno(), select.EPOLLIN)
        return line

    def forget(self, line: Line) -> None:
        self._lines.pop(line.sock.fileno(), None)
        self._epoll.unregister(line.sock.fileno())

    def deafen(self, line: Line) -> None:
        """Nothing of it is read any more; only its end is noticed."""
        self._epoll.modify(line.sock.fileno(), 0)

    def wants_to_write(self, line: Line, wanted: bool) -> None:
        self._epoll.modify(line.sock.fileno(), select.EPOLLIN | (select.EPOLLOUT if wanted else 0))

    def turn(self, timeout: float) -> None:
        """Wait for something to come, and read all that has."""
        lines = self._lines
        for number, event in self._epoll.poll(timeout, EVENTS_A_TURN):
            line = lines.get(number)
            if line is None:
                continue
            if event & select.EPOLLOUT:
                line.can_write()
            if event & ~select.EPOLLOUT:
                self._read(line)

    def _read(self, line: Line) -> None:
        before = len(line.rest)
        try:
            if before:
                self._buffer[:before] = line.rest
                came = line.sock.recv_into(self._view[before:])
            else:
                came = line.sock.recv_into(self._buffer)
        except BlockingIOError:
            return
        except ConnectionResetError:
            came = 0
        if not came:
            line.close()
            return
        self.now = perf_counter()
        filled = before + came
        used = line.read(self._buffer, filled)
        line.rest = b"" if used == filled else bytes(self._view[used:filled])

    def until(self, reached: Callable[[], bool], *, seconds: float, what: str) -> None:
        """Run until something is so; it is an error when it takes too long."""
        last = perf_counter() + seconds
        while not reached():
            if perf_counter() > last:
                raise TimeoutError(f"{what}: not within {seconds:g} s")
            self.turn(0.01)

    def close(self) -> None:
        for line in list(self._lines.values()):
            line.close()
        self._epoll.close()
