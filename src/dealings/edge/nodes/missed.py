"""What was committed and perhaps told to nobody here: read from the log."""

from collections.abc import Container, Sequence

import msgspec

from dealings.domain.messaging import missed as messages
from dealings.kernel.ids import Id
from dealings.platform.db.actions import Stored
from dealings.platform.db.tx import Read
from dealings.platform.outbox import tables as outbox
from dealings.platform.outbox.events import INTERNAL
from dealings.platform.outbox.tables import Position

PAGE = 5_000
STREAM_MOST = 10_000
"""Events of a few streams; there are never as many in the seconds that this is about."""
LAST_IN_COMMIT = 2**62
FOUND_MOST = 50_000
"""More than that is not told here; each client asks for its own part of it."""


class Found(msgspec.Struct, frozen=True):
    events: list[Stored]
    horizon: int
    """Everything up to here is among them."""
    complete: bool = True
    """False: there were too many, and none are given."""


def everything(db: Read, *, after: int, listening: Container[str]) -> Found:
    """All that was committed after a commit and concerns somebody here, whoever committed it."""
    found: list[Stored] = []
    position = Position(after, LAST_IN_COMMIT)
    while page := outbox.read_unread(db, position, limit=PAGE):
        found += [e for e in page if e.stream != INTERNAL and _concerns(e.stream, listening)]
        found += messages.told_by(db, page, listening=listening)
        position = Position(page[-1].commit_no, page[-1].n)
        if len(found) > FOUND_MOST:
            return Found([], db.horizon(), complete=False)
    return Found(found, db.horizon())


def of_streams(db: Read, *, streams: Sequence[str], after: int) -> Found:
    """The same for some streams only, by their own indexes: what it costs does not grow with what others do."""
    found = outbox.read_streams(db, streams, after=after, limit=STREAM_MOST)
    found += messages.written_in(db, _conversations(streams), after=after)
    return Found(found, after)


def _concerns(stream: str, listening: Container[str]) -> bool:
    conversation, _, shop = stream.partition("@")
    return conversation in listening or (shop != "" and f"s:{shop}" in listening)


def _conversations(streams: Sequence[str]) -> list[Id]:
    return [stream[2:] for stream in streams if stream.startswith("c:")]
