"""uvicorn's HTTP protocol over httptools, which by itself takes a head of any size, and waits for it for ever."""

from asyncio import Transport
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES_MOST: Final = 64 * 1024
"""Of request line and headers together; browsers send some 2 KB."""
HEAD_SECONDS: Final = 20.0
"""From the connection, or the first byte of a further request, to the end of its head."""
BODY_SECONDS: Final = 300.0
"""A product file or a picture on a slow phone."""
PIPELINED_MOST: Final = 4
"""Requests that wait for the answer to an earlier one of their connection; browsers send none so."""


REFUSED_AFTER_SECONDS: Final = 0.2
"""Who breaks the rules, or asks too fast, is told so slowly, and meanwhile not heard: whoever is cut at once comes back at once."""


class TooManyPipelined(Exception):
    """Ends the parsing of what has come; uvicorn answers 400 and ends the connection."""


class BoundedHttp(HttpToolsProtocol):
    """Connections that send too much of a head, or too slowly, are ended."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: Any = None
        self._head_bytes: int | None = 0
        """So far; None while there is no head to come."""
        self._refused = False

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._end_within(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_within(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if not self._refused:
            super().data_received(data)
            self._count_head(len(data))

    def _count_head(self, size: int) -> None:
        if self._head_bytes is None or self._refused or self.transport.is_closing():
            return
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES_MOST:
            self._end_within(None)
            self.send_400_response("Request head too large.")

    def send_400_response(self, msg: str) -> None:
        self._refused = True
        self.pipeline.clear()
        self._end_within(None)
        self._deadline = self.loop.call_later(REFUSED_AFTER_SECONDS, self._end_with_400, msg)

    def _end_with_400(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= PIPELINED_MOST:
            raise TooManyPipelined
        super().on_message_begin()
        self._head_bytes = 0
        self._end_within(HEAD_SECONDS)

    def on_headers_complete(self) -> None:
        self._head_bytes = None
        self._end_within(BODY_SECONDS)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._end_within(None)
        super().on_message_complete()

    def _end_within(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self.transport.close) if seconds else None
