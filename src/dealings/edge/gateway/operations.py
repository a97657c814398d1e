"""What a connection asks for besides posting: each operation is a function over (run, reads, caller, frame).

Posting, the hot path, is in gateway.py; nothing here is asked for at every message of everyone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dealings.domain.messaging import devices
from dealings.domain.messaging import queries as conversations
from dealings.domain.messaging.model_devices import Reading
from dealings.edge.gateway import protocol
from dealings.edge.gateway.protocol import GetState, History, MarkRead, Typing
from dealings.edge.state import snapshot

if TYPE_CHECKING:
    from dealings.domain.identity.model import Caller
    from dealings.edge.gateway.hub import Hub, Listener
    from dealings.platform.db.reads import Reads
    from dealings.platform.db.run import Run

Cold = GetState | MarkRead | Typing | History


@dataclass(frozen=True, slots=True)
class Means:
    """What operations work with."""

    run: Run
    reads: Reads
    hub: Hub

    async def answer(self, asking: Listener, caller: Caller, frame: Cold) -> bytes | None:
        """The reply to a frame, ready to be written; None when there is none. Refusals are raised."""
        value = await OPERATIONS[type(frame)](self, asking, caller, frame)
        return None if value is None else protocol.reply(frame.id, value)


async def _state(means: Means, _: Listener, caller: Caller, frame: GetState) -> object:
    return await means.reads(snapshot, account=caller.account, cursor=means.hub.cursor)


async def _read(means: Means, _: Listener, caller: Caller, frame: MarkRead) -> object:
    reading = Reading(frame.conversation, caller.account, frame.seq)
    return await means.run.one(devices.mark_read, reading)


async def _history(means: Means, _: Listener, caller: Caller, frame: History) -> object:
    page = await means.reads(
        conversations.history,
        conversation=frame.conversation,
        account=caller.account,
        before=frame.before,
        after=frame.after,
        limit=frame.limit,
    )
    return {"messages": page}


async def _typing(means: Means, asking: Listener, caller: Caller, frame: Typing) -> None:
    """To those who are there now; nothing is kept."""
    stream = await means.reads(conversations.typing_in, conversation=frame.conversation, account=caller.account)
    if stream is not None:
        data = protocol.encode(protocol.Typed(frame.conversation, caller.account))
        means.hub.say(stream, "typing", data, but=asking)


OPERATIONS: dict[type[Cold], Callable[..., Any]] = {
    GetState: _state,
    MarkRead: _read,
    Typing: _typing,
    History: _history,
}
