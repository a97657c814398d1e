"""Owner, admins and members: who becomes what, who is silenced, and how a group looks."""

import msgspec
import pytest

from dealings.domain.messaging import groups, membership, settings
from dealings.domain.messaging.errors import (
    GroupNameInvalid,
    HandOverFirst,
    NicknameTooLong,
    NoSuchMember,
    NoSuchSetting,
    NotGroupOwner,
    NoticeTooLong,
    OnlyAdminsInvite,
    OnlyAdminsWrite,
    Silenced,
    TooManyAdmins,
    WasRemoved,
)
from dealings.domain.messaging.membership import MemberPlace, Settings
from dealings.domain.messaging.model import Conversation, GroupFacts, Notice
from dealings.kernel.clock import DAY
from dealings.platform.outbox import events as streams
from tests.domain.messaging.test_groups import last_notice, members
from tests.domain.town import Town


def set_up(town: Town, group: str, by: str, **given: bool) -> None:
    town.world.run(settings.set_settings, conversation=group, by=by, settings=Settings(**given))


def told(town: Town, account: str) -> list[Conversation]:
    events = town.told(streams.account(account), "conversation.changed")
    return [msgspec.json.decode(e.data, type=Conversation) for e in events]


def told_to_all(town: Town, group: str) -> GroupFacts:
    (event,) = town.told(streams.conversation(group), "conversation.changed")
    return msgspec.json.decode(event.data, type=GroupFacts)


def test_an_owner_makes_admins_and_takes_it_back(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin)
    given = {"conversation": group, "by": mei, "account": arun}
    town.forget()
    town.world.run(groups.set_role, **given, role="admin")
    assert last_notice(town, lin, group) == Notice("member.role", {"names": "Arun", "role": "admin"})
    assert told(town, arun) == [town.view(arun, group)]
    assert town.view(arun, group).may == ("write", "invite", "manage")
    assert told(town, lin) == []
    town.forget()
    town.world.run(groups.set_role, **given, role="admin")
    assert town.world.events == [], "they are already"
    town.world.run(groups.set_role, **given, role="member")
    assert town.view(arun, group).may == ("write", "invite")


