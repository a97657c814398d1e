"""Links into groups: how long, how often, with whose consent; and who waits to be let in."""

import pytest

from dealings.domain.messaging import groups, invites, membership, settings
from dealings.domain.messaging.errors import (
    GroupFull,
    InviteExpired,
    InviteUsedUp,
    NoSuchInvite,
    NoSuchRequest,
    TooManyInvites,
    TooManyRequests,
)
from dealings.domain.messaging.membership import Settings
from dealings.domain.messaging.model import Notice
from dealings.platform.db.actions import Command
from dealings.platform.outbox import events as streams
from tests.domain.messaging.test_groups import last_notice, members
from tests.domain.messaging.test_roles import told
from tests.domain.town import Town


def card(town: Town, account: str, code: str) -> membership.InviteCard:
    return town.world.read(invites.invite_card, code=code, account=account, now=town.world.clock())


def waiting(town: Town, group: str, account: str) -> list[str]:
    listed = town.world.read(invites.requests, conversation=group, account=account)
    return [request.person.handle for request in listed]


def decide(town: Town, group: str, by: str, account: str, *, accept: bool) -> None:
    town.world.run(invites.decide_request, conversation=group, by=by, account=account, accept=accept)


def left(town: Town, group: str, account: str) -> list[int | None]:
    """How often each link may still be used."""
    now = town.world.clock()
    return [i.uses_left for i in town.world.read(invites.invites, conversation=group, account=account, now=now)]


def test_who_follows_a_link_is_in(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun)
    town.say(mei, group, "before")
    code = town.link(arun, group)
    assert (card(town, lin, code).joined, card(town, lin, code).member_count) == (False, 2)
    assert card(town, lin, code).conversation is None
    town.forget()
    joined = town.join(lin, code)
    assert (joined.waiting, joined.conversation) == (False, town.view(lin, group))
    assert members(town, group, mei) == {"mei": "owner", "arun": "member", "lin": "member"}
    assert last_notice(town, mei, group) == Notice("member.joined", {"names": "Lin"})
    assert len(town.history(lin, group)) == 1, "they read from their coming on"
    assert told(town, lin) == [town.view(lin, group)]
    assert len(town.told(streams.conversation(group), "conversation.changed")) == 1
    assert card(town, lin, code).conversation == group


def test_joining_twice_is_harmless_and_uses_nothing_up(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei)
    code = town.link(mei, group, uses=2)
    town.join(arun, code)
    town.forget()
    assert town.join(arun, code).conversation == town.view(arun, group)
    assert town.world.events == []
    assert left(town, group, mei) == [1]
    town.join(lin, code)
    assert left(town, group, mei) == []
    assert town.join(lin, code).waiting is False, "also when it is used up"


def test_a_link_ends_by_time_by_use_and_by_withdrawal(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei)
    short = town.link(mei, group, expires_in_seconds=60)
    once = town.link(mei, group, uses=1)
    withdrawn = town.link(mei, group)
    town.world.run(invites.revoke_invite, conversation=group, by=mei, code=withdrawn)
    town.join(arun, once)
    town.world.clock.advance(60_000)
    ends: dict[str, type[Exception]] = {short: InviteExpired, once: InviteUsedUp, withdrawn: NoSuchInvite}
    for code, refusal in (ends | {group + "0" * 8: NoSuchInvite, "0" * 24: NoSuchInvite}).items():
        with pytest.raises(refusal):
            card(town, lin, code)
        with pytest.raises(refusal):
            town.join(lin, code)
    assert "lin" not in members(town, group, mei)


def test_of_two_who_join_by_the_last_use_one_comes_in(town: Town) -> None:
    mei, *guests = town.people("mei", *(f"guest{n}" for n in range(4)))
    group = town.group(mei)
    for _ in range(5):
        code = town.link(mei, group, uses=1)
        given = {"conversation": group, "code": code}
        asked = [[Command(invites.join.name, given | {"account": guest})] for guest in guests]
        answers = [outcome for answer in town.at_once(asked) for outcome in answer]
        assert [o.refusal.code for o in answers if o.refusal] == ["messaging.invite_used_up"] * 3
        (inside,) = set(members(town, group, mei)) - {"mei"}
        out = guests[int(inside.removeprefix("guest"))]
        town.world.run(groups.remove_member, conversation=group, by=out, account=out)


def test_a_full_group_takes_nobody_whoever_comes_at_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from dealings.domain.messaging import model

    mei, *guests = town.people("mei", *(f"guest{n}" for n in range(4)))
    group = town.group(mei)
    code = town.link(mei, group)
    monkeypatch.setattr(model, "GROUP_MOST", 3)
    asked = [[Command(invites.join.name, {"conversation": group, "code": code, "account": guest})] for guest in guests]
    answers = [outcome for answer in town.at_once(asked) for outcome in answer]
    assert [o.refusal.code for o in answers if o.refusal] == [GroupFull.code] * 2
    assert town.view(mei, group).member_count == len(members(town, group, mei)) == 3


