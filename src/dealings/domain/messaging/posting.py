"""Posting, the hot path: all messages that wait are checked, numbered and written together."""

from collections.abc import Sequence

from dealings.domain.identity import api as identity
from dealings.domain.messaging import model, tables
from dealings.domain.messaging.errors import NoSuchConversation, NotDelivered
from dealings.domain.messaging.events import MessagePosted
from dealings.domain.messaging.model import Message, Post, Quote, Text
from dealings.domain.messaging.tables import SYSTEM, Standing
from dealings.kernel.errors import KeyReused, Refusal
from dealings.kernel.ids import Id
from dealings.platform.db.actions import setwise
from dealings.platform.db.tx import Tx
from dealings.platform.outbox import events as streams

OnceKey = tuple[str, Id, Id]


def _once_key(post: Post) -> OnceKey:
    return post.client_id, post.sender or SYSTEM, post.conversation


@setwise(route="conversation")
def post(tx: Tx, posts: Sequence[Post]) -> list[Message | Refusal]:
    """Write messages; each is answered by what is now on disk, or by why it is not.

    A client id that the same sender used in the same conversation gives the first
    message again (P1); with another body it is refused (`KeyReused`).
    """
    standings = tables.standings(tx, {(p.conversation, p.sender or SYSTEM) for p in posts})
    blocked = identity.blocks(tx, _blockable(posts, standings))
    known = tables.earlier(tx, [_once_key(p) for p in posts])
    answers: list[Message | Refusal | None] = [_refusal(tx, p, standings, blocked) for p in posts]
    fresh = _number(tx, posts, answers, known)
    if fresh:
        tables.append(tx, fresh)
        _tell(tx, fresh, standings)
    return [answer or _again(p, known[_once_key(p)]) for p, answer in zip(posts, answers, strict=True)]


def _blockable(posts: Sequence[Post], standings: dict[tuple[Id, Id], Standing]) -> set[tuple[Id, Id]]:
    """(peer, sender) of every direct conversation: the peer may have blocked the sender."""
    asked = set()
    for p in posts:
        standing = standings.get((p.conversation, p.sender or SYSTEM))
        if standing is not None and standing.kind == "direct" and standing.member and p.sender:
            peer = standing.high if standing.low == p.sender else standing.low
            asked.add((peer or "", p.sender))
    return asked


def _refusal(
    tx: Tx, post: Post, standings: dict[tuple[Id, Id], Standing], blocked: set[tuple[Id, Id]]
) -> Refusal | None:
    """Why this one can't be written: in order, the conversation, the right to write there, the text."""
    standing = standings.get((post.conversation, post.sender or SYSTEM))
    if standing is None or not _may_write(tx, post, standing):
        return NoSuchConversation()
    if standing.kind == "direct" and {(standing.low, post.sender), (standing.high, post.sender)} & blocked:
        return NotDelivered()
    try:
        model.check_body(post.body)
    except Refusal as refusal:
        return refusal
    return None


def _may_write(tx: Tx, post: Post, standing: Standing) -> bool:
    if post.sender is None:
        return True
    if post.shop is None:
        return standing.member
    return standing.shop == post.shop and identity.staff_role(tx, shop=post.shop, account=post.sender) is not None


def _number(
    tx: Tx, posts: Sequence[Post], answers: list[Message | Refusal | None], known: dict[OnceKey, Message]
) -> list[Message]:
    """Give the next numbers to what is new, in the order of arrival; `answers` and `known` learn of it."""
    new: dict[OnceKey, int] = {}
    counts: dict[Id, int] = {}
    for index, p in enumerate(posts):
        if answers[index] is None and _once_key(p) not in known and _once_key(p) not in new:
            new[_once_key(p)] = index
            counts[p.conversation] = counts.get(p.conversation, 0) + 1
    last = tables.last_numbers(tx, counts) if counts else {}
    fresh = []
    for key, index in new.items():
        p = posts[index]
        last[p.conversation] += 1
        body = _quoting(tx, p)
        message = Message(p.conversation, last[p.conversation], p.sender, p.shop, p.client_id, body, tx.now)
        known[key] = answers[index] = message
        fresh.append(message)
    return fresh


def _quoting(tx: Tx, post: Post) -> model.Body:
    """A quote shows what was really said, whatever the client claims."""
    if not isinstance(post.body, Text) or post.body.quote is None:
        return post.body
    quoted = tables.select_message(tx, post.conversation, post.body.quote.seq)
    said = quoted.body.text[: model.QUOTE_MOST] if quoted and isinstance(quoted.body, Text) else ""
    quote = Quote(post.body.quote.seq, said) if quoted else None
    return Text(post.body.text, quote, post.body.product)


def _again(post: Post, first: Message) -> Message | Refusal:
    same = isinstance(first.body, Text) and isinstance(post.body, Text) and first.body.text == post.body.text
    return first if same or first.body == post.body else KeyReused()


def _tell(tx: Tx, fresh: Sequence[Message], standings: dict[tuple[Id, Id], Standing]) -> None:
    last: dict[Id, tuple[Id, Message]] = {}
    for message in fresh:
        shop = standings[message.conversation, message.sender or SYSTEM].shop
        tx.emit(MessagePosted(message), stream=streams.conversation(message.conversation, shop=shop))
        if shop is not None:
            last[message.conversation] = shop, message
    if last:
        tables.move_threads(tx, last.values())
