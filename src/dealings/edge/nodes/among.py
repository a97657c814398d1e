"""A node among others on one PostgreSQL: it tells them what it commits, hears them, and trusts the log alone.

Each beat: read the horizon and the roster in one view; wait until the own lanes have told what they committed before;
confirm that to the others; then move the safe position, which clients are given as their cursor, to what every node has
confirmed. When a node confirms nothing, a beat is missing, or a message, the log is read from the safe position on and
whoever is online here is told what they have not been told. docs/decisions/0006-the-safe-position.md says why.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
import structlog

from dealings.domain.identity.events import MeChanged, SessionRevoked
from dealings.domain.messaging.events import ConversationChanged, ConversationLeft, MessagePosted
from dealings.edge.gateway.hub import Hub, Listener
from dealings.edge.nodes import missed
from dealings.edge.nodes.alone import Tells
from dealings.edge.nodes.company import Company
from dealings.kernel.errors import Unavailable
from dealings.platform.bus import roster, wire
from dealings.platform.bus.hearing import Hearing
from dealings.platform.bus.roster import SIGN_SECONDS, Roster
from dealings.platform.db.actions import Stored
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run

BEAT_SECONDS = 0.5
SETTLE_SECONDS = 0.4
"""How long a beat waits for the own lanes; later ones confirm what this one could not."""
DOUBT_SECONDS = 3.0
"""After a lane was lost, its last transaction may still be ending in the store: so long, the log is read again and again."""
TOLD_MOST = 500_000
"""While a transaction stays open somewhere, the safe position stands still. Beyond so many told since, some may be told twice."""
CHANGES_WHO_HEARS = {ConversationChanged.kind, ConversationLeft.kind, MeChanged.kind, SessionRevoked.kind}
"""Told late, and so perhaps after a newer one, they would leave someone listening to what is not theirs any more."""

logger = structlog.get_logger("dealings.nodes")


class Lanes(Protocol):
    def mark(self) -> list[int]: ...

    def passed(self, mark: Sequence[int]) -> bool: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What a node is made of, as far as it concerns the others."""

    gateway: Tells
    hub: Hub
    lanes: Lanes
    run: Run
    reads: Reads
    poke: Callable[[], None]
    """Something happened that the jobs may have to react to."""


