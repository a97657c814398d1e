"""How a group or channel looks and what is allowed in it. Its owner and admins decide, and everyone sees who did."""

from dealings.domain.messaging import membership, queries, tables_groups
from dealings.domain.messaging.errors import NoSuchSetting
from dealings.domain.messaging.groups import managed
from dealings.domain.messaging.membership import SETTINGS, Settings
from dealings.domain.messaging.model import Conversation, Kind
from dealings.domain.messaging.tables_views import Row
from dealings.domain.messaging.telling import notify, tell_all
from dealings.kernel.ids import Id
from dealings.platform.db.actions import action
from dealings.platform.db.tx import Tx
from dealings.platform.search import index

KINDS: tuple[Kind, ...] = ("group", "channel")


@action(route="conversation")
def rename_group(tx: Tx, *, conversation: Id, by: Id, name: str) -> Conversation:
    row, _ = managed(tx, conversation, by, *KINDS)
    cleaned = membership.group_name(name)
    if cleaned != row.name:
        tables_groups.update_conversation(tx, conversation, name=cleaned)
        notify(tx, row, by, "group.renamed", name=cleaned)
    return _told(tx, row, by)


@action(route="conversation")
def set_group_picture(tx: Tx, *, conversation: Id, by: Id, file: str) -> Conversation:
    """`file`: the name of a stored picture."""
    row, _ = managed(tx, conversation, by, *KINDS)
    tables_groups.update_conversation(tx, conversation, picture=file)
    notify(tx, row, by, "group.picture_changed")
    return _told(tx, row, by)


@action(route="conversation")
def set_notice(tx: Tx, *, conversation: Id, by: Id, text: str) -> Conversation:
    """What stands above the messages; nothing takes it away."""
    row, _ = managed(tx, conversation, by, *KINDS)
    notice = membership.notice(text)
    if notice != row.notice:
        given = {"notice_by": by, "notice_at": tx.now} if notice else {"notice_by": None, "notice_at": None}
        tables_groups.update_conversation(tx, conversation, notice=notice, **given)
        if notice:
            notify(tx, row, by, "group.notice_changed", text=notice)
        else:
            notify(tx, row, by, "group.notice_cleared")
    return _told(tx, row, by)


@action(route="conversation")
def set_settings(tx: Tx, *, conversation: Id, by: Id, settings: Settings) -> Conversation:
    row, _ = managed(tx, conversation, by, *KINDS)
    wanted = {name: value for name in settings.__struct_fields__ if (value := getattr(settings, name)) is not None}
    if not SETTINGS[row.kind].issuperset(wanted):
        raise NoSuchSetting()
    changed = {name: value for name, value in wanted.items() if value != getattr(row, name)}
    if changed:
        tables_groups.update_conversation(tx, conversation, **changed)
    if "silenced" in changed:
        notify(tx, row, by, "group.silenced" if changed["silenced"] else "group.unsilenced")
    return _told(tx, row, by)


def _told(tx: Tx, before: Row, by: Id) -> Conversation:
    """Everyone sees how it is now; a channel is found as it is now."""
    tell_all(tx, before)
    now = queries.conversation(tx, conversation=before.id, account=by)
    if now.kind == "channel":
        make_findable(tx, now)
    return now


def make_findable(tx: Tx, channel: Conversation) -> None:
    """By its name and notice, unless it is not to be found."""
    given = index.Document("channel", channel.id, channel.id, channel.name or "", channel.notice or "")
    if channel.listed:
        index.put(tx, [given])
    else:
        index.remove(tx, [given])
