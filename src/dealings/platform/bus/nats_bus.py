"""The bus on a NATS cluster: core NATS, nothing kept by it."""

import asyncio
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from dealings.platform.bus.bus import Hear
from dealings.platform.bus.nats_line import Line
from dealings.platform.telemetry import metrics

CONNECT_SECONDS = 2
AGAIN_SECONDS = 0.25
"""Between two tries to reach a server of the cluster; with others there, the next one answers at once."""
PING_SECONDS = 5
"""A server that is silent for two of these is left for another."""

logger = structlog.get_logger("dealings.bus")


@dataclass(frozen=True, slots=True)
class NatsSettings:
    """Where the cluster is: `nats://` or `tls://` addresses, which may hold a user and password or a token."""

    servers: Sequence[str]
    credentials: Path | None = None
    """A user's .creds file; needs the package nkeys."""
    authority: Path | None = None
    """The certificate authority that the servers are checked by; the system's own otherwise."""
    certificate: Path | None = None
    key: Path | None = None
    """Our own certificate, where the servers ask for one."""

    def options(self) -> dict[str, Any]:
        given: dict[str, Any] = {"servers": list(self.servers)}
        if self.credentials:
            given["user_credentials"] = str(self.credentials)
        if self.authority or self.certificate:
            context = ssl.create_default_context(cafile=str(self.authority) if self.authority else None)
            if self.certificate:
                context.load_cert_chain(self.certificate, self.key)
            given["tls"] = context
        return given


class NatsBus:
    """One connection. While there is none, what is published is dropped, and what is listened to is remembered."""

    carries = True

    def __init__(self, settings: NatsSettings, *, name: str) -> None:
        self._settings = settings
        self._name = name
        self._due: list[bytes] = []
        self._closing = False

    @property
    def connected(self) -> bool:
        return self._line.is_connected

    async def start(self, hear: Hear) -> None:
        """Goes on trying in the background; the node serves meanwhile, and follows the log."""
        self._hear = hear
        self._line = Line(hear)
        metrics.BUS_CONNECTED.labels().read_by(lambda: self.connected)
        self._connecting = asyncio.get_running_loop().create_task(self._connect())
        await asyncio.wait([self._connecting], timeout=CONNECT_SECONDS)

    async def _connect(self) -> None:
        while True:
            try:
                await self._line.connect(
                    **self._settings.options(),
                    name=self._name,
                    no_echo=True,
                    connect_timeout=CONNECT_SECONDS,
                    reconnect_time_wait=AGAIN_SECONDS,  # type: ignore[arg-type]  # it is slept for
                    max_reconnect_attempts=-1,
                    ping_interval=PING_SECONDS,
                    error_cb=_failed,
                    reconnected_cb=self._connected,
                    closed_cb=self._closed,
                )
            except Exception as error:
                logger.warning("bus_unreachable", error=str(error) or type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
                self._renew()
            else:
                await self._connected()
                return

    def _renew(self) -> None:
        """Another connection that wants the same."""
        subjects = self._line.subjects
        self._line = Line(self._hear)
        for subject in subjects:
            self._line.listen(subject)

    async def _connected(self) -> None:
        """Ask for everything: what was asked for while there was no connection was not heard."""
        metrics.BUS_CONNECTS.inc()
        logger.info("bus_connected", subjects=len(self._line.subjects))
        self._line.send_now([self._line.listen(subject) for subject in self._line.subjects])

    async def _closed(self) -> None:
        """The server threw us out for good (too slow, a permission withdrawn): begin anew."""
        if not self._closing and self._connecting.done():
            self._renew()
            self._connecting = asyncio.get_running_loop().create_task(self._connect())

    def publish(self, subject: str, payload: bytes) -> None:
        metrics.BUS_SENT.value += 1
        self._send(b"PUB %b  %d\r\n%b\r\n" % (subject.encode(), len(payload), payload))

    def listen(self, subject: str) -> None:
        self._send(self._line.listen(subject))

    def ignore(self, subject: str) -> None:
        command = self._line.ignore(subject)
        if command is not None:
            self._send(command)

    def _send(self, command: bytes) -> None:
        if not self._due:
            asyncio.get_running_loop().call_soon(self._flush)
        self._due.append(command)

    def _flush(self) -> None:
        """All of one tick in one write; dropped when there is no connection."""
        due, self._due = self._due, []
        if due:
            self._line.send_now(due)

    async def close(self) -> None:
        self._closing = True
        self._connecting.cancel()
        self._flush()
        if self._line.is_connected:
            try:
                await self._line.flush(CONNECT_SECONDS)
            except Exception as error:
                logger.warning("bus_not_flushed", error=str(error))
        await self._line.close()


async def _failed(error: Exception) -> None:
    logger.info("bus_error", error=str(error) or type(error).__name__)
