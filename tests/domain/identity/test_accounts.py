"""Accounts, profiles, name cards and addresses: what is taken, what is refused, who is told."""

from typing import Any

import msgspec
import pytest

from dealings.domain.identity import actions, model, queries
from dealings.domain.identity.errors import (
    HandleInvalid,
    HandleTaken,
    NameInvalid,
    NoSuchPerson,
    NotOperator,
    PasswordWeak,
    TextTooLong,
)
from dealings.domain.identity.model import Address
from dealings.kernel.errors import KeyReused
from dealings.platform.outbox.events import account
from tests.domain.town import Town

HANDLES = {
    "mei": "mei",
    " mei.Lin_2-a ": "mei.lin_2-a",
    "@mei": "mei",
    "a" * 30: "a" * 30,
    "ab": None,
    "a" * 31: None,
    "2mei": None,
    "mei.": None,
    "梅": None,
    "mei lin": None,
    "mei\x00": None,
    "": None,
    "admin": None,
    "Dealings": None,
}
NAMES = {
    "Mei": "Mei",
    "  Mei \n Lin\t": "Mei Lin",
    "梅" * 40: "梅" * 40,
    "梅" * 41: "too_long",
    "": "empty",
    " \u200b\u200d\x00 ": "empty",
    "\u202egnp.exe": "gnp.exe",  # turned around, it would read as another name
    "a\x00b": "ab",
    "👩‍👩‍👧": "👩‍👩‍👧",
    "\U0001fae8": "\U0001fae8",  # newer than the tables of older Pythons
    "می‌خواهم": "می‌خواهم",  # Persian, with a joiner that stands for something
}
PASSWORDS = {
    "correct horse": None,
    "龙井明前特级龙井": None,
    "x" * 7: "too_short",
    "abcdefgh" * 17: "too_long",
    "Password1": "too_common",
    "abababab": "too_common",
    "longhandle": "too_common",
}


def test_handles(town: Town) -> None:
    for n, (typed, stored) in enumerate(HANDLES.items()):
        typed = typed.replace("mei", f"mei{n}") if len(typed) < 20 else typed
        if stored is None:
            with pytest.raises(HandleInvalid):
                town.sign_up(typed, name="Mei")
        else:
            id = town.sign_up(typed, name="Mei")
            assert town.world.read(queries.person, id).handle == stored.replace("mei", f"mei{n}")
            assert town.world.read(queries.account_by_handle, handle=typed.upper()) == id


@pytest.mark.parametrize(("typed", "kept"), NAMES.items())
def test_names(typed: str, kept: str) -> None:
    if kept in ("too_long", "empty"):
        with pytest.raises(NameInvalid) as refused:
            model.clean_name(typed)
        assert refused.value.params == {"problem": kept}
    else:
        assert model.clean_name(typed) == kept


@pytest.mark.parametrize(("password", "problem"), PASSWORDS.items())
def test_passwords(password: str, problem: str | None) -> None:
    if problem is None:
        model.check_password(password, handle="longhandle")
        return
    with pytest.raises(PasswordWeak) as refused:
        model.check_password(password, handle="longhandle")
    assert refused.value.params == {"problem": problem}


def test_a_handle_is_one_persons(town: Town) -> None:
    town.sign_up("mei")
    with pytest.raises(HandleTaken) as refused:
        town.sign_up("MEI")
    assert refused.value.params == {"handle": "mei"}


def test_P8_a_repeated_sign_up_is_the_first_account(town: Town) -> None:
    by_key = town.world.by(None, key="k")
    first = by_key(actions.sign_up, handle="mei", name="Mei", password_hash="one")
    assert by_key(actions.sign_up, handle="mei", name="Mei", password_hash="two") == first
    with pytest.raises(KeyReused):
        by_key(actions.sign_up, handle="mei2", name="Mei", password_hash="one")


def test_a_profile_is_changed_where_something_is_given(town: Town) -> None:
    mei = town.sign_up("mei")
    town.world.run(actions.edit_profile, account=mei, bio="line one\nline two\x00", locale="en")
    changed = town.world.run(actions.edit_profile, account=mei, name=" Mei Lin ")
    assert (changed.name, changed.bio, changed.locale) == ("Mei Lin", "line one\nline two", "en")
    assert changed == town.world.read(queries.me, account=mei)
    assert msgspec.json.decode(town.told(account(mei), "me.changed")[-1].data, type=model.Me) == changed


@pytest.mark.parametrize(
    ("given", "refusal"),
    [({"name": " "}, NameInvalid), ({"name": "x" * 41}, NameInvalid), ({"bio": "x" * 201}, TextTooLong)],
)
def test_a_refused_profile_stays_as_it_was(town: Town, given: dict[str, Any], refusal: type[Exception]) -> None:
    mei = town.sign_up("mei")
    before = town.world.read(queries.me, account=mei)
    with pytest.raises(refusal):
        town.world.run(actions.edit_profile, account=mei, **given)
    assert town.world.read(queries.me, account=mei) == before


