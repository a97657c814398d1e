"""What devices ask for beyond how a conversation looks: who has read, what was missed, what can be watched."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from dealings.domain.identity import api as identity
from dealings.domain.messaging import queries, tables_devices, tables_sync, tables_views
from dealings.domain.messaging.errors import NoSuchMessage, NotAGroup, ReadersNotShown, TooManyReaders
from dealings.domain.messaging.model import Kind, Message
from dealings.domain.messaging.model_devices import RECEIPTS_MOST, Readers
from dealings.domain.messaging.tables_devices import Receipt
from dealings.kernel.ids import Id
from dealings.platform.db.tx import Read

# who has read


def readers(db: Read, *, conversation: Id, account: Id, seq: int) -> Readers:
    """How far a message of a group has come. Those who have blocked the asking account are in none of the lists."""
    seen = queries.side(db, conversation=conversation, account=account)
    if seen.row.kind != "group" or seen.member is None:
        raise NotAGroup()
    found = tables_views.select_message(db, conversation, seq) if seq > seen.from_seq else None
    if found is None:
        raise NoSuchMessage(seq=seq)
    if found.sender != account and seen.member.role == "member":
        raise ReadersNotShown()
    if seen.row.member_count > RECEIPTS_MOST:
        raise TooManyReaders(most=RECEIPTS_MOST)
    return _sorted_out(db, tables_devices.receipts(db, conversation, seq=seq, but=found.sender), account, seq)


def _sorted_out(db: Read, receipts: Sequence[Receipt], account: Id, seq: int) -> Readers:
    hiding = identity.blocks(db, {(r.account, account) for r in receipts})
    shown = [r for r in receipts if (r.account, account) not in hiding]
    read = [r.account for r in shown if r.read_seq >= seq]
    received = [r.account for r in shown if r.read_seq < seq <= r.received_seq]
    return Readers(read, received, [r.account for r in shown if max(r.read_seq, r.received_seq) < seq])


# what can be watched


class Watched(msgspec.Struct, frozen=True):
    """How an account may look on while others come, go, type and read in a conversation."""

    kind: Kind
    side: Id
    """What it is there itself: an account or, for its staff, the shop."""
    shop: Id | None
    named: bool
    """Few enough are there that each can be seen."""
    hidden: frozenset[Id]
    """Who has blocked the account, or is blocked by it: neither sees the other."""


def watched(db: Read, *, conversation: Id, account: Id) -> Watched:
    """Refuses whoever may not read there."""
    seen = queries.side(db, conversation=conversation, account=account)
    kind = seen.row.kind
    side = account if seen.member else seen.row.shop or account
    if kind == "shop":
        return Watched(kind, side, seen.row.shop, named=True, hidden=frozenset())
    if kind == "channel" or seen.row.member_count > RECEIPTS_MOST:
        return Watched(kind, side, None, named=False, hidden=frozenset())
    others = tables_devices.accounts(db, conversation)
    blocks = identity.blocks(db, {pair for other in others for pair in ((other, account), (account, other))})
    return Watched(kind, side, None, named=True, hidden=frozenset(id for pair in blocks for id in pair) - {account})


# what was missed

STRETCHES = (8, 32, 160)
"""Of each conversation the newest few are looked at; where all of those are new, more. What is older than all
these is fetched by the client as history."""


def missed(
    db: Read, *, account: Id, mine: Sequence[Id], shops: Sequence[Id], after: int, most: int
) -> list[Message] | None:
    """All messages the account may read, in its conversations and its shops' threads, that were written after a
    commit; None when they are too many."""
    theirs = set(tables_views.threads_changed(db, shops, after=after, limit=most + 1)) if shops else set()
    behind = tables_sync.changed(db, theirs.union(mine), account=account, after=after)
    floors = {c.conversation: c.from_seq for c in behind}
    tops = {c.conversation: c.last_seq for c in behind}
    found: list[Message] = []
    for size in STRETCHES:
        if len(found) + len(tops) > most:  # there is something new in each
            return None
        wanted = [(id, max(floors[id], top - size), top) for id, top in tops.items()]
        new = tables_sync.stretches(db, wanted, after=after)
        found += new
        counts = Counter(message.conversation for message in new)
        tops = {id: low for id, low, high in wanted if counts[id] == high - low and low > floors[id]}
    return sorted(found, key=lambda m: (m.conversation, m.seq)) if len(found) <= most else None
