"""Fetching from the web: what is had, what is given up, and that nothing leads inside."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dealings.platform.files import remote
from dealings.platform.files.pictures import Unreachable
from dealings.platform.files.remote import fetch, is_public

Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


def fetched(path: str, handler: Handler, *, host: str = "127.0.0.1", allowed: bool = True) -> bytes:
    """What `fetch` gets from a server of ours that answers each request by `handler`."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await handler(await reader.readuntil(b"\r\n\r\n"), writer)
        writer.close()

    async def play() -> bytes:
        server = await asyncio.start_server(served, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await fetch(f"http://{host}:{port}{path}", may_reach=lambda ip, at: allowed and at == port)
        finally:
            server.close()

    return asyncio.run(play())


def answering(status: int, body: bytes = b"", **headers: str) -> Handler:
    async def handler(request: bytes, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", *(f"{k}: {v}" for k, v in headers.items())]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return handler


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("127.9.9.9", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("192.0.2.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("239.1.1.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fd12:3456::1", False),
        ("ff02::1", False),
        ("ff0e::1", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address, 443) is public


@pytest.mark.parametrize("port", [22, 25, 5432, 6379, 8080])
def test_only_the_ports_of_the_web_are_reached(port: int) -> None:
    assert not is_public("93.184.216.34", port)


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x.png",
        "http://localhost/x.png",
        "http://2130706433/x.png",
        "http://0x7f000001/x.png",
        "http://127.1/x.png",
        "http://[::1]/x.png",
        "http://[::ffff:127.0.0.1]/x.png",
        "http://169.254.169.254/latest/meta-data",
        "http://user@127.0.0.1/",
        "https://10.1.2.3/",
    ],
)
def test_addresses_inside_are_never_asked(address: str) -> None:
    with pytest.raises(Unreachable) as given_up:
        asyncio.run(fetch(address))
    assert (given_up.value.problem, given_up.value.passing) == ("leads inside", False)


@pytest.mark.parametrize(
    "address", ["", "x", "ftp://example.org/x", "file:///etc/passwd", "http://", "http://a:b/", "http://[::1", "//x/y"]
)
def test_what_is_no_address_is_given_up(address: str) -> None:
    with pytest.raises(Unreachable) as given_up:
        asyncio.run(fetch(address))
    assert given_up.value.passing is False


def test_a_host_without_address_may_have_one_later() -> None:
    with pytest.raises(Unreachable) as given_up:
        asyncio.run(fetch("http://no-such-host.invalid/x.png"))
    assert given_up.value.passing is True


def test_bytes_are_fetched() -> None:
    assert fetched("/a.png", answering(200, b"bytes")) == b"bytes"


def test_addresses_with_spaces_and_chinese_are_written_as_the_web_wants_them() -> None:
    seen: list[bytes] = []

    async def handler(request: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(request)
        await answering(200, b"x")(request, writer)

    assert fetched("/茶 叶.png?v=1%20&名=茶", handler) == b"x"
    assert seen[0].startswith(b"GET /%E8%8C%B6%20%E5%8F%B6.png?v=1%20&%E5%90%8D=%E8%8C%B6 HTTP/1.1")
    assert b"Cookie" not in seen[0]
    assert b"Authorization" not in seen[0]


def test_a_redirect_is_followed() -> None:
    async def handler(request: bytes, writer: asyncio.StreamWriter) -> None:
        to = answering(200, b"there") if b"GET /there" in request else answering(302, Location="/there")
        await to(request, writer)

    assert fetched("/here", handler) == b"there"


@pytest.mark.parametrize("inside", ["http://127.0.0.1:1/", "http://169.254.169.254/", "http://localhost:6379/"])
def test_a_redirect_to_the_inside_is_not_followed(inside: str) -> None:
    with pytest.raises(Unreachable, match="leads inside"):
        fetched("/", answering(302, Location=inside))


@pytest.mark.parametrize("to", ["file:///etc/passwd", "gopher://127.0.0.1/"])
def test_a_redirect_to_another_kind_of_address_is_not_followed(to: str) -> None:
    with pytest.raises(Unreachable, match="not an http"):
        fetched("/", answering(302, Location=to))


def test_redirects_end() -> None:
    with pytest.raises(Unreachable, match="too many redirects"):
        fetched("/", answering(302, Location="/"))


@pytest.mark.parametrize(("status", "passing"), [(404, False), (403, False), (410, False), (429, True), (503, True)])
def test_other_answers_are_given_up_or_tried_again(status: int, passing: bool) -> None:
    with pytest.raises(Unreachable, match=str(status)) as given_up:
        fetched("/", answering(status))
    assert given_up.value.passing is passing


def test_too_much_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "MAX_PICTURE_BYTES", 1_000)
    with pytest.raises(Unreachable, match="too large"):
        fetched("/", answering(200, b"x" * 1_001))


def test_a_trickle_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "TOTAL_SECONDS", 0.3)

    async def handler(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 x\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            writer.write(b"x")
            await asyncio.sleep(0.01)

    with pytest.raises(Unreachable, match="too slow") as given_up:
        fetched("/", handler)
    assert given_up.value.passing is True


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 x\r\nContent-Length: 9\r\n\r\nshort"])
def test_a_broken_answer_is_tried_again(answer: bytes) -> None:
    async def handler(request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    with pytest.raises(Unreachable) as given_up:
        fetched("/", handler)
    assert given_up.value.passing is True
