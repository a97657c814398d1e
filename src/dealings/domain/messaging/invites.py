"""Links into groups and channels: made, withdrawn, followed; and those who wait until an admin lets them in.

A link is used up by a conditional update, so that of two who follow it for the last time one comes in. Whoever was
removed comes in again by the consent of an admin: who lets them in, or who made the link after they were removed.
"""

from dealings.domain.identity import api as identity
from dealings.domain.messaging import membership, queries, tables, tables_groups, tables_views
from dealings.domain.messaging.errors import (
    InviteUsedUp,
    NoSuchInvite,
    NoSuchRequest,
    NotGroupAdmin,
    TooManyInvites,
    TooManyRequests,
)
from dealings.domain.messaging.groups import bring_in, check_invites, entered, managed
from dealings.domain.messaging.membership import (
    INVITES_MOST,
    REQUESTS_MOST,
    SECRET_CHARS,
    Invitation,
    InviteCard,
    Joined,
    JoinRequest,
)
from dealings.domain.messaging.model import Kind
from dealings.domain.messaging.tables_views import Row
from dealings.domain.messaging.telling import tell_leaders
from dealings.kernel.clock import SECOND, Millis
from dealings.kernel.ids import Id, encode
from dealings.platform.db.actions import action
from dealings.platform.db.tx import Read, Tx

KINDS: tuple[Kind, ...] = ("group", "channel")


# links


@action(route="conversation")
def create_invite(
    tx: Tx, *, conversation: Id, by: Id, expires_in_seconds: int | None, uses: int | None, approval: bool
) -> Invitation:
    """A new link; those that lead nowhere any more are forgotten."""
    row, member = entered(tx, conversation, by, *KINDS)
    check_invites(row, member)
    tables_groups.forget_spent(tx, conversation)
    if len(tables_groups.list_invites(tx, conversation, by=None, now=tx.now)) >= INVITES_MOST:
        raise TooManyInvites(most=INVITES_MOST)
    code = conversation + encode(tx.rng.getrandbits(5 * SECRET_CHARS), SECRET_CHARS)
    expires_at = None if expires_in_seconds is None else tx.now + expires_in_seconds * SECOND
    made = Invitation(conversation, code, by, tx.now, expires_at, uses, approval)
    tables_groups.insert_invite(tx, made)
    return made


@action(route="conversation")
def revoke_invite(tx: Tx, *, conversation: Id, by: Id, code: str) -> None:
    """Admins withdraw any link, members their own; a link that is withdrawn already stays so."""
    _, member = entered(tx, conversation, by, *KINDS)
    _visible(tx, conversation, code, by=by, role=member.role)
    tables_groups.revoke(tx, conversation, code)


def _visible(db: Read, conversation: Id, code: str, *, by: Id, role: str) -> Invitation:
    found = tables_groups.invite(db, conversation, code)
    if found is None or (role == "member" and found.by != by):
        raise NoSuchInvite()
    return found


def invites(db: Read, *, conversation: Id, account: Id, now: Millis) -> list[Invitation]:
    """The links that lead in: all of them for admins, their own for members."""
    role = _role(db, conversation, account)
    return tables_groups.list_invites(db, conversation, by=account if role == "member" else None, now=now)


def invite(db: Read, *, conversation: Id, account: Id, code: str) -> Invitation:
    return _visible(db, conversation, code, by=account, role=_role(db, conversation, account))


def _role(db: Read, conversation: Id, account: Id) -> str:
    seen = queries.side(db, conversation=conversation, account=account)
    if seen.row.kind not in KINDS or seen.member is None:
        raise NoSuchInvite()
    return seen.member.role


# coming by a link


def invite_card(db: Read, *, code: str, account: Id, now: Millis) -> InviteCard:
    """What a link leads to, for whoever was given it."""
    row, found = _behind(db, code)
    joined = tables_views.member(db, row.id, account) is not None
    objection = found.objection(now)
    if objection and not joined:
        raise objection
    count = membership.shown_count(row.kind, row.member_count)
    approval = not joined and _needs_consent(db, row, found, account)
    return InviteCard(row.kind, row.name, row.picture, count, approval, joined, row.id if joined else None)


def _behind(db: Read, code: str) -> tuple[Row, Invitation]:
    if not (code.isascii() and code.isalnum()):
        raise NoSuchInvite()
    conversation = membership.conversation_of(code)
    found = tables_groups.invite(db, conversation, code)
    if found is None:
        raise NoSuchInvite()
    (row,) = tables_views.select_conversations(db, [conversation])
    return row, found


def _needs_consent(db: Read, row: Row, invite: Invitation, account: Id) -> bool:
    """The group or the link says so; or they were removed, and no admin has made this link since."""
    if invite.approval or row.approval:
        return True
    removed_at = tables_groups.removed(db, row.id, [account]).get(account)
    if removed_at is None:
        return False
    maker = tables_views.member(db, row.id, invite.by)
    return invite.created_at <= removed_at or maker is None or maker.role == "member"


@action(route="conversation")
def join(tx: Tx, *, conversation: Id, account: Id, code: str) -> Joined:
    """In, or waiting to be let in. Who is in already stays so, and uses nothing up. `conversation`: where the code leads."""
    tables.hold(tx, conversation)
    row, found = _behind(tx, code)
    if tables_views.member(tx, row.id, account) is not None:
        return Joined(queries.conversation(tx, conversation=row.id, account=account), waiting=False)
    if objection := found.objection(tx.now):
        raise objection
    if _needs_consent(tx, row, found, account):
        _ask(tx, row, account, code)
        return Joined(None, waiting=True)
    if not tables_groups.take_use(tx, row.id, code):
        raise InviteUsedUp()
    bring_in(tx, row, [account], by=account, code="member.joined")
    return Joined(queries.conversation(tx, conversation=row.id, account=account), waiting=False)


def _ask(tx: Tx, row: Row, account: Id, code: str) -> None:
    if not tables_groups.insert_request(tx, row.id, account, code):
        return
    if tables_groups.count_requests(tx, [row.id])[row.id] > REQUESTS_MOST:
        raise TooManyRequests(most=REQUESTS_MOST)
    tell_leaders(tx, row.id)


# waiting to be let in


def requests(db: Read, *, conversation: Id, account: Id) -> list[JoinRequest]:
    """Who waits, the first first; for those who may let them in."""
    if _role(db, conversation, account) == "member":
        raise NotGroupAdmin()
    waiting = tables_groups.list_requests(db, conversation)
    people = identity.people(db, [who for who, _ in waiting])
    return [JoinRequest(people[who], asked_at) for who, asked_at in waiting if who in people]


@action(route="conversation")
def decide_request(tx: Tx, *, conversation: Id, by: Id, account: Id, accept: bool) -> None:
    """Let someone in who waits, or don't. An admin's word counts more than how often the link could be used."""
    row, _ = managed(tx, conversation, by, *KINDS)
    code = tables_groups.take_request(tx, conversation, account)
    if code is None:
        raise NoSuchRequest()
    if accept and tables_views.member(tx, conversation, account) is None:
        tables_groups.take_use(tx, conversation, code)
        bring_in(tx, row, [account], by=account, code="member.joined")
    tell_leaders(tx, conversation)
