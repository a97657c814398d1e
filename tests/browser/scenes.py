"""Where a test begins when the way there is not its business: people and a shop, made through the API."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser

from tests.browser.phone import Phone
from tests.browser.places import Caller, Place, befriend
from tests.browser.windows import window

ADDRESS = {"name": "陈小梅", "phone": "13800001001", "text": "浙江省杭州市拱墅区河坊小区 7 幢 302 室"}


@dataclass
class Friends:
    """Two members, each with a phone, and their conversation."""

    mei: Caller
    arun: Caller
    conversation: str

    def texts(self) -> list[str]:
        """What the server has of their talk, in order."""
        messages = self.mei.get(f"/conversations/{self.conversation}/messages")
        return [message["body"].get("text", "") for message in messages]


def two_friends(place: Place, suffix: str) -> Friends:
    mei = place.newcomer(f"mei_{suffix}", "陈小梅")
    arun = place.newcomer(f"arun_{suffix}", "Arun Nair", "en")
    return Friends(mei, arun, befriend(mei, arun))


def phone_of(browser: Browser, place: Place, who: Caller, language: str = "zh-CN") -> Phone:
    return Phone(window(browser, place.url, "phone", language=language, token=who.token), language)


@dataclass
class Shop:
    """A shop with one tea of two packings, and who keeps it."""

    keeper: Caller
    shop: Any
    tea: Any


def tea_shop(place: Place, suffix: str) -> Shop:
    keeper = place.newcomer(f"tao_{suffix}", "陶然")
    given = {"handle": f"shop-{suffix}", "name": "小满茶坊", "tagline": "自己采，自己炒。", "currency": "CNY"}
    shop = keeper.post("/shops", json=given)
    variants = [_packing("纸包", 12_800), _packing("罐装", 14_800)]
    tea = {"title": "明前龙井", "options": ["包装"], "variants": variants}
    return Shop(keeper, shop, keeper.post(f"/shops/{shop['id']}/products", json=tea))


def unpaid_order(shop: Shop, buyer: Caller) -> Any:
    """Ordered and not paid, with enough in the wallet to pay."""
    buyer.post("/wallet/topups", json={"amount": 50_000, "currency": "CNY"})
    line = {"variant": shop.tea["variants"][1]["id"], "quantity": 1, "via": "direct"}
    given = {"lines": [line], "address": ADDRESS, "note": "", "from_cart": False}
    (order,) = buyer.post("/orders", json=given)
    return order


def _packing(name: str, price: int) -> dict[str, Any]:
    return {"sku": "", "options": [name], "price": price, "compare_at": None, "on_hand": 10}
