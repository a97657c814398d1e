"""What must hold for conversations and messages (P1)."""

from sqlalchemy import and_, exists, func, or_, select

from dealings.domain.messaging.events import MessagePosted, MessagesPosted
from dealings.domain.messaging.tables import conversations, heads, members, memberships, messages, threads
from dealings.platform.db.findings import Check, Finding, examine
from dealings.platform.db.tx import Read
from dealings.platform.outbox.tables import events

_last = (
    select(messages.c.conversation, func.max(messages.c.seq).label("seq")).group_by(messages.c.conversation).subquery()
)
_sizes = select(members.c.conversation, func.count().label("size")).group_by(members.c.conversation).subquery()
_last_seq = func.coalesce(_last.c.seq, 0)

TELLING = (MessagePosted.kind, MessagesPosted.kind)

CHECKS = [
    Check(
        "messages.gap",
        "P1: the messages of a conversation are not numbered 1, 2, 3 … without gaps.",
        select(messages.c.conversation)
        .group_by(messages.c.conversation)
        .having(
            or_(
                func.min(messages.c.seq) != 1,
                func.max(messages.c.seq) != func.count(),
                func.count(messages.c.seq.distinct()) != func.count(),
            )
        )
        .order_by(messages.c.conversation),
    ),
    Check(
        "messages.twice",
        "P1: a message is there more than once under the same client id.",
        select(messages.c.client_id)
        .group_by(messages.c.client_id, messages.c.sender, messages.c.conversation)
        .having(func.count() > 1)
        .order_by(messages.c.client_id),
    ),
    Check(
        "messages.homeless",
        "A message is in a conversation that does not exist.",
        select(messages.c.conversation)
        .where(~exists().where(conversations.c.id == messages.c.conversation))
        .distinct()
        .order_by(messages.c.conversation),
    ),
    Check(
        "messages.untold",
        "P2: a message is on disk, but no event tells of it; clients that were away miss it.",
        select(messages.c.client_id)
        .where(
            ~exists().where(
                and_(events.c.commit_no == messages.c.commit_no, events.c.kind.in_(TELLING)),
            )
        )
        .order_by(messages.c.client_id),
    ),
    Check(
        "messages.number_off",
        "P1: the number last given out in a conversation is not that of its last message.",
        select(conversations.c.id)
        .select_from(
            conversations.outerjoin(heads, heads.c.conversation == conversations.c.id).outerjoin(
                _last, _last.c.conversation == conversations.c.id
            )
        )
        .where(func.coalesce(heads.c.last_seq, -1) != _last_seq)
        .order_by(conversations.c.id),
        only="postgresql",
    ),
    Check(
        "conversations.read_ahead",
        "Someone has read further than a conversation goes.",
        select(members.c.conversation)
        .select_from(members.outerjoin(_last, _last.c.conversation == members.c.conversation))
        .where(or_(members.c.read_seq > _last_seq, members.c.from_seq > _last_seq))
        .order_by(members.c.conversation),
    ),
    Check(
        "conversations.shop_read_ahead",
        "A shop has read further than its thread goes.",
        select(threads.c.conversation)
        .select_from(threads.outerjoin(_last, _last.c.conversation == threads.c.conversation))
        .where(threads.c.read_seq > _last_seq)
        .order_by(threads.c.conversation),
    ),
    Check(
        "conversations.not_listed",
        "A member does not find the conversation in the own list.",
        select(members.c.conversation)
        .where(
            ~exists().where(
                memberships.c.account == members.c.account, memberships.c.conversation == members.c.conversation
            )
        )
        .order_by(members.c.conversation),
    ),
    Check(
        "conversations.listed_in_vain",
        "Someone's list shows a conversation that they are no member of.",
        select(memberships.c.conversation)
        .where(
            ~exists().where(
                members.c.account == memberships.c.account, members.c.conversation == memberships.c.conversation
            )
        )
        .order_by(memberships.c.conversation),
    ),
    Check(
        "conversations.miscounted",
        "A conversation has another number of members than it says.",
        select(conversations.c.id)
        .select_from(conversations.outerjoin(_sizes, _sizes.c.conversation == conversations.c.id))
        .where(conversations.c.member_count != func.coalesce(_sizes.c.size, 0))
        .order_by(conversations.c.id),
    ),
    Check(
        "conversations.ownerless",
        "A group or channel with members has not exactly one owner.",
        select(members.c.conversation)
        .join(conversations, conversations.c.id == members.c.conversation)
        .where(conversations.c.kind.in_(["group", "channel"]))
        .group_by(members.c.conversation)
        .having(func.count().filter(members.c.role == "owner") != 1)
        .order_by(members.c.conversation),
    ),
    Check(
        "conversations.not_in_inbox",
        "A shop's thread is missing from its inbox.",
        select(conversations.c.id)
        .where(
            conversations.c.kind == "shop",
            ~exists().where(threads.c.shop == conversations.c.shop, threads.c.conversation == conversations.c.id),
        )
        .order_by(conversations.c.id),
    ),
]


def findings(db: Read) -> list[Finding]:
    return examine(db, CHECKS)
