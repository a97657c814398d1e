"""Groups, channels and the links into them over HTTP."""

from typing import Annotated, Final, Literal

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import JSONBody, MultipartBody, PathParameter, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT

from dealings.domain.identity.api import Caller
from dealings.domain.messaging import channels, groups, invites, membership, settings
from dealings.domain.messaging.links import Invite, qr
from dealings.domain.messaging.membership import (
    BROUGHT_MOST,
    NOTICE_MOST,
    ChannelCard,
    InviteCard,
    Joined,
    JoinRequest,
    MemberPlace,
    MembersPage,
    Settings,
)
from dealings.domain.messaging.model import Conversation
from dealings.kernel.clock import Clock, Millis
from dealings.kernel.ids import Id
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.files import pictures
from dealings.platform.files import store as files_store
from dealings.platform.files.store import Files
from dealings.platform.inputs import MOST_A_PAGE, Cursor, IdField, IdParameter, Limit, position
from dealings.platform.inputs import cursor as cursor_of

FORM_MOST: Final = pictures.MAX_PICTURE_BYTES + 64 * 1024
"""Bytes of a request with a picture in it."""
YEAR_SECONDS: Final = 366 * 24 * 3600
USES_MOST: Final = 100_000
LATEST: Final = 2**53

Line = Annotated[str, msgspec.Meta(max_length=200)]
"""Loose: the domain says what is too long for which field, in words."""
Words = Annotated[str, msgspec.Meta(max_length=NOTICE_MOST * 2)]
Code = Annotated[str, PathParameter(pattern="^[0-9a-z]{24}$", description="What a link into a group ends in")]
Followed = Annotated[str, PathParameter(max_length=200, description="What a link ends in that somebody came by")]
Accounts = Annotated[list[IdField], msgspec.Meta(max_length=BROUGHT_MOST)]
Sought = Annotated[str, QueryParameter(name="query", max_length=200)]  # `query` itself is a name of the framework's


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What comes in: fields that nobody knows are refused."""


class Renaming(Input, frozen=True):
    name: Line


class NewNickname(Input, frozen=True):
    nickname: Line


class NewNotice(Input, frozen=True):
    text: Words


class Brought(Input, frozen=True):
    accounts: Accounts


class Role(Input, frozen=True):
    role: Literal["admin", "member"]


class Heir(Input, frozen=True):
    account: IdField


class Silence(Input, frozen=True):
    until: Annotated[Millis, msgspec.Meta(ge=0, le=LATEST)] | None


class NewInvite(Input, frozen=True):
    """Left out: for ever, for any number, as the group has it."""

    expires_in_seconds: Annotated[int, msgspec.Meta(ge=60, le=YEAR_SECONDS)] | None = None
    uses: Annotated[int, msgspec.Meta(ge=1, le=USES_MOST)] | None = None
    approval: bool = False


class Decision(Input, frozen=True):
    accept: bool


class NewChannel(Input, frozen=True):
    name: Line
    notice: Words = ""
    listed: bool = True


class PictureForm(msgspec.Struct):
    """A multipart form with one picture."""

    file: UploadFile


# members


@get("/conversations/{conversation:str}/members", operation_id="members")
async def members(
    conversation: IdParameter,
    caller: NamedDependency[Caller],
    reads: NamedDependency[Reads],
    after: Cursor = None,
    limit: Limit = MOST_A_PAGE,
) -> MembersPage:
    """The owner, the admins, then the members by when they came. Who follows a channel is seen by its admins alone."""
    place = position(after, MemberPlace)
    shown, last = await reads(
        groups.members, conversation=conversation, account=caller.account, after=place, limit=limit
    )
    return MembersPage(shown, cursor_of(last) if last else None)


@post("/conversations/{conversation:str}/members", operation_id="add_members", status_code=HTTP_200_OK)
async def add_members(
    conversation: IdParameter, data: JSONBody[Brought], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Conversation:
    return await run(groups.add_members, conversation=conversation, by=caller.account, accounts=data.accounts)


@delete(
    "/conversations/{conversation:str}/members/{account:str}",
    operation_id="remove_member",
    status_code=HTTP_204_NO_CONTENT,
)
async def remove_member(
    conversation: IdParameter, account: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> None:
    """Admins remove members, the owner admins too; everyone may leave."""
    await run(groups.remove_member, conversation=conversation, by=caller.account, account=account)


@put(
    "/conversations/{conversation:str}/members/{account:str}/role",
    operation_id="set_role",
    status_code=HTTP_204_NO_CONTENT,
)
async def set_role(
    conversation: IdParameter,
    account: IdParameter,
    data: JSONBody[Role],
    caller: NamedDependency[Caller],
    run: NamedDependency[Run],
) -> None:
    await run(groups.set_role, conversation=conversation, by=caller.account, account=account, role=data.role)


@put(
    "/conversations/{conversation:str}/members/{account:str}/silence",
    operation_id="silence_member",
    status_code=HTTP_204_NO_CONTENT,
)
async def silence_member(
    conversation: IdParameter,
    account: IdParameter,
    data: JSONBody[Silence],
    caller: NamedDependency[Caller],
    run: NamedDependency[Run],
) -> None:
    """`until`: milliseconds since 1970; null gives the word back."""
    given = {"conversation": conversation, "by": caller.account, "account": account}
    await run(groups.silence_member, **given, until=data.until)


@put("/conversations/{conversation:str}/owner", operation_id="hand_over")
async def hand_over(
    conversation: IdParameter, data: JSONBody[Heir], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Conversation:
    return await run(groups.hand_over, conversation=conversation, by=caller.account, account=data.account)


@put("/conversations/{conversation:str}/nickname", operation_id="set_nickname")
async def set_nickname(
    conversation: IdParameter, data: JSONBody[NewNickname], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Conversation:
    return await run(groups.set_nickname, conversation=conversation, by=caller.account, nickname=data.nickname)


# how it looks


@patch("/conversations/{conversation:str}", operation_id="rename_group")
async def rename_group(
    conversation: IdParameter, data: JSONBody[Renaming], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Conversation:
    return await run(settings.rename_group, conversation=conversation, by=caller.account, name=data.name)


@put("/conversations/{conversation:str}/picture", operation_id="set_group_picture", request_max_body_size=FORM_MOST)
async def set_group_picture(
    conversation: IdParameter,
    data: MultipartBody[PictureForm],
    caller: NamedDependency[Caller],
    run: NamedDependency[Run],
    files: NamedDependency[Files],
) -> Conversation:
    """A multipart form with one picture, as for people."""
    kept = await files_store.keep_picture(files, await data.file.read(pictures.MAX_PICTURE_BYTES + 1))
    return await run(settings.set_group_picture, conversation=conversation, by=caller.account, file=kept)


@put("/conversations/{conversation:str}/notice", operation_id="set_notice")
async def set_notice(
    conversation: IdParameter, data: JSONBody[NewNotice], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Conversation:
    return await run(settings.set_notice, conversation=conversation, by=caller.account, text=data.text)


@put("/conversations/{conversation:str}/settings", operation_id="set_settings")
async def set_settings(
    conversation: IdParameter, data: JSONBody[Settings], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Conversation:
    """What is left out stays."""
    return await run(settings.set_settings, conversation=conversation, by=caller.account, settings=data)


# links


@post("/conversations/{conversation:str}/invites", operation_id="create_invite")
async def create_invite(
    conversation: IdParameter,
    data: JSONBody[NewInvite],
    caller: NamedDependency[Caller],
    run: NamedDependency[Run],
    origin: NamedDependency[str],
) -> Invite:
    made = await run(
        invites.create_invite,
        conversation=conversation,
        by=caller.account,
        expires_in_seconds=data.expires_in_seconds,
        uses=data.uses,
        approval=data.approval,
    )
    return Invite.of(made, origin=origin)


@get("/conversations/{conversation:str}/invites", operation_id="invites")
async def list_invites(
    conversation: IdParameter,
    caller: NamedDependency[Caller],
    reads: NamedDependency[Reads],
    clock: NamedDependency[Clock],
    origin: NamedDependency[str],
) -> list[Invite]:
    """The links that lead in: for admins all of them, for members their own."""
    found = await reads(invites.invites, conversation=conversation, account=caller.account, now=clock())
    return [Invite.of(each, origin=origin) for each in found]


@delete(
    "/conversations/{conversation:str}/invites/{code:str}",
    operation_id="revoke_invite",
    status_code=HTTP_204_NO_CONTENT,
)
async def revoke_invite(
    conversation: IdParameter, code: Code, caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> None:
    await run(invites.revoke_invite, conversation=conversation, by=caller.account, code=code)


@get("/conversations/{conversation:str}/invites/{code:str}/qr", operation_id="invite_qr", media_type="image/svg+xml")
async def invite_qr(
    conversation: IdParameter,
    code: Code,
    caller: NamedDependency[Caller],
    reads: NamedDependency[Reads],
    origin: NamedDependency[str],
) -> Response[str]:
    """The link as a QR code: an SVG element."""
    found = await reads(invites.invite, conversation=conversation, account=caller.account, code=code)
    return Response(qr(Invite.of(found, origin=origin).url), media_type="image/svg+xml")


@get("/invites/{code:str}", operation_id="invite_card")
async def invite_card(
    code: Followed, caller: NamedDependency[Caller], reads: NamedDependency[Reads], clock: NamedDependency[Clock]
) -> InviteCard:
    return await reads(invites.invite_card, code=code, account=caller.account, now=clock())


@post("/invites/{code:str}/join", operation_id="join", status_code=HTTP_200_OK)
async def join(code: Followed, caller: NamedDependency[Caller], run: NamedDependency[Run]) -> Joined:
    conversation = membership.conversation_of(code)
    return await run(invites.join, conversation=conversation, account=caller.account, code=code)


@get("/conversations/{conversation:str}/requests", operation_id="join_requests")
async def join_requests(
    conversation: IdParameter, caller: NamedDependency[Caller], reads: NamedDependency[Reads]
) -> list[JoinRequest]:
    return await reads(invites.requests, conversation=conversation, account=caller.account)


@post(
    "/conversations/{conversation:str}/requests/{account:str}",
    operation_id="decide_request",
    status_code=HTTP_204_NO_CONTENT,
)
async def decide_request(
    conversation: IdParameter,
    account: IdParameter,
    data: JSONBody[Decision],
    caller: NamedDependency[Caller],
    run: NamedDependency[Run],
) -> None:
    given: dict[str, Id] = {"conversation": conversation, "by": caller.account, "account": account}
    await run(invites.decide_request, **given, accept=data.accept)


# channels


@post("/channels", operation_id="open_channel")
async def open_channel(
    data: JSONBody[NewChannel], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Conversation:
    return await run(
        channels.open_channel, owner=caller.account, name=data.name, notice=data.notice, listed=data.listed
    )


@get("/channels", operation_id="find_channels")
async def find_channels(
    caller: NamedDependency[Caller], reads: NamedDependency[Reads], sought: Sought = ""
) -> list[ChannelCard]:
    """Channels that can be found, best first."""
    return await reads.long(channels.find_channels, text=sought, account=caller.account)


@get("/channels/{channel:str}", operation_id="channel")
async def channel(channel: IdParameter, caller: NamedDependency[Caller], reads: NamedDependency[Reads]) -> ChannelCard:
    return await reads(channels.channel, conversation=channel, account=caller.account)


@put("/channels/{channel:str}/follow", operation_id="follow")
async def follow(channel: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run]) -> Conversation:
    """Any channel that can be found; others by a link."""
    return await run(channels.follow, conversation=channel, account=caller.account)


@delete("/channels/{channel:str}/follow", operation_id="unfollow", status_code=HTTP_204_NO_CONTENT)
async def unfollow(channel: IdParameter, caller: NamedDependency[Caller], run: NamedDependency[Run]) -> None:
    await run(channels.unfollow, conversation=channel, account=caller.account)


ROUTES: Final = [
    members,
    add_members,
    remove_member,
    set_role,
    silence_member,
    hand_over,
    set_nickname,
    rename_group,
    set_group_picture,
    set_notice,
    set_settings,
    create_invite,
    list_invites,
    revoke_invite,
    invite_qr,
    invite_card,
    join,
    join_requests,
    decide_request,
    open_channel,
    find_channels,
    channel,
    follow,
    unfollow,
]
