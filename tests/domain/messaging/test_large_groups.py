"""What does not grow with the size of a group: statements, events and rows looked at; and what stops at a size."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import insert

from dealings.domain.identity import tables as people
from dealings.domain.messaging import checks, groups, tables_groups
from dealings.domain.messaging.model import GROUP_MOST
from dealings.platform.db.views import writing
from dealings.platform.outbox import events as streams
from tests.domain.messaging.test_size import statements
from tests.domain.town import Town

LARGE = 5_000


def fill(town: Town, group: str, count: int) -> list[str]:
    """So many more members, as rows."""
    accounts = [f"m{n:015}" for n in range(count)]
    with writing(town.world.store) as tx:
        values = {"bio": "", "password_hash": "x", "operator": False, "created_at": 0}
        rows = [{"id": a, "handle": a, "name": a, "card": a, **values} for a in accounts]
        tx.sql.execute(insert(people.accounts), rows)
        assert tables_groups.take_places(tx, group, count, most=LARGE)
        tables_groups.insert_members(tx, group, accounts, role="member")
    return accounts


@contextmanager
def counted() -> Iterator[list[str]]:
    with statements() as sent:
        texts: list[str] = []
        yield texts
        texts += [statement for statement, _ in sent]


def cost(town: Town, group: str, code: str, account: str) -> tuple[int, int]:
    """How many statements and events it takes to join, to be removed, and to be brought in."""
    town.forget()
    with counted() as sent:
        town.join(account, code)
        town.world.run(groups.remove_member, conversation=group, by=account, account=account)
    return len(sent), len(town.world.events)


def test_coming_and_going_costs_the_same_in_a_group_of_five_thousand(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    small, large = town.group(mei), town.group(mei)
    fill(town, large, LARGE - 3)
    assert LARGE == GROUP_MOST
    few = cost(town, small, town.link(mei, small), arun)
    many = cost(town, large, town.link(mei, large), arun)
    assert many[0] <= few[0]
    assert many[1] <= few[1]
    assert town.view(mei, large).member_count == LARGE - 2
    for account in (arun, lin):
        town.join(account, town.link(mei, large))
    assert [e.kind for e in town.told(streams.account(mei))] == []
    assert town.world.read(checks.findings) == []


def test_what_is_set_in_a_group_of_five_thousand_is_one_event(town: Town) -> None:
    from dealings.domain.messaging import settings
    from dealings.domain.messaging.membership import Settings

    mei = town.sign_up("mei")
    group = town.group(mei)
    accounts = fill(town, group, LARGE - 1)
    town.forget()
    town.world.run(settings.set_settings, conversation=group, by=mei, settings=Settings(silenced=True))
    kinds = [e.kind for e in town.world.events if e.stream != streams.INTERNAL]
    assert sorted(kinds) == ["conversation.changed", "message.posted"]
    found: list[str] = []
    place = None
    while True:
        shown, place = town.world.read(groups.members, conversation=group, account=mei, after=place, limit=100)
        found += [m.person.id for m in shown]
        if place is None:
            break
    assert found == [mei, *accounts]


def test_many_are_brought_in_by_few_statements(town: Town) -> None:
    mei, *others = town.people("mei", *(f"guest{n:02}" for n in range(40)))
    town.befriend(mei, *others)
    one, many = town.group(mei), town.group(mei)
    with counted() as few:
        town.world.run(groups.add_members, conversation=one, by=mei, accounts=others[:1])
    with counted() as all_of_them:
        town.world.run(groups.add_members, conversation=many, by=mei, accounts=others)
    assert len(all_of_them) <= len(few) + 2


def test_in_a_large_group_those_who_come_and_go_are_not_announced(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei)
    monkeypatch.setattr(groups, "ANNOUNCED_MOST", 2)
    code = town.link(mei, group)
    town.join(arun, code)
    before = len(town.history(mei, group))
    town.join(lin, code)
    town.world.run(groups.remove_member, conversation=group, by=lin, account=lin)
    assert len(town.history(mei, group)) == before
    assert town.view(mei, group).member_count == 2


def test_who_joins_unannounced_sees_nothing_of_before(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    mei, arun = town.people("mei", "arun")
    group = town.group(mei)
    monkeypatch.setattr(groups, "ANNOUNCED_MOST", 0)
    town.say(mei, group, "secret")
    town.join(arun, town.link(mei, group))
    assert town.history(arun, group) == []
    view = town.view(arun, group)
    assert (view.last, view.unread, view.last_seq) == (None, 0, view.read_seq)


def test_the_doctor_sees_a_wrong_number_of_members_and_a_group_without_an_owner(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    group = town.group(mei, arun)
    assert town.world.read(checks.findings) == []
    with writing(town.world.store) as tx:
        tables_groups.update_conversation(tx, group, member_count=3)
        tables_groups.update_member(tx, group, mei, role="member")
    assert {f.code for f in town.world.read(checks.findings)} == {
        "conversations.miscounted",
        "conversations.ownerless",
    }
