"""Find by category: what is on sale, in any shop, by the type that its shop gives it."""

import pytest

from dealings.domain.catalogue import queries, tables_categories
from dealings.domain.catalogue.queries import Category
from dealings.platform.db.tx import Read
from tests.domain.catalogue.conftest import OpenShop, Shop, tea


def names(shop: Shop) -> list[Category]:
    return shop.world.read(queries.categories)


def test_categories_count_what_is_on_sale_the_most_common_first(open_shop: OpenShop) -> None:
    one, other = open_shop("one"), open_shop("other")
    for shop, type in ((one, "绿茶"), (one, "茶具"), (other, "绿茶"), (other, " 绿茶 "), (one, "")):
        shop.add(tea(type=type))
    hidden = one.add(tea(type="红茶", state="hidden"))
    assert names(one) == [Category("绿茶", 3), Category("茶具", 1)]
    one.change(hidden, tea(type="红茶"))
    assert Category("红茶", 1) in names(one)


def test_a_category_is_read_page_by_page_across_shops(open_shop: OpenShop) -> None:
    one, other = open_shop("one"), open_shop("other")
    made = [shop.add(tea(f"tea {n}", type="绿茶")).id for n in range(3) for shop in (one, other)]
    one.add(tea(type="茶具"))
    one.add(tea(type="绿茶", state="hidden"))
    found: list[str] = []
    cursor = None
    while True:
        page = one.world.read(queries.list_category, category="绿茶", cursor=cursor, limit=4)
        found += [product.id for product in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert found == sorted(made, reverse=True)


@pytest.mark.parametrize("name", ["", "nothing", "\0", "%", "'", "\ud800", "茶" * 255])
def test_any_name_is_answered(open_shop: OpenShop, name: str) -> None:
    shop = open_shop("one")
    shop.add(tea(type="绿茶"))
    assert shop.world.read(queries.list_category, category=name, limit=9).items == []


def test_categories_read_the_index_of_what_is_on_sale_and_nothing_else(open_shop: OpenShop) -> None:
    shop = open_shop("one")
    if shop.world.store.dialect != "sqlite":
        pytest.skip("PostgreSQL plans by the size of the table, and this one is small")
    listed = shop.world.read(plan_of, tables_categories.CATEGORIES["sqlite"], (9,))
    assert listed[0] == "SEARCH products USING COVERING INDEX products_by_type (state=?)"
    inside = shop.world.read(plan_of, tables_categories.IN_CATEGORY["sqlite"], ("x", "~", 9))
    assert inside == ["SEARCH products USING COVERING INDEX products_by_type (state=? AND type=? AND id<?)"]


def plan_of(db: Read, statement: str, given: tuple[object, ...]) -> list[str]:
    return [row[3] for row in db.driver.execute(f"EXPLAIN QUERY PLAN {statement}", given)]
