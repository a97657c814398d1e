"""`python -m bench.returning`: a server with 5,000 clients online is stopped, or killed, and started again.

The clients are the project's own, each with its rules of coming back (docs/protocol.md), all from one address and on the
server's default limits. Half of them write a message the moment it happens. All are back when each is live, has nothing
left to say or to fetch, and knows its conversation up to the last message; then everything is compared with what is on disk.
"""

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from time import perf_counter

import uvloop

from bench.hostile.ground import listening
from bench.peers import processes, servers
from bench.peers.journal import Spread, spread
from bench.peers.servers import Served
from bench.peers.town import Builder, Talk
from dealings.client.link import Do, Link
from dealings.client.live import LiveClient
from dealings.client.messenger import Messenger
from dealings.client.state import State
from dealings.domain.messaging import api as messaging
from dealings.kernel.clock import system_clock
from dealings.kernel.ids import Id, uuid7
from dealings.platform.db.migrate import migrate
from dealings.platform.db.stores import SqliteStore, Store
from dealings.platform.db.views import reading

CLIENTS = 5_000
ARRIVING_AT_ONCE = 50
PATIENCE_SECONDS = 120.0
WANTED_SECONDS = 30.0
STEADY_SECONDS = 11.0
"""After so long a client has forgotten that it ever had to try."""
PROGRAM = ("-m", "dealings.cli", "serve")


@dataclass
class Noted:
    """What the clients did since something happened to the server: hellos by second, refusals, and when each was back."""

    since: float = 0.0
    hellos: Counter[int] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    tries: int = 0


class Resident:
    """One client, in one conversation."""

    def __init__(self, url: str, talk: Talk, place: int, noted: Noted) -> None:
        person = talk.people[place]
        self.conversation = talk.conversation
        self.back_at = 0.0
        self._noted = noted
        self._rng = Random(person.account)
        link = Link(random=self._rng.random, hello={"token": person.token, "agent": "bench"})
        self.messenger = Messenger(link, State(person.account), lambda now: Id(uuid7(now, self._rng)), [])
        self.client = LiveClient(url, self.messenger, clock=system_clock, on_done=self._done)

    def _done(self, done: Do) -> None:
        match done:
            case Do("moved", "connecting"):
                self._noted.tries += 1
            case Do("moved", "greeting"):
                self._noted.hellos[int(perf_counter() - self._noted.since)] += 1
            case Do("moved", "live"):
                self.back_at = perf_counter()

    def say(self, text: str) -> None:
        self.client.do("send", self.conversation, text)

    def knows(self, said: int) -> bool:
        known = self.messenger.state.conversations.get(self.conversation)
        return self.messenger.is_settled and known is not None and known["last_seq"] >= said


@dataclass(frozen=True)
class Returned:
    """Seconds from the blow until each was live again, and until the last was current."""

    clients: int
    times: Spread
    current: float
    down: float
    """How long nobody listened."""
    hellos_most: int
    tries: int


class Town:
    """A server that can be ended and started again on its port, and who lives there."""

    def __init__(self, folder: Path, *, clients: int) -> None:
        self.folder = folder
        self.port = processes.free_port()
        self.store: Store = SqliteStore(folder / "dealings.db")
        self.talks = _settle(self.store, pairs=clients // 2)
        self.noted = Noted()
        self.residents: list[Resident] = []
        self.said = 0

    def start(self) -> None:
        argv = [sys.executable, *PROGRAM, "--data", str(self.folder), "--port", str(self.port)]
        limits = {name: os.environ.get(name, "") for name in servers.LIMITS}
        log = self.folder / "server.log"
        self.served: Served = servers.launch(argv, port=self.port, cores={0, 1}, log=log, environment=limits)
        listening(self.served)

    async def fill(self) -> None:
        """Some at a time, so that coming for the first time is not what is looked at."""
        url = f"ws://127.0.0.1:{self.port}/ws"
        for talk in self.talks:
            self.residents += [Resident(url, talk, place, self.noted) for place in (0, 1)]
        for at in range(0, len(self.residents), ARRIVING_AT_ONCE):
            some = self.residents[at : at + ARRIVING_AT_ONCE]
            for resident in some:
                resident.client.do("start")
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._all_know(some)

    async def _all_know(self, some: Sequence[Resident]) -> None:
        left = list(some)
        while left := [resident for resident in left if not resident.knows(self.said)]:  # noqa: ASYNC110  (of thousands)
            await asyncio.sleep(0.05)

    async def blow(self, how: signal.Signals) -> Returned:
        """End the server, start it again, and wait until everyone is back and knows everything."""
        noted, began = self.noted, perf_counter()
        noted.since, noted.hellos, noted.tries = began, Counter(), 0
        self.said += 1
        self.served.process.send_signal(how)
        for resident in self.residents[::2]:
            resident.say(f"after {how.name}")
        await asyncio.to_thread(self.served.process.wait, servers.STOP_SECONDS + 15)
        await asyncio.to_thread(self.start)
        down = perf_counter() - began
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._all_know(self.residents)
        current = perf_counter() - began
        times = spread(resident.back_at - began for resident in self.residents)
        return Returned(len(self.residents), times, current, down, max(noted.hellos.values()), noted.tries)

    def check(self) -> None:
        """What is on disk is what everyone knows: each message once, numbered without a gap."""
        with reading(self.store) as db:
            for resident in self.residents:
                known = resident.messenger.state.conversations[resident.conversation]["last_seq"]
                assert known == self.said
                assert messaging.message(db, conversation=resident.conversation, seq=self.said) is not None
                assert messaging.message(db, conversation=resident.conversation, seq=self.said + 1) is None

    async def leave(self) -> None:
        await asyncio.gather(*(resident.client.close() for resident in self.residents))


def _settle(store: Store, *, pairs: int) -> list[Talk]:
    migrate(store, incarnation="0" * 16)
    builder = Builder()
    people = [builder.person(number) for number in range(2 * pairs)]
    talks = [builder.pair(*people[2 * n : 2 * n + 2]) for n in range(pairs)]
    builder.write(store)
    return talks


async def play(folder: Path, *, clients: int, hows: Sequence[signal.Signals]) -> list[Returned]:
    town = Town(folder, clients=clients)
    with ExitStack() as stack:
        stack.callback(lambda: servers.stop(town.served))
        await asyncio.to_thread(town.start)
        await town.fill()
        returned: list[Returned] = []
        for how in hows:
            await asyncio.sleep(STEADY_SECONDS if returned else 0)
            returned.append(await town.blow(how))
        town.check()
        await town.leave()
    return returned


def told(how: signal.Signals, seen: Returned) -> str:
    within = "within" if seen.current <= WANTED_SECONDS else "BEYOND"
    return (
        f"{how.name}: {seen.clients:,} clients live again after {seen.times.p50:.1f} s (half), {seen.times.p99:.1f} s (99 %),"
        f" all current after {seen.current:.1f} s, {within} {WANTED_SECONDS:g}; nobody listened for {seen.down:.1f} s;"
        f" at most {seen.hellos_most:,} hellos in a second; {seen.tries / seen.clients:.2f} tries each"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.returning", description=__doc__)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    clients = parser.parse_args().clients
    processes.raise_file_limit()
    hows = (signal.SIGTERM, signal.SIGKILL)
    made = tempfile.TemporaryDirectory(prefix="dealings-returning-", dir=os.environ.get("BENCH_DIR"))
    with made as folder, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        returned = runner.run(play(Path(folder), clients=clients, hows=hows))
    for how, seen in zip(hows, returned, strict=True):
        print(told(how, seen), flush=True)


if __name__ == "__main__":
    main()
