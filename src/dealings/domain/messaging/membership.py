"""Roles and what they may do; what is invited, asked and listed: frozen values and pure rules."""

from typing import Annotated

import msgspec

from dealings.domain.identity.api import Person
from dealings.domain.messaging.errors import (
    GroupNameInvalid,
    InviteExpired,
    InviteUsedUp,
    NicknameTooLong,
    NoSuchInvite,
    NoticeTooLong,
)
from dealings.domain.messaging.model import (
    GROUP_NAME_MOST,
    Conversation,
    Kind,
    May,
    MayByRole,
    MemberRole,
)
from dealings.kernel import text
from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id

ADMINS_MOST = 50
"""Beside the owner: all of them are told one by one of who asks to be let in."""
BROUGHT_MOST = 500
"""People brought in by one request."""
ANNOUNCED_MOST = 200
"""In a larger group, coming by a link and leaving say nothing: the notices would be most of what is said."""
NOTICE_MOST = 2_000
INVITES_MOST = 50
"""Links of one group that lead into it."""
REQUESTS_MOST = 500
"""People who wait to be let in."""
SECRET_CHARS = 8
"""40 bits beside the conversation's id: at 1,000 tries a second one is found in 17 years, and only in a group that is known."""
COUNT_DIGITS = 2

EVERYTHING: tuple[May, ...] = ("write", "invite", "manage", "own")


def may(kind: Kind, role: str, *, silenced: bool, members_invite: bool) -> tuple[May, ...]:
    """What a role may do in such a conversation, whatever the time."""
    if kind in ("direct", "shop"):
        return ("write",)
    if role != "member":
        return EVERYTHING if role == "owner" else EVERYTHING[:3]
    if kind == "channel":
        return ()
    rights: list[tuple[May, bool]] = [("write", not silenced), ("invite", members_invite)]
    return tuple(right for right, given in rights if given)


def may_by_role(kind: Kind, *, silenced: bool, members_invite: bool) -> MayByRole:
    of = {
        role: may(kind, role, silenced=silenced, members_invite=members_invite) for role in ("owner", "admin", "member")
    }
    return MayByRole(**of)


def shown_count(kind: Kind, count: int) -> int:
    """How many a conversation says it has. Channels round, so that not every follower of thousands is news to all."""
    if kind == "group":
        return count
    if kind != "channel":
        return 2
    step: int = 10 ** max(0, len(str(count)) - COUNT_DIGITS)
    return count // step * step


class GroupMember(msgspec.Struct, frozen=True):
    person: Person
    role: MemberRole
    nickname: str | None
    joined_at: Millis
    silenced_until: Millis | None


class MembersPage(msgspec.Struct, frozen=True):
    """`next`: what to give as `after` for the page that follows; null at the end."""

    members: list[GroupMember]
    next: str | None


class MemberPlace(msgspec.Struct, frozen=True):
    """A place in the list of members: owner, admins, members, each by when they came."""

    role: MemberRole
    joined_at: Annotated[Millis, msgspec.Meta(ge=0, le=2**53)]
    account: Annotated[Id, msgspec.Meta(pattern="^[0-9a-z]{16}$")]


class Settings(msgspec.Struct, frozen=True):
    """What is left out stays."""

    silenced: bool | None = None
    history_open: bool | None = None
    members_invite: bool | None = None
    approval: bool | None = None
    listed: bool | None = None


SETTINGS: dict[Kind, frozenset[str]] = {
    "group": frozenset({"silenced", "history_open", "members_invite", "approval"}),
    "channel": frozenset({"listed"}),
}
"""Which of them there are in which kind of conversation."""


class Invitation(msgspec.Struct, frozen=True):
    """A way in: for how long, for how many, and whether an admin has to agree."""

    conversation: Id
    code: str
    by: Id
    created_at: Millis
    expires_at: Millis | None
    uses_left: int | None
    approval: bool
    revoked: bool = False

    def objection(self, now: Millis) -> NoSuchInvite | InviteExpired | InviteUsedUp | None:
        """Why it leads nowhere now; None when it does."""
        if self.revoked:
            return NoSuchInvite()
        if self.expires_at is not None and self.expires_at <= now:
            return InviteExpired()
        return InviteUsedUp() if self.uses_left == 0 else None


class InviteCard(msgspec.Struct, frozen=True):
    """What someone sees who was given a link."""

    kind: Kind
    name: str | None
    picture: str | None
    member_count: int
    approval: bool
    """Whether an admin has to agree before they are in."""
    joined: bool
    conversation: Id | None
    """Once they are in."""


class Joined(msgspec.Struct, frozen=True):
    conversation: Conversation | None
    waiting: bool
    """An admin has to agree first."""


class JoinRequest(msgspec.Struct, frozen=True):
    person: Person
    asked_at: Millis


class ChannelCard(msgspec.Struct, frozen=True):
    """A channel as anyone may find it."""

    id: Id
    name: str
    picture: str | None
    notice: str | None
    member_count: int
    following: bool


def group_name(name: str) -> str:
    """One line of 1 to 40 characters."""
    cleaned = text.one_line(name)
    if text.is_blank(cleaned) or len(cleaned) > GROUP_NAME_MOST:
        raise GroupNameInvalid(most=GROUP_NAME_MOST)
    return cleaned


def nickname(name: str) -> str | None:
    """One line of up to 40 characters; None for nothing to see."""
    cleaned = text.one_line(name)
    if len(cleaned) > GROUP_NAME_MOST:
        raise NicknameTooLong(most=GROUP_NAME_MOST)
    return None if text.is_blank(cleaned) else cleaned


def notice(words: str) -> str | None:
    """Up to 2,000 characters; None for nothing to see."""
    cleaned = text.lines(words)
    if len(cleaned) > NOTICE_MOST:
        raise NoticeTooLong(most=NOTICE_MOST)
    return None if text.is_blank(cleaned) else cleaned


def conversation_of(code: str) -> Id:
    """A code begins with the conversation that it leads into."""
    return code[:-SECRET_CHARS]
