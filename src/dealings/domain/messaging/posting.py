"""Posting, the hot path: all messages that wait are checked, numbered and written together."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from dealings.domain.messaging import mentions, model, rights, tables
from dealings.domain.messaging.errors import NoSuchConversation
from dealings.domain.messaging.events import MessagePosted, MessagesPosted
from dealings.domain.messaging.model import Body, Message, Notice, OrderCard, Post, PostedRun, Quote, Sent, Text
from dealings.domain.messaging.rights import Seat
from dealings.domain.messaging.tables import SYSTEM, Head, ThreadMove
from dealings.kernel.errors import KeyReused, Refusal
from dealings.kernel.ids import Id
from dealings.platform.db.actions import setwise
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams

OnceKey = tuple[str, Id, Id]
"""What makes a message the same message: (client id, sender, conversation)."""


class Draft(msgspec.Struct, frozen=True):
    """A message that may be written."""

    post: Post
    seat: Seat


@setwise(route="conversation", steady=True)
def send(tx: Tx, posts: Sequence[Post]) -> list[Sent | Refusal]:
    """`post` for the gateway, which knows what was said and asks for no more than the number."""
    return [a if isinstance(a, Refusal) else Sent(a.seq, a.at) for a in _post(tx, posts)]


@setwise(route="conversation", steady=True)
def post(tx: Tx, posts: Sequence[Post]) -> list[Message | Refusal]:
    """Write messages; each is answered by what is now on disk, or by why it is not.

    A client id that the same sender used in the same conversation gives the first
    message again, whatever has happened since (P1); with another body it is refused (`KeyReused`).
    """
    return _post(tx, posts)


def _post(tx: Tx, posts: Sequence[Post]) -> list[Message | Refusal]:
    """A client id is new all but always: `tables.append` says when it is not, and only then the store is asked first."""
    keys = [(p.client_id, p.sender or SYSTEM, p.conversation) for p in posts]
    known = tables.earlier(tx, _sound(keys, posts)) if tx.cautious else {}
    drafts, refused = _admit(tx, keys, posts, known)
    if refused and not tx.cautious:
        known = tables.earlier(tx, refused.keys() & _sound(keys, posts))
    written = _write(tx, list(drafts.values())) if drafts else []
    if len(written) == len(posts):
        return list(written)  # each is new, and in its place
    known |= zip(drafts, written, strict=True)
    return [_answer(p, known.get(key), refused.get(key)) for key, p in zip(keys, posts, strict=True)]


def _sound(keys: Sequence[OnceKey], posts: Sequence[Post]) -> set[OnceKey]:
    """Those that a store can be asked about."""
    return {key for key, p in zip(keys, posts, strict=True) if model.unsound(p) is None}


def _answer(post: Post, first: Message | None, refused: Refusal | None) -> Message | Refusal:
    if first is None:
        assert refused is not None
        return refused
    return first if _says_the_same(first.body, post.body) else KeyReused()


def _says_the_same(first: Body, again: Body) -> bool:
    """What was quoted is filled in when a text is written, so only what its sender said is compared."""
    if isinstance(first, Text) and isinstance(again, Text):
        return first.text == again.text and first.product == again.product
    return first == again


def _admit(
    tx: Tx, keys: Sequence[OnceKey], posts: Sequence[Post], known: Collection[OnceKey]
) -> tuple[dict[OnceKey, Draft], dict[OnceKey, Refusal]]:
    """Of each client id that is not known the first that may be written; and why the others may not."""
    seats = rights.seats(tx, posts)
    drafts: dict[OnceKey, Draft] = {}
    refused: dict[OnceKey, Refusal] = {}
    for key, p in zip(keys, posts, strict=True):
        if key in drafts or key in known:
            continue
        seat = seats.get((p.conversation, p.sender or SYSTEM, p.shop))
        refusal = rights.objection(p, seat, now=tx.now)
        if seat is None or refusal is not None:
            refused.setdefault(key, refusal or NoSuchConversation())
        else:
            drafts[key] = Draft(p, seat)
    return drafts, refused


# writing


def _write(tx: Tx, drafts: Sequence[Draft]) -> list[Message]:
    """Number what is new in the order of arrival, write it and tell of it."""
    counts: dict[Id, int] = {}
    for draft in drafts:
        conversation = draft.post.conversation
        counts[conversation] = counts.get(conversation, 0) + 1
    heads = tables.take_numbers(tx, counts)
    referring = any(model.refers(draft.post.body) for draft in drafts)
    bodies = _completed(tx, drafts) if referring else [draft.post.body for draft in drafts]
    messages = _numbered(tx, drafts, bodies, heads)
    tables.append(tx, messages, heads)
    if referring:
        mentions.note(tx, messages)
    _tell(tx, drafts, messages, heads)
    return messages


def _numbered(tx: Tx, drafts: Sequence[Draft], bodies: Sequence[Body], heads: Mapping[Id, Head]) -> list[Message]:
    last = {conversation: head.last_seq for conversation, head in heads.items()}
    messages = []
    for draft, body in zip(drafts, bodies, strict=True):
        p = draft.post
        seq = last[p.conversation] = last[p.conversation] + 1
        messages.append(Message(p.conversation, seq, p.sender, draft.seat.shop, p.client_id, body, tx.now))
    return messages


def _completed(tx: Tx, drafts: Sequence[Draft]) -> list[Body]:
    """What each says, with what it quotes and whom it calls as they are."""
    quoted, called = _quoted(tx, drafts), mentions.present(tx, [draft.post for draft in drafts])
    bodies: list[Body] = []
    for draft in drafts:
        body = draft.post.body
        if isinstance(body, Text) and model.refers(body):
            to_all = draft.seat.standing.kind == "group"
            body = mentions.checked(draft.post.conversation, _with_quote(draft, body, quoted), called, to_all=to_all)
        bodies.append(body)
    return bodies


def _quoted(tx: Tx, drafts: Sequence[Draft]) -> dict[tuple[Id, int], Message]:
    """The messages that are quoted, by conversation and number."""
    bodies = [(draft.post.conversation, draft.post.body) for draft in drafts]
    return tables.numbered(tx, {(id, body.quote.seq) for id, body in bodies if isinstance(body, Text) and body.quote})


def _with_quote(draft: Draft, body: Text, quoted: Mapping[tuple[Id, int], Message]) -> Text:
    """A quote shows what was really said, whatever the client claims; of what the sender can't read, nothing."""
    if body.quote is None:
        return body
    original = quoted.get((draft.post.conversation, body.quote.seq))
    if original is None or original.seq <= (draft.seat.standing.from_seq or 0):
        return msgspec.structs.replace(body, quote=None)
    said = original.body.text[: model.QUOTE_MOST] if isinstance(original.body, Text) else ""
    return msgspec.structs.replace(body, quote=Quote(original.seq, said))


def _tell(tx: Tx, drafts: Sequence[Draft], messages: Sequence[Message], heads: Mapping[Id, Head]) -> None:
    """Everyone is told of each message. The log has one entry for all of them, for a message is its own record;
    those in shops' threads, which consumers learn from, have one each."""
    moves: dict[Id, ThreadMove] = {}
    runs: dict[Id, int] = {}
    for draft, message in zip(drafts, messages, strict=True):
        conversation, shop = message.conversation, draft.seat.standing.shop
        if shop is None:
            tx.emit(MessagePosted(message), stream=draft.seat.stream, logged=False)
            runs[conversation] = message.seq
        else:
            tx.emit(MessagePosted(message), stream=draft.seat.stream)
            before = moves.get(conversation) or ThreadMove(shop, conversation, False, None)
            moves[conversation] = _moved(before, message)
    if runs:
        written = [PostedRun(id, heads[id].last_seq + 1, last) for id, last in runs.items()]
        tx.emit(MessagesPosted(written), stream=streams.INTERNAL)
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
