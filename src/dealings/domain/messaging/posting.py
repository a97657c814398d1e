"""Posting, the hot path: all messages that wait are checked, numbered and written together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from dealings.domain.identity import api as identity
from dealings.domain.messaging import mentions, model, tables
from dealings.domain.messaging.errors import (
    NoSuchConversation,
    NotDelivered,
    OnlyAdminsCallAll,
    OnlyAdminsWrite,
    Silenced,
)
from dealings.domain.messaging.events import MessagePosted
from dealings.domain.messaging.model import Body, Message, Notice, OrderCard, Post, Quote, Text
from dealings.domain.messaging.tables import SYSTEM, Head, Standing, ThreadMove
from dealings.kernel.clock import Millis
from dealings.kernel.errors import KeyReused, Refusal
from dealings.kernel.ids import Id
from dealings.platform.db.actions import setwise
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams

OnceKey = tuple[str, Id, Id]
Standings = Mapping[tuple[Id, Id], Standing]


def _once_key(post: Post) -> OnceKey:
    return post.client_id, post.sender or SYSTEM, post.conversation


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that may be written: for which side, and since when its sender reads there."""

    post: Post
    shop: Id | None
    thread_of: Id | None
    """The shop whose thread it is, whoever writes."""
    from_seq: int
    calls_all: bool
    """May mention everyone."""


@setwise(route="conversation")
def post(tx: Tx, posts: Sequence[Post]) -> list[Message | Refusal]:
    """Write messages; each is answered by what is now on disk, or by why it is not.

    A client id that the same sender used in the same conversation gives the first
    message again, whatever has happened since (P1); with another body it is refused (`KeyReused`).
    """
    sound = [p for p in posts if model.unsound(p) is None]
    known = tables.earlier(tx, {_once_key(p) for p in sound})
    new = [p for p in sound if _once_key(p) not in known]
    drafts, refused = _admit(tx, new)
    known |= _write(tx, drafts)
    return [_answer(p, known, refused) for p in posts]


def _answer(post: Post, known: Mapping[OnceKey, Message], refused: Mapping[OnceKey, Refusal]) -> Message | Refusal:
    first = known.get(_once_key(post))
    if first is None:
        return model.unsound(post) or refused[_once_key(post)]
    return first if _says_the_same(first.body, post.body) else KeyReused()


def _says_the_same(first: Body, again: Body) -> bool:
    """What was quoted is filled in when a text is written, so only what its sender said is compared."""
    if isinstance(first, Text) and isinstance(again, Text):
        return (first.text, first.product) == (again.text, again.product)
    return first == again


# who may write what


def _admit(tx: Tx, posts: Sequence[Post]) -> tuple[dict[OnceKey, Draft], dict[OnceKey, Refusal]]:
    """Of each client id the first that may be written; and why the others may not."""
    standings = tables.standings(tx, {(p.conversation, p.sender or SYSTEM) for p in posts})
    staffed = identity.staffed(tx, _as_staff(posts, standings))
    blocked = identity.blocks(tx, _blockable(posts, standings))
    drafts: dict[OnceKey, Draft] = {}
    refused: dict[OnceKey, Refusal] = {}
    for p in posts:
        if _once_key(p) not in drafts:
            standing = standings.get((p.conversation, p.sender or SYSTEM))
            decided = _decide(p, standing, staffed, blocked, now=tx.now)
            if isinstance(decided, Draft):
                drafts[_once_key(p)] = decided
            else:
                refused.setdefault(_once_key(p), decided)
    return drafts, refused


def _as_staff(posts: Sequence[Post], standings: Standings) -> set[tuple[Id, Id]]:
    """(shop, sender) of all who write to a shop's thread without being its buyer, or say that they write for a shop."""
    asked = set()
    for p in posts:
        standing = standings.get((p.conversation, p.sender or SYSTEM))
        if p.sender and standing and standing.shop and (p.shop or standing.from_seq is None):
            asked.add((standing.shop, p.sender))
    return asked


def _blockable(posts: Sequence[Post], standings: Standings) -> set[tuple[Id, Id]]:
    """(peer, sender) of every direct conversation: the peer may have blocked the sender."""
    asked = set()
    for p in posts:
        standing = standings.get((p.conversation, p.sender or SYSTEM))
        if p.sender and standing and standing.kind == "direct":
            asked.add((_peer(standing, p.sender), p.sender))
    return asked


def _peer(standing: Standing, sender: Id) -> Id:
    return (standing.high if standing.low == sender else standing.low) or ""


