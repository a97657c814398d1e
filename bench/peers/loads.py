"""What is asked of every contestant alike."""

import time
from collections.abc import Callable, Sequence

from bench.peers import processes
from bench.peers.engine import Engine
from bench.peers.grounds import Ground, NatsGround, make_stream
from bench.peers.journal import Wrong, check, spread
from bench.peers.measuring import (
    Result,
    Talking,
    counted,
    latencies,
    settled,
    undisturbed,
    windowed,
    within,
)
from bench.peers.nats import StreamMaker
from bench.peers.players import Player, Sent
from bench.peers.servers import START_SECONDS, Served
from bench.peers.town import GROUP

CONNECTING_AT_ONCE = 64
CONNECT_SECONDS = 120.0
MISSED = 1_000
MISSED_WINDOW = 64
RETURNS = 40
REST_SECONDS = 2.0
"""Before the memory of idle sessions is looked at."""


# signing in


def first_sign_in(engine: Engine, ground: Ground) -> float:
    """Seconds from the start of the process to the first greeting; afterwards all is there that the loads need."""
    took = [_sign_in_at(engine, ground, node) for node in range(ground.nodes)]
    if isinstance(ground, NatsGround) and ground.jetstream:
        _with_stream(engine, ground)
    return took[0]


def _sign_in_at(engine: Engine, ground: Ground, node: int) -> float:
    line = _first_connection(ground.served, lambda: ground.visitor(engine, node))
    _greeted(engine, [line])
    line.close()
    return line.greeted_at - ground.served.started


def _with_stream(engine: Engine, ground: NatsGround) -> None:
    maker = make_stream(engine, ground.served.port)
    assert isinstance(maker, StreamMaker)
    engine.until(lambda: maker.made or bool(maker.refused), seconds=START_SECONDS, what="the stream")
    complain([maker])
    maker.close()


def _first_connection(served: Served, make: Callable[[], Player]) -> Player:
    """Try until the server listens."""
    until = time.perf_counter() + START_SECONDS
    while time.perf_counter() < until:
        if not served.alive():
            raise Wrong(f"the server ended: {served.last_words()}")
        try:
            return make()
        except ConnectionRefusedError:
            time.sleep(0.0005)
    raise TimeoutError("the server does not listen")


def signed_in(engine: Engine, opening: Sequence[Callable[[], Player]]) -> list[Player]:
    """Open connections, some at a time, until all of them have been greeted; in the order asked for."""
    waiting: list[Player] = []
    opened: list[Player] = []
    left = list(reversed(opening))
    until = time.perf_counter() + CONNECT_SECONDS
    while left or waiting:
        while left and len(waiting) < CONNECTING_AT_ONCE:
            opened.append(left.pop()())
            waiting.append(opened[-1])
        engine.turn(0.01)
        complain(waiting)
        waiting = [line for line in waiting if not line.signed_in]
        if time.perf_counter() > until:
            raise TimeoutError(f"{len(waiting)} connections without an answer to hello")
    return opened


def complain(lines: Sequence[Player]) -> None:
    """Nothing may be refused, and no connection may end, while it is measured."""
    for line in lines:
        if line.refused:
            raise Wrong(f"refused: {line.refused[0].decode(errors='replace')[:300]}")
        if line.ended:
            raise Wrong("the server closed a connection")


# messages


def pairs(engine: Engine, ground: Ground, *, count: int, window: int, seconds: float) -> Result:
    """In each pair one writes, with so many messages under way, and the other reads."""
    sent = Sent()
    both: list[Player] = []
    for number in range(count):
        both.extend(ground.pair(engine, number, sent))
        _greeted(engine, both[-2:])
    writers, readers = both[::2], both[1::2]
    before = 0 if ground.gapless else None
    talking = [Talking(w, [r], before) for w, r in zip(writers, readers, strict=True)]
    return _exchange(engine, ground, talking, sent, window=window, seconds=seconds)


def group(engine: Engine, ground: Ground, *, window: int, seconds: float) -> Result:
    """One writes to all the others; what is counted is what they are told."""
    sent = Sent()
    opening = [lambda n=n: ground.group_reader(engine, n) for n in range(1, GROUP)]
    readers = signed_in(engine, opening)
    (writer,) = signed_in(engine, [lambda: ground.group_writer(engine, sent)])
    talking = [Talking(writer, readers, 0 if ground.gapless else None)]
    return _exchange(engine, ground, talking, sent, window=window, seconds=seconds)


