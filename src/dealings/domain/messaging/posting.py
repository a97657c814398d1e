"""Posting, the hot path: all messages that wait are checked, numbered and written together."""

from collections.abc import Mapping, Sequence

import msgspec

from dealings.domain.messaging import mentions, model, rights, tables
from dealings.domain.messaging.errors import NoSuchConversation
from dealings.domain.messaging.events import MessagePosted, MessagesPosted
from dealings.domain.messaging.model import Body, Message, Notice, OrderCard, Post, PostedRun, Quote, Sent, Text
from dealings.domain.messaging.rights import Seat, seat_key
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
    keyed = [((p.client_id, p.sender or SYSTEM, p.conversation), p) for p in posts]
    unsound = {key: flaw for key, p in keyed if (flaw := model.unsound(p))}
    sound = [(key, p) for key, p in keyed if key not in unsound] if unsound else keyed
    known = tables.earlier(tx, {key for key, _ in sound}) if tx.cautious else {}
    drafts, refused = _admit(tx, [(key, p) for key, p in sound if key not in known] if known else sound)
    if refused and not tx.cautious:
        known = tables.earlier(tx, set(refused))
    if drafts:
        known |= _write(tx, drafts)
    refused |= unsound
    return [_answer(p, known.get(key), refused.get(key)) for key, p in keyed]


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


def _admit(tx: Tx, keyed: Sequence[tuple[OnceKey, Post]]) -> tuple[dict[OnceKey, Draft], dict[OnceKey, Refusal]]:
    """Of each client id the first that may be written; and why the others may not."""
    seats = rights.seats(tx, [p for _, p in keyed])
    drafts: dict[OnceKey, Draft] = {}
    refused: dict[OnceKey, Refusal] = {}
    for key, p in keyed:
        if key not in drafts:
            seat = seats.get(seat_key(p))
            refusal = rights.objection(p, seat, now=tx.now)
            if seat is None or refusal is not None:
                refused.setdefault(key, refusal or NoSuchConversation())
            else:
                drafts[key] = Draft(p, seat)
    return drafts, refused


# writing


def _write(tx: Tx, drafts: Mapping[OnceKey, Draft]) -> dict[OnceKey, Message]:
    """Number what is new in the order of arrival, write it and tell of it."""
    counts: dict[Id, int] = {}
    for draft in drafts.values():
        conversation = draft.post.conversation
        counts[conversation] = counts.get(conversation, 0) + 1
    heads = tables.take_numbers(tx, counts)
    messages = _numbered(tx, list(drafts.values()), heads)
    tables.append(tx, messages, heads)
    mentions.note(tx, messages)
    _tell(tx, list(drafts.values()), messages, heads)
    return dict(zip(drafts, messages, strict=True))


def _numbered(tx: Tx, drafts: Sequence[Draft], heads: Mapping[Id, Head]) -> list[Message]:
    quoted, called = _quoted(tx, drafts), mentions.present(tx, [draft.post for draft in drafts])
    last = {conversation: head.last_seq for conversation, head in heads.items()}
    messages = []
    for draft in drafts:
        p, seat = draft.post, draft.seat
        seq = last[p.conversation] = last[p.conversation] + 1
        body = p.body
        if isinstance(body, Text) and (body.quote or body.mentions):
            to_all = seat.standing.kind == "group"
            body = mentions.checked(p.conversation, _with_quote(draft, body, quoted), called, to_all=to_all)
        messages.append(Message(p.conversation, seq, p.sender, seat.shop, p.client_id, body, tx.now))
    return messages


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
        stream = streams.conversation(conversation, shop=shop)
        tx.emit(MessagePosted(message), stream=stream, logged=shop is not None)
        if shop is None:
            runs[conversation] = message.seq
        else:
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
