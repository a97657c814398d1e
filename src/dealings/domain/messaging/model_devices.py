"""What an account's devices share of a conversation: how far it has come, and what is its own there."""

import msgspec

from dealings.kernel.clock import Millis
from dealings.kernel.ids import Id

RECEIPTS_MOST = 500
"""Members of a group in which it can be seen who has read, who is online and who types. In a larger one a message
would cost a look at everyone for everyone."""


class Reading(msgspec.Struct, frozen=True, array_like=True):
    """An account has read (or, as a receipt, got) the messages of a conversation up to `seq`."""

    conversation: Id
    by: Id
    seq: int


class Received(msgspec.Struct, frozen=True):
    """How far the devices of a reading side have come."""

    received_seq: int


class ReceivedMoved(msgspec.Struct, frozen=True):
    """The devices of a reading side have the messages up to `seq`."""

    conversation: Id
    reader: Id
    seq: int


class OwnDraft(msgspec.Struct, frozen=True):
    """What an account has begun to write; `text` None: nothing any more. Of two the later one counts."""

    conversation: Id
    text: str | None
    at: Millis


class DraftKept(msgspec.Struct, frozen=True):
    at: Millis


class Mine(msgspec.Struct, frozen=True):
    """How an account has arranged a conversation for itself; merged into it."""

    id: Id
    muted: bool
    pinned_at: Millis | None


class Readers(msgspec.Struct, frozen=True):
    """Of those who can read a message, its writer aside: who has, whose devices have it, and the others."""

    read: list[Id]
    received: list[Id]
    unread: list[Id]
