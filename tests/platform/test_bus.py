"""The bus on a real NATS cluster: order, interest, and what a lost server means."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dealings.platform.bus.nats_bus import NatsBus, NatsSettings
from tests.nats_servers import NatsServer, nats_cluster

PATIENCE_SECONDS = 10.0
SUBJECT = "dealings.test.c.1"


class Heard(list[tuple[str, bytes]]):
    def __call__(self, subject: str, payload: bytes) -> None:
        self.append((subject, payload))


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not true():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.01)


@asynccontextmanager
async def bus_on(servers: Sequence[NatsServer], hear: Heard | None = None) -> AsyncIterator[NatsBus]:
    made = NatsBus(NatsSettings([server.url for server in servers]), name="test")
    await made.start(hear if hear is not None else Heard())
    await until(lambda: made.connected)
    try:
        yield made
    finally:
        await made.close()


async def arrives(speaker: NatsBus, subject: str, heard: Heard) -> None:
    """Interest has spread through the cluster."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not heard:
            speaker.publish(subject, b"?")
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.1)
    heard.clear()


def test_heard_once_in_order_by_those_who_listen_and_not_by_oneself(tmp_path: Path) -> None:
    async def play() -> None:
        with nats_cluster(tmp_path, size=2) as (one, other):
            mine, theirs = Heard(), Heard()
            async with bus_on([one], mine) as speaker, bus_on([other], theirs) as listener:
                speaker.listen(SUBJECT)
                for n in range(5):
                    listener.listen(f"{SUBJECT}.{n}")
                await arrives(speaker, f"{SUBJECT}.4", theirs)
                for n in range(1000):
                    speaker.publish(f"{SUBJECT}.{n % 10}", b"%d" % n)
                expected = [b"%d" % n for n in range(1000) if n % 10 < 5]
                await until(lambda: len(theirs) >= len(expected))
                assert [payload for _, payload in theirs] == expected  # in one order over all subjects
                assert mine == []

    asyncio.run(play())


def test_ignored_subjects_are_silent(tmp_path: Path) -> None:
    async def play() -> None:
        with nats_cluster(tmp_path, size=1) as servers:
            heard = Heard()
            async with bus_on(servers) as speaker, bus_on(servers, heard) as listener:
                listener.listen(SUBJECT)
                listener.listen("dealings.test.last")
                await arrives(speaker, SUBJECT, heard)
                listener.ignore(SUBJECT)
                await asyncio.sleep(0.05)
                speaker.publish(SUBJECT, b"1")
                speaker.publish("dealings.test.last", b"2")
                await until(lambda: bool(heard))
                assert heard == [("dealings.test.last", b"2")]

    asyncio.run(play())


def test_a_killed_server_is_left_for_another_and_what_was_listened_to_is_heard_again(tmp_path: Path) -> None:
    async def play() -> None:
        with nats_cluster(tmp_path, size=3) as servers:
            heard = Heard()
            async with bus_on(servers) as speaker, bus_on([servers[0], servers[1]], heard) as listener:
                listener.listen(SUBJECT)
                await arrives(speaker, SUBJECT, heard)
                for server in servers[:2]:  # one of them is the listener's
                    server.kill()
                    await asyncio.sleep(0.3)
                    listener.listen(f"{SUBJECT}.while")
                    server.start()
                    await until(lambda: listener.connected)
                    await arrives(speaker, SUBJECT, heard)
                    await arrives(speaker, f"{SUBJECT}.while", heard)

    asyncio.run(play())


def test_without_a_server_nothing_waits_and_what_is_published_is_dropped(tmp_path: Path) -> None:
    async def play() -> None:
        with nats_cluster(tmp_path, size=1) as servers:
            servers[0].kill()
            heard = Heard()
            bus = NatsBus(NatsSettings([servers[0].url]), name="test")
            await bus.start(heard)
            bus.listen(SUBJECT)
            bus.publish(SUBJECT, b"lost")
            servers[0].start()
            await until(lambda: bus.connected)
            async with bus_on(servers) as speaker:
                await arrives(speaker, SUBJECT, heard)
            await bus.close()

    asyncio.run(play())


@pytest.mark.parametrize("size", [1, 1000])
def test_what_is_due_in_one_tick_goes_out_together(tmp_path: Path, size: int) -> None:
    async def play() -> None:
        with nats_cluster(tmp_path, size=1) as servers:
            heard = Heard()
            async with bus_on(servers) as speaker, bus_on(servers, heard) as listener:
                listener.listen(SUBJECT)
                await arrives(speaker, SUBJECT, heard)
                for n in range(size):
                    speaker.publish(SUBJECT, b"%d" % n)
                assert not speaker._line._pending  # nothing went out before the tick ended
                await until(lambda: len(heard) == size)

    asyncio.run(play())
