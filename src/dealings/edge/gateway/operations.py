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
from dealings.edge.gateway.protocol import GetState, History, KeepDraft, MarkRead, Received, Typing, Watch
from dealings.edge.state import snapshot

if TYPE_CHECKING:
    from dealings.domain.identity.model import Caller
    from dealings.edge.gateway.hub import Hub, Listener
    from dealings.edge.gateway.presence import Presence
    from dealings.platform.db.reads import Reads
    from dealings.platform.db.run import Run

MANY = 200
"""Conversations whose snapshot takes milliseconds (50 for 2,000), in which the others of this process shall not wait."""

Cold = GetState | MarkRead | Received | KeepDraft | Watch | Typing | History


@dataclass(frozen=True, slots=True)
class Means:
    """What operations work with."""

    run: Run
    reads: Reads
    hub: Hub
    presence: Presence

    async def answer(self, asking: Listener, caller: Caller, frame: Cold) -> bytes | None:
        """The reply to a frame, ready to be written; None when there is none. Refusals are raised."""
        value = await OPERATIONS[type(frame)](self, asking, caller, frame)
        return None if value is None else protocol.reply(frame.id, value)


async def _state(means: Means, asking: Listener, caller: Caller, frame: GetState) -> object:
    read = means.reads if len(asking.streams) < MANY else means.reads.long
    return await read(snapshot, account=caller.account, cursor=means.hub.cursor, limit=frame.limit)


async def _read(means: Means, _: Listener, caller: Caller, frame: MarkRead) -> object:
    reading = Reading(frame.conversation, caller.account, frame.seq)
    return await means.run.one(devices.mark_read, reading)


async def _received(means: Means, _: Listener, caller: Caller, frame: Received) -> object:
    return await means.run.one(devices.receive, Reading(frame.conversation, caller.account, frame.seq))


async def _draft(means: Means, _: Listener, caller: Caller, frame: KeepDraft) -> object:
    run = means.run.by(caller.account)
    return await run(devices.keep_draft, conversation=frame.conversation, by=caller.account, text=frame.text)


async def _history(means: Means, _: Listener, caller: Caller, frame: History) -> object:
    page = await means.reads(
        conversations.history,
        conversation=frame.conversation,
        account=caller.account,
        before=frame.before,
        after=frame.after,
        around=frame.around,
        limit=frame.limit,
    )
    return {"messages": page}


async def _watch(means: Means, asking: Listener, caller: Caller, frame: Watch) -> object:
    return await means.presence.watch(asking, caller.account, frame.conversation)


async def _typing(means: Means, asking: Listener, caller: Caller, frame: Typing) -> None:
    means.presence.type(asking, caller.account, frame.conversation)


OPERATIONS: dict[type[Cold], Callable[..., Any]] = {
    GetState: _state,
    MarkRead: _read,
    Received: _received,
    KeepDraft: _draft,
    Watch: _watch,
    Typing: _typing,
    History: _history,
}
