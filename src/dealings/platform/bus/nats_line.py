"""Where nats-py is used in a way that it does not document: thousands of subjects heard in one order, for little each.

Its `subscribe` makes a queue and a task for every subject, so that what came first may be handled last, and an idle
subject costs kilobytes. Here every message is handled where it is parsed, and a subject is one small object. The
version is pinned, and tests/platform/test_bus.py would notice a change.
"""

from __future__ import annotations

import asyncio
from typing import Any

from nats.aio.client import Client

from dealings.platform.bus.bus import Hear
from dealings.platform.telemetry import metrics

PENDING_MOST = 16 * 1024 * 1024
"""Bytes that wait for a server that takes them too slowly; what comes then is dropped and found in the log by the others."""


class Interest:
    """A subject that is listened to: what the client looks at when it subscribes again after a lost connection."""

    __slots__ = ("_subject",)
    _queue = ""
    _max_msgs = 0
    _received = 0
    _wait_for_msgs_task = None
    _message_iterator = None
    _pending_next_msgs_calls: dict[str, Any] = {}  # noqa: RUF012  # never filled: nobody waits on one subject

    def __init__(self, subject: str) -> None:
        self._subject = subject


class Line(Client):
    """A connection to a NATS cluster. Nothing here waits."""

    _pending: list[bytes]
    _pending_data_size: int
    _subs: dict[int, Any]

    def __init__(self, hear: Hear) -> None:
        super().__init__()
        self._hear = hear
        self._numbers: dict[str, int] = {}

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        if sid in self._subs:
            metrics.BUS_RECEIVED.value += 1
            self._hear(subject.decode(), data)

    def send_now(self, commands: list[bytes]) -> bool:
        """Hand commands to the connection, in this order; False when there is none or it is full, and they are dropped."""
        if not self.is_connected or self._pending_data_size > PENDING_MOST:
            return False
        self._pending += commands
        self._pending_data_size += sum(map(len, commands))
        queue = self._flush_queue
        if queue is not None and queue.empty():
            queue.put_nowait(asyncio.get_running_loop().create_future())
        return True

    @property
    def subjects(self) -> list[str]:
        return list(self._numbers)

    def listen(self, subject: str) -> bytes:
        """The command that asks for a subject (asking twice is asking once); remembered for the next connection."""
        number = self._numbers.get(subject)
        if number is None:
            self._sid += 1
            number = self._numbers[subject] = self._sid
            self._subs[number] = Interest(subject)
        return b"SUB %b  %d\r\n" % (subject.encode(), number)

    def ignore(self, subject: str) -> bytes | None:
        number = self._numbers.pop(subject, None)
        if number is None:
            return None
        self._subs.pop(number, None)
        return b"UNSUB %d \r\n" % number
