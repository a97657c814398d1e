"""A request whose body is read with care: what can't be read is the sender's fault, and nothing in it is costly.

The framework decodes a form's text fields by whatever character set they name, on the event loop. Python
has some that take the square of the length (punycode: hours for a body of 12 MB), and none but UTF-8 is sent by a browser.
"""

from collections.abc import AsyncGenerator
from typing import Any, Final

from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException
from multipart import (  # type: ignore[import-untyped]
    MultipartSegment,
    ParserError,
    PushMultipartParser,
)

FIELD_MOST: Final = 16 * 1024
"""Bytes of a text field beside a file."""


class Asked(Request[Any, Any, Any]):
    """The framework's request, careful with JSON and with forms."""

    async def json(self) -> Any:
        try:
            return await super().json()
        except (UnicodeDecodeError, RecursionError) as error:
            raise ClientException from error

    async def stream(self) -> AsyncGenerator[bytes, None]:
        kind, options = self.content_type
        if kind != RequestEncodingType.MULTI_PART:
            async for chunk in super().stream():
                yield chunk
            return
        fields = _Fields(options.get("boundary", ""))
        async for chunk in super().stream():
            fields.check(chunk)
            yield chunk


class _Fields:
    """Looks at a form as it goes by, ahead of the framework."""

    def __init__(self, boundary: str) -> None:
        try:
            self._parser: PushMultipartParser | None = PushMultipartParser(boundary.encode())
        except ValueError:
            self._parser = None
        self._text: bytearray | None = None

    def check(self, chunk: bytes) -> None:
        """Raises ClientException for a text field that is long, or not UTF-8. What is no form is refused by the framework."""
        if self._parser is None or self._parser.closed:
            return
        try:
            for part in self._parser.parse(chunk):
                self._check_part(part)
        except ParserError:
            self._parser = None
        except UnicodeDecodeError as error:
            raise ClientException from error

    def _check_part(self, part: MultipartSegment | bytearray | None) -> None:
        if isinstance(part, MultipartSegment):
            if (part.charset or "utf-8").lower() not in ("utf-8", "utf8"):
                raise ClientException
            self._text = None if part.filename else bytearray()
        elif part is None:
            (self._text or b"").decode()
            self._text = None
        elif self._text is not None:
            self._text += part
            if len(self._text) > FIELD_MOST:
                raise ClientException
