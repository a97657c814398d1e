"""Those who live on a server for as long as it is soaked: pairs who write without a pause, a group, and many who come,
look around, read, begin to write, and go."""

import itertools
import json
import socket
from collections.abc import Sequence
from random import Random
from time import perf_counter
from typing import Any

from bench.peers import frames, members
from bench.peers.engine import Engine
from bench.peers.players import Sent
from bench.peers.town import Person, Talk

WINDOW = 16
VISITORS = 6
STAY_SECONDS = 1.5
FORGET_EVERY = 100_000
"""So many answers and the generator forgets them: it must not grow either."""


class Forgetful(members.Writer):
    """Writes on and on, and counts."""

    def __init__(self, engine: Engine, sock: socket.socket, **given: Any) -> None:
        super().__init__(engine, sock, **given)
        self.count = 0

    def greeted(self) -> None:
        super().greeted()
        self.send(WINDOW)

    def answered(self, number: int, seq: int) -> None:
        self.count += 1
        self._just_answered += 1


class Visitor(members.Member):
    """Comes with the position it had, does what people do, and goes in the middle of it."""

    def __init__(
        self, engine: Engine, sock: socket.socket, *, talk: Talk, person: Person, cursor: str, rng: Random
    ) -> None:
        super().__init__(engine, sock, token=person.token, cursor=cursor)
        self._talk, self._rng = talk, rng
        self.person = person
        self.until = perf_counter() + rng.uniform(0, 2 * STAY_SECONDS)

    def greeted(self) -> None:
        super().greeted()
        talk, rng = self._talk.conversation, self._rng
        deeds: list[dict[str, Any]] = [
            {"op": "watch", "conversation": talk},
            {"op": "typing", "conversation": talk},
            {"op": "draft", "conversation": talk, "text": "春茶" * rng.randint(0, 50)},
            {"op": "history", "conversation": talk, "limit": 50},
            {"op": "read", "conversation": talk, "seq": rng.randint(1, 5)},
            {"op": "received", "conversation": talk, "seq": rng.randint(1, 5)},
            {"op": "state", "limit": 50},
            {"op": "ping"},
        ]
        for number, deed in enumerate(rng.sample(deeds, 5)):
            self.write(frames.masked(json.dumps({"id": number + 2, **deed}).encode()))

    def replied(self, buffer: bytearray, start: int, end: int) -> None:
        """Whatever it is."""


class Life:
    """Everyone on one server; `turn` lets them live for a moment."""

    def __init__(self, port: int, talks: Sequence[Talk], group: Talk, *, seed: int) -> None:
        self.engine = Engine()
        self._port = port
        self._rng = Random(seed)
        self._sent = Sent()
        self._talks, self._group = talks, group
        self.writers = [self._writer(talk) for talk in [*talks, group]]
        self._visitors: list[Visitor] = []
        self._cursors: dict[str, str] = {}
        self._turns = itertools.count()
        self.visits = 0

    @property
    def messages(self) -> int:
        return sum(writer.count for writer in self.writers)

    def _writer(self, talk: Talk) -> Forgetful:
        given = {"token": talk.people[0].token, "conversation": talk.conversation, "sent": self._sent}
        return self.engine.connect(self._port, lambda e, s: Forgetful(e, s, **given))

    def turn(self) -> None:
        now = perf_counter()
        for visitor in [visitor for visitor in self._visitors if visitor.until < now or visitor.ended]:
            self._visitors.remove(visitor)
            self._cursors[visitor.person.account] = visitor.cursor
            visitor.close()
        if len(self._visitors) < VISITORS:
            self._visitors.append(self._visitor())
        self.engine.turn(0.01)
        if len(self._sent.at) > FORGET_EVERY:
            self._forget()
        for writer in self.writers:
            assert not writer.refused, writer.refused[0]
            assert not writer.ended, "a writer was cut"

    def _visitor(self) -> Visitor:
        self.visits += 1
        talk = self._group if self._rng.random() < 0.3 else self._rng.choice(self._talks)
        person = self._rng.choice(talk.people[1:])
        cursor = self._cursors.get(person.account, "")
        return self.engine.connect(
            self._port, lambda e, s: Visitor(e, s, talk=talk, person=person, cursor=cursor, rng=self._rng)
        )

    def _forget(self) -> None:
        """Numbers go on; when each was sent is of no interest here."""
        del self._sent.at[:]

    def leave(self) -> None:
        """Everyone has what they asked for, and goes."""
        self._sent.stopped = True
        self.engine.until(lambda: not any(writer.under_way for writer in self.writers), seconds=60, what="answers")
        self.engine.close()
