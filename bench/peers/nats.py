"""NATS as the generator plays it: its line protocol over bare sockets (docs.nats.io, “NATS Client Protocol”).

Core has no answer to a message. For a pair, the next one goes when the receiver has it, which costs the server
nothing; for a group, when a PING sent behind it has come back. JetStream answers by itself, when the message is on disk.
"""

import json
import socket
from dataclasses import dataclass

from bench.peers.engine import Engine
from bench.peers.players import TEXT, TEXT_BYTES, Player, Sent

TOKEN = "peers"
CONNECT = {"verbose": False, "pedantic": False, "auth_token": TOKEN, "lang": "python", "version": "1", "headers": True}
HELLO = b"CONNECT " + json.dumps(CONNECT).encode() + b"\r\nPING\r\n"
NUMBER_CHARS = 12
REST = TEXT.encode()[NUMBER_CHARS:]
"""A message is its number and the rest of the text: as long as Dealings' text, and known again when it arrives."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something the server said: `line` without its end, and where in the buffer the payload is."""

    line: bytes
    start: int = 0
    end: int = 0


def cut(buffer: bytearray, filled: int) -> tuple[list[Told], int]:
    """What is there in full, and where the first begins that is not."""
    found: list[Told] = []
    at = 0
    while (ends := buffer.find(b"\r\n", at, filled)) >= 0:
        line = bytes(buffer[at:ends])
        if line.startswith((b"MSG ", b"HMSG ")):
            start = ends + 2
            end = start + int(line[line.rindex(b" ") + 1 :])
            if end + 2 > filled:
                break
            found.append(Told(line, start, end))
            at = end + 2
        else:
            found.append(Told(line))
            at = ends + 2
    return found, at


class Client(Player):
    """Signs in by token, subscribed to a subject if there is one."""

    def __init__(self, engine: Engine, sock: socket.socket, *, subject: str = "", sent: Sent | None = None) -> None:
        super().__init__(engine, sock, sent=sent)
        subscribe = f"SUB {subject} 1\r\n".encode() if subject else b""
        self._hello = HELLO.replace(b"PING\r\n", subscribe + b"PING\r\n")

    def read(self, buffer: bytearray, filled: int) -> int:
        told, used = cut(buffer, filled)
        for one in told:
            if one.line.startswith(b"MSG "):
                self.told(one, buffer)
            elif one.line == b"PONG":
                self.pong()
            elif one.line == b"PING":
                self.write(b"PONG\r\n")
            elif one.line.startswith(b"INFO "):
                self.write(self._hello)
            elif one.line.startswith(b"-ERR"):
                self.refused.append(one.line)
        self.go_on()
        return used

    def pong(self) -> None:
        if not self.signed_in:
            self.greeted()

    def told(self, one: Told, buffer: bytearray) -> None:
        """A message."""


class Reader(Client):
    """Notes what comes; `partner` is the sender who waits for it."""

    partner: Player | None = None

    def told(self, one: Told, buffer: bytearray) -> None:
        number = int(buffer[one.start : one.start + NUMBER_CHARS], 16)
        assert one.end - one.start == TEXT_BYTES
        self.deliveries.add(number, number, self.engine.now)
        if self.partner is not None:
            self.partner.answered(number, number)

    def go_on(self) -> None:
        if self.partner is not None:
            self.partner.go_on()


class GroupReader(Reader):
    """Keeps what comes with the time it came, and looks at it when the load is over."""

    def __init__(self, engine: Engine, sock: socket.socket, *, subject: str) -> None:
        super().__init__(engine, sock, subject=subject)
        self._kept: list[tuple[float, bytes]] = []
        self._left = b""

    def read(self, buffer: bytearray, filled: int) -> int:
        if not self.signed_in:
            return super().read(buffer, filled)
        self._kept.append((self.engine.now, bytes(memoryview(buffer)[:filled])))
        return filled

    def catch_up(self) -> None:
        kept, self._kept = self._kept, []
        for came, data in kept:
            buffer = bytearray(self._left + data)
            told, used = cut(buffer, len(buffer))
            for one in told:
                if one.line.startswith(b"MSG "):
                    number = int(buffer[one.start : one.start + NUMBER_CHARS], 16)
                    self.deliveries.add(number, number, came)
            self._left = bytes(buffer[used:])


