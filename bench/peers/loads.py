"""The loads on Dealings: pairs, a group, and the self-check of the generator with the same connections."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from bench.peers.engine import Engine, Line
from bench.peers.journal import Wrong
from bench.peers.measuring import Result, Talking, counted, latencies, settled, undisturbed, windowed
from bench.peers.members import Member, Reader, Sent, Writer
from bench.peers.servers import START_SECONDS, Served
from bench.peers.town import Person, Talk

CONNECTING_AT_ONCE = 64
CONNECT_SECONDS = 120.0

L = TypeVar("L", bound=Member)


def first_connection(engine: Engine, served: Served, make: Callable[[], Line]) -> Line:
    """Try until the server listens."""
    until = time.perf_counter() + START_SECONDS
    while time.perf_counter() < until:
        if not served.alive():
            raise Wrong(f"the server ended: {served.last_words()}")
        try:
            return make()
        except ConnectionRefusedError:
            time.sleep(0.001)
    raise TimeoutError("the server does not listen")


def reader(engine: Engine, port: int, person: Person, *, cursor: str = "") -> Reader:
    line = engine.connect(port, lambda e, sock: Reader(e, sock, token=person.token, cursor=cursor))
    assert isinstance(line, Reader)
    return line


def writer(engine: Engine, port: int, person: Person, talk: Talk, sent: Sent) -> Writer:
    make = lambda e, sock: Writer(e, sock, token=person.token, conversation=talk.conversation, sent=sent)  # noqa: E731
    line = engine.connect(port, make)
    assert isinstance(line, Writer)
    return line


def first_sign_in(engine: Engine, served: Served, person: Person) -> float:
    """Seconds from the start of the process to the first greeting."""
    line = first_connection(engine, served, lambda: reader(engine, served.port, person))
    assert isinstance(line, Reader)
    engine.until(lambda: line.signed_in or line.ended, seconds=START_SECONDS, what="the first sign-in")
    complain([line])
    took = engine.now - served.started
    line.close()
    return took


def signed_in(engine: Engine, opening: Sequence[Callable[[], L]]) -> list[L]:
    """Open connections, some at a time, until all of them have been greeted; in the order asked for."""
    waiting: list[L] = []
    opened: list[L] = []
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


def complain(lines: Sequence[Member]) -> None:
    """Nothing may be refused, and no connection may end, while it is measured."""
    for line in lines:
        if line.refused:
            raise Wrong(f"refused: {line.refused[0].decode(errors='replace')[:300]}")
        if line.ended:
            raise Wrong("the server closed a connection")


def pairs(engine: Engine, served: Served, talks: Sequence[Talk], *, window: int, seconds: float) -> Result:
    """In each pair one writes, with so many messages under way, and the other reads."""
    sent = Sent()
    port = served.port
    readers = signed_in(engine, [lambda t=t: reader(engine, port, t.people[1]) for t in talks])  # type: ignore[misc]
    writers = signed_in(engine, [lambda t=t: writer(engine, port, t.people[0], t, sent) for t in talks])  # type: ignore[misc]
    talking = [Talking([w.acks], [r.deliveries]) for w, r in zip(writers, readers, strict=True)]
    return _measured(engine, served, talking, writers, readers, sent, window=window, seconds=seconds, each=False)


def group(engine: Engine, served: Served, talk: Talk, *, window: int, seconds: float) -> Result:
    """One writes to all the others; what is counted is what they are told."""
    sent = Sent()
    port = served.port
    readers = signed_in(engine, [lambda p=p: reader(engine, port, p) for p in talk.people[1:]])  # type: ignore[misc]
    writers = signed_in(engine, [lambda: writer(engine, port, talk.people[0], talk, sent)])
    talking = [Talking([writers[0].acks], [r.deliveries for r in readers])]
    return _measured(engine, served, talking, writers, readers, sent, window=window, seconds=seconds, each=True)


def _measured(
    engine: Engine,
    served: Served,
    talking: Sequence[Talking],
    writers: Sequence[Writer],
    readers: Sequence[Reader],
    sent: Sent,
    *,
    window: int,
    seconds: float,
    each: bool,
) -> Result:
    """The load, from the first message to the last answer; `each`: count deliveries."""
    with undisturbed():
        for line in writers:
            line.send(window)
        seen = windowed(engine, served.pids(), seconds=seconds)
        sent.stopped = True
        complain([*writers, *readers])
        settled(engine, talking, lambda: sum(line.under_way for line in writers))
    complain([*writers, *readers])
    for line in [*writers, *readers]:
        line.close()
    acks = [line.acks for line in writers]
    deliveries = [line.deliveries for line in readers]
    messages = counted(acks, seen)
    rate = counted(deliveries, seen) if each else messages
    return Result(rate, messages, seen, latencies(sent, acks, seen), latencies(sent, deliveries, seen))
