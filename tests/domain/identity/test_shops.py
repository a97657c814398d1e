"""Shops: one owner, staff who come and go, and who may do what (P7)."""

from collections.abc import Callable

import msgspec
import pytest

from dealings.domain.identity import actions, model, queries
from dealings.domain.identity.errors import (
    CurrencyUnknown,
    HandleInvalid,
    HandleTaken,
    NameInvalid,
    NoSuchPerson,
    NoSuchShop,
    NotOwner,
    NotStaff,
    OwnerStays,
    TextTooLong,
    TooManyShops,
    TooManyStaff,
)
from dealings.domain.identity.model import Me
from dealings.kernel.errors import Refusal
from dealings.platform.outbox.events import account
from tests.domain.town import Town

GIVEN = {"handle": "tea.house", "name": "Tea House", "tagline": "from the hills", "currency": "CNY"}


def test_a_shop_opens_with_its_owner_as_staff(town: Town) -> None:
    tao = town.sign_up("tao")
    shop = town.world.run(actions.open_shop, owner=tao, **GIVEN)
    assert (shop.handle, shop.owner, shop.currency, shop.picture) == ("tea.house", tao, "CNY", None)
    me = msgspec.json.decode(town.told(account(tao), "me.changed")[-1].data, type=Me)
    assert [(s.shop, s.role) for s in me.shops] == [(shop, "owner")]
    assert town.world.read(queries.shop_by_key, key=shop.id) == shop
    assert town.world.read(queries.shop_by_key, key="tea.house") == shop
    with pytest.raises(NoSuchShop):
        town.world.read(queries.shop_by_key, key="nothing")


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"handle": "x"}, HandleInvalid),
        ({"name": " "}, NameInvalid),
        ({"tagline": "x" * 201}, TextTooLong),
        ({"currency": "XYZ"}, CurrencyUnknown),
        ({"currency": "cny"}, CurrencyUnknown),
    ],
)
def test_impossible_shops_are_refused(town: Town, changed: dict[str, str], refusal: type[Refusal]) -> None:
    tao = town.sign_up("tao")
    with pytest.raises(refusal):
        town.world.run(actions.open_shop, owner=tao, **(GIVEN | changed))
    assert town.world.read(queries.me, account=tao).shops == []


def test_shops_have_handles_of_their_own_and_an_owner_only_so_many(town: Town) -> None:
    tao, lin = town.people("tao", "lin")
    town.world.run(actions.open_shop, owner=tao, **GIVEN)
    with pytest.raises(HandleTaken):
        town.world.run(actions.open_shop, owner=lin, **GIVEN)
    for n in range(model.SHOPS_MOST - 1):
        town.world.run(actions.open_shop, owner=tao, **(GIVEN | {"handle": f"shop{n}"}))
    with pytest.raises(TooManyShops):
        town.world.run(actions.open_shop, owner=tao, **(GIVEN | {"handle": "more"}))


def test_staff_come_and_go_and_are_told(town: Town) -> None:
    tao, lin = town.people("tao", "lin")
    shop = town.shop(tao)
    hired = town.world.run(actions.hire, shop=shop, by=tao, handle=" @LIN ")
    assert (hired.person.id, hired.role) == (lin, "staff")
    assert town.world.run(actions.hire, shop=shop, by=tao, handle="lin") == hired
    assert town.world.run(actions.hire, shop=shop, by=tao, handle="tao").role == "owner"
    assert [(m.person.id, m.role) for m in town.world.read(queries.staff, shop=shop, by=lin)] == [
        (tao, "owner"),
        (lin, "staff"),
    ]
    assert town.world.read(queries.staffed, [(shop, lin), (shop, "nobody"), ("none", lin)]) == {(shop, lin)}
    town.forget()
    town.world.run(actions.edit_shop, shop=shop, by=tao, name="Tea & Pots")
    assert {e.stream for e in town.world.events if e.kind == "me.changed"} == {account(tao), account(lin)}
    town.world.run(actions.dismiss, shop=shop, by=tao, account=lin)
    assert town.world.read(queries.me, account=lin).shops == []
    assert msgspec.json.decode(town.told(account(lin), "me.changed")[-1].data, type=Me).shops == []
    town.world.run(actions.dismiss, shop=shop, by=tao, account=lin)  # again changes nothing


