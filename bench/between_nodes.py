"""What it costs that there are several nodes: `python -m bench.between_nodes`. No database: only the bus, both sides, and memory.

The figures are processor time of this process for one event, a subject, a beat; docs/scale.md reckons with them.
"""

import asyncio
import gc
import resource
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from dealings.edge.nodes.interests import Interests
from dealings.platform.bus import wire
from dealings.platform.bus.hearing import Hearing
from dealings.platform.bus.nats_bus import NatsBus, NatsSettings
from dealings.platform.bus.speaking import Speaker
from dealings.platform.db.actions import Stored
from tests.nats_servers import nats_cluster

EVENTS = 50_000
BATCH = 50
"""Events of one commit, each in another conversation: what is spread most costs most."""
SUBJECTS = 100_000
SETTLE_SECONDS = 1.0
ACTIVE = 5_000
"""Subjects that were spoken on between two beats."""
TEXT = (
    b'{"conversation":"1m83gqmwn0k3jwmr","seq":123456,"sender":"1m83gqmwn13vt94d","body":{"text":"'
    + b"x" * 200
    + b'"}}'
)


def stored(n: int) -> Stored:
    return Stored(n // BATCH, n % BATCH, f"c:{n % ACTIVE:016d}", "message.posted", TEXT, "", 1_767_225_600_000)


async def spent(work: Callable[[], Awaitable[None]]) -> float:
    gc.collect()
    before = time.process_time()
    await work()
    return time.process_time() - before


def memory(pid: int | str) -> int:
    """Bytes of a process that are in memory."""
    pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * resource.getpagesize()


async def measure(url: str, server: int) -> None:
    heard = 0

    def hear(subject: str, payload: bytes) -> None:
        nonlocal heard
        message = wire.decode(payload)
        if isinstance(message, wire.Events):
            heard += len(message.events)

    subjects = wire.Subjects("bench")
    one, other = NatsBus(NatsSettings([url]), name="one"), NatsBus(NatsSettings([url]), name="other")
    await one.start(lambda subject, payload: None)
    await other.start(hear)
    speaker = Speaker(one, subjects, node="1" * 16)
    events = [stored(n) for n in range(EVENTS)]

    async def tell() -> None:
        for at in range(0, EVENTS, BATCH):
            speaker.tell(events[at : at + BATCH])
            await asyncio.sleep(0)
        await one._line.flush(30)

    print(f"telling an event that nobody elsewhere listens to: {1e6 * await spent(tell) / EVENTS:.1f} µs")
    interests = Interests(other, subjects, speaker)
    gc.collect()
    await asyncio.sleep(SETTLE_SECONDS)
    here, there = memory("self"), memory(server)
    for n in range(SUBJECTS):
        interests.first(f"c:{n:016d}")
    await asyncio.sleep(0)
    await other._line.flush(60)
    await asyncio.sleep(SETTLE_SECONDS)
    print(f"a subject listened to: {(memory('self') - here) / SUBJECTS:.0f} bytes in the node,", end=" ")
    print(f"{(memory(server) - there) / SUBJECTS:.0f} bytes in the NATS server")

    async def tell_and_hear() -> None:
        await tell()
        while heard < EVENTS:  # noqa: ASYNC110  # counted elsewhere
            await asyncio.sleep(0.001)

    print(f"telling and hearing an event, both in this process: {1e6 * await spent(tell_and_hear) / EVENTS:.1f} µs")
    await measure_beat(interests)
    await one.close()
    await other.close()


async def measure_beat(interests: Interests) -> None:
    told = {wire.mark(f"dealings.bench.c.{n:016d}"): 1 for n in range(ACTIVE)}
    payload = wire.encode(wire.Beat("1" * 16, 1, 5, 5, told))
    hearing = Hearing()

    async def beats() -> None:
        for number in range(1, 101):
            wire.encode(wire.Beat("1" * 16, number, 5, 5, told))
            beat = wire.decode(payload)
            assert isinstance(beat, wire.Beat)
            hearing.beat(beat, listening=interests.by_mark, at=0.0)

    seconds = await spent(beats) / 100
    print(f"a beat that names {ACTIVE} subjects: {len(payload)} bytes, {1e3 * seconds:.2f} ms to write and to read")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, nats_cluster(Path(folder), size=1) as (server,):
        assert server.process is not None
        asyncio.run(measure(server.url, server.process.pid))


if __name__ == "__main__":
    main()
