"""Who may write where. A lane remembers what was found for as long as nobody can have changed it (`Tx.remembered`)."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec

from dealings.domain.identity import api as identity
from dealings.domain.messaging import model, tables
from dealings.domain.messaging.errors import (
    NoSuchConversation,
    NotDelivered,
    OnlyAdminsCallAll,
    OnlyAdminsWrite,
    Silenced,
)
from dealings.domain.messaging.model import Notice, Post
from dealings.domain.messaging.tables import SYSTEM, Standing
from dealings.kernel.clock import Millis
from dealings.kernel.errors import Refusal
from dealings.kernel.ids import Id
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams

K = TypeVar("K")
V = TypeVar("V")
SeatKey = tuple[Id, Id, Id | None]
"""(conversation, sender, the shop they say they write for)"""


class Seat(msgspec.Struct, frozen=True):
    """What a sender is in a conversation: all that decides about what they write, but the time and the words."""

    standing: Standing
    shop: Id | None
    """For which shop they write."""
    refusal: type[Refusal] | None
    """Why they can't, whatever it is."""
    can_be_hushed: bool
    stream: str
    """Where what is written is told of."""


def seats(tx: Tx, posts: Sequence[Post]) -> Mapping[SeatKey, Seat]:
    """The seats of all these senders; none where there is no such conversation."""
    wanted = {(p.conversation, p.sender or SYSTEM, p.shop) for p in posts}
    return remembered(tx, "seats", wanted, lambda keys: _find(tx, {key for key in keys if key[0].isalnum()}))


def remembered(tx: Tx, name: str, wanted: set[K], find: Callable[[set[K]], Mapping[K, V]]) -> Mapping[K, V]:
    """What `find` finds for these keys; for those that the lane remembers it isn't asked again."""
    known: dict[K, V] = tx.remembered.setdefault(name, {})
    unknown = wanted.difference(known)
    if unknown:
        known.update(find(unknown))
    return known


def _find(tx: Tx, keys: set[SeatKey]) -> dict[SeatKey, Seat]:
    standings = tables.standings(tx, {key[:2] for key in keys})
    there = {key: standings[key[:2]] for key in keys if key[:2] in standings}
    staffed = identity.staffed(tx, {(s.shop, key[1]) for key, s in there.items() if s.shop and _as_staff(key, s)})
    blocked = identity.blocks(tx, {(_peer(s, key[1]), key[1]) for key, s in there.items() if s.kind == "direct"})
    return {key: _seat(key, standing, staffed, blocked) for key, standing in there.items()}


def _as_staff(key: SeatKey, standing: Standing) -> bool:
    """Whoever says so, and whoever writes to a shop's thread without being its buyer."""
    _, sender, shop = key
    return sender != SYSTEM and (shop is not None or standing.from_seq is None)


def _peer(standing: Standing, sender: Id) -> Id:
    return (standing.high if standing.low == sender else standing.low) or ""


def _seat(key: SeatKey, standing: Standing, staffed: set[tuple[Id, Id]], blocked: set[tuple[Id, Id]]) -> Seat:
    """In order: the right to write there, then whether the other one wants to hear it."""
    _, sender, shop = key
    refusal: type[Refusal] | None = None
    if sender != SYSTEM:
        member = standing.from_seq is not None
        if shop is None and not member:
            shop = standing.shop  # whoever is not the buyer of a thread can only write as its shop
        stands_for = shop is not None and shop == standing.shop and (shop, sender) in staffed
        if not (stands_for if shop is not None else member):
            refusal = NoSuchConversation
        elif standing.kind == "direct" and (_peer(standing, sender), sender) in blocked:
            refusal = NotDelivered
    can_be_hushed = standing.kind != "direct" and standing.role == "member"
    stream = streams.conversation(standing.conversation, shop=standing.shop)
    return Seat(standing, shop, refusal, can_be_hushed, stream)


def objection(post: Post, seat: Seat | None, *, now: Millis) -> Refusal | None:
    """Why this can't be written; None when it can. In order: its ids, the conversation, the right, silence, the words."""
    refusal = model.unsound(post)
    if refusal is not None:
        return refusal
    if seat is None:
        return NoSuchConversation()
    if seat.refusal is not None:
        return seat.refusal()
    return (seat.can_be_hushed and _hush(post, seat.standing, now)) or model.flaw(post.body)


def _hush(post: Post, standing: Standing, now: Millis) -> Refusal | None:
    """A member of a group or channel can be silenced; notices say what was done, and stand above it."""
    if isinstance(post.body, Notice):
        return None
    if standing.silenced or standing.kind == "channel":
        return OnlyAdminsWrite()
    if standing.silenced_until is not None and standing.silenced_until > now:
        return Silenced(until=standing.silenced_until)
    if standing.kind == "group" and model.EVERYONE in model.mentions(post.body):
        return OnlyAdminsCallAll()
    return None
