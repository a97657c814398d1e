"""Those who behave: pairs who write a message now and then, each answered before the next, whatever others do."""

import socket
from collections.abc import Sequence
from time import perf_counter

from bench.peers import members
from bench.peers.engine import Engine
from bench.peers.journal import Spread, spread
from bench.peers.players import Sent
from bench.peers.town import Talk

PAUSE_SECONDS = 0.1


class Steady:
    """So many pairs on one server; `run` is called again and again, and says how long answers took meanwhile."""

    def __init__(self, port: int, pairs: Sequence[Talk]) -> None:
        self.engine = Engine()
        self.sent = Sent(stopped=True)
        self.writers = [self._connected(port, talk) for talk in pairs]
        self.engine.until(lambda: all(w.signed_in for w in self.writers), seconds=60, what="the greeting")
        self._due = [perf_counter() + PAUSE_SECONDS * n / len(pairs) for n in range(len(pairs))]

    def _connected(self, port: int, talk: Talk) -> members.Writer:
        token, conversation = talk.people[0].token, talk.conversation

        def make(engine: Engine, sock: socket.socket) -> members.Writer:
            return members.Writer(engine, sock, token=token, conversation=conversation, sent=self.sent)

        return self.engine.connect(port, make)

    def run(self, seconds: float) -> Spread:
        """From sending to the answer. Nothing may be refused, no connection end."""
        first, until = len(self.sent.at), perf_counter() + seconds
        while (now := perf_counter()) < until:
            for number, writer in enumerate(self.writers):
                if self._due[number] <= now and not writer.under_way:
                    writer.send(1)
                    self._due[number] = max(now, self._due[number] + PAUSE_SECONDS)
            self.engine.turn(0.001)
        self.engine.until(lambda: not self._waiting(), seconds=60, what="the answers of those who behave")
        return spread(
            at - self.sent.at[number]
            for writer in self.writers
            for number, at in zip(writer.acks.numbers, writer.acks.times, strict=True)
            if number >= first
        )

    def _waiting(self) -> bool:
        for writer in self.writers:
            assert not writer.refused, writer.refused[0]
            assert not writer.ended, "one who behaves was cut"
        return any(writer.under_way for writer in self.writers)

    def close(self) -> None:
        self.engine.close()
