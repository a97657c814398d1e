"""Around every request: metrics, security headers, a limit per address."""

import asyncio
import time
from collections import OrderedDict, deque
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from dealings.domain.identity.model import network
from dealings.edge.web.http import REFUSED_AFTER_SECONDS
from dealings.platform.telemetry import metrics, tracing

ADDRESSES_MOST = 20_000
"""Addresses whose rate is remembered; the one heard of longest ago is forgotten first."""
API = "/api/"
UNKEPT = (b"cache-control", b"no-store")
"""What the API answers is for who asked, unless it says otherwise (pictures)."""
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
]
TOO_MANY = (
    b'{"code":"too_many_requests","message":"Too many requests from this address. Try again in a moment.",'
    b'"params":{},"fields":null,"retry_after_seconds":1}'
)
COMPRESSED = (
    b'{"code":"compressed_request","message":"Compressed requests are not taken. Send it as it is.",'
    b'"params":{},"fields":null,"retry_after_seconds":null}'
)


class Bucket:
    """A token bucket: `rate` a second, and up to `burst` at once; what costs more than that takes all of it."""

    __slots__ = ("at", "burst", "left", "rate")

    def __init__(self, *, rate: float, burst: float, at: float) -> None:
        self.rate, self.burst, self.left, self.at = rate, burst, burst, at

    def take(self, now: float, cost: float = 1) -> bool:
        self.left = min(self.burst, self.left + (now - self.at) * self.rate)
        self.at = now
        if self.left < cost and self.left < self.burst:
            return False
        self.left -= min(cost, self.burst)
        return True


class Limits:
    """A bucket an address, or with IPv6 a network: within it anyone has more addresses than we could count."""

    def __init__(self, *, per_second: int) -> None:
        self._per_second = per_second
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def admit(self, address: str) -> bool:
        now = time.monotonic()
        return self.bucket(address, now).take(now)

    def bucket(self, address: str, now: float) -> Bucket:
        address = network(address) if ":" in address else address
        bucket = self._buckets.get(address)
        if bucket is None:
            bucket = Bucket(rate=self._per_second, burst=10 * self._per_second, at=now)
            self._buckets[address] = bucket
            if len(self._buckets) > ADDRESSES_MOST:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(address)
        return bucket


class Turns:
    """Requests begin one a tick of the event loop, in the order in which they came: each takes it for up to a millisecond,
    and between any two the loop looks at what has come over WebSockets and from the lanes."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._free = True

    async def wait(self) -> None:
        loop = asyncio.get_running_loop()
        if self._free:
            self._free = False
            loop.call_soon(self._next, loop)
        else:
            turn = loop.create_future()
            self._waiting.append(turn)
            await turn

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # whoever asked has gone
                turn.set_result(None)
                loop.call_soon(self._next, loop)
                return
        self._free = True


def observed(app: ASGIApp, limits: Limits) -> ASGIApp:
    """The app, counted, timed and limited."""
    turns = Turns()

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        client = scope.get("client")
        if not limits.admit(client[0] if client else "-"):
            metrics.REQUESTS_TOO_FAST.value += 1
            await _refuse(send, 429, (b"retry-after", b"1"), TOO_MANY)
            return
        if any(name == b"content-encoding" for name, _ in scope["headers"]):  # its body is not looked at
            await _refuse(send, 415, (b"accept-encoding", b"identity"), COMPRESSED)
            return
        await turns.wait()
        await _timed(app, scope, receive, send)

    return answer


def _with_ours(headers: Any, path: str) -> list[tuple[bytes, bytes]]:
    keeping = not path.startswith(API) or any(name.lower() == UNKEPT[0] for name, _ in headers)
    return [*headers, *HEADERS] if keeping else [*headers, *HEADERS, UNKEPT]


async def _refuse(send: Send, status: int, header: tuple[bytes, bytes], text: bytes) -> None:
    await asyncio.sleep(REFUSED_AFTER_SECONDS)  # of a connection the next request is read when this one is answered
    headers = [(b"content-type", b"application/json"), header, *HEADERS]
    start: Any = {"type": "http.response.start", "status": status, "headers": headers}
    await send(start)
    body: Any = {"type": "http.response.body", "body": text, "more_body": False}
    await send(body)


async def _timed(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    started = time.perf_counter()
    status = 500

    async def noting(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            message["headers"] = _with_ours(message.get("headers", []), scope["path"])
        await send(message)

    try:
        if tracing.on is None:
            await app(scope, receive, noting)
        else:
            await tracing.on.request(app, scope, receive, noting)
    finally:
        route = scope.get("path_template") or "-"
        method = scope["method"]  # type: ignore[typeddict-item]  # an HTTP scope has one
        metrics.REQUESTS.labels(method, route, status).inc()
        metrics.REQUEST_SECONDS.labels(method, route).observe(time.perf_counter() - started)
