"""Pictures by address: fetched after the import, survived when they can't be had, never asked for twice too soon."""

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from dealings.domain.catalogue import actions, importing, queries, shopify, tables
from dealings.domain.catalogue.actions import FETCH_PAUSES
from dealings.domain.catalogue.model import Product
from dealings.domain.catalogue.pictures import IN_ONE_STEP, Fetch, fetch_pictures
from dealings.kernel.clock import DAY, HOUR
from dealings.platform.db.lane import Lane
from dealings.platform.db.lanes import InlineLanes
from dealings.platform.db.reads import Reads
from dealings.platform.db.run import Run
from dealings.platform.files.pictures import Unreachable
from dealings.platform.files.store import FolderFiles
from tests.domain.catalogue.conftest import Shop


def red(width: int = 8) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, 8), "red").save(written, "PNG")
    return written.getvalue()


class Web:
    """A web of these addresses; anything else fails as told, and every asking is counted."""

    def __init__(self, **pages: bytes | Unreachable) -> None:
        self.pages = pages
        self.asked: list[str] = []

    async def fetch(self, address: str) -> bytes:
        name = address.removeprefix("http://p/")
        self.asked.append(name)
        page = self.pages[name]
        if isinstance(page, Unreachable):
            raise page
        return page


class Fetcher:
    def __init__(self, shop: Shop, files: FolderFiles) -> None:
        self.shop, self.files, self.reads = shop, files, Reads(shop.world.store)

    def step(self, fetch: Fetch) -> int:
        world = self.shop.world

        async def play() -> int:
            lane = Lane(world.store, clock=world.clock, rng=world.rng)
            lanes = InlineLanes(lane, lambda events, horizon: world.events.extend(events))
            try:
                return await fetch_pictures(self.reads, Run(lanes), self.files, fetch=fetch, clock=world.clock)
            finally:
                await lanes.close()

        return asyncio.run(play())


@pytest.fixture
def fetcher(shop: Shop, tmp_path: Path) -> Iterator[Fetcher]:
    made = Fetcher(shop, FolderFiles(tmp_path / "files"))
    yield made
    made.reads.close()


def sell(shop: Shop, *names: str) -> Product:
    pictures = tuple(shopify.Picture(address=f"http://p/{name}", alt=name) for name in names)
    variants = (shopify.Variant(line=2, values=(), price=100, picture=pictures[-1].address),)
    product = shopify.Product(line=2, handle="tea", title="Tea", variants=variants, pictures=pictures)
    shop.world.run(
        importing.import_products, shop=shop.id, by=shop.clerk, products=[product], skip_bad=False, language="en"
    )
    (made,) = shop.world.read(queries.list_products, shop=shop.id, viewer=shop.clerk).items
    return shop.world.read(queries.product, made.id, staff=True)


def test_pictures_come_in_the_order_of_the_file_and_the_staff_are_told(shop: Shop, fetcher: Fetcher) -> None:
    product = sell(shop, "a", "b")
    assert fetcher.step(Web(a=red(), b=red(16)).fetch) == 2
    first, second = shop.now(product).pictures
    assert (first.alt, second.alt) == ("a", "b")
    assert shop.now(product).variants[0].picture == second.url
    assert asyncio.run(fetcher.files.get(first.url.rsplit("/", 1)[1])) is not None
    assert shop.told()[-1].picture == first.url
    assert fetcher.step(Web().fetch) == 0


def test_one_that_cannot_be_had_costs_only_itself(shop: Shop, fetcher: Fetcher) -> None:
    product = sell(shop, "gone", "text", "good")
    web = Web(gone=Unreachable("answered 404", passing=False), text=b"<html>", good=red())
    fetcher.step(web.fetch)
    assert [picture.alt for picture in shop.now(product).pictures] == ["good"]
    kept = shop.world.read(queries.kept, product.id)
    assert [each.source for each in kept.pictures] == ["http://p/gone", "http://p/text", "http://p/good"]
    shop.world.clock.advance(DAY)
    assert fetcher.step(web.fetch) == 0


def test_what_nobody_thought_of_costs_only_itself(shop: Shop, fetcher: Fetcher) -> None:
    product = sell(shop, "bug", "good")

    async def fetch(address: str) -> bytes:
        if address.endswith("bug"):
            raise TypeError(address)
        return red()

    for _ in range(9):
        fetcher.step(fetch)
        shop.world.clock.advance(3 * HOUR)
    assert [picture.alt for picture in shop.now(product).pictures] == ["good"]
    assert fetcher.step(fetch) == 0


def test_what_may_pass_is_tried_again_a_few_times(shop: Shop, fetcher: Fetcher) -> None:
    product = sell(shop, "late")
    down = Web(late=Unreachable("no answer", passing=True))
    for pause in FETCH_PAUSES:
        assert fetcher.step(down.fetch) == 1
        shop.world.clock.advance(pause - 1)
        assert fetcher.step(down.fetch) == 0
        shop.world.clock.advance(1)
    assert fetcher.step(Web(late=red()).fetch) == 1
    assert len(shop.now(product).pictures) == 1


def test_in_the_end_it_is_given_up(shop: Shop, fetcher: Fetcher) -> None:
    sell(shop, "late")
    down = Web(late=Unreachable("no answer", passing=True))
    for _ in range(9):
        fetcher.step(down.fetch)
        shop.world.clock.advance(3 * HOUR)
    assert len(down.asked) == 1 + len(FETCH_PAUSES)


def test_a_step_has_an_end(shop: Shop, fetcher: Fetcher) -> None:
    names = [f"n{number}" for number in range(IN_ONE_STEP + 3)]
    sell(shop, *names)
    web = Web(**dict.fromkeys(names, red()))
    assert [fetcher.step(web.fetch) for _ in range(3)] == [IN_ONE_STEP, 3, 0]
    assert sorted(web.asked) == sorted(names)


def test_a_picture_is_attached_once_and_not_to_what_is_gone(shop: Shop) -> None:
    product = sell(shop, "a")
    (due,) = shop.world.read(tables.pictures_due, now=shop.world.clock(), limit=9)
    shop.world.run(actions.attach_picture, shop=shop.id, picture=due.id, file="first.webp")
    told = len(shop.told())
    shop.world.run(actions.attach_picture, shop=shop.id, picture=due.id, file="second.webp")
    shop.world.run(actions.attach_picture, shop=shop.id, picture="nosuch", file="x.webp")
    shop.world.run(actions.give_up_picture, shop=shop.id, picture=due.id, problem="x", passing=True)
    shop.world.run(actions.give_up_picture, shop=shop.id, picture="nosuch", problem="x", passing=True)
    assert shop.now(product).pictures[0].url.endswith("first.webp")
    assert len(shop.told()) == told
    assert shop.world.read(tables.pictures_due, now=shop.world.clock() + DAY, limit=9) == []


def test_products_on_sale_can_be_found_before_their_pictures_come(shop: Shop) -> None:
    product = sell(shop, "a")
    (found,) = shop.world.read(queries.search_products, text="tea")
    assert (found.id, found.picture) == (product.id, None)