def test_P2_all_who_have_someone_in_their_list_are_told_of_their_new_name(town: Town) -> None:
    mei, friend, asked, asking, blocked, blocker, stranger = town.people(
        "mei", "friend", "asked", "asking", "blocked", "blocker", "stranger"
    )
    run = town.world.run
    town.befriend(mei, friend, blocked)
    run(actions.ask_contact, me=mei, other=asked)
    run(actions.ask_contact, me=asking, other=mei)
    run(actions.block_contact, me=mei, other=blocked)
    run(actions.block_contact, me=blocker, other=mei)
    town.forget()
    run(actions.edit_profile, account=mei, name="Mei Lin")
    told = {e.stream for e in town.world.events if e.kind == "person.changed"}
    assert told == {account(other) for other in (friend, asked, asking, blocked, blocker)} | {"-"}
    assert stranger
    town.forget()
    run(actions.edit_profile, account=mei, locale="en")
    assert {e.kind for e in town.world.events} == {"me.changed"}


def test_an_avatar_is_a_link_to_the_stored_file(town: Town) -> None:
    mei = town.sign_up("mei")
    assert town.world.run(actions.set_avatar, account=mei, file="ab.webp").avatar == "/api/v1/files/ab.webp"


def test_a_renewed_name_card_leads_here_and_the_old_one_nowhere(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    old = town.world.read(queries.card, account=mei)
    new = town.world.run(actions.renew_card, account=mei)
    assert town.world.read(queries.profile_by_card, code=new, viewer=arun).id == mei
    with pytest.raises(NoSuchPerson):
        town.world.read(queries.profile_by_card, code=old, viewer=arun)


def test_only_the_own_card_is_shown(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    own = town.world.read(queries.profile, account=mei, viewer=mei)
    assert (own.relation, own.card) == ("self", town.world.read(queries.card, account=mei))
    seen = town.world.read(queries.profile, account=mei, viewer=arun)
    assert (seen.relation, seen.card) == ("none", None)


def test_an_address_is_kept_trimmed(town: Town) -> None:
    mei = town.sign_up("mei")
    assert town.world.read(queries.address, account=mei) is None
    kept = town.world.run(
        actions.save_address, account=mei, address=Address(" Mei ", " 138 ", "1 Lake Road\nHangzhou ")
    )
    assert kept == Address("Mei", "138", "1 Lake Road\nHangzhou") == town.world.read(queries.address, account=mei)
    town.world.run(actions.save_address, account=mei, address=Address("Mei", "139", "2 Lake Road"))
    assert town.world.read(queries.address, account=mei) == Address("Mei", "139", "2 Lake Road")


@pytest.mark.parametrize(
    "address", [Address("", "1", "x"), Address("Mei", "1" * 41, "x"), Address("Mei", "1", "x" * 501)]
)
def test_an_impossible_address_is_refused(town: Town, address: Address) -> None:
    mei = town.sign_up("mei")
    with pytest.raises((NameInvalid, TextTooLong)):
        town.world.run(actions.save_address, account=mei, address=address)
    assert town.world.read(queries.address, account=mei) is None


def test_P7_operators_are_made_from_inside_only(town: Town) -> None:
    mei = town.sign_up("mei")
    with pytest.raises(NotOperator):
        town.world.read(queries.require_operator, mei)
    town.world.run(actions.grant_operator, account=mei)
    town.world.read(queries.require_operator, mei)
    assert town.world.read(queries.me, account=mei).operator


def test_people_are_found_by_the_beginning_of_a_handle_or_a_whole_name(town: Town) -> None:
    mei, other, percent = town.sign_up("mei"), town.sign_up("meilin", "梅琳"), town.sign_up("m_e")

    def found(text: str) -> list[str]:
        return [p.id for p in town.world.read(queries.search_people, text=text, viewer=mei)]

    assert found("@mei") == found(" ME ") == [mei, other]
    assert found("梅琳") == [other]
    assert found("m_") == [percent]
    assert found("m") == found("%%") == found("") == found("\x00") == found("琳") == []


def test_P7_who_blocks_someone_is_not_found_by_them(town: Town) -> None:
    mei, arun = town.people("mei", "arun")
    town.world.run(actions.block_contact, me=mei, other=arun)
    assert town.world.read(queries.search_people, text="mei", viewer=arun) == []
    (seen,) = town.world.read(queries.search_people, text="arun", viewer=mei)
    assert seen.relation == "blocked"