def test_with_consent_one_waits_until_an_admin_decides(town: Town) -> None:
    mei, arun, lin, tao = town.people("mei", "arun", "lin", "tao")
    group = town.group(mei, arun)
    code = town.link(mei, group, approval=True)
    assert card(town, lin, code).approval
    town.forget()
    for _ in range(2):
        joined = town.join(lin, code)
        assert (joined.conversation, joined.waiting) == (None, True)
    assert told(town, mei) == [town.view(mei, group)], "told once, and only who decides"
    assert (town.view(mei, group).requests, town.view(arun, group).requests) == (1, 0)
    assert waiting(town, group, mei) == ["lin"]
    town.join(tao, code)
    decide(town, group, mei, lin, accept=True)
    decide(town, group, mei, tao, accept=False)
    assert members(town, group, mei).keys() == {"mei", "arun", "lin"}
    assert (waiting(town, group, mei), town.view(mei, group).requests) == ([], 0)
    assert told(town, lin) == [town.view(lin, group)]
    with pytest.raises(NoSuchRequest):
        decide(town, group, mei, tao, accept=True)
    assert town.join(tao, code).waiting, "one may ask again"


def test_a_group_that_asks_for_consent_asks_at_every_link(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun)
    code = town.link(arun, group)
    town.world.run(settings.set_settings, conversation=group, by=mei, settings=Settings(approval=True))
    assert town.join(lin, code).waiting


def test_an_admins_word_counts_more_than_the_end_of_a_link(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei)
    code = town.link(mei, group, uses=1, approval=True)
    for account in (arun, lin):
        town.join(account, code)
    for account in (arun, lin):
        decide(town, group, mei, account, accept=True)
    assert members(town, group, mei).keys() == {"mei", "arun", "lin"}
    assert left(town, group, mei) == []


def test_who_waits_and_is_brought_in_meanwhile_waits_no_more(town: Town) -> None:
    mei, lin = town.people("mei", "lin")
    group = town.group(mei)
    town.join(lin, town.link(mei, group, approval=True))
    town.befriend(mei, lin)
    town.forget()
    town.world.run(groups.add_members, conversation=group, by=mei, accounts=[lin])
    assert waiting(town, group, mei) == []
    assert told(town, mei)[-1] == town.view(mei, group)


def test_P7_a_link_from_before_a_removal_lets_in_only_with_consent(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin)
    old = town.link(mei, group)
    town.world.run(groups.remove_member, conversation=group, by=mei, account=lin)
    town.world.clock.advance(1)
    by_a_member, by_an_admin = town.link(arun, group), town.link(mei, group)
    for code in (old, by_a_member):
        assert card(town, lin, code).approval
        assert town.join(lin, code).waiting
    assert not card(town, lin, by_an_admin).approval
    assert not town.join(lin, by_an_admin).waiting
    assert waiting(town, group, mei) == []
    town.world.run(groups.remove_member, conversation=group, by=lin, account=lin)
    assert not town.join(lin, old).waiting, "since an admin's link let them in, the removal is forgotten"


def test_P7_the_links_of_who_is_removed_lead_nowhere(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun)
    code = town.link(arun, group)
    town.world.run(groups.remove_member, conversation=group, by=mei, account=arun)
    with pytest.raises(NoSuchInvite):
        town.join(lin, code)


def test_members_see_their_own_links_and_admins_all(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin)
    by = {account: town.link(account, group) for account in (mei, arun, lin)}

    def listed(account: str) -> set[str]:
        now = town.world.clock()
        return {i.code for i in town.world.read(invites.invites, conversation=group, account=account, now=now)}

    assert (listed(mei), listed(arun)) == (set(by.values()), {by[arun]})
    for deed in (by[mei], by[lin]):
        with pytest.raises(NoSuchInvite):
            town.world.run(invites.revoke_invite, conversation=group, by=arun, code=deed)
    for code in (by[arun], by[arun]):
        town.world.run(invites.revoke_invite, conversation=group, by=arun, code=code)
    assert listed(mei) == {by[mei], by[lin]}


def test_links_and_requests_are_bounded_by_those_that_count(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei)
    monkeypatch.setattr(invites, "INVITES_MOST", 2)
    monkeypatch.setattr(invites, "REQUESTS_MOST", 1)
    first, second = town.link(mei, group), town.link(mei, group, approval=True)
    with pytest.raises(TooManyInvites):
        town.link(mei, group)
    town.world.run(invites.revoke_invite, conversation=group, by=mei, code=first)
    town.link(mei, group)
    town.join(arun, second)
    assert town.join(arun, second).waiting, "who waits already is not one more"
    with pytest.raises(TooManyRequests):
        town.join(lin, second)


def test_codes_can_be_neither_guessed_nor_confused(town: Town) -> None:
    mei = town.sign_up("mei")
    group = town.group(mei)
    codes = {town.link(mei, group) for _ in range(20)}
    assert len(codes) == 20
    assert {len(code) for code in codes} == {24}
    assert {membership.conversation_of(code) for code in codes} == {group}
