"""Imports: all or nothing, a second time nothing more, and every bad line by its number."""

import asyncio
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from dealings.domain.catalogue import actions, importing, queries, shopify, stock, tables
from dealings.domain.catalogue.importing import ImportReport, Progress
from dealings.domain.catalogue.model import Product, StockLine
from dealings.domain.identity.errors import NotStaff
from dealings.kernel.errors import Conflict
from dealings.kernel.ids import Id
from dealings.platform.db.actions import action
from dealings.platform.db.lane import Lane
from dealings.platform.db.lanes import InlineLanes
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.db.tx import Tx
from tests.domain.catalogue.conftest import OpenShop, Shop, tea, variant

DATA = Path(__file__).parents[2] / "data"
TEA = (DATA / "tea_and_pots.csv").read_bytes()
HEADER = (
    "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Image Src,Variant Image"
)

Import = Callable[..., ImportReport]


def rows(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines]).encode()


@action()
def promise(tx: Tx, *, variant: Id, quantity: int) -> None:
    stock.reserve_lines(tx, [StockLine(variant, quantity)])


@pytest.fixture
def load(shop: Shop) -> Iterator[Import]:
    """Import bytes into the shop, through the same lanes and reads as a server's."""
    world = shop.world
    reads = Reads(world.store)

    def loaded(data: bytes, *, by: Id | None = None, into: Id | None = None, **how: object) -> ImportReport:
        async def play() -> ImportReport:
            lane = Lane(world.store, clock=world.clock, rng=world.rng)
            lanes = InlineLanes(lane, lambda events, horizon: world.events.extend(events))
            run = Run(lanes, actor=shop.clerk)
            try:
                return await importing.import_file(
                    run,
                    reads,
                    shop=into or shop.id,
                    by=by or shop.clerk,
                    source=io.BytesIO(data),
                    **how,  # type: ignore[arg-type]
                )
            finally:
                await lanes.close()

        return asyncio.run(play())

    yield loaded
    reads.close()


def products(shop: Shop) -> dict[str, Product]:
    """All of the shop by handle, as its staff see them."""
    listed = shop.world.read(queries.list_products, shop=shop.id, viewer=shop.clerk, limit=100).items
    shown = [shop.world.read(queries.product, each.id, staff=True) for each in listed]
    return {product.handle: product for product in shown}


def numbers(report: ImportReport) -> tuple[int, int, int]:
    return report.created, report.updated, report.unchanged


def problems(report: ImportReport) -> list[tuple[int, str]]:
    return [(each.line, each.code) for each in report.errors]


# what is written


def test_a_file_becomes_products(shop: Shop, load: Import) -> None:
    report = load(TEA)
    assert (report.products, report.variants, report.stock) == (4, 9, 96)
    assert (numbers(report), report.written, report.errors) == ((4, 0, 0), True, [])
    made = products(shop)
    longjing = made["longjing-2026"]
    assert (longjing.title, longjing.vendor, longjing.type) == ("明前龙井 2026", "山南茶坊", "绿茶")
    assert longjing.options == ["规格", "包装"]
    assert [(v.options, v.price.amount, v.sku, v.on_hand) for v in longjing.variants] == [
        (["50 克", "纸包"], 12_800, "LJ-50-P", 30),
        (["50 克", "罐装"], 14_800, "LJ-50-T", 20),
        (["100 克", "罐装"], 26_800, "LJ-100-T", 0),
    ]
    assert {handle: product.state for handle, product in made.items()} == {
        "longjing-2026": "active",
        "puer-2018": "active",
        "gaiwan-white": "hidden",  # a draft
        "tea-tray": "hidden",  # not published
    }
    assert shop.world.read(queries.search_products, text="龙井")[0].id == longjing.id
    assert {told.id for told in shop.told()} == {product.id for product in made.values()}


def test_a_second_run_changes_nothing(shop: Shop, load: Import) -> None:
    load(TEA)
    before, told = products(shop), len(shop.told())
    shop.world.clock.advance(1_000)
    assert numbers(load(TEA)) == (0, 0, 4)
    assert (products(shop), len(shop.told())) == (before, told)