class Among:
    def __init__(self, parts: Parts, company: Company, *, jobs: Sequence[str]) -> None:
        """`jobs`: what one node has to do for all."""
        self._parts = parts
        self._company = company
        self._node = company.node
        self._interests = company.interests
        self._speaker = company.speaker
        self._jobs = jobs
        self._hearing = Hearing()
        self._told: dict[int, int] = {}
        """What was told beyond the safe position, and by which commit: so that reading the log tells nothing twice."""
        self._safe = 0
        self._confirmed = 0
        self._missing: set[str] = set()
        self._look = False
        self._lost_at: float | None = None
        self._ends_below: int | None = None
        self._tasks: list[asyncio.Task[None]] = []

    # its life

    async def start(self) -> None:
        """On the roster first: from then on the others wait for what this node confirms."""
        await self._sign()
        seen = await self._parts.reads(roster.look)
        self._safe = self._confirmed = seen.horizon
        self._hearing.roster(set(seen.nodes) - {self._node}, at=self._time())
        await self._company.bus.start(self._hear)
        self._company.bus.listen(self._company.subjects.beat)
        loops = [self._repeat(self._sign, SIGN_SECONDS), self._repeat(self._beat, BEAT_SECONDS)]
        self._tasks = [asyncio.get_running_loop().create_task(loop) for loop in loops]

    async def stop(self) -> None:
        """When nothing more will be committed: confirm all of it, sign off, and go."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            seen = await self._parts.reads(roster.look)
            if await self._settled():
                self._confirmed = seen.horizon
                self._speaker.beat(confirmed=self._confirmed, newest=self._interests.newest, last=self._lost_at is None)
            await self._parts.run(roster.leave, node=self._node)
        except Unavailable:
            logger.warning("left_without_a_word")
        await self._company.bus.close()

    async def _repeat(self, step: Callable[[], Coroutine[None, None, None]], seconds: float) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await step()
            except Unavailable:
                logger.info("store_unavailable", step=step.__name__)
            except Exception as error:
                logger.error("node_step_failed", step=step.__name__, exc_info=error)
            await asyncio.sleep(max(0.0, began + seconds - loop.time()))

    def _time(self) -> float:
        return asyncio.get_running_loop().time()

    async def _sign(self) -> None:
        asked_at = self._time()
        signed = await self._parts.run(roster.sign, node=self._node, wanted=self._jobs)
        self._company.duties.give(signed.jobs, asked_at=asked_at)
        self._is_on_disk(signed.commit_no)

    # what happens here

    def committed(self, events: Sequence[Stored], horizon: int) -> None:
        """The own sessions are told at once, the others in this tick."""
        self._publish(events)
        self._speaker.tell(events)
        self._parts.poke()

    def lost(self) -> None:
        """A lane died, or its connection to the store: what it committed last was told to no one."""
        self._lost_at, self._ends_below = self._time(), None

    def _publish(self, events: Sequence[Stored]) -> None:
        """Tell the sessions that are here."""
        if len(self._told) > TOLD_MOST:
            self._told.clear()
        for event in events:
            self._told[_key(event)] = event.commit_no
        self._is_on_disk(max((event.commit_no for event in events), default=0))
        self._parts.gateway.publish(events, self._safe)
        self._parts.gateway.review([e.stream for e in events if e.kind == ConversationLeft.kind])

    def _is_on_disk(self, commit_no: int) -> None:
        self._interests.newest = max(self._interests.newest, commit_no)

    # what the others say

    def _hear(self, subject: str, payload: bytes) -> None:
        try:
            message = wire.decode(payload)
        except (msgspec.MsgspecError, LookupError) as error:
            logger.warning("bus_unreadable", subject=subject, error=str(error))
            return
        match message:
            case wire.Events(node, events):
                self._hearing.told(node, wire.mark(subject))
                self._tell([Stored(e.commit_no, e.n, e.stream, e.kind, e.data, "", e.at) for e in events])
            case wire.Live(_, _, kind, data):
                self._parts.hub.heard(kind, data)
            case wire.Beat():
                self._on_beat(message)

    def _on_beat(self, beat: wire.Beat) -> None:
        if beat.told:
            self._parts.poke()
        self._is_on_disk(beat.newest)
        missing = self._hearing.beat(beat, listening=self._interests.by_mark, at=self._time())
        if missing is None:
            self._look = True
        else:
            self._missing.update(missing)

    def _tell(self, events: Sequence[Stored]) -> list[Stored]:
        """Those that were not told yet; what is at or below the safe position has been."""
        new = [e for e in events if e.commit_no > self._safe and _key(e) not in self._told]
        if new:
            self._publish(new)
        return new

    # the beat

    async def _beat(self) -> None:
        seen = await self._parts.reads(roster.look)
        if not self._hearing.roster(set(seen.nodes) - {self._node}, at=self._time()):
            self._look = True
        if self._node not in seen.nodes:  # taken for dead: it signs again, and has the others look
            self._speaker.leave_out_a_beat()
        if not self._doubtful(seen) and await self._settled() and self._lost_at is None:
            self._confirmed = seen.horizon
            self._speaker.beat(confirmed=self._confirmed, newest=self._interests.newest)
        await self._advance()

    async def _settled(self) -> bool:
        """Everything that was handed to the lanes until now is told. False when that takes too long."""
        lanes = self._parts.lanes
        mark, until = lanes.mark(), self._time() + SETTLE_SECONDS
        while not lanes.passed(mark):
            if self._time() > until:
                return False
            await asyncio.sleep(0.005)
        return True

    def _doubtful(self, seen: Roster) -> bool:
        """Could a lost lane's last transaction still come to light?"""
        if self._lost_at is None:
            return False
        if self._time() - self._lost_at < DOUBT_SECONDS:
            return True
        if self._ends_below is None:
            self._ends_below = seen.next_number
        if seen.horizon < self._ends_below - 1:
            return True
        self._lost_at = None
        self._look = True
        self._speaker.leave_out_a_beat()
        return False

    async def _advance(self) -> None:
        """Find what is missing; then everything up to the safe position has been told here."""
        look = self._look or self._lost_at is not None or not self._hearing.all_speak(at=self._time())
        missing, newcomers = self._missing, self._interests.newcomers
        self._look, self._missing, self._interests.newcomers = False, set(), []
        try:
            await self._show_round(newcomers)
            if look:
                await self._look_for_everything()
            elif missing:
                self._found(await self._read(missing))
        except BaseException:
            self._look = True
            raise
        others = self._hearing.confirmed()
        self._move(self._confirmed if others is None else min(others, self._confirmed))

    async def _show_round(self, newcomers: Sequence[tuple[Listener, str]]) -> None:
        """What others in a conversation were told while somebody was on the way in; if they are in, still or at all."""
        if newcomers:
            streams = {stream for _, stream in newcomers}
            found = await self._read(streams)
            for listener, stream in newcomers:
                self._parts.hub.tell(listener, [e for e in found.events if e.stream == stream], self._safe)
                self._parts.gateway.look_again(listener)

    async def _read(self, streams: Iterable[str]) -> missed.Found:
        return await self._parts.reads.long(missed.of_streams, streams=sorted(streams), after=self._safe)

    async def _look_for_everything(self) -> None:
        reads = self._parts.reads
        found = await reads.long(missed.everything, after=self._safe, listening=self._interests)
        if not found.complete:
            logger.warning("too_much_missed")
            self._parts.gateway.part_all()
        self._found(found)
        self._hearing.heard_up_to(found.horizon)
        self._move(found.horizon)
        self._parts.poke()

    def _found(self, found: missed.Found) -> None:
        late = self._tell(found.events)
        if late:
            logger.info("told_late", events=len(late))
        changed = {e.stream for e in late if e.stream.startswith("a:") and e.kind in CHANGES_WHO_HEARS}
        self._parts.gateway.review(sorted(changed))

    def _move(self, to: int) -> None:
        if to > self._safe:
            self._safe = to
            self._told = {key: commit_no for key, commit_no in self._told.items() if commit_no > to}


def _key(event: Stored) -> int:
    """What makes an event the same, live or read: a message is itself, wherever it is found; others have their place."""
    return hash(event.data) if event.kind == MessagePosted.kind else event.commit_no << 20 | event.n
