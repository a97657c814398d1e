"""The lane's own process: frames in from the edge, one commit for whatever has arrived, one write out.

Between parent and child runs a socket pair. A frame is a 4-byte length and a pickle; both ends
are this program, so pickle is safe here, and it is the fastest that carries any typed value. What is hot
is packed inside it: items of set-wise actions, their answers, and events are MessagePack arrays, written
and read by msgspec in one call each. Answers come in the order of what was asked, so nothing is numbered.
A closed socket means that the parent is gone: the lane finishes its batch and ends.
"""

import gc
import pickle
import socket
import struct
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from random import SystemRandom

import msgspec

from dealings.kernel.clock import system_clock
from dealings.platform.db.actions import REGISTRY, Batch, Command, Items, Outcome, SetAction, Stored
from dealings.platform.db.lane import Lane
from dealings.platform.db.stores import open_store
from dealings.platform.outbox.events import INTERNAL

HEADER = struct.Struct("<I")
MOST_COMMANDS = 256
"""Per commit. Appends/s level off between 128 and 512 a commit, and with less than all that waits in one commit, the
server deals with its answers during the next: 512 callers get 24 % more done than with 512 a commit, and sooner."""
RECEIVE_BYTES = 1 << 20
GARBAGE = 50_000, 20, 100
"""When to look for cycles: a batch makes thousands of objects that live until it is answered, and no cycles."""

Run = Command | Items
Packed = tuple[str, bytes]
"""The name of a set-wise action, and its items or answers."""
Answers = Outcome | tuple[str, bytes, dict[int, Outcome]]
"""What became of one run: of a command; or of a set, with those of it that were refused by their place."""
Told = tuple[list[Answers], bytes, int, int, float, bool, float, int]
"""(answers, events for the outside, how many events in all, horizon, seconds of the commit, doubtful, when it was
committed, retries)"""

pack = msgspec.msgpack.Encoder().encode
unpack_events = msgspec.msgpack.Decoder(list[Stored]).decode


def frame(value: object) -> bytes:
    body = pickle.dumps(value, protocol=5)
    return HEADER.pack(len(body)) + body


class Frames:
    """Cuts a byte stream into the values that `frame` made."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[object]:
        self._buffer += data
        start = 0
        while len(self._buffer) - start >= HEADER.size:
            (length,) = HEADER.unpack_from(self._buffer, start)
            end = start + HEADER.size + length
            if len(self._buffer) < end:
                break
            with memoryview(self._buffer) as view:
                value = pickle.loads(view[start + HEADER.size : end])
            yield value
            start = end
        del self._buffer[:start]


def packed(runs: Sequence[Run]) -> list[Command | Packed]:
    """What the parent writes: set-wise items as one array a run."""
    return [run if isinstance(run, Command) else (run.action, pack(run.items)) for run in runs]


def _unpacked(run: Command | Packed) -> Run:
    if isinstance(run, Command):
        return run
    action, items = run
    return Items(action, _set(action).items.decode(items))


def _set(action: str) -> SetAction[object, object]:
    registered = REGISTRY[action]
    assert isinstance(registered, SetAction), action
    return registered


def told(runs: Sequence[Run], batch: Batch) -> Told:
    """What the lane writes back for a batch."""
    outcomes = iter(batch.outcomes)
    answers: list[Answers] = []
    for run in runs:
        if isinstance(run, Command):
            answers.append(next(outcomes))
        else:
            found = list(islice(outcomes, len(run.items)))
            failed = {place: o for place, o in enumerate(found) if o.refusal is not None or o.crashed}
            answers.append((run.action, pack([o.value for o in found]), failed))
    public = [event for event in batch.events if event.stream != INTERNAL]
    known = len(batch.events), batch.horizon, batch.commit_seconds, batch.doubtful, batch.committed_at, batch.retries
    return answers, pack(public), *known


def outcomes_of(answers: Sequence[Answers]) -> Iterator[Outcome]:
    """The parent's reading of them, one an item, in order."""
    for answer in answers:
        if isinstance(answer, Outcome):
            yield answer
        else:
            action, packed_values, failed = answer
            values = _set(action).answers.decode(packed_values)
            if failed:
                yield from (failed.get(place) or Outcome(value) for place, value in enumerate(values))
            else:
                yield from map(Outcome, values)


def _arrivals(connection: socket.socket) -> Iterator[list[Run]]:
    """Everything that waits, as lists; waits itself only when nothing does."""
    frames = Frames()
    waiting: deque[Run] = deque()
    while data := connection.recv(RECEIVE_BYTES):
        for runs in frames.feed(data):
            waiting.extend(_unpacked(run) for run in runs)  # type: ignore[attr-defined]  # frames carry what the parent packed
        while waiting:
            yield _taken(waiting)


def _taken(waiting: deque[Run]) -> list[Run]:
    """The next runs, of at most MOST_COMMANDS together; a longer set is cut."""
    taken: list[Run] = []
    room = MOST_COMMANDS
    while waiting and room > 0:
        run = waiting.popleft()
        if isinstance(run, Items) and len(run.items) > room:
            waiting.appendleft(Items(run.action, run.items[room:]))
            run = Items(run.action, run.items[:room])
        taken.append(run)
        room -= len(run.items) if isinstance(run, Items) else 1
    return taken


def serve(connection: socket.socket, location: str | Path) -> None:
    """Run until the parent closes its end."""
    gc.set_threshold(*GARBAGE)
    lane = Lane(open_store(location), clock=system_clock, rng=SystemRandom())
    with suppress(ConnectionError):  # the parent is gone: what is committed stays, and nobody waits for the answer
        connection.sendall(frame("ready"))
        for runs in _arrivals(connection):
            connection.sendall(frame(told(runs, lane.execute(runs))))
    lane.close()
