"""Who is in a group or channel, and as what. Whoever decides about membership holds the conversation."""

from collections.abc import Sequence

from dealings.domain.identity import api as identity
from dealings.domain.messaging import membership, model, queries, tables, tables_groups, tables_views
from dealings.domain.messaging.errors import (
    GroupFull,
    HandOverFirst,
    NoSuchMember,
    NotAGroup,
    NotFriends,
    NotGroupAdmin,
    NotGroupOwner,
    OnlyAdminsInvite,
    TooManyAdmins,
    WasRemoved,
)
from dealings.domain.messaging.membership import ADMINS_MOST, ANNOUNCED_MOST, GroupMember, MemberPlace
from dealings.domain.messaging.model import Conversation, Kind, MemberRole
from dealings.domain.messaging.tables_views import Member, Row
from dealings.domain.messaging.telling import names, notify, tell_all, tell_leaders, tell_left, tell_members
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id
from dealings.platform.db.actions import action
from dealings.platform.db.tx import Read, Tx

ANY_CHANNEL = 2**53
"""Any number may follow a channel."""


def entered(tx: Tx, conversation: Id, account: Id, *kinds: Kind) -> tuple[Row, Member]:
    """The group and the member who asks; nobody joins, leaves or writes there until this commits."""
    tables.hold(tx, conversation)
    seen = queries.side(tx, conversation=conversation, account=account)
    if seen.row.kind not in (kinds or ("group",)) or seen.member is None:
        raise NotAGroup()
    return seen.row, seen.member


def managed(tx: Tx, conversation: Id, account: Id, *kinds: Kind) -> tuple[Row, Member]:
    """The group and its owner or admin, who asks."""
    row, member = entered(tx, conversation, account, *kinds)
    if member.role == "member":
        raise NotGroupAdmin()
    return row, member


def owned(tx: Tx, conversation: Id, account: Id) -> Row:
    """The group or channel, and it is its owner who asks."""
    row, member = entered(tx, conversation, account, "group", "channel")
    if member.role != "owner":
        raise NotGroupOwner()
    return row


def _other(tx: Tx, conversation: Id, account: Id) -> Member:
    found = tables_views.member(tx, conversation, account)
    if found is None:
        raise NoSuchMember()
    return found


def check_invites(row: Row, member: Member) -> None:
    """Whether this member may bring others in, or make links for them."""
    if "invite" not in membership.may(row.kind, member.role, silenced=row.silenced, members_invite=row.members_invite):
        raise OnlyAdminsInvite()


def members(
    db: Read, *, conversation: Id, account: Id, after: MemberPlace | None, limit: int
) -> tuple[list[GroupMember], MemberPlace | None]:
    """A page of them, and where the next begins."""
    seen = queries.side(db, conversation=conversation, account=account)
    listed, last = queries.member_rows(db, seen, after=after, limit=limit)
    people = identity.people(db, [m.account for m in listed])
    shown = [
        GroupMember(people[m.account], m.role, m.nickname, m.joined_at, m.silenced_until)
        for m in listed
        if m.account in people
    ]
    return shown, last


# coming


def bring_in(tx: Tx, row: Row, accounts: Sequence[Id], *, by: Id, code: str) -> None:
    """They are members from here on; all concerned are told. Raises GroupFull.

    `code` is what the notice says that `by` did; a large group has none of those who come by themselves.
    """
    most = model.GROUP_MOST if row.kind == "group" else ANY_CHANNEL
    if not tables_groups.take_places(tx, row.id, len(accounts), most=most):
        raise GroupFull(most=most)
    from_seq = 0 if row.history_open else row.last_seq
    tables_groups.insert_members(tx, row.id, accounts, role="member", from_seq=from_seq, read_seq=row.last_seq)
    waited = tables_groups.forgive(tx, row.id, accounts)
    if code != "member.joined" or row.member_count < ANNOUNCED_MOST:
        notify(tx, row, by, code, names=names(tx, accounts))
    tell_all(tx, row)
    tell_members(tx, row.id, accounts)
    if waited:
        tell_leaders(tx, row.id)


@action(route="owner")
def open_group(tx: Tx, *, owner: Id, name: str, members: list[Id]) -> Conversation:
    """A group of the owner and some of the owner's contacts."""
    cleaned = membership.group_name(name)
    invited = [account for account in dict.fromkeys(members) if account != owner]
    if 1 + len(invited) > model.GROUP_MOST:
        raise GroupFull(most=model.GROUP_MOST)
    _check_contacts(tx, owner, invited)
    conversation = tx.new_id()
    count = 1 + len(invited)
    tables.insert_conversation(tx, conversation, kind="group", name=cleaned, member_count=count)
    tables_groups.insert_members(tx, conversation, [owner], role="owner")
    tables_groups.insert_members(tx, conversation, invited, role="member")
    (row,) = tables_views.select_conversations(tx, [conversation])
    notify(tx, row, owner, "group.created", name=cleaned)
    tell_members(tx, conversation, [owner, *invited])
    return queries.conversation(tx, conversation=conversation, account=owner)


def _check_contacts(tx: Tx, by: Id, invited: Sequence[Id]) -> None:
    if len(identity.friends_among(tx, by, invited)) != len(invited):
        raise NotFriends()


