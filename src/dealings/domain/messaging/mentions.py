"""@someone and @all: who is called by a message. Where nobody is, nothing is asked and nothing written."""

from collections.abc import Collection, Iterable

import msgspec

from dealings.domain.messaging import model, tables
from dealings.domain.messaging.model import EVERYONE, Body, Message, Post, Text
from dealings.kernel.ids import Id
from dealings.platform.db.tx import Tx

Called = Collection[tuple[Id, Id]]
"""(conversation, account) of members."""


def present(tx: Tx, posts: Iterable[Post]) -> Called:
    """Of all who are mentioned by another, the members."""
    named = {(p.conversation, a) for p in posts for a in model.mentions(p.body) if a != p.sender}
    return tables.present(tx, named)


def checked(conversation: Id, body: Body, called: Called, *, to_all: bool) -> Body:
    """What a message calls in the end: only members, each once; everyone where that can be (`to_all`)."""
    if not isinstance(body, Text) or not body.mentions:
        return body
    if EVERYONE in body.mentions and to_all:
        return msgspec.structs.replace(body, mentions=(EVERYONE,))
    kept = tuple(account for account in dict.fromkeys(body.mentions) if (conversation, account) in called)
    return msgspec.structs.replace(body, mentions=kept or msgspec.UNSET)


def note(tx: Tx, written: Iterable[Message]) -> None:
    """Keep for each who is called where it was last."""
    calling = [m for m in written if model.mentions(m.body)]
    named = {(m.conversation, a): m.seq for m in calling for a in model.mentions(m.body) if a != EVERYONE}
    if named:
        tables.mention(tx, named)
    for m in calling:
        if m.sender and EVERYONE in model.mentions(m.body):
            tables.mention_all(tx, m.conversation, by=m.sender, seq=m.seq)
