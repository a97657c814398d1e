"""Channels: one side writes, any number follow. Who follows is known only to those who run it."""

from dealings.domain.messaging import membership, queries, tables, tables_groups, tables_views
from dealings.domain.messaging.errors import NoSuchConversation, WasRemoved
from dealings.domain.messaging.groups import bring_in, entered, leave
from dealings.domain.messaging.membership import ChannelCard
from dealings.domain.messaging.model import Conversation
from dealings.domain.messaging.settings import make_findable
from dealings.domain.messaging.tables_views import Row
from dealings.domain.messaging.telling import tell_members
from dealings.kernel.ids import Id
from dealings.platform.backup.derived import derived
from dealings.platform.db.actions import action
from dealings.platform.db.tx import Read, Tx
from dealings.platform.search import index

FOUND_MOST = 30
INDEXED_AT_ONCE = 500


@action(route="owner")
def open_channel(tx: Tx, *, owner: Id, name: str, notice: str, listed: bool) -> Conversation:
    """A channel of the owner's; whoever follows it reads all of it. `listed`: it can be found, and followed by anyone."""
    cleaned, words = membership.group_name(name), membership.notice(notice)
    conversation = tx.new_id()
    given = {"notice": words, "notice_by": owner if words else None, "notice_at": tx.now if words else None}
    tables.insert_conversation(
        tx, conversation, kind="channel", name=cleaned, history_open=True, listed=listed, member_count=1, **given
    )
    tables_groups.insert_members(tx, conversation, [owner], role="owner")
    tell_members(tx, conversation, [owner])
    opened = queries.conversation(tx, conversation=conversation, account=owner)
    make_findable(tx, opened)
    return opened


@action(route="conversation")
def follow(tx: Tx, *, conversation: Id, account: Id) -> Conversation:
    """Anyone follows what can be found; other channels by a link. Following twice is following."""
    tables.hold(tx, conversation)
    if tables_views.member(tx, conversation, account) is None:
        row = _open_to_all(tx, conversation)
        if tables_groups.removed(tx, conversation, [account]):
            raise WasRemoved()
        bring_in(tx, row, [account], by=account, code="member.joined")
    else:
        entered(tx, conversation, account, "channel")
    return queries.conversation(tx, conversation=conversation, account=account)


def _open_to_all(db: Read, conversation: Id) -> Row:
    found = tables_views.select_conversations(db, [conversation])
    if not found or found[0].kind != "channel" or not found[0].listed:
        raise NoSuchConversation()
    return found[0]


@action(route="conversation")
def unfollow(tx: Tx, *, conversation: Id, account: Id) -> None:
    row, member = entered(tx, conversation, account, "channel")
    leave(tx, row, member)


def channel(db: Read, *, conversation: Id, account: Id) -> ChannelCard:
    """A channel that can be found, or that one follows."""
    if tables_views.member(db, conversation, account) is None:
        return _card(_open_to_all(db, conversation), following=False)
    row = queries.side(db, conversation=conversation, account=account).row
    if row.kind != "channel":
        raise NoSuchConversation()
    return _card(row, following=True)


def find_channels(db: Read, *, text: str, account: Id) -> list[ChannelCard]:
    """Those that can be found, best first."""
    found = index.find(db, kind="channel", text=text, limit=FOUND_MOST)
    rows = {row.id: row for row in tables_views.select_conversations(db, found)}
    mine = tables_views.members_at(db, [(id, account) for id in rows])
    return [_card(rows[id], following=(id, account) in mine) for id in found if id in rows and rows[id].listed]


def _card(row: Row, *, following: bool) -> ChannelCard:
    count = membership.shown_count(row.kind, row.member_count)
    return ChannelCard(row.id, row.name or "", row.picture, row.notice, count, following)


@derived
def rebuild_found(tx: Tx) -> None:
    """After a restore, channels are found again."""
    after = ""
    while rows := tables_groups.findable(tx, after=after, limit=INDEXED_AT_ONCE):
        index.put(tx, [index.Document("channel", r.id, r.id, r.name, r.notice) for r in rows])
        after = rows[-1].id