def _decide(
    post: Post, standing: Standing | None, staffed: set[tuple[Id, Id]], blocked: set[tuple[Id, Id]], *, now: Millis
) -> Draft | Refusal:
    """In order: the conversation, the right to write there, who is silenced, what is written."""
    if standing is None:
        return NoSuchConversation()
    shop = post.shop
    if post.sender is not None:
        if shop is None and standing.from_seq is None:
            shop = standing.shop  # whoever is not the buyer of a thread can only write as its shop
        if shop is not None and (shop != standing.shop or (shop, post.sender) not in staffed):
            return NoSuchConversation()
        if shop is None and standing.from_seq is None:
            return NoSuchConversation()
        if (_peer(standing, post.sender), post.sender) in blocked:
            return NotDelivered()
    refusal = _hush(post, standing, now) or model.flaw(post.body)
    return refusal or Draft(post, shop, standing.shop, standing.from_seq or 0, standing.kind == "group")


def _hush(post: Post, standing: Standing, now: Millis) -> Refusal | None:
    """The owner and admins of a group or channel can't be silenced; notices say what was done, and stand above it."""
    if standing.role != "member" or isinstance(post.body, Notice):
        return None
    if standing.silenced or standing.kind == "channel":
        return OnlyAdminsWrite()
    if standing.silenced_until is not None and standing.silenced_until > now:
        return Silenced(until=standing.silenced_until)
    if standing.kind == "group" and model.EVERYONE in model.mentions(post.body):
        return OnlyAdminsCallAll()
    return None


# writing


def _write(tx: Tx, drafts: Mapping[OnceKey, Draft]) -> dict[OnceKey, Message]:
    """Number what is new in the order of arrival, write it and tell of it."""
    if not drafts:
        return {}
    counts: dict[Id, int] = {}
    for draft in drafts.values():
        counts[draft.post.conversation] = counts.get(draft.post.conversation, 0) + 1
    heads = tables.take_numbers(tx, counts)
    written = dict(zip(drafts, _numbered(tx, drafts.values(), heads), strict=True))
    tables.append(tx, list(written.values()), heads)
    mentions.note(tx, written.values())
    _tell(tx, drafts, written, heads)
    return written


def _numbered(tx: Tx, drafts: Iterable[Draft], heads: Mapping[Id, Head]) -> list[Message]:
    drafts = list(drafts)
    quoted, called = _quoted(tx, drafts), mentions.present(tx, [draft.post for draft in drafts])
    last = {conversation: head.last_seq for conversation, head in heads.items()}
    messages = []
    for draft in drafts:
        p = draft.post
        last[p.conversation] += 1
        body = mentions.checked(p.conversation, _with_quote(draft, quoted), called, to_all=draft.calls_all)
        messages.append(Message(p.conversation, last[p.conversation], p.sender, draft.shop, p.client_id, body, tx.now))
    return messages


def _quoted(tx: Tx, drafts: Sequence[Draft]) -> dict[tuple[Id, int], Message]:
    """The messages that are quoted, by conversation and number."""
    bodies = [(draft.post.conversation, draft.post.body) for draft in drafts]
    return tables.numbered(tx, {(id, body.quote.seq) for id, body in bodies if isinstance(body, Text) and body.quote})


def _with_quote(draft: Draft, quoted: Mapping[tuple[Id, int], Message]) -> Body:
    """A quote shows what was really said, whatever the client claims; of what the sender can't read, nothing."""
    body = draft.post.body
    if not isinstance(body, Text) or body.quote is None:
        return body
    original = quoted.get((draft.post.conversation, body.quote.seq))
    if original is None or original.seq <= draft.from_seq:
        return msgspec.structs.replace(body, quote=None)
    said = original.body.text[: model.QUOTE_MOST] if isinstance(original.body, Text) else ""
    return msgspec.structs.replace(body, quote=Quote(original.seq, said))


def _tell(
    tx: Tx, drafts: Mapping[OnceKey, Draft], written: Mapping[OnceKey, Message], heads: Mapping[Id, Head]
) -> None:
    moves: dict[Id, ThreadMove] = {}
    for key, message in written.items():
        shop = drafts[key].thread_of
        tx.emit(MessagePosted(message), stream=streams.conversation(message.conversation, shop=shop))
        if shop is not None:
            before = moves.get(message.conversation) or ThreadMove(shop, message.conversation, False, None)
            moves[message.conversation] = _moved(before, message)
    if moves:
        tables.move_threads(tx, moves.values(), heads)


def _moved(before: ThreadMove, message: Message) -> ThreadMove:
    """An answer of the shop ends the wait; what the buyer writes begins one; notices and orders leave it as it is."""
    if message.sender is None or isinstance(message.body, Notice | OrderCard):
        return before
    if message.shop is not None:
        return ThreadMove(before.shop, before.conversation, True, None)
    since = before.waiting_since or message.at
    return ThreadMove(before.shop, before.conversation, before.answered, since)
