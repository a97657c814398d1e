"""Conversations and messages: frozen values and pure rules."""

from typing import Annotated, Literal

import msgspec

from dealings.domain.messaging.errors import (
    ClientIdInvalid,
    EmptyMessage,
    GroupNameInvalid,
    NoSuchConversation,
    TextTooLong,
)
from dealings.kernel import text
from dealings.kernel.clock import Millis
from dealings.kernel.errors import Refusal
from dealings.kernel.ids import Id
from dealings.kernel.money import Money

TEXT_MOST = 10_000
"""Characters in one message; what is longer belongs in a file, and is refused with nothing lost."""
CLIENT_ID_MOST = 40
QUOTE_MOST = 200
GROUP_MOST = 5_000
GROUP_NAME_MOST = 40
UNREAD_MOST = 100
"""Unread messages are counted up to this; it reads as “99+”."""
PAGE_MOST = 200
MENTIONS_MOST = 50
EVERYONE = "*"

Kind = Literal["direct", "group", "shop", "channel"]
MemberRole = Literal["owner", "admin", "member"]
Role = Literal["owner", "admin", "member", "staff"]
May = Literal["write", "invite", "manage", "own"]
Mentioned = Annotated[Id, msgspec.Meta(pattern=r"^([0-9a-z]{1,16}|\*)$")]
Ordering = Literal["placed", "paid", "shipped", "received", "settled", "closed", "refunded"]


class Quote(msgspec.Struct, frozen=True):
    """An earlier message of the same conversation; `text` is what it said, whatever the sender claims."""

    seq: Annotated[int, msgspec.Meta(ge=1, le=2**53)]
    text: str = ""


class Text(msgspec.Struct, frozen=True, tag_field="kind", tag="text"):
    """What someone wrote; `product` when it asks about one, `mentions` the members whom it calls (`*`: all)."""

    text: str
    quote: Quote | None = None
    product: Annotated[Id, msgspec.Meta(pattern="^[0-9a-z]{1,16}$")] | None = None
    mentions: Annotated[tuple[Mentioned, ...], msgspec.Meta(max_length=MENTIONS_MOST)] | msgspec.UnsetType = (
        msgspec.UNSET
    )


class ProductCard(msgspec.Struct, frozen=True, tag_field="kind", tag="product"):
    """A product as it stood when the card was dropped; the card opens the live one."""

    product: Id
    shop: Id
    title: str
    picture: str | None
    price: Money
    price_max: Money | None = None
    variant: Id | None = None


class OrderCard(msgspec.Struct, frozen=True, tag_field="kind", tag="order"):
    """An order at the moment it was placed; the card follows the order live."""

    order: Id
    number: str
    title: str
    picture: str | None
    quantity: int
    total: Money
    state: Ordering


class Notice(msgspec.Struct, frozen=True, tag_field="kind", tag="notice"):
    """What the system says; the client words it in the reader's language from the code."""

    code: str
    params: dict[str, str] = {}
    order: Id | None = None


Body = Text | ProductCard | OrderCard | Notice


class Message(msgspec.Struct, frozen=True):
    """`seq` numbers the messages of a conversation 1, 2, 3 … without gaps (P1)."""

    conversation: Id
    seq: int
    sender: Id | None
    shop: Id | None
    client_id: str
    body: Body
    at: Millis


class Post(msgspec.Struct, frozen=True, array_like=True):
    """A message on its way in. With `shop`, the sender writes as its staff; sender None is the system."""

    conversation: Id
    sender: Id | None
    client_id: str
    body: Body
    shop: Id | None = None


class Sent(msgspec.Struct, frozen=True, array_like=True):
    """A message is on disk under this number."""

    seq: int
    at: Millis


class PostedRun(msgspec.Struct, frozen=True, array_like=True):
    """Messages of one conversation that were written together: their first and last number."""

    conversation: Id
    first: int
    last: int


class Conversation(msgspec.Struct, frozen=True):
    """A conversation as one of its sides sees it."""

    id: Id
    kind: Kind
    name: str | None
    picture: str | None
    peer: Id | None
    shop: Id | None
    buyer: Id | None
    role: Role
    member_count: int
    last_seq: int
    last: Message | None
    read_seq: int
    peer_read_seq: int | None
    unread: int
    created_at: Millis
    notice: str | None = None
    notice_by: Id | None = None
    notice_at: Millis | None = None
    silenced: bool = False
    """All but the owner and admins may not write."""
    history_open: bool = False
    """Newcomers read what came before them."""
    members_invite: bool = True
    approval: bool = False
    """Who comes by a link waits for an admin."""
    listed: bool = False
    """A channel that can be found."""
    nickname: str | None = None
    silenced_until: Millis | None = None
    muted: bool = False
    pinned_at: Millis | None = None
    draft: str | None = None
    draft_at: Millis | None = None
    peer_received_seq: int | None = None
    mentioned: int | None = None
    """The newest message after `read_seq` that names the reader, or everyone."""
    may: tuple[May, ...] = ()
    """What this side may do here, whatever the time; whoever is silenced for now (`silenced_until`) waits."""
    requests: int = 0
    """How many wait to be let in; only those who may let them in see it."""


class MayByRole(msgspec.Struct, frozen=True):
    owner: tuple[May, ...]
    admin: tuple[May, ...]
    member: tuple[May, ...]


class GroupFacts(msgspec.Struct, frozen=True):
    """What every member sees alike of a group; merged into the conversation, whose `may` is that of one's role."""

    id: Id
    name: str | None
    picture: str | None
    member_count: int
    notice: str | None = None
    notice_by: Id | None = None
    notice_at: Millis | None = None
    silenced: bool = False
    history_open: bool = False
    members_invite: bool = True
    approval: bool = False
    listed: bool = False
    may_by_role: MayByRole = MayByRole((), (), ())


class Left(msgspec.Struct, frozen=True):
    conversation: Id


class ReadMoved(msgspec.Struct, frozen=True):
    """A reading side (an account, or a shop) has come to `seq`; `unread` is what is left for it."""

    conversation: Id
    reader: Id
    seq: int
    unread: int | None = None


class ReadState(msgspec.Struct, frozen=True):
    read_seq: int
    unread: int


def unsound(post: Post) -> Refusal | None:
    """What is wrong with the ids of a message, before any store is asked about them."""
    if not 1 <= len(post.client_id) <= CLIENT_ID_MOST or not post.client_id.isprintable():
        return ClientIdInvalid(most=CLIENT_ID_MOST)
    return None if post.conversation.isalnum() else NoSuchConversation()


def flaw(body: Body) -> Refusal | None:
    """Why no one could mean to send this; None when there is nothing wrong."""
    if not isinstance(body, Text):
        return None
    if len(body.text) > TEXT_MOST:
        return TextTooLong(most=TEXT_MOST)
    return EmptyMessage() if text.is_blank(body.text) else None


def refers(body: Body) -> bool:
    """Does it quote a message, or call someone?"""
    return isinstance(body, Text) and (body.quote is not None or bool(body.mentions))


def mentions(body: Body) -> tuple[Id, ...]:
    """Whom a message calls."""
    return (isinstance(body, Text) and body.mentions) or ()


def group_name(name: str) -> str:
    """One line of 1 to 40 characters."""
    cleaned = text.one_line(name)
    if text.is_blank(cleaned) or len(cleaned) > GROUP_NAME_MOST:
        raise GroupNameInvalid(most=GROUP_NAME_MOST)
    return cleaned
