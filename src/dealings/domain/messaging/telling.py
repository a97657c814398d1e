"""Who is told what about a conversation: all of it to whom it concerns, what all see alike to everyone at once."""

from collections.abc import Sequence

from dealings.domain.identity import api as identity
from dealings.domain.messaging import membership, queries, tables_groups, tables_views
from dealings.domain.messaging.events import ConversationChanged, ConversationLeft, GroupChanged
from dealings.domain.messaging.model import GroupFacts, Left, Notice, Post
from dealings.domain.messaging.posting import post
from dealings.domain.messaging.tables_views import Row
from dealings.kernel.ids import Id
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams

NAMES_SHOWN = 10


def tell_members(tx: Tx, conversation: Id, accounts: Sequence[Id]) -> None:
    """Each of these members, how the conversation looks to them now."""
    for account, view in queries.member_views(tx, conversation=conversation, accounts=accounts):
        tx.emit(ConversationChanged(view), stream=streams.account(account))


def tell_leaders(tx: Tx, conversation: Id) -> None:
    """The owner and the admins, who see who asks to be let in."""
    tell_members(tx, conversation, tables_groups.leaders(tx, conversation))


def tell_left(tx: Tx, conversation: Id, account: Id) -> None:
    tx.emit(ConversationLeft(Left(conversation)), stream=streams.account(account))


def tell_all(tx: Tx, before: Row) -> None:
    """Everyone in it, by one event: what all see alike; nothing when that is as it was."""
    (now,) = tables_views.select_conversations(tx, [before.id])
    if facts(now) != facts(before):
        tx.emit(GroupChanged(facts(now)), stream=streams.conversation(now.id))


def facts(row: Row) -> GroupFacts:
    return GroupFacts(
        id=row.id,
        name=row.name,
        picture=row.picture,
        member_count=membership.shown_count(row.kind, row.member_count),
        notice=row.notice,
        notice_by=row.notice_by,
        notice_at=row.notice_at,
        silenced=row.silenced,
        history_open=row.history_open,
        members_invite=row.members_invite,
        approval=row.approval,
        listed=row.listed,
        may_by_role=membership.may_by_role(row.kind, silenced=row.silenced, members_invite=row.members_invite),
    )


def notify(tx: Tx, row: Row, by: Id, code: str, **params: str) -> None:
    """A notice among the messages of a group. Channels have none: their followers came for the posts."""
    if row.kind == "group":
        post.one(tx, Post(row.id, by, tx.new_id(), Notice(code, params)))


def names(tx: Tx, accounts: Sequence[Id]) -> str:
    """As a notice lists them: the first of them, and that there are more."""
    people = identity.people(tx, accounts[:NAMES_SHOWN])
    more = ["…"] if len(accounts) > NAMES_SHOWN else []
    return ", ".join([people[account].name for account in accounts if account in people] + more)