class Publisher(Client):
    """Core: publishes to a subject; whoever reads it tells when it has come."""

    def __init__(self, engine: Engine, sock: socket.socket, *, subject: str, sent: Sent) -> None:
        super().__init__(engine, sock, sent=sent)
        self._head = f"PUB {subject} {TEXT_BYTES}\r\n".encode()

    def messages(self, numbers: range) -> bytes:
        return b"".join([b"%b%012x%b\r\n" % (self._head, n, REST) for n in numbers])


class GroupPublisher(Publisher):
    """Core: the server has taken a message when it answers the PING behind it."""

    def __init__(self, engine: Engine, sock: socket.socket, *, subject: str, sent: Sent) -> None:
        super().__init__(engine, sock, subject=subject, sent=sent)
        self._waiting: list[int] = []

    def messages(self, numbers: range) -> bytes:
        self._waiting.extend(numbers)
        return b"".join([b"%b%012x%b\r\nPING\r\n" % (self._head, n, REST) for n in numbers])

    def pong(self) -> None:
        if self.signed_in:
            number = self._waiting.pop(0)
            self.answered(number, number)
        else:
            self.greeted()


class JetPublisher(Client):
    """JetStream: each message names where its answer goes, and is answered when it is stored."""

    def __init__(self, engine: Engine, sock: socket.socket, *, subject: str, sent: Sent) -> None:
        inbox = f"_INBOX.{sock.getsockname()[1]}"
        super().__init__(engine, sock, subject=f"{inbox}.*", sent=sent)
        self._head = f"PUB {subject} {inbox}.".encode()

    def messages(self, numbers: range) -> bytes:
        size = TEXT_BYTES
        return b"".join([b"%b%d %d\r\n%012x%b\r\n" % (self._head, n, size, n, REST) for n in numbers])

    def told(self, one: Told, buffer: bytearray) -> None:
        if buffer.find(b'"seq":', one.start, one.end) < 0:
            self.refused.append(bytes(buffer[one.start : one.end]))
            return
        subject = one.line.split(b" ", 2)[1]
        number = int(subject[subject.rindex(b".") + 1 :])
        self.answered(number, number)


class JetReturner(Client):
    """Comes back and asks for all that a subject's stream holds."""

    def __init__(self, engine: Engine, sock: socket.socket, *, stream: str, subject: str) -> None:
        inbox = f"_INBOX.{sock.getsockname()[1]}"
        super().__init__(engine, sock, subject=f"{inbox}.a")
        self._hello = self._hello.replace(b"PING\r\n", f"SUB {inbox}.m 2\r\nPING\r\n".encode())
        wanted = {"deliver_subject": f"{inbox}.m", "filter_subject": subject, "ack_policy": "none"}
        asked = {"stream_name": stream, "config": wanted | {"deliver_policy": "all"}}
        self._ask = request(f"$JS.API.CONSUMER.CREATE.{stream}", f"{inbox}.a", asked)

    def pong(self) -> None:
        super().pong()
        self.write(self._ask)

    def told(self, one: Told, buffer: bytearray) -> None:
        if one.line.split(b" ", 3)[2] == b"2":
            number = int(buffer[one.start : one.start + NUMBER_CHARS], 16)
            self.deliveries.add(number, number, self.engine.now)
        elif buffer.find(b'"error":', one.start, one.end) >= 0:
            self.refused.append(bytes(buffer[one.start : one.end]))


class StreamMaker(Client):
    """Asks for a stream on files, and is there when it was made."""

    def __init__(self, engine: Engine, sock: socket.socket, *, stream: str, subjects: list[str]) -> None:
        inbox = f"_INBOX.{sock.getsockname()[1]}"
        super().__init__(engine, sock, subject=inbox)
        config = {"name": stream, "subjects": subjects, "storage": "file", "retention": "limits", "num_replicas": 1}
        self._ask = request(f"$JS.API.STREAM.CREATE.{stream}", inbox, config)
        self.made = False

    def pong(self) -> None:
        super().pong()
        self.write(self._ask)

    def told(self, one: Told, buffer: bytearray) -> None:
        if buffer.find(b'"error":', one.start, one.end) >= 0:
            self.refused.append(bytes(buffer[one.start : one.end]))
        else:
            self.made = True


def request(subject: str, inbox: str, value: object) -> bytes:
    payload = json.dumps(value).encode()
    return f"PUB {subject} {inbox} {len(payload)}\r\n".encode() + payload + b"\r\n"
