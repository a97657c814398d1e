"""What the generator's connections have in common, whatever protocol they speak: one keeps messages under way, one notes them."""

import socket
import time
from array import array
from dataclasses import dataclass, field

from bench.peers.engine import Engine, Line
from bench.peers.journal import Acks, Deliveries

TEXT = (
    "The spring harvest came in on Tuesday: would you like 250 g of the Longjing again, same as last year,"
    " or shall we put a little of the brand new Anji tea into the parcel for you to try with the family?"
)
TEXT_BYTES = 200
assert len(TEXT.encode()) == TEXT_BYTES


@dataclass
class Sent:
    """When each message of this load was sent, by its number."""

    at: "array[float]" = field(default_factory=lambda: array("d"))
    stopped: bool = False


class Player(Line):
    """A connection that signs in; then it may write, read along, or just be there."""

    def __init__(self, engine: Engine, sock: socket.socket, *, sent: Sent | None = None) -> None:
        super().__init__(engine, sock)
        self.refused: list[bytes] = []
        self.began = time.perf_counter()
        self.greeted_at = 0.0
        """When it was signed in."""
        self.cursor = ""
        """From the greeting: where the log stood."""
        self.acks = Acks()
        self.deliveries = Deliveries()
        self.under_way = 0
        self._sent = sent or Sent()
        self._just_answered = 0

    @property
    def signed_in(self) -> bool:
        return self.greeted_at > 0

    def greeted(self) -> None:
        self.greeted_at = self.engine.now

    # writing: whenever some are answered, as many more go, in one write

    def send(self, count: int) -> None:
        at = self._sent.at
        first = len(at)
        at.extend([time.perf_counter()] * count)
        self.under_way += count
        self.write(self.messages(range(first, first + count)))

    def messages(self, numbers: range) -> bytes:
        """What to write for these messages."""
        raise NotImplementedError

    def answered(self, number: int, seq: int) -> None:
        self.acks.add(number, seq, self.engine.now)
        self._just_answered += 1

    def go_on(self) -> None:
        """After all that came has been looked at."""
        if self._just_answered:
            count, self._just_answered = self._just_answered, 0
            self.under_way -= count
            if not self._sent.stopped:
                self.send(count)

    # reading

    def catch_up(self) -> None:
        """Look at what has only been kept so far."""
