"""Conversations and messages over HTTP. What a connection at /ws can do, this can too."""

from typing import Annotated, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody, QueryParameter
from litestar.status_codes import HTTP_200_OK, HTTP_201_CREATED

from dealings.domain.identity.api import Caller
from dealings.domain.messaging import actions, devices, groups, posting, queries, routes_devices, routes_groups
from dealings.domain.messaging.membership import BROUGHT_MOST
from dealings.domain.messaging.model import (
    CLIENT_ID_MOST,
    PAGE_MOST,
    Conversation,
    Message,
    Post,
    ReadState,
    Text,
)
from dealings.domain.messaging.model_devices import Reading
from dealings.domain.messaging.queries import Details
from dealings.domain.messaging.tables_views import ThreadKey
from dealings.kernel.ids import Id
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.inputs import PAGE, Cursor, IdField, IdParameter, Limit, Page, position
from dealings.platform.inputs import cursor as cursor_of

HISTORY: Final = 50
HIGHEST: Final = 2**53

SeqParameter = Annotated[int | None, QueryParameter(ge=0, le=HIGHEST, description="A message's number")]
HistoryLimit = Annotated[int, QueryParameter(ge=1, le=PAGE_MOST)]
Name = Annotated[str, msgspec.Meta(max_length=200)]
Accounts = Annotated[list[IdField], msgspec.Meta(max_length=BROUGHT_MOST)]


class OpenDirect(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="direct"):
    account: IdField


class OpenGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="group"):
    name: Name
    members: Accounts


class OpenThread(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="shop"):
    shop: IdField


class SendText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`client_id`: a UUIDv7, the same one when it is sent again."""

    client_id: Annotated[str, msgspec.Meta(min_length=1, max_length=CLIENT_ID_MOST)]
    body: Text


class ReadUpTo(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seq: Annotated[int, msgspec.Meta(ge=0, le=HIGHEST)]


@get("/conversations", operation_id="conversations")
async def conversations(caller: NamedDependency[Caller], reads: NamedDependency[Reads]) -> list[Conversation]:
    """Those the caller is a member of, newest first; a shop's threads are in its inbox."""
    return await reads.long(queries.conversations, account=caller.account)


@get("/conversations/{conversation:str}", operation_id="conversation")
async def conversation(
    conversation: IdParameter, caller: NamedDependency[Caller], reads: NamedDependency[Reads]
) -> Details:
    return await reads(queries.details, conversation=conversation, account=caller.account)


@post("/conversations", operation_id="open_conversation")
async def open_conversation(
    data: JSONBody[OpenDirect | OpenGroup | OpenThread],
    caller: NamedDependency[Caller],
    run: NamedDependency[Run],
    reads: NamedDependency[Reads],
) -> Response[Conversation]:
    """A new group (201); of two people, or of a buyer and a shop, the one there is (200) or a new one (201)."""
    me = caller.account
    existing: Id | None = None
    if isinstance(data, OpenGroup):
        opened = await run(groups.open_group, owner=me, name=data.name, members=data.members)
    elif isinstance(data, OpenDirect):
        existing = await reads(queries.direct_of, one=me, other=data.account)
        opened = await run(actions.open_direct, me=me, other=data.account)
    else:
        existing = await reads(queries.thread_of, shop=data.shop, buyer=me)
        opened = await run(actions.open_shop, shop=data.shop, buyer=me)
    return Response(opened, status_code=HTTP_200_OK if existing else HTTP_201_CREATED)


@get("/conversations/{conversation:str}/messages", operation_id="history")
async def history(
    conversation: IdParameter,
    caller: NamedDependency[Caller],
    reads: NamedDependency[Reads],
    before: SeqParameter = None,
    after: SeqParameter = None,
    around: SeqParameter = None,
    limit: HistoryLimit = HISTORY,
) -> list[Message]:
    """In ascending order: those around a number, those after one, or the last ones before one (or before the end)."""
    return await reads(
        queries.history,
        conversation=conversation,
        account=caller.account,
        before=before,
        after=after,
        around=around,
        limit=limit,
    )


@post("/conversations/{conversation:str}/messages", operation_id="send_message")
async def send_message(
    conversation: IdParameter, data: JSONBody[SendText], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Message:
    """On disk when this answers. The same `client_id` again gives the first message again; staff write as the shop."""
    return await run.one(posting.post, Post(conversation, caller.account, data.client_id, data.body))


@post("/conversations/{conversation:str}/read", operation_id="mark_read", status_code=HTTP_200_OK)
async def mark_read(
    conversation: IdParameter, data: JSONBody[ReadUpTo], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> ReadState:
    return await run.one(devices.mark_read, Reading(conversation, caller.account, data.seq))


@get("/shops/{shop:str}/inbox", operation_id="inbox")
async def inbox(
    shop: IdParameter,
    caller: NamedDependency[Caller],
    reads: NamedDependency[Reads],
    cursor: Cursor = None,
    limit: Limit = PAGE,
    waiting: FromQuery[bool] = False,
) -> Page[Conversation]:
    """The shop's threads, newest first; with `waiting`, those whose buyer waits for an answer."""
    before = position(cursor, ThreadKey)
    items, last = await reads(
        queries.inbox, shop=shop, account=caller.account, before=before, waiting=waiting, limit=limit
    )
    return Page(items, cursor_of(last) if last else None)


ROUTES: Final = [
    conversations,
    conversation,
    open_conversation,
    history,
    send_message,
    mark_read,
    inbox,
    *routes_devices.ROUTES,
    *routes_groups.ROUTES,
]
