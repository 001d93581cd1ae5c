"""A thumb on a phone that counts what a person does on a page: taps, and fields filled in."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page

from tests.browser.conftest import House
from tests.browser.look import View, show

SMALLEST = 36  # pixels: a thumb must hit it


class Thumb:
    """Counts what a person does on the page."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps, self.fields = page, 0, 0

    def tap(self, button: Locator) -> None:
        box = button.bounding_box()
        assert box is not None
        assert min(box["height"], box["width"]) >= SMALLEST, "a thumb must hit it"
        self.taps += 1
        button.click()

    def fill(self, field: Locator, text: str) -> None:
        self.fields += 1
        field.fill(text)

    def press(self, name: str, *, within: str = "#content") -> None:
        self.tap(self.page.locator(within).get_by_role("button", name=name).first)


def on_phone(house: House, login: str, address: str, do: Callable[[Thumb], None]) -> tuple[int, int]:
    """(taps, fields) of a log-in on a page."""

    def visit(page: Page) -> tuple[int, int]:
        show(page, View(390, "light"))
        page.goto(house.server.url + address)
        thumb = Thumb(page)
        do(thumb)
        return thumb.taps, thumb.fields

    return house.see(login, visit)
