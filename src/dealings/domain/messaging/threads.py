"""What orders need of conversations, for many of them at once."""

from collections.abc import Collection
from typing import NamedTuple

from dealings.domain.identity import api as identity
from dealings.domain.messaging import tables, tables_threads
from dealings.domain.messaging.actions import open_shop_thread
from dealings.domain.messaging.model import Kind, Message
from dealings.domain.messaging.tables import Standing
from dealings.kernel.ids import Id
from dealings.platform.db.tx import Read, Tx


def shop_threads(tx: Tx, pairs: Collection[tuple[Id, Id]]) -> dict[tuple[Id, Id], Id]:
    """The thread of each (shop, buyer), made where there is none yet."""
    found = tables_threads.threads(tx, pairs)
    new = sorted(pair for pair in pairs if pair not in found)
    return found | {(shop, buyer): open_shop_thread(tx, shop=shop, buyer=buyer) for shop, buyer in new}


class Sight(NamedTuple):
    """Someone says to have seen a message."""

    conversation: Id
    seq: int
    account: Id


class Seen(NamedTuple):
    message: Message
    kind: Kind


def seen(db: Read, claimed: Collection[Sight]) -> dict[Sight, Seen]:
    """Of these claims the ones that can be true: the message is there, and this account may read it."""
    standings = tables.standings(db, {(sight.conversation, sight.account) for sight in claimed})
    staffed = identity.staffed(db, {(s.shop, account) for (_, account), s in standings.items() if s.shop})
    messages = tables.numbered(db, {(sight.conversation, sight.seq) for sight in claimed})
    found = {}
    for sight in claimed:
        standing = standings.get((sight.conversation, sight.account))
        message = messages.get((sight.conversation, sight.seq))
        if standing and message and _may_read(standing, sight, staffed):
            found[sight] = Seen(message, standing.kind)
    return found


def _may_read(standing: Standing, sight: Sight, staffed: set[tuple[Id, Id]]) -> bool:
    """As a member, what came after they joined; as staff of the thread's shop, everything."""
    if standing.from_seq is not None:
        return sight.seq > standing.from_seq
    return (standing.shop, sight.account) in staffed