def test_nobody_becomes_owner_or_stops_being_it_by_a_role(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    group = town.group(mei, arun)
    for account, role in ((mei, "member"), (mei, "admin"), (arun, "owner")):
        with pytest.raises(HandOverFirst):
            town.world.run(groups.set_role, conversation=group, by=mei, account=account, role=role)  # type: ignore[arg-type]  # as from outside
    with pytest.raises(NoSuchMember):
        town.world.run(groups.set_role, conversation=group, by=mei, account="0" * 16, role="admin")


def test_there_are_only_so_many_admins(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin)
    monkeypatch.setattr(groups, "ADMINS_MOST", 1)
    town.world.run(groups.set_role, conversation=group, by=mei, account=arun, role="admin")
    with pytest.raises(TooManyAdmins):
        town.world.run(groups.set_role, conversation=group, by=mei, account=lin, role="admin")


def test_a_group_is_handed_over(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin)
    town.forget()
    seen = town.world.run(groups.hand_over, conversation=group, by=mei, account=arun)
    assert seen.role == "admin"
    assert members(town, group, lin) == {"arun": "owner", "mei": "admin", "lin": "member"}
    assert last_notice(town, lin, group) == Notice("owner.changed", {"names": "Arun"})
    assert (told(town, mei), told(town, arun)) == ([town.view(mei, group)], [town.view(arun, group)])
    with pytest.raises(NotGroupOwner):
        town.world.run(groups.hand_over, conversation=group, by=mei, account=lin)
    town.forget()
    town.world.run(groups.hand_over, conversation=group, by=arun, account=arun)
    assert town.world.events == []


def test_when_the_owner_leaves_an_admin_takes_over_before_whoever_came_first(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun)
    town.world.clock.advance(1)
    town.befriend(mei, lin)
    town.world.run(groups.add_members, conversation=group, by=mei, accounts=[lin])
    town.world.run(groups.set_role, conversation=group, by=mei, account=lin, role="admin")
    town.world.run(groups.remove_member, conversation=group, by=mei, account=mei)
    assert members(town, group, arun) == {"lin": "owner", "arun": "member"}
    codes = [m.body.code for m in town.history(arun, group)[-2:] if isinstance(m.body, Notice)]
    assert codes == ["member.left", "owner.changed"]


def test_admins_remove_members_but_not_each_other(town: Town) -> None:
    mei, arun, lin, tao = town.people("mei", "arun", "lin", "tao")
    group = town.group(mei, arun, lin, tao)
    for admin in (arun, lin):
        town.world.run(groups.set_role, conversation=group, by=mei, account=admin, role="admin")
    town.world.run(groups.remove_member, conversation=group, by=arun, account=tao)
    for above in (lin, mei):
        with pytest.raises(NotGroupOwner):
            town.world.run(groups.remove_member, conversation=group, by=arun, account=above)
    town.world.run(groups.remove_member, conversation=group, by=mei, account=lin)
    assert members(town, group, mei) == {"mei": "owner", "arun": "admin"}


def test_who_was_removed_comes_back_by_an_admin_only(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin)
    town.befriend(arun, lin)
    town.world.run(groups.remove_member, conversation=group, by=mei, account=lin)
    with pytest.raises(WasRemoved):
        town.world.run(groups.add_members, conversation=group, by=arun, accounts=[lin])
    town.world.run(groups.add_members, conversation=group, by=mei, accounts=[lin])
    town.world.run(groups.remove_member, conversation=group, by=lin, account=lin)
    town.world.run(groups.add_members, conversation=group, by=arun, accounts=[lin])
    assert "lin" in members(town, group, mei), "whoever left by themselves may be brought back by any member"


def test_a_silenced_member_writes_again_when_the_time_is_over_or_an_admin_says_so(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    group = town.group(mei, arun)
    given = {"conversation": group, "by": mei, "account": arun}
    until = town.world.clock() + DAY
    town.forget()
    town.world.run(groups.silence_member, **given, until=until)
    assert last_notice(town, arun, group) == Notice("member.silenced", {"names": "Arun"})
    assert told(town, arun) == [town.view(arun, group)]
    assert town.view(arun, group).silenced_until == until
    with pytest.raises(Silenced):
        town.say(arun, group)
    town.forget()
    town.world.run(groups.silence_member, **given, until=until)
    assert town.world.events == []
    town.world.run(groups.silence_member, **given, until=town.world.clock())
    assert last_notice(town, arun, group) == Notice("member.unsilenced", {"names": "Arun"})
    town.say(arun, group)
    town.world.run(groups.silence_member, **given, until=until)
    town.world.clock.advance(DAY)
    town.say(arun, group)


def test_the_owner_and_admins_are_not_silenced_and_who_becomes_one_has_the_word(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    group = town.group(mei, arun)
    until = town.world.clock() + DAY
    with pytest.raises(NotGroupOwner):
        town.world.run(groups.silence_member, conversation=group, by=mei, account=mei, until=until)
    town.world.run(groups.silence_member, conversation=group, by=mei, account=arun, until=until)
    town.world.run(groups.set_role, conversation=group, by=mei, account=arun, role="admin")
    assert town.view(arun, group).silenced_until is None
    town.say(arun, group)


def test_all_are_silenced_and_told_by_one_event(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun, lin)
    town.forget()
    set_up(town, group, mei, silenced=True)
    assert last_notice(town, arun, group) == Notice("group.silenced", {})
    facts = told_to_all(town, group)
    assert (facts.silenced, facts.may_by_role.member) == (True, ("invite",))
    assert (told(town, arun), told(town, lin)) == ([], [])
    assert town.view(arun, group).may == facts.may_by_role.member
    assert town.view(mei, group).may == facts.may_by_role.owner
    with pytest.raises(OnlyAdminsWrite):
        town.say(arun, group)
    town.forget()
    set_up(town, group, mei, silenced=True)
    assert town.world.events == []
    set_up(town, group, mei, silenced=False)
    town.say(arun, group)


def test_only_admins_bring_people_in_where_that_is_set(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei, arun)
    town.befriend(arun, lin)
    set_up(town, group, mei, members_invite=False)
    with pytest.raises(OnlyAdminsInvite):
        town.world.run(groups.add_members, conversation=group, by=arun, accounts=[lin])
    with pytest.raises(OnlyAdminsInvite):
        town.link(arun, group)
    town.world.run(groups.set_role, conversation=group, by=mei, account=arun, role="admin")
    town.world.run(groups.add_members, conversation=group, by=arun, accounts=[lin])


def test_newcomers_read_what_came_before_where_that_is_set(town: Town) -> None:
    mei, arun, lin = town.people("mei", "arun", "lin")
    group = town.group(mei)
    secret = town.say(mei, group, "before")
    town.befriend(mei, arun, lin)
    town.world.run(groups.add_members, conversation=group, by=mei, accounts=[arun])
    set_up(town, group, mei, history_open=True)
    town.world.run(groups.add_members, conversation=group, by=mei, accounts=[lin])
    assert secret in town.history(lin, group)
    assert secret not in town.history(arun, group), "what was hidden stays so"
    assert town.view(lin, group).unread == 1, "but it is not new to them"


def test_a_notice_stands_until_it_is_taken_away(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    group = town.group(mei, arun)
    given = {"conversation": group, "by": mei}
    town.forget()
    seen = town.world.run(settings.set_notice, **given, text=" Dinner at eight \n bring tea ")
    assert (seen.notice, seen.notice_by, seen.notice_at) == ("Dinner at eight \n bring tea", mei, town.world.clock())
    assert last_notice(town, arun, group).params == {"text": "Dinner at eight \n bring tea"}
    assert told_to_all(town, group).notice == seen.notice
    town.forget()
    town.world.run(settings.set_notice, **given, text="Dinner at eight \n bring tea")
    assert town.world.events == []
    seen = town.world.run(settings.set_notice, **given, text="  ")
    assert (seen.notice, seen.notice_by, seen.notice_at) == (None, None, None)
    seen = town.world.run(settings.set_notice, **given, text="a\x00b\u202e")
    assert seen.notice == "ab"
    with pytest.raises(NoticeTooLong):
        town.world.run(settings.set_notice, **given, text="x" * 2_001)


def test_a_group_has_a_picture_that_all_see(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    group = town.group(mei, arun)
    town.forget()
    seen = town.world.run(settings.set_group_picture, conversation=group, by=mei, file="a.webp")
    assert seen.picture == told_to_all(town, group).picture == town.view(arun, group).picture
    assert seen.picture == "/api/v1/files/a.webp"
    assert last_notice(town, arun, group) == Notice("group.picture_changed", {})


def test_a_member_has_a_name_of_their_own_in_a_group(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    group = town.group(mei, arun)
    assert town.world.run(groups.set_nickname, conversation=group, by=arun, nickname=" A \n ").nickname == "A"
    assert town.view(mei, group).nickname is None
    shown = town.world.read(groups.members, conversation=group, account=mei, after=None, limit=9)[0]
    assert [(m.person.handle, m.nickname) for m in shown] == [("mei", None), ("arun", "A")]
    assert town.world.run(groups.set_nickname, conversation=group, by=arun, nickname="").nickname is None
    with pytest.raises(NicknameTooLong):
        town.world.run(groups.set_nickname, conversation=group, by=arun, nickname="x" * 41)
    with pytest.raises(GroupNameInvalid):
        town.world.run(settings.rename_group, conversation=group, by=mei, name="x" * 41)


def test_what_can_be_set_depends_on_the_kind(town: Town) -> None:
    mei = town.sign_up("mei")
    group, channel = town.group(mei), town.channel(mei)
    with pytest.raises(NoSuchSetting):
        set_up(town, group, mei, listed=True)
    for name in ("silenced", "history_open", "members_invite", "approval"):
        with pytest.raises(NoSuchSetting):
            set_up(town, channel, mei, **{name: True})


def test_members_are_listed_page_by_page_in_order_of_rank_and_time(town: Town) -> None:
    mei, *others = town.people("mei", *(f"guest{n}" for n in range(6)))
    group = town.group(mei, *others[3:])
    for account in others[:3]:
        town.world.clock.advance(1)
        town.befriend(mei, account)
        town.world.run(groups.add_members, conversation=group, by=mei, accounts=[account])
    for account in (others[2], others[0]):
        town.world.run(groups.set_role, conversation=group, by=mei, account=account, role="admin")
    found: list[str] = []
    place: MemberPlace | None = None
    while True:
        shown, place = town.world.read(groups.members, conversation=group, account=mei, after=place, limit=2)
        assert len(shown) <= 2
        found += [m.person.handle for m in shown]
        if place is None:
            break
    assert found[:3] == ["mei", "guest0", "guest2"]
    assert set(found[3:6]) == {"guest3", "guest4", "guest5"}
    assert found[6:] == ["guest1"]


def test_P7_rights_by_role_are_one_table() -> None:
    assert membership.may("group", "member", silenced=False, members_invite=True) == ("write", "invite")
    assert membership.may("group", "member", silenced=True, members_invite=False) == ()
    assert membership.may("channel", "member", silenced=False, members_invite=True) == ()
    assert membership.may("channel", "admin", silenced=False, members_invite=True) == ("write", "invite", "manage")
    assert membership.may("shop", "staff", silenced=False, members_invite=True) == ("write",)
