"""The roster: every node signs it each second, and is given the jobs that it shall do.

A node that has not signed for a while is taken for dead: its connections to the store are ended and its row is
removed, in this order, so that whoever is not on the roster can't commit anything.
"""

from collections.abc import Sequence

import msgspec

from dealings.kernel.clock import SECOND, Millis
from dealings.kernel.ids import Id
from dealings.platform.bus import tables
from dealings.platform.db.actions import action
from dealings.platform.db.tx import Read, Tx

SIGN_SECONDS = 1.0
LEASE: Millis = 4 * SECOND
"""How long a node may do a job without having signed again: so late another one takes it over."""
LAPSE: Millis = 8 * SECOND


class Signed(msgspec.Struct, frozen=True):
    commit_no: int
    """The number of the signature's own commit: on disk, so PostgreSQL won't use it again even after a crash."""
    jobs: list[str]
    """What this node shall do for the next LEASE."""


class Roster(msgspec.Struct, frozen=True):
    """What a node needs to know of the others and of the log, all of one moment."""

    horizon: int
    next_number: int
    nodes: list[Id]


@action(route="node")
def sign(tx: Tx, *, node: Id, wanted: Sequence[str]) -> Signed:
    """Say that a node is there, and claim its share of the jobs that only one node should do.

    What wants none is no node: it counts for no share, and its signature lapses soon.
    """
    now = tables.store_time(tx)
    tables.see(tx, node, now=now if wanted else now - LEASE - 1)
    _strike_out(tx, node, before=now - LAPSE)
    return Signed(tx.commit_no, _share(tx, node, sorted(wanted), now=now))


def _strike_out(tx: Tx, node: Id, *, before: Millis) -> None:
    """Those that are silent; but where the store itself was away, nobody could sign."""
    if tables.up_since(tx) > before:
        return
    for silent in tables.silent_since(tx, before):
        if silent != node and tables.end_sessions(tx, silent):
            tables.forget(tx, silent)


def _share(tx: Tx, node: Id, wanted: Sequence[str], *, now: Millis) -> list[str]:
    """Keep what it has up to an even share, give back what is more, and take what nobody does."""
    if not wanted:
        return []
    held = tables.held(tx, now=now)
    alive = tables.count_seen(tx, since=now - LEASE)
    room = -(-len(wanted) // alive)
    mine = [name for name in wanted if held.get(name) == node]
    free = [name for name in wanted if name not in held]
    if mine[room:]:
        tables.release(tx, mine[room:], holder=node)
    kept = tables.renew(tx, mine[:room], holder=node, until=now + LEASE) if mine else []
    return sorted(kept + tables.take(tx, free[: room - len(kept)], holder=node, now=now, until=now + LEASE))


@action(route="node")
def leave(tx: Tx, *, node: Id) -> None:
    """A node that ends: whatever it did is free for the others at once."""
    tables.release_all(tx, holder=node)
    tables.forget(tx, node)


def look(db: Read) -> Roster:
    return Roster(db.horizon(), tables.next_number(db), tables.listed(db))
