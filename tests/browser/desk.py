"""What a shop's staff do at the desk, in the words of the job."""

from playwright.sync_api import FilePayload, Locator, expect

from dealings.samples.pictures import product_picture, shop_picture
from tests.browser.windows import Window


class Desk:
    """The desk of someone who works in a shop. Nothing here reloads a page."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.page = window.page

    def sign_up(self, handle: str, name: str, password: str) -> None:
        self.window.open("/desk/")
        self.window.click("sign-in-turn")
        for field, text in (("name", name), ("handle", handle), ("password", password)):
            self.page.locator(f"input[name={field}]").fill(text)
        self.window.click("sign-in")

    def sign_in(self, handle: str, password: str) -> None:
        self.window.open("/desk/")
        self.page.locator("input[name=handle]").fill(handle)
        self.page.locator("input[name=password]").fill(password)
        self.window.click("sign-in")
        expect(self.page.get_by_test_id("rail")).to_be_visible()

    def open_shop(self, handle: str, name: str, tagline: str) -> None:
        self.page.get_by_test_id("shop-name").fill(name)
        self.page.get_by_test_id("shop-handle").fill(handle)
        self.page.get_by_test_id("shop-tagline").fill(tagline)
        self.window.click("open-shop")
        expect(self.page.get_by_test_id("shop-switcher")).to_contain_text(name)

    def hang_sign(self, sign: str) -> None:
        self.window.click("rail-settings")
        with self.page.expect_response(lambda answer: answer.url.endswith("/picture")) as hung:
            self.page.get_by_test_id("shop-picture").set_input_files(_file(f"{sign}.jpg", shop_picture(sign)))
        assert hung.value.ok

    def import_goods(self, csv: bytes) -> Locator:
        """Checked first, then imported; gives the report."""
        self.window.click("rail-products")
        self.window.click("to-import")
        self.page.get_by_test_id("csv-file").set_input_files(_file("goods.csv", csv, kind="text/csv"))
        report = self.page.get_by_test_id("import-report")
        expect(report).to_be_visible()
        self.window.picture("import")
        self.window.click("import-confirm")
        self.window.click("import-done")
        return self.page.get_by_test_id("product-table")

    def hang_pictures(self, title: str, *names: str) -> None:
        self.page.get_by_role("link", name=title, exact=True).click()
        files = [_file(f"{name}.jpg", product_picture(name)) for name in names]
        self.page.get_by_test_id("picture-file").set_input_files(files)
        expect(self.page.locator("ul.shelf li:not(.queued) img")).to_have_count(len(names))
        self.window.click("rail-products")

    # answering

    def answer(self, buyer: str) -> None:
        """Opens the buyer's thread from the queue."""
        self.page.get_by_test_id("queue").get_by_role("link").filter(has_text=buyer).click()
        expect(self.page.get_by_test_id("buyer")).to_contain_text(buyer)

    def say(self, text: str) -> None:
        self.page.get_by_test_id("composer").fill(text)
        self.window.click("send")

    def hears(self, text: str) -> None:
        expect(self.page.get_by_test_id("messages").get_by_text(text, exact=True)).to_be_visible()

    def drop_card(self, sought: str, title: str) -> None:
        self.window.click("open-products")
        self.page.get_by_test_id("picker-search").fill(sought)
        self.page.get_by_role("option").filter(has_text=title).click()
        expect(self.page.get_by_test_id("product-card")).to_contain_text(title)

    def nobody_waits(self) -> None:
        """Everyone has their answer; a step of an order is no question."""
        expect(self.page.get_by_test_id("filter-waiting").locator(".figures")).to_have_text("0")

    # selling

    def order_is(self, state: str) -> None:
        """In the buyer's column and on the card in the chat."""
        for place in ("buyer", "messages"):
            expect(self.page.get_by_test_id(place).locator(f".state[data-state={state}]")).to_have_count(1)

    def ship(self, carrier: str, tracking: str) -> None:
        self.page.get_by_test_id("buyer").get_by_test_id("ship").click()
        self.page.get_by_test_id("carrier").fill(carrier)
        self.page.get_by_test_id("ship-dialog").locator("[data-testid^=tracking-]").fill(tracking)
        self.window.click("ship-confirm")


def _file(name: str, content: bytes, *, kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}