def _greeted(engine: Engine, lines: Sequence[Player]) -> None:
    def done() -> bool:
        complain(lines)
        return all(line.signed_in for line in lines)

    engine.until(done, seconds=START_SECONDS, what="the greeting")


def _exchange(
    engine: Engine, ground: Ground, talking: Sequence[Talking], sent: Sent, *, window: int, seconds: float
) -> Result:
    """The load, from the first message to the last answer. In a group, deliveries are counted."""
    writers = [talk.writer for talk in talking]
    readers = [reader for talk in talking for reader in talk.readers]
    with undisturbed():
        for line in writers:
            line.send(window)
        seen = windowed(engine, ground.served.pids(), seconds=seconds)
        sent.stopped = True
        complain([*writers, *readers])
        settled(engine, talking)
    complain([*writers, *readers])
    for line in [*writers, *readers]:
        line.close()
    acks, deliveries = [line.acks for line in writers], [line.deliveries for line in readers]
    messages = counted(acks, seen)
    rate = counted(deliveries, seen) if len(readers) > len(writers) else messages
    return Result(rate, messages, seen, latencies(sent, acks, seen), latencies(sent, deliveries, seen))


# coming back


def missed(engine: Engine, ground: Ground) -> Result:
    """From the connection to the last of 1,000 missed messages."""
    back = ground.away(engine, lambda line: _greeted(engine, [line]))
    _write(engine, ground, MISSED)

    def return_once() -> float:
        line = back()
        until = lambda: bool(line.refused) or line.ended or len(line.deliveries.seqs) >= MISSED  # noqa: E731
        engine.until(until, seconds=START_SECONDS, what="missed messages")
        took = engine.now - line.began
        complain([line])
        check([line.deliveries], [], before=0 if ground.gapless else None)
        line.close()
        return took

    took: list[float] = []
    seen = within(ground.served.pids(), lambda: took.extend(return_once() for _ in range(RETURNS)))
    times = spread(took)
    return Result(times.p50 * 1e3, RETURNS * MISSED / seen.seconds, seen, answer=times)


def _write(engine: Engine, ground: Ground, count: int) -> None:
    """So many messages of the first pair, while its reader is away."""
    sent = Sent()
    writer, reader = ground.pair(engine, 0, sent)
    _greeted(engine, [writer, reader])
    while len(sent.at) < count:
        sent.stopped = True
        writer.send(min(MISSED_WINDOW, count - len(sent.at)))
        engine.until(lambda: writer.under_way == 0, seconds=START_SECONDS, what="messages to be missed")
    complain([writer, reader])
    writer.close()
    reader.close()


def returning(engine: Engine, ground: Ground, *, count: int) -> Result:
    """Clients that come back, each with its own session and the position it was at, and stay."""
    first = ground.visitor(engine, 0)
    _greeted(engine, [first])
    cursor = first.cursor
    first.close()
    opening = [lambda n=n: ground.visitor(engine, n, cursor=cursor) for n in range(count)]
    lines: list[Player] = []
    with undisturbed():
        seen = within(ground.served.pids(), lambda: lines.extend(signed_in(engine, opening)))
    times = spread(line.greeted_at - line.began for line in lines)
    for line in lines:
        line.close()
    return Result(count / seen.seconds, count / seen.seconds, seen, answer=times)


def idle_memory(engine: Engine, ground: Ground, *, count: int) -> Result:
    """KiB of the server's processes for each of so many sessions that do nothing."""
    pids = ground.served.pids()
    before = processes.resident_kib(pids)
    opening = [lambda n=n: ground.visitor(engine, n) for n in range(count)]
    lines: list[Player] = []
    with undisturbed():
        seen = within(pids, lambda: lines.extend(signed_in(engine, opening)))
    until = time.perf_counter() + REST_SECONDS
    while time.perf_counter() < until:
        engine.turn(0.1)
    complain(lines)
    grown = processes.resident_kib(ground.served.pids()) - before
    for line in lines:
        line.close()
    return Result(grown / count, count / seen.seconds, seen)