def test_refusals_about_staff(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    tao, _ = town.people("tao", "lin")
    shop = town.shop(tao)
    with pytest.raises(NoSuchPerson):
        town.world.run(actions.hire, shop=shop, by=tao, handle="nobody")
    with pytest.raises(OwnerStays):
        town.world.run(actions.dismiss, shop=shop, by=tao, account=tao)
    monkeypatch.setattr(model, "STAFF_MOST", 1)
    with pytest.raises(TooManyStaff):
        town.world.run(actions.hire, shop=shop, by=tao, handle="lin")
    assert town.world.run(actions.hire, shop=shop, by=tao, handle="tao").role == "owner"


def test_shops_are_listed_in_pages_and_found_by_what_they_say(town: Town) -> None:
    tao, lin = town.people("tao", "lin")
    tea, books = town.shop(tao, "tea.house"), town.shop(lin, "books")
    town.world.run(actions.edit_shop, shop=books, by=lin, name="书店 100%", tagline="Old and new")
    first = town.world.read(queries.list_shops, after="", limit=1)
    rest = town.world.read(queries.list_shops, after=first[0].id, limit=5)
    assert {s.id for s in first + rest} == {tea, books}
    assert len(rest) == 1

    def found(text: str) -> list[str]:
        return [s.id for s in town.world.read(queries.search_shops, text=text)]

    assert found("书") == found("old AND") == found("0%") == found("boo") == [books]
    assert found("") == found(" ") == found("_") == found("\x00") == []
    assert town.world.read(queries.search_people, text="tao", viewer=lin)


WHO = ("stranger", "former", "staff", "owner", "overseer")
ALLOWED = {
    # what: who may; everyone else is refused
    "see staff": {"staff", "owner"},
    "edit": {"owner"},
    "picture": {"owner"},
    "hire": {"owner"},
    "dismiss other": {"owner"},
    "leave": {"staff"},
    "see shop": set(WHO),
}


@pytest.mark.parametrize("what", ALLOWED)
def test_P7_who_may_do_what_in_a_shop(town: Town, what: str) -> None:
    ids = dict(zip(WHO, town.people(*WHO), strict=True))
    shop = town.shop(ids["owner"], "tea.house", "staff", "former")
    town.world.run(actions.dismiss, shop=shop, by=ids["owner"], account=ids["former"])
    town.world.run(actions.grant_operator, account=ids["overseer"])
    town.people("clerk", "novice")
    town.world.run(actions.hire, shop=shop, by=ids["owner"], handle="clerk")
    clerk = town.world.read(queries.account_by_handle, handle="clerk")
    run, read = town.world.run, town.world.read
    tries: dict[str, Callable[[str], object]] = {
        "see staff": lambda who: read(queries.staff, shop=shop, by=who),
        "edit": lambda who: run(actions.edit_shop, shop=shop, by=who, name="Mine"),
        "picture": lambda who: run(actions.set_shop_picture, shop=shop, by=who, file="a.webp"),
        "hire": lambda who: run(actions.hire, shop=shop, by=who, handle="novice"),
        "dismiss other": lambda who: run(actions.dismiss, shop=shop, by=who, account=clerk),
        "leave": lambda who: run(actions.dismiss, shop=shop, by=who, account=who),
        "see shop": lambda who: read(queries.shop, shop),
    }
    for who, id in ids.items():
        before = read(queries.staff, shop=shop, by=ids["owner"]), read(queries.shop, shop)
        try:
            tries[what](id)
            allowed = True
        except (NotStaff, NotOwner, OwnerStays):
            allowed = False
            assert (read(queries.staff, shop=shop, by=ids["owner"]), read(queries.shop, shop)) == before
        assert allowed == (who in ALLOWED[what]), (who, what)
