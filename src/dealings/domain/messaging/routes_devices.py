"""What an account's devices share, over HTTP: for clients without a socket."""

from typing import Annotated, Final

import msgspec
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter

from dealings.domain.identity.api import Caller
from dealings.domain.messaging import devices, queries_devices
from dealings.domain.messaging.model import Conversation
from dealings.domain.messaging.model_devices import DraftKept, Readers
from dealings.kernel.ids import Id
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.inputs import IdParameter

DRAFT_CHARACTERS: Final = 40_000
"""So many are read; what is longer than a message may be is refused in words."""


SeqInPath = Annotated[int, PathParameter(ge=1, le=2**53, description="A message's number")]


class Arrangement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is not named stays as it is."""

    muted: bool | None = None
    pinned: bool | None = None


class NewDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty text clears it."""

    text: Annotated[str, msgspec.Meta(max_length=DRAFT_CHARACTERS)]


@put("/conversations/{conversation:str}/mine", operation_id="arrange_conversation")
async def arrange_conversation(
    conversation: IdParameter, data: JSONBody[Arrangement], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> Conversation:
    """Mute a conversation or keep it on top, on all devices of the caller."""
    me: Id = caller.account
    return await run(devices.set_mine, conversation=conversation, by=me, muted=data.muted, pinned=data.pinned)


@put("/conversations/{conversation:str}/draft", operation_id="keep_draft")
async def keep_draft(
    conversation: IdParameter, data: JSONBody[NewDraft], caller: NamedDependency[Caller], run: NamedDependency[Run]
) -> DraftKept:
    """Keep what was begun for the caller's other devices; of two the later one counts."""
    return await run(devices.keep_draft, conversation=conversation, by=caller.account, text=data.text)


@get("/conversations/{conversation:str}/messages/{seq:int}/readers", operation_id="readers")
async def readers(
    conversation: IdParameter, seq: SeqInPath, caller: NamedDependency[Caller], reads: NamedDependency[Reads]
) -> Readers:
    """In a group of up to 500: who has read a message. For whoever wrote it, the owner and admins."""
    return await reads(queries_devices.readers, conversation=conversation, account=caller.account, seq=seq)


ROUTES: Final = [arrange_conversation, keep_draft, readers]
