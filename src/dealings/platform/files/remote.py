"""Fetch a picture that someone named by its address, without being led inside our own network.

An address given by anyone may name anything that this machine can reach: its own ports, a
database, the cloud's metadata service. So the host is looked up here, every address it has must be
public, and the connection goes to exactly the address that was checked; the same again for every
redirect (OWASP, Server-Side Request Forgery Prevention).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import quote, urljoin, urlsplit

import httpcore

from dealings.platform.files.pictures import MAX_PICTURE_BYTES, Unreachable

TOTAL_SECONDS: Final = 20.0
"""For everything, redirects and slow senders included."""
SILENT_SECONDS: Final = 8.0
"""Without a byte, after which a host counts as gone."""
MAX_REDIRECTS: Final = 3
MAX_ADDRESSES: Final = 4
"""Of one host, tried in turn: one of each kind fails often enough where IPv6 is half set up."""
PORTS: Final = {"http": 80, "https": 443}
REDIRECTS: Final = (301, 302, 303, 307, 308)
PASSING: Final = (408, 425, 429)
"""Answers besides 5xx that say: later."""
AGENT: Final = "Dealings (picture import)"

MayReach = Callable[[str, int], bool]

_EMBEDDING: Final = [ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]
"""Ranges of IPv6 that carry an IPv4 address, which could be an inner one."""


def is_public(address: str, port: int) -> bool:
    """Whether an IP address belongs to the open internet, and the port to the web."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped), port)
        if any(ip in network for network in _EMBEDDING):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and port in PORTS.values()


async def fetch(address: str, *, may_reach: MayReach = is_public) -> bytes:
    """The bytes behind an http(s) address, at most MAX_PICTURE_BYTES. Raises Unreachable."""
    try:
        async with asyncio.timeout(TOTAL_SECONDS):
            return await _fetch(address, may_reach)
    except TimeoutError as error:
        raise Unreachable("too slow", passing=True) from error
    except httpcore.TimeoutException as error:
        raise Unreachable("no answer", passing=True) from error
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError, OSError) as error:
        raise Unreachable(f"no connection: {type(error).__name__}", passing=True) from error
    except (httpcore.UnsupportedProtocol, ValueError) as error:  # UnicodeError of a strange host is one too
        raise Unreachable("not an address", passing=False) from error


async def _fetch(address: str, may_reach: MayReach) -> bytes:
    async with httpcore.AsyncConnectionPool(network_backend=_GuardedNetwork(may_reach)) as pool:
        for _ in range(MAX_REDIRECTS + 1):
            async with pool.stream("GET", _url(address), headers=_HEADERS, extensions=_LIMITS) as response:
                if response.status not in REDIRECTS:
                    return await _body(response)
                address = urljoin(address, _header(response, b"location"))
    raise Unreachable("too many redirects", passing=False)


_HEADERS: Final = [("User-Agent", AGENT), ("Accept", "image/*"), ("Accept-Encoding", "identity")]
_LIMITS: Final = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), SILENT_SECONDS)}


def _url(address: str) -> httpcore.URL:
    """The address in ASCII, as it goes over the wire, without any name or password in it."""
    parts = urlsplit(address)
    if parts.scheme not in PORTS or not parts.hostname:
        raise Unreachable("not an http or https address", passing=False)
    host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode()
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return httpcore.URL(scheme=parts.scheme, host=host, port=parts.port or PORTS[parts.scheme], target=target)


async def _body(response: httpcore.Response) -> bytes:
    if response.status != 200:
        passing = response.status >= 500 or response.status in PASSING
        raise Unreachable(f"answered {response.status}", passing=passing)
    data = bytearray()
    async for chunk in response.aiter_stream():
        data += chunk
        if len(data) > MAX_PICTURE_BYTES:
            raise Unreachable("too large", passing=False)
    return bytes(data)


def _header(response: httpcore.Response, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in response.headers if key.lower() == name), "")


class _GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self, may_reach: MayReach) -> None:
        self._may_reach = may_reach
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the interface's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception = OSError("no address")
        for address in await self._checked(host, port):
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _checked(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        if not all(self._may_reach(address, port) for address in addresses):
            raise Unreachable("leads inside", passing=False)
        return addresses[:MAX_ADDRESSES]

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  # the interface's own
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise Unreachable("leads inside", passing=False)
