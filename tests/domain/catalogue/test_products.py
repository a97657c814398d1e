"""Products: made, changed, listed, found; who may, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from dealings.domain.catalogue import actions, queries, stock
from dealings.domain.catalogue.errors import (
    NoSuchPicture,
    NoSuchProduct,
    NoSuchVariant,
    OptionsMismatch,
    SkuTaken,
    StockPromised,
    TooManyPictures,
    VariantPromised,
    VariantRepeated,
)
from dealings.domain.catalogue.model import (
    MAX_PICTURES,
    ProductInput,
    ProductSummary,
    StockLine,
    VariantInput,
    VariantPatch,
    handle_from,
)
from dealings.domain.identity.errors import NoSuchShop, NotStaff
from dealings.kernel.errors import BadField, Refusal
from dealings.kernel.ids import Id
from dealings.kernel.money import Money
from dealings.platform.db.actions import action
from dealings.platform.db.tx import Tx
from dealings.platform.inputs import BadCursor
from tests.domain.catalogue.conftest import OpenShop, Shop, tea, variant
from tests.world import World


@action()
def promise(tx: Tx, *, variant: Id, quantity: int) -> None:
    stock.reserve_lines(tx, [StockLine(variant, quantity)])


def inputs_of(product: Any, **changes: Any) -> ProductInput:
    """What a form would send back for a product as it is."""
    kept = [
        VariantInput(
            id=v.id,
            sku=v.sku,
            options=v.options,
            price=v.price.amount,
            compare_at=v.compare_at.amount if v.compare_at else None,
            on_hand=v.on_hand,
        )
        for v in product.variants
    ]
    same = {name: getattr(product, name) for name in ("title", "html", "vendor", "type", "tags", "options", "state")}
    return ProductInput(**({"variants": kept} | same | changes))


# made and changed


def test_a_product_is_as_it_was_written(shop: Shop) -> None:
    made = shop.add(tea(html="<p>明前</p>", vendor="山南", type="绿茶", tags=["龙井", "龙井", " 新茶 "]))
    assert shop.now(made) == made
    assert (made.handle, made.title, made.html, made.tags) == ("西湖龙井", "西湖龙井", "<p>明前</p>", ["龙井", "新茶"])
    assert (made.price, made.price_max) == (Money(12_800, "CNY"), Money(23_800, "CNY"))
    assert [(v.options, v.on_hand, v.available) for v in made.variants] == [(["50 克"], 10, 10), (["100 克"], 10, 10)]


def test_the_staff_are_told_what_it_is_now(shop: Shop) -> None:
    made = shop.add()
    changed = shop.change(made, inputs_of(made, title="狮峰龙井"))
    told = shop.told()
    assert [each.title for each in told] == ["西湖龙井", "狮峰龙井"]
    assert told[-1] == shop.world.read(queries.summaries, [changed.id])[changed.id]
    assert (told[-1].available, told[-1].shop.name) == (20, "山南茶坊")


def test_html_is_made_safe(shop: Shop) -> None:
    nasty = '<p onclick="x()">a</p><script>alert(1)</script><img src=x onerror=y><a href="javascript:z">b</a>\0'
    made = shop.add(tea(html=nasty))
    assert made.html == '<p>a</p><a rel="noopener noreferrer nofollow">b</a>'


def test_titles_are_one_line_without_control_characters(shop: Shop) -> None:
    assert shop.add(tea("  龙\0井\n\t茶 ")).title == "龙井 茶"


def test_handles_are_made_from_titles_and_stay_unique(shop: Shop, open_shop: OpenShop) -> None:
    first, second = shop.add(tea("Longjing Tea!")), shop.add(tea("longjing  tea"))
    assert (first.handle, second.handle) == ("longjing-tea", "longjing-tea-2")
    assert shop.change(first, inputs_of(first, title="Other")).handle == "longjing-tea"
    assert open_shop("other").add(tea("Longjing Tea")).handle == "longjing-tea"


@pytest.mark.parametrize(
    ("title", "handle"), [("🍵", "product"), ("Lóng / jǐng?", "long-jing"), ("茶 " * 100, ("茶-" * 40).strip("-"))]
)
def test_every_title_has_a_handle(title: str, handle: str) -> None:
    assert handle_from(title) == handle


def test_variants_keep_their_id_when_changed_by_id_or_by_options(shop: Shop) -> None:
    made = shop.add()
    small, large = made.variants
    changed = shop.change(
        made,
        inputs_of(made, variants=[variant("二两", id=large.id), variant("50 克", price=9_900), variant("500 克")]),
    )
    assert [v.id for v in changed.variants[:2]] == [large.id, small.id]
    assert [v.options for v in changed.variants] == [["二两"], ["50 克"], ["500 克"]]
    assert changed.variants[1].price == Money(9_900, "CNY")


def test_variants_left_out_are_gone(shop: Shop) -> None:
    made = shop.add()
    changed = shop.change(made, inputs_of(made, variants=[variant("50 克")]))
    assert [v.id for v in changed.variants] == [made.variants[0].id]
    assert shop.world.read(queries.sellable, [v.id for v in made.variants]).keys() == {made.variants[0].id}


def test_skus_can_be_swapped_within_a_product(shop: Shop) -> None:
    made = shop.add(tea(variants=[variant("50 克", sku="A"), variant("100 克", sku="B")]))
    one, two = made.variants
    changed = shop.change(
        made, inputs_of(made, variants=[variant("50 克", id=one.id, sku="B"), variant("100 克", id=two.id, sku="A")])
    )
    assert [v.sku for v in changed.variants] == ["B", "A"]


def test_a_sku_is_free_again_when_its_variant_is_gone(shop: Shop) -> None:
    made = shop.add(tea(variants=[variant("50 克", sku="A"), variant("100 克", sku="B")]))
    shop.change(made, inputs_of(made, variants=[variant("50 克", sku="A")]))
    assert shop.add(tea("Other", options=[], variants=[variant(sku="B")])).variants[0].sku == "B"


def test_one_price_or_stock_is_set(shop: Shop) -> None:
    made = shop.add()
    first = made.variants[0].id
    patched = shop.world.run(actions.patch_variant, variant=first, by=shop.clerk, patch=VariantPatch(on_hand=3))
    assert (patched.on_hand, patched.available, patched.price) == (3, 3, Money(12_800, "CNY"))
    shop.world.run(actions.patch_variant, variant=first, by=shop.clerk, patch=VariantPatch(price=1))
    assert shop.now(made).price == Money(1, "CNY")
    assert shop.told()[-1].available == 13


def test_nothing_patched_nothing_told(shop: Shop) -> None:
    made = shop.add()
    before = len(shop.told())
    shop.world.run(actions.patch_variant, variant=made.variants[0].id, by=shop.clerk, patch=VariantPatch(on_hand=10))
    assert len(shop.told()) == before


# pictures


def test_pictures_are_added_shown_in_order_and_removed(shop: Shop) -> None:
    made = shop.add()
    one, two = (
        shop.world.run(actions.add_picture, product=made.id, by=shop.clerk, file=f"{n}.webp", alt="茶\n叶")
        for n in (1, 2)
    )
    assert shop.now(made).pictures == [one, two]
    assert (one.url, one.alt) == ("/api/v1/files/1.webp", "茶 叶")
    assert shop.told()[-1].picture == one.url
    shop.world.run(actions.remove_picture, product=made.id, by=shop.clerk, picture=one.id)
    assert shop.now(made).pictures == [two]
    assert shop.told()[-1].picture == two.url
    with pytest.raises(NoSuchPicture):
        shop.world.run(actions.remove_picture, product=made.id, by=shop.clerk, picture=one.id)


def test_pictures_survive_a_change_of_the_product(shop: Shop) -> None:
    made = shop.add()
    picture = shop.world.run(actions.add_picture, product=made.id, by=shop.clerk, file="1.webp", alt="")
    assert shop.change(made, inputs_of(made, title="新")).pictures == [picture]


def test_pictures_have_a_limit(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    made = shop.add()
    monkeypatch.setattr("dealings.domain.catalogue.model.MAX_PICTURES", 1)
    assert MAX_PICTURES > 1
    shop.world.run(actions.add_picture, product=made.id, by=shop.clerk, file="1.webp", alt="")
    with pytest.raises(TooManyPictures):
        shop.world.run(actions.add_picture, product=made.id, by=shop.clerk, file="2.webp", alt="")


# refused


REFUSED: list[tuple[dict[str, Any], type[Refusal]]] = [
    ({"title": " \n"}, BadField),
    ({"options": [" "]}, BadField),
    ({"options": ["规格", "规格"], "variants": [variant("a", "b")]}, BadField),
    ({"variants": []}, BadField),
    ({"variants": [variant()]}, OptionsMismatch),
    ({"variants": [variant("a", "b")]}, OptionsMismatch),
    ({"variants": [variant(" ")]}, OptionsMismatch),
    ({"options": [], "variants": [variant(), variant()]}, VariantRepeated),
    ({"variants": [variant("a"), variant(" a ")]}, VariantRepeated),
    ({"variants": [variant("a", sku="S"), variant("b", sku="S")]}, SkuTaken),
    ({"variants": [variant("a", id="nosuch")]}, NoSuchVariant),
]


@pytest.mark.parametrize(("wrong", "refusal"), REFUSED)
def test_a_product_that_makes_no_sense_is_refused(shop: Shop, wrong: dict[str, Any], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        shop.add(tea(**wrong))
    assert shop.world.read(queries.list_products, shop=shop.id, viewer=shop.clerk).items == []


def test_a_sku_belongs_to_one_variant_of_a_shop(shop: Shop, open_shop: OpenShop) -> None:
    mine = tea(options=[], variants=[variant(sku="S")])
    shop.add(mine)
    with pytest.raises(SkuTaken, match="S"):
        shop.add(mine)
    open_shop("other").add(mine)


def test_P5_stock_cannot_fall_below_what_is_reserved(shop: Shop) -> None:
    made = shop.add()
    first = made.variants[0].id
    shop.world.run(promise, variant=first, quantity=4)
    with pytest.raises(StockPromised, match="4 pieces"):
        shop.world.run(actions.patch_variant, variant=first, by=shop.clerk, patch=VariantPatch(on_hand=3))
    with pytest.raises(StockPromised):
        shop.change(made, inputs_of(made, variants=[variant("50 克", on_hand=3)]))
    assert shop.now(made).variants[0].available == 6


def test_P5_a_reserved_variant_cannot_go(shop: Shop) -> None:
    made = shop.add()
    shop.world.run(promise, variant=made.variants[0].id, quantity=1)
    with pytest.raises(VariantPromised, match="50 克"):
        shop.change(made, inputs_of(made, variants=[variant("100 克")]))
    kept = shop.change(made, inputs_of(made, variants=[variant("新", id=made.variants[0].id)]))
    assert [(v.options, v.available) for v in kept.variants] == [(["新"], 9)]


# rights


ASKED: list[Callable[[Shop, Any, Id], object]] = [
    lambda shop, product, by: shop.world.run(actions.create_product, shop=shop.id, by=by, given=tea()),
    lambda shop, product, by: shop.world.run(actions.update_product, product=product.id, by=by, given=tea()),
    lambda shop, product, by: shop.world.run(
        actions.patch_variant, variant=product.variants[0].id, by=by, patch=VariantPatch(price=1)
    ),
    lambda shop, product, by: shop.world.run(actions.add_picture, product=product.id, by=by, file="f", alt=""),
    lambda shop, product, by: shop.world.run(
        actions.remove_picture, product=product.id, by=by, picture=product.pictures[0].id
    ),
    lambda shop, product, by: shop.world.read(queries.require_seller, product=product.id, account=by),
    lambda shop, product, by: shop.world.read(queries.list_products, shop=shop.id, viewer=by, state="hidden"),
]


@pytest.mark.parametrize("ask", ASKED)
def test_P7_only_the_shops_own_staff_may(shop: Shop, open_shop: OpenShop, ask: Callable[..., object]) -> None:
    made = shop.add()
    shop.world.run(actions.add_picture, product=made.id, by=shop.clerk, file="1.webp", alt="")
    made, told = shop.now(made), len(shop.told())
    for stranger in (shop.buyer, open_shop("other").owner, "nobody"):
        with pytest.raises(NotStaff):
            ask(shop, made, stranger)
    assert (shop.now(made), len(shop.told())) == (made, told)
    ask(shop, made, shop.owner)


def test_P7_a_hidden_product_exists_for_the_staff_only(shop: Shop) -> None:
    made = shop.add(tea(state="hidden"))
    assert shop.world.read(queries.product_for, product=made.id, viewer=shop.clerk) == made
    with pytest.raises(NoSuchProduct):
        shop.world.read(queries.product_for, product=made.id, viewer=shop.buyer)
    assert shop.world.read(queries.list_products, shop=shop.id, viewer=shop.buyer).items == []
    assert len(shop.world.read(queries.list_products, shop=shop.id, viewer=shop.clerk).items) == 1


def test_P7_what_is_on_hand_is_for_the_staff(shop: Shop) -> None:
    made = shop.add()
    shop.world.run(promise, variant=made.variants[0].id, quantity=4)
    seen = shop.world.read(queries.product_for, product=made.id, viewer=shop.buyer)
    assert [(v.on_hand, v.available) for v in seen.variants] == [(None, 6), (None, 10)]


def test_what_does_not_exist_is_missing(shop: Shop) -> None:
    world = shop.world
    with pytest.raises(NoSuchProduct):
        world.read(queries.product_for, product="nosuch", viewer=shop.buyer)
    with pytest.raises(NoSuchProduct):
        world.run(actions.update_product, product="nosuch", by=shop.clerk, given=tea())
    with pytest.raises(NoSuchVariant):
        world.run(actions.patch_variant, variant="nosuch", by=shop.clerk, patch=VariantPatch())
    with pytest.raises(NoSuchShop):
        world.read(queries.list_products, shop="nosuch", viewer=shop.buyer)


# lists and search


def test_pages_follow_each_other_newest_first(shop: Shop) -> None:
    made = []
    for n in range(7):
        shop.world.clock.advance(1)
        made.append(shop.add(tea(f"茶{n}")).id)
    pages, cursor = [], None
    while True:
        page = shop.world.read(queries.list_products, shop=shop.id, viewer=shop.buyer, cursor=cursor, limit=3)
        pages.append([item.id for item in page.items])
        cursor = page.next
        if cursor is None:
            break
    assert pages == [made[6:3:-1], made[3:0:-1], made[:1]]


@pytest.mark.parametrize("cursor", ["x", "////", "AAAA", "🍵", "kQA"])
def test_a_broken_cursor_is_refused(shop: Shop, cursor: str) -> None:
    with pytest.raises(BadCursor):
        shop.world.read(queries.list_products, shop=shop.id, viewer=shop.buyer, cursor=cursor)


def found(world: World, text: str) -> list[str]:
    return [each.title for each in world.read(queries.search_products, text=text)]


def test_products_are_found_as_soon_as_they_are_there(shop: Shop) -> None:
    world = shop.world
    made = shop.add(
        tea("狮峰明前西湖龙井茶叶250克", html="<p>清香</p><p>甘醇&amp;回甘</p>", tags=["Longjing"], vendor="山南")
    )
    for words in ("龙井", "longj", "清香", "回甘", "山南", "100 克", "龙井 清香"):
        assert found(world, words) == [made.title], words
    assert found(world, "香甘") == []
    changed = shop.change(made, inputs_of(made, title="正山小种", html="", tags=[]))
    assert (found(world, "龙井"), found(world, "小种")) == ([], ["正山小种"])
    shop.change(changed, inputs_of(changed, state="hidden"))
    assert found(world, "小种") == []
    shop.change(changed, inputs_of(changed, state="active"))
    assert found(world, "小种") == ["正山小种"]


def test_search_finds_things_shops_and_people(shop: Shop) -> None:
    world = shop.world
    made = shop.add(tea("山南龙井"))
    everything = world.read(queries.search, text="山南", kind=None, viewer=shop.buyer)
    assert [each.id for each in everything.products] == [made.id]
    assert [each.id for each in everything.shops] == [shop.id]
    people = world.read(queries.search, text="shannan_owner", kind="people", viewer=shop.buyer)
    assert [each.id for each in people.people] == [shop.owner]
    only = world.read(queries.search, text="山南", kind="shops", viewer=shop.buyer)
    assert (only.products, only.people, len(only.shops)) == ([], [], 1)


@pytest.mark.parametrize("text", ["", "\0", "a\0b", "\ud83c", "%", "'; --", "🍵", "龙" * 5_000])
def test_any_question_is_answered(shop: Shop, text: str) -> None:
    assert shop.world.read(queries.search, text=text, kind=None, viewer=shop.buyer).products == []


def test_P8_the_same_key_makes_one_product(shop: Shop) -> None:
    ask = shop.world.by(shop.clerk, key="k")
    first = ask(actions.create_product, shop=shop.id, by=shop.clerk, given=tea())
    assert ask(actions.create_product, shop=shop.id, by=shop.clerk, given=tea()) == first
    assert len(shop.world.read(queries.list_products, shop=shop.id, viewer=shop.clerk).items) == 1


def test_P2_the_last_told_is_what_a_fresh_list_shows(shop: Shop) -> None:
    made = shop.add()
    shop.add(tea("普洱", state="hidden"))
    shop.change(made, inputs_of(made, variants=[variant("50 克", on_hand=5)]))
    shop.world.run(promise, variant=made.variants[0].id, quantity=2)
    latest: dict[Id, ProductSummary] = {each.id: each for each in shop.told()}
    fresh = shop.world.read(queries.list_products, shop=shop.id, viewer=shop.clerk).items
    assert {each.id: each for each in fresh} == latest