def test_a_second_run_updates_by_handle_and_option_values(shop: Shop, load: Import) -> None:
    load(rows("tea,Tea,Size,S,A,5,10.00,,", "tea,,,M,B,5,20.00,,", "pot,Pot,,,,1,99,,"))
    before = products(shop)
    report = load(rows("tea,Tea,Size,M,B,7,25.00,,", "tea,,,L,A,1,30.00,,", "pot,Pot,,,,1,99,,"))
    assert numbers(report) == (0, 1, 1)
    after = products(shop)
    assert after["pot"] == before["pot"]
    assert after["tea"].id == before["tea"].id
    medium, large = after["tea"].variants
    assert (medium.id, medium.on_hand, medium.price.amount) == (before["tea"].variants[1].id, 7, 2_500)
    assert (large.sku, large.options) == ("A", ["L"])


def test_products_made_by_hand_are_updated_too_and_others_left_alone(shop: Shop, load: Import) -> None:
    made = shop.add(tea("tea", options=[], variants=[variant(on_hand=3)]))
    other = shop.add(tea("other"))
    load(rows("tea,Tea,,,,,1.00,,"))
    after = products(shop)
    assert (after["tea"].id, after["tea"].title, after["tea"].variants[0].id) == (made.id, "Tea", made.variants[0].id)
    assert after["tea"].variants[0].on_hand == 3  # the file says nothing about stock
    assert after["other"] == other


def test_skus_may_change_hands_between_products(shop: Shop, load: Import) -> None:
    load(rows("a,A,,,X,1,1,,", "b,B,,,Y,1,1,,"))
    assert numbers(load(rows("a,A,,,Y,1,1,,", "b,B,,,X,1,1,,"))) == (0, 2, 0)
    assert {handle: product.variants[0].sku for handle, product in products(shop).items()} == {"a": "Y", "b": "X"}


def test_P7_only_staff_may_import(shop: Shop, load: Import, open_shop: OpenShop) -> None:
    for stranger in (shop.buyer, open_shop("other").owner):
        for dry_run in (True, False):
            with pytest.raises(NotStaff):
                load(TEA, by=stranger, dry_run=dry_run)
    with pytest.raises(NotStaff):
        shop.world.run(
            importing.import_products, shop=shop.id, by=shop.buyer, products=[], skip_bad=False, language="en"
        )


def test_the_same_file_into_two_shops(load: Import, shop: Shop, open_shop: OpenShop) -> None:
    other = open_shop("other")
    load(TEA)
    assert numbers(load(TEA, by=other.clerk, into=other.id)) == (4, 0, 0)


# all or nothing


def test_with_one_bad_line_nothing_is_written(shop: Shop, load: Import) -> None:
    report = load(rows("good,Good,,,,1,10,,", "bad,Bad,,,,1,ten,,"))
    assert (report.written, problems(report), report.products) == (False, [(3, "bad_price")], 1)
    assert products(shop) == {}


def test_bad_products_can_be_skipped(shop: Shop, load: Import) -> None:
    report = load(rows("good,Good,,,,1,10,,", "bad,Bad,,,,1,ten,,"), skip_bad=True)
    assert (report.written, problems(report), numbers(report)) == (True, [(3, "bad_price")], (1, 0, 0))
    assert products(shop).keys() == {"good"}


def test_every_fault_is_reported_and_the_rest_can_be_had(shop: Shop, load: Import) -> None:
    data = (DATA / "every_fault.csv").read_bytes()
    report = load(data)
    assert not report.written
    assert len(report.errors) > 20
    assert problems(report) == sorted(problems(report), key=lambda problem: problem[0])
    skipped = load(data, skip_bad=True)
    assert (skipped.written, problems(skipped)) == (True, problems(report))
    assert len(products(shop)) == report.products == skipped.products > 0