@action(route="conversation")
def add_members(tx: Tx, *, conversation: Id, by: Id, accounts: list[Id]) -> Conversation:
    """Members bring in own contacts, unless only admins do; whoever was removed comes back by an admin alone."""
    row, member = entered(tx, conversation, by)
    check_invites(row, member)
    wanted = list(dict.fromkeys(accounts))
    present = tables_views.members_at(tx, [(conversation, account) for account in wanted])
    added = [account for account in wanted if (conversation, account) not in present]
    _check_contacts(tx, by, added)
    if member.role == "member" and tables_groups.removed(tx, conversation, added):
        raise WasRemoved()
    if added:
        bring_in(tx, row, added, by=by, code="member.added")
    return queries.conversation(tx, conversation=conversation, account=by)


# going


@action(route="conversation")
def remove_member(tx: Tx, *, conversation: Id, by: Id, account: Id) -> None:
    """Anyone may leave, admins remove members, the owner removes whomever."""
    if account == by:
        row, member = entered(tx, conversation, by, "group", "channel")
        leave(tx, row, member)
        return
    row, member = managed(tx, conversation, by, "group", "channel")
    _check_above(member, _other(tx, conversation, account))
    notify(tx, row, by, "member.removed", names=names(tx, [account]))
    tables_groups.delete_member(tx, conversation, account)
    tables_groups.note_removal(tx, conversation, account)
    tell_left(tx, conversation, account)
    tell_all(tx, row)


def _check_above(member: Member, other: Member) -> None:
    """Admins stand above members, the owner above all."""
    if other.role != "member" and member.role != "owner":
        raise NotGroupOwner()


def leave(tx: Tx, row: Row, member: Member) -> None:
    """Nobody holds anyone. When the owner leaves, the first of the admins takes over; without any, who came first."""
    heir = _heir(tx, row, member)
    if row.member_count <= ANNOUNCED_MOST:
        notify(tx, row, member.account, "member.left", names=names(tx, [member.account]))
    if heir is not None:
        notify(tx, row, member.account, "owner.changed", names=names(tx, [heir]))
        tables_groups.update_member(tx, row.id, heir, role="owner", silenced_until=None)
    tables_groups.delete_member(tx, row.id, member.account)
    tell_left(tx, row.id, member.account)
    tell_all(tx, row)
    if heir is not None:
        tell_members(tx, row.id, [heir])


def _heir(tx: Tx, row: Row, member: Member) -> Id | None:
    if member.role != "owner":
        return None
    heir = tables_groups.heir(tx, row.id, after=member.account)
    if heir and row.kind == "channel" and _other(tx, row.id, heir).role != "admin":
        raise HandOverFirst()  # a follower did not ask to speak for it
    return heir


# roles


@action(route="conversation")
def set_role(tx: Tx, *, conversation: Id, by: Id, account: Id, role: MemberRole) -> None:
    """The owner makes members admins, and admins members again."""
    row = owned(tx, conversation, by)
    other = _other(tx, conversation, account)
    if other.role == "owner" or role == "owner":
        raise HandOverFirst()
    if other.role == role:
        return
    if role == "admin" and tables_groups.count_role(tx, conversation, "admin") >= ADMINS_MOST:
        raise TooManyAdmins(most=ADMINS_MOST)
    tables_groups.update_member(tx, conversation, account, role=role, silenced_until=None)
    notify(tx, row, by, "member.role", names=names(tx, [account]), role=role)
    tell_members(tx, conversation, [account])


@action(route="conversation")
def hand_over(tx: Tx, *, conversation: Id, by: Id, account: Id) -> Conversation:
    """Another member owns it from here on; who did so far stays as an admin."""
    row = owned(tx, conversation, by)
    if account != by:
        _other(tx, conversation, account)
        tables_groups.update_member(tx, conversation, by, role="admin")
        tables_groups.update_member(tx, conversation, account, role="owner", silenced_until=None)
        notify(tx, row, by, "owner.changed", names=names(tx, [account]))
        tell_members(tx, conversation, [by, account])
    return queries.conversation(tx, conversation=conversation, account=by)


@action(route="conversation")
def silence_member(tx: Tx, *, conversation: Id, by: Id, account: Id, until: Millis | None) -> None:
    """A member does not write until then; None, or a moment that has passed, gives them the word again."""
    row, _ = managed(tx, conversation, by)
    other = _other(tx, conversation, account)
    if other.role != "member":
        raise NotGroupOwner()
    wanted = until if until is not None and until > tx.now else None
    if wanted == other.silenced_until:
        return
    tables_groups.update_member(tx, conversation, account, silenced_until=wanted)
    code = "member.silenced" if wanted else "member.unsilenced"
    notify(tx, row, by, code, names=names(tx, [account]))
    tell_members(tx, conversation, [account])


@action(route="conversation")
def set_nickname(tx: Tx, *, conversation: Id, by: Id, nickname: str) -> Conversation:
    """What a member is called in this group; nothing: as everywhere."""
    _, member = entered(tx, conversation, by)
    cleaned = membership.nickname(nickname)
    if cleaned != member.nickname:
        tables_groups.update_member(tx, conversation, by, nickname=cleaned)
        tell_members(tx, conversation, [by])
    return queries.conversation(tx, conversation=conversation, account=by)
