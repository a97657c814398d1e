"""Durable consumers: they miss nothing while transactions commit out of order, and deal with nothing twice."""

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec
import pytest

from dealings.kernel.clock import ManualClock
from dealings.kernel.ids import Ids
from dealings.platform.db.actions import Command, Stored, action
from dealings.platform.db.lane import Lane
from dealings.platform.db.stores import Store
from dealings.platform.db.tx import Emitted, Tx
from dealings.platform.outbox import consumers
from dealings.platform.outbox import tables as outbox
from dealings.platform.outbox.events import INTERNAL, EventType
from tests.conftest import fresh_store
from tests.world import START, World

Counted = EventType("test.counted", int)
Copied = EventType("test.copied", int)
NAME = "test.copier"


@consumers.consumer(NAME, kinds=[Counted.kind])
def copy(tx: Tx, events: Sequence[Stored]) -> None:
    """What it has dealt with is told again: in the log one can see what it saw, and how often."""
    for event in events:
        tx.emit(Copied(Counted.decode(event.data)), stream=INTERNAL)


@action()
def count(tx: Tx, *, number: int) -> None:
    tx.emit(Counted(number), stream=INTERNAL)


class Open:
    """A transaction on a connection of its own, as a lane has one, that stays open as long as a test likes."""

    def __init__(self, store: Store) -> None:
        self._sql = store.connect(write=True)
        self._send(store.begin(write=True))
        rng = random.Random(1)
        self.tx = Tx(self._sql, store.dialect, now=START, ids=Ids(ManualClock(START), rng), rng=rng)

    def tell(self, *numbers: int) -> None:
        """Written, and not yet visible to anyone else."""
        told = [Emitted(Counted(number), INTERNAL, "test", logged=True) for number in numbers]
        outbox.insert_events(self.tx, told)

    def commit(self) -> None:
        self._send("COMMIT")
        self._sql.close()

    def roll_back(self) -> None:
        self._send("ROLLBACK")
        self._sql.close()

    def _send(self, statement: str) -> None:
        self._sql.connection.dbapi_connection.execute(statement)  # type: ignore[union-attr]


def consume(world: World) -> list[int]:
    """Let the consumer catch up; all that it has ever seen, in order."""
    while world.run(consumers.consume, name=NAME):
        pass
    return copied(world)


def copied(world: World) -> list[int]:
    log = world.read(outbox.read_unread, outbox.Position(), limit=100_000)
    return [Copied.decode(event.data) for event in log if event.kind == Copied.kind]


@pytest.fixture
def writers(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A world with several writers. SQLite has one: there, there is no order but that of the commits."""
    with fresh_store(request, "postgres", tmp_path) as store:
        made = World(store)
        yield made
        made.close()


def test_a_consumer_waits_for_a_transaction_that_was_begun_before(writers: World) -> None:
    """The later ones have committed and can be seen; going past them would lose the one still open."""
    slow = Open(writers.store)
    slow.tell(1)
    for number in (2, 3, 4):
        quick = Open(writers.store)
        quick.tell(number)
        quick.commit()
    assert consume(writers) == []
    slow.commit()
    assert consume(writers) == [1, 2, 3, 4]


def test_what_is_rolled_back_holds_nobody_up_for_ever(writers: World) -> None:
    slow = Open(writers.store)
    slow.tell(1)
    writers.run(count, number=2)
    assert consume(writers) == []
    slow.roll_back()
    assert consume(writers) == [2]


def test_what_was_committed_before_the_open_one_is_dealt_with_meanwhile(writers: World) -> None:
    writers.run(count, number=1)
    slow = Open(writers.store)
    slow.tell(2)
    writers.run(count, number=3)
    assert consume(writers) == [1]
    slow.commit()
    assert consume(writers) == [1, 2, 3]


@pytest.mark.parametrize("seed", range(5))
def test_a_consumer_misses_nothing_whatever_the_order_of_commits(writers: World, seed: int) -> None:
    rng = random.Random(seed)
    under_way: list[Open] = []
    told: set[int] = set()
    for number in range(60):
        transaction = Open(writers.store)
        transaction.tell(number, 1_000 + number)
        under_way.append(transaction)
        while len(under_way) > rng.randrange(6):
            ended = under_way.pop(rng.randrange(len(under_way)))
            if rng.random() < 0.2:
                ended.roll_back()
            else:
                told |= set(numbers_of(ended))
                ended.commit()
        assert set(consume(writers)) <= told
    for transaction in under_way:
        told |= set(numbers_of(transaction))
        transaction.commit()
    seen = consume(writers)
    assert sorted(seen) == sorted(told)


def numbers_of(transaction: Open) -> Iterator[int]:
    """What an open transaction has written."""
    mine = transaction.tx.commit_no
    for event in outbox.read_unread(transaction.tx, outbox.Position(mine - 1, 0), limit=100):
        if event.commit_no == mine and event.kind == Counted.kind:
            yield Counted.decode(event.data)


def test_a_consumer_sees_everything_once_and_in_order(world: World) -> None:
    for number in range(20):
        world.run(count, number=number)
    assert consume(world) == list(range(20))
    assert consume(world) == list(range(20))


def test_a_backlog_is_worked_off_in_steps(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when a step ends in the middle of what one commit told."""
    monkeypatch.setattr(consumers, "MOST_EVENTS", 3)
    world.batch([Command(count.name, {"number": number}) for number in range(10)])
    assert world.run(consumers.consume, name=NAME) == 3
    assert copied(world) == [0, 1, 2]
    assert consume(world) == list(range(10))


def test_asked_twice_in_one_commit_a_consumer_goes_on(world: World) -> None:
    world.run(count, number=1)
    world.batch([Command(consumers.consume.name, {"name": NAME})] * 2)
    assert copied(world) == [1]


def test_several_nodes_that_run_one_consumer_deal_with_each_event_once(world: World) -> None:
    for number in range(40):
        world.run(count, number=number)
    with lanes(world.store, 4) as nodes:
        threads = [threading.Thread(target=catch_up, args=[node]) for node in nodes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(consume(world)) == list(range(40))


@contextmanager
def lanes(store: Store, count: int) -> Iterator[list[Lane]]:
    with ExitStack() as stack:
        made = [Lane(store, clock=ManualClock(START), rng=random.Random(seed)) for seed in range(count)]
        for lane in made:
            stack.callback(lane.close)
        yield made


def catch_up(lane: Lane) -> None:
    while lane.execute([Command(consumers.consume.name, {"name": NAME})]).outcomes[0].value:
        pass


def test_what_is_unread_can_be_counted(world: World) -> None:
    for number in range(5):
        world.run(count, number=number)
    start = outbox.Position()
    assert world.read(outbox.count_unread, start, most=100) == 5
    assert world.read(outbox.count_unread, start, most=3) == 3
    seen = world.read(outbox.read_unread, start, limit=3)
    after = outbox.Position(seen[-1].commit_no, seen[-1].n)
    assert world.read(outbox.count_unread, after, most=100) == 2
    assert [msgspec.json.decode(event.data) for event in world.read(outbox.read_unread, after, limit=9)] == [3, 4]


def test_what_is_unread_includes_what_a_consumer_has_to_wait_with(writers: World) -> None:
    slow = Open(writers.store)
    slow.tell(1)
    writers.run(count, number=2)
    start = outbox.Position()
    assert writers.read(outbox.read_after, start, limit=9) == []
    assert [Counted.decode(event.data) for event in writers.read(outbox.read_unread, start, limit=9)] == [2]
    slow.commit()
    assert len(writers.read(outbox.read_after, start, limit=9)) == 2
