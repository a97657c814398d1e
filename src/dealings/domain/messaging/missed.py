"""Messages that were committed and perhaps told to nobody, as the events they would have been."""

from collections.abc import Container, Iterable, Sequence

from dealings.domain.messaging import tables, tables_missed
from dealings.domain.messaging.events import MessagePosted, MessagesPosted
from dealings.domain.messaging.model import Message
from dealings.kernel.ids import Id
from dealings.platform.db.actions import Stored
from dealings.platform.db.tx import Read
from dealings.platform.outbox import events as streams
from dealings.platform.outbox.tables import encode_fact


def told_by(db: Read, log: Iterable[Stored], *, listening: Container[str]) -> list[Stored]:
    """The messages behind the log's entries of what was posted, in the conversations that somebody listens to."""
    wanted = {
        (run.conversation, seq): e.commit_no
        for e in log
        if e.kind == MessagesPosted.kind
        for run in MessagesPosted.decode(e.data)
        if streams.conversation(run.conversation) in listening
        for seq in range(run.first, run.last + 1)
    }
    found = tables.numbered(db, wanted)
    return [posted(found[place], commit_no) for place, commit_no in wanted.items() if place in found]


def written_in(db: Read, conversations: Sequence[Id], *, after: int) -> list[Stored]:
    """The newest messages of these conversations that were written after a commit, oldest first; those of shops'
    threads are entries of the log themselves."""
    return [posted(m, commit_no) for commit_no, m in tables_missed.select_since(db, conversations, after=after)]


def posted(message: Message, commit_no: int) -> Stored:
    stream = streams.conversation(message.conversation)
    return Stored(commit_no, 0, stream, MessagePosted.kind, encode_fact(message), "", message.at)