@pytest.mark.parametrize("data", [b"", b"hello", b"\xff\xfe\xfd", b"Handle,Title\na,b"])
def test_a_file_that_cannot_be_read_is_not_skipped_into(shop: Shop, load: Import, data: bytes) -> None:
    report = load(data, skip_bad=True)
    assert not report.written
    assert report.errors
    assert products(shop) == {}


def test_messages_speak_the_readers_language(load: Import) -> None:
    bad = rows("bad,Bad,,,,1,ten,,")
    assert "is not an amount" in load(bad).errors[0].message
    assert "不是" in load(bad, language="zh").errors[0].message


# what the shop's own state has against it


def test_P5_an_import_cannot_take_what_is_reserved(shop: Shop, load: Import) -> None:
    load(rows("tea,Tea,Size,S,,5,10,,", "tea,,,M,,5,10,,", "pot,Pot,,,,1,9,,"))
    small = products(shop)["tea"].variants[0].id
    shop.world.run(promise, variant=small, quantity=3)
    before = products(shop)
    less = rows("pot,Pot,,,,7,9,,", "tea,Tea,Size,S,,2,10,,", "tea,,,M,,5,10,,")
    report = load(less)
    assert (report.written, problems(report)) == (False, [(3, "stock_promised")])
    gone = load(rows("tea,Tea,Size,M,,5,10,,"), language="zh")
    assert problems(gone) == [(2, "variant_promised")]
    assert "预留" in gone.errors[0].message
    assert products(shop) == before
    assert numbers(load(less, skip_bad=True)) == (0, 1, 0)
    assert products(shop)["pot"].variants[0].on_hand == 7
    assert products(shop)["tea"] == before["tea"]


def test_a_sku_of_another_product_is_reported_at_its_line(shop: Shop, load: Import) -> None:
    shop.add(tea("other", options=[], variants=[variant(sku="X")]))
    report = load(rows("tea,Tea,Size,S,A,1,1,,", "tea,,,M,X,1,1,,", "pot,Pot,,,B,1,1,,"))
    assert problems(report) == [(3, "sku_taken")]
    assert (report.products, report.written) == (1, False)


def test_leaving_one_out_leaves_out_who_counted_on_its_sku(shop: Shop, load: Import) -> None:
    load(rows("a,A,,,X,1,1,,", "b,B,,,Y,1,1,,", "c,C,,,Z,1,1,,"))
    shop.world.run(promise, variant=products(shop)["c"].variants[0].id, quantity=1)
    # c can't be, so its Z isn't free, so b can't have it, so Y isn't free for a
    report = load(rows("a,A,,,Y,1,1,,", "b,B,,,Z,1,1,,", "c,C,,,W,0,1,,", "d,D,,,V,1,1,,"), skip_bad=True)
    assert sorted(problems(report)) == [(2, "sku_taken"), (3, "sku_taken"), (4, "stock_promised")]
    assert numbers(report) == (1, 0, 0)


# dry runs and progress


def test_a_dry_run_writes_nothing_and_says_what_would_be(shop: Shop, load: Import) -> None:
    load(rows("pot,Pot,,,,1,9,,"))
    before, told = products(shop), len(shop.told())
    report = load(rows("pot,Pot,,,,2,9,,", "tea,Tea,,,,3,9,,", "bad,,,,,1,1,,"), dry_run=True)
    assert (report.written, numbers(report), problems(report)) == (False, (1, 1, 0), [(4, "missing_title")])
    assert (products(shop), len(shop.told())) == (before, told)


def test_the_json_of_a_dry_run(load: Import) -> None:
    report = load(rows("tea,Tea,Size,S,,3,9,,", "tea,,,M,,4,9,,", "bad,Bad,,,,1,ten,,"), dry_run=True)
    printed = msgspec.json.decode(msgspec.json.encode(report.summary))
    assert printed["errors"][0].pop("message").startswith("“ten”")
    assert printed == {"products": 1, "variants": 2, "stock": 7, "errors": [{"line": 4, "code": "bad_price"}]}


