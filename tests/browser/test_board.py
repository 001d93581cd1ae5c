"""The board in a lobby: switched off and on without a network it shows the last it knew, and says of when that is."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
KEPT = "caches.match(location.href, { ignoreVary: true }).then(Boolean)"


def test_the_board_survives_a_reload_without_network(house: House) -> None:
    def do(context: BrowserContext, page: Page) -> None:
        page.goto("/w/board/")
        page.wait_for_function(KEPT)
        expect(page.locator("#old")).to_have_count(0)
        shown = page.locator("#board h1").inner_text()
        context.set_offline(True)
        page.reload()
        expect(page.locator("#board h1")).to_have_text(shown)
        expect(page.locator("#old")).to_contain_text("min")
        assert (
            page.evaluate("getComputedStyle(document.querySelector('#board h1')).fontSize") != "32px"
        )  # with its style
        context.set_offline(False)
        expect(page.locator("#old")).to_have_count(0, timeout=15_000)

    house.phone("officer", do)
