"""Who may write when some or all are silenced, and whom a message calls."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
from sqlalchemy import select, update

from dealings.domain.messaging import devices, groups, tables, tables_groups
from dealings.domain.messaging.errors import OnlyAdminsCallAll, OnlyAdminsWrite, Silenced
from dealings.domain.messaging.model import Message, Post, Text
from dealings.domain.messaging.model_devices import Reading
from dealings.domain.messaging.posting import post
from dealings.platform.db.sets import Statement, rows_for
from dealings.platform.db.tx import Read, Tx
from dealings.platform.db.views import writing
from tests.domain.messaging.test_size import statements
from tests.domain.town import Town


def call(town: Town, sender: str, group: str, *named: str) -> Message:
    text = Text("look", mentions=named)
    return town.world.one(post, Post(group, sender, town.world.uuid(), text))


def called(town: Town, group: str) -> dict[str, int]:
    """The last message that names each member."""

    def read(db: Read) -> dict[str, int]:
        rows = db.sql.execute(select(tables.members).where(tables.members.c.conversation == group))
        return {row.account: row.mentioned_seq for row in rows}

    return town.world.read(read)


def everyone(town: Town, group: str) -> tuple[int, str | None]:
    def read(db: Read) -> tuple[int, str | None]:
        row = db.sql.execute(select(tables.conversations).where(tables.conversations.c.id == group)).one()
        return row.everyone_seq, row.everyone_by

    return town.world.read(read)


def change(town: Town, write: Callable[[Tx], object]) -> None:
    with writing(town.world.store) as tx:
        write(tx)


def promote(town: Town, group: str, account: str) -> None:
    change(town, lambda tx: tables_groups.update_member(tx, group, account, role="admin"))


def test_a_mention_calls_members_and_nobody_else(town: Town) -> None:
    mei, arun, lin, tao = town.people("mei", "arun", "lin", "tao")
    group = town.group(mei, arun, lin)
    said = call(town, mei, group, arun, tao, arun, mei, "nobody")
    assert isinstance(said.body, Text)
    assert said.body.mentions == (arun,)
    assert town.history(arun, group)[-1] == said
    assert called(town, group) == {mei: 0, arun: said.seq, lin: 0}
    assert call(town, lin, group, tao).body == Text("look")
    again = call(town, lin, group, mei, arun)
    assert called(town, group) == {mei: again.seq, arun: again.seq, lin: 0}


def test_a_resent_mention_is_the_first_one_again(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    group = town.group(mei, arun)
    item = Post(group, mei, "once", Text("look", mentions=(arun, "gone")))
    assert town.world.one(post, item) == town.world.one(post, item)


def test_everyone_is_called_by_the_owner_and_admins_only(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin)
    with pytest.raises(OnlyAdminsCallAll):
        call(town, arun, group, "*")
    first = call(town, mei, group, "*", arun)
    assert isinstance(first.body, Text)
    assert (first.body.mentions, everyone(town, group)) == (("*",), (first.seq, mei))
    promote(town, group, arun)
    second = call(town, arun, group, "*")
    assert everyone(town, group) == (second.seq, arun)
    assert called(town, group)[arun] == first.seq, "what another said to all before still calls the second writer"
    call(town, arun, group, "*")
    assert called(town, group) == {mei: 0, arun: first.seq, lin: 0}


def test_in_a_direct_conversation_there_is_no_everyone(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    talk = town.direct(mei, arun)
    assert call(town, mei, talk, "*").body == Text("look")
    assert everyone(town, talk) == (0, None)


def test_a_message_without_mentions_costs_no_statement_more_and_no_byte(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei, arun = town.people("mei", "arun")
    group = town.group(mei, arun)
    said = town.say(mei, group)
    assert b"mentions" not in msgspec.json.encode(said.body)
    asked: list[Statement] = []

    def noting(db: Read, statement: Statement, rows: Sequence[tuple[object, ...]]) -> list[Any]:
        asked.extend([statement] if rows else [])
        return rows_for(db, statement, rows)

    monkeypatch.setattr(tables, "rows_for", noting)
    with statements() as by_core:
        town.say(mei, group)
    assert tables.PRESENT not in asked
    assert by_core == []
    call(town, mei, group, arun)
    assert tables.PRESENT in asked


def test_P7_the_silenced_do_not_write(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin)
    until = town.world.clock() + 1_000

    def silence(tx: Tx) -> None:
        mine = tables.members.c.account == arun
        tx.sql.execute(update(tables.members).where(mine).values(silenced_until=until))

    change(town, silence)
    with pytest.raises(Silenced) as refused:
        town.say(arun, group)
    assert refused.value.params == {"until": until}
    town.say(lin, group)
    town.world.clock.advance(1_000)
    town.say(arun, group)


def test_P7_where_all_are_silenced_the_owner_and_admins_write(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin)
    promote(town, group, lin)
    change(town, lambda tx: tx.sql.execute(update(tables.conversations).values(silenced=True)))
    for writer in (mei, lin):
        town.say(writer, group)
    with pytest.raises(OnlyAdminsWrite):
        town.say(arun, group)
    town.world.run(groups.remove_member, conversation=group, by=arun, account=arun)


def test_what_calls_someone_shows_until_it_is_read(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin)

    def shown() -> list[int | None]:
        return [town.view(account, group).mentioned for account in (mei, arun, lin)]

    assert shown() == [None, None, None]
    named = call(town, lin, group, arun).seq
    assert shown() == [None, named, None]
    to_all = call(town, mei, group, "*").seq
    assert shown() == [None, to_all, to_all]
    town.world.one(devices.mark_read, Reading(group, arun, to_all - 1))
    assert shown() == [None, to_all, to_all]
    town.world.one(devices.mark_read, Reading(group, arun, to_all))
    assert shown() == [None, None, to_all]


def test_newcomers_are_not_called_by_what_came_before_them(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    group = town.group(mei)
    call(town, mei, group, "*")
    town.join(arun, town.link(mei, group))
    assert town.view(arun, group).mentioned is None