@pytest.mark.parametrize(("dry_run", "stage"), [(True, "checking"), (False, "writing")])
def test_progress_is_told(load: Import, dry_run: bool, stage: str) -> None:
    told: list[Progress] = []
    load(TEA, dry_run=dry_run, on_progress=told.append)
    assert [(each.stage, each.total) for each in told] == [("reading", 0), (stage, 4), ("done", 4)]


def test_P8_a_file_imported_under_one_key_twice_counts_once(shop: Shop) -> None:
    read = shopify.read(io.BytesIO(TEA), currency="CNY")
    ask = shop.world.by(shop.clerk, key="k")
    how = {"shop": shop.id, "by": shop.clerk, "skip_bad": False, "language": "en"}
    first = ask(importing.import_products, products=list(read.products), **how)  # type: ignore[arg-type]
    assert ask(importing.import_products, products=list(read.products), **how) == first  # type: ignore[arg-type]
    with pytest.raises(Conflict):
        ask(importing.import_products, products=[], **how)  # type: ignore[arg-type]


# pictures by address


def test_pictures_wait_to_be_fetched(shop: Shop, load: Import) -> None:
    load(rows("tea,Tea,Size,S,,1,9,http://p/1.jpg,http://p/2.jpg", "tea,,,M,,1,9,http://p/3.jpg,"))
    due = shop.world.read(tables.pictures_due, now=shop.world.clock(), limit=9)
    assert {each.source for each in due} == {"http://p/1.jpg", "http://p/2.jpg", "http://p/3.jpg"}
    assert products(shop)["tea"].pictures == []


def test_pictures_that_came_stay_when_the_file_comes_again(shop: Shop, load: Import) -> None:
    data = rows("tea,Tea,Size,S,,1,9,http://p/1.jpg,http://p/2.jpg")
    load(data)
    for each in shop.world.read(tables.pictures_due, now=shop.world.clock(), limit=9):
        shop.world.run(actions.attach_picture, shop=shop.id, picture=each.id, file=f"{each.source[-5]}.webp")
    before = products(shop)["tea"]
    assert [picture.url[-6:] for picture in before.pictures] == ["1.webp", "2.webp"]
    assert before.variants[0].picture == before.pictures[1].url
    assert numbers(load(data)) == (0, 0, 1)
    assert products(shop)["tea"] == before
    load(rows("tea,Tea,Size,S,,1,9,http://p/2.jpg,"))
    assert [picture.url[-6:] for picture in products(shop)["tea"].pictures] == ["2.webp"]


def test_uploaded_pictures_stay_behind_those_of_the_file(shop: Shop, load: Import) -> None:
    load(rows("tea,Tea,,,,1,9,,"))
    made = products(shop)["tea"]
    own = shop.world.run(actions.add_picture, product=made.id, by=shop.clerk, file="own.webp", alt="")
    load(rows("tea,Tea,,,,1,9,http://p/1.jpg,"))
    assert products(shop)["tea"].pictures == [own]
    (due,) = shop.world.read(tables.pictures_due, now=shop.world.clock(), limit=9)
    shop.world.run(actions.attach_picture, shop=shop.id, picture=due.id, file="1.webp")
    assert [picture.url[-6:] for picture in products(shop)["tea"].pictures] == ["1.webp", "n.webp"]


def test_a_given_up_picture_is_tried_again_when_the_file_comes_again(shop: Shop, load: Import) -> None:
    data = rows("tea,Tea,,,,1,9,http://p/1.jpg,")
    load(data)
    (due,) = shop.world.read(tables.pictures_due, now=shop.world.clock(), limit=9)
    shop.world.run(actions.give_up_picture, shop=shop.id, picture=due.id, problem="answered 404", passing=False)
    assert shop.world.read(tables.pictures_due, now=shop.world.clock() * 2, limit=9) == []
    assert numbers(load(data)) == (0, 0, 1)
    assert shop.world.read(tables.pictures_due, now=shop.world.clock(), limit=9) == [due]
