"""The burden budget, counted in Chromium: of a request in which all but two fields are known, two are asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from lastmile.facts import dictionary
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.actions.request import Wish, register
from lastmile.facts.models import Ask, Entry, Via
from lastmile.kernel import clock
from tests.browser.conftest import House
from tests.browser.look import View, show

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
VILLAGE, PHONE = "410182109211", 390
TOLD = {"village.pumps": "3", "village.generators": "1", "village.clinic": "是", "village.loudspeakers": "6"}
ASKED = ["village.fire_stations", "village.volunteers"]


def _page(house: House, address: str, do: Callable[[Page], None]) -> None:
    def visit(page: Page) -> None:
        show(page, View(PHONE, "light"))
        page.goto(house.server.url + address)
        do(page)

    house.see("village", visit)


def _request(house: House) -> Ask:
    world = house.world
    enter(world.village, [Said(dictionary.field(name), VILLAGE, None, value) for name, value in TOLD.items()], Via.PAGE)
    counted = ["people.households", "people.vulnerable", "org.grids", "org.care_homes"]
    wish = Wish(
        place=world.places["410182"],
        title="汛前十项",
        basis="防汛条例第二十条",
        reason="汛前检查",
        fields=dictionary.named([*counted, *TOLD, *ASKED]),
        under=[VILLAGE],
        subject="place",
        level=5,
        due_at=clock.now() + timedelta(days=2),
    )
    return register(world.officer, wish).asks.get()


def test_of_ten_fields_two_are_asked_and_what_is_typed_is_kept(house: House) -> None:
    ask = _request(house)
    address = f"/facts/asks/{ask.pk}/"

    def half(page: Page) -> None:
        inputs = page.locator("[data-question]")
        expect(inputs).to_have_count(2)
        page.locator("#answer input[inputmode=numeric]").first.fill("2")
        expect(page.locator("#draft")).to_contain_text("已暂存")

    def rest(page: Page) -> None:
        boxes = page.locator("#answer input[inputmode=numeric]")
        expect(boxes.first).to_have_value("2")  # from the server: it would be there on another phone too
        assert boxes.first.evaluate("box => box.offsetHeight") >= 44, "a thumb must hit it"
        boxes.nth(1).fill("15")
        page.get_by_role("button", name="提交答复").click()
        expect(page.locator("#content")).to_contain_text("没有要填的了")

    _page(house, address, half)
    _page(house, address, rest)
    assert set(Entry.objects.filter(field__in=ASKED).values_list("value", flat=True)) == {"2", "15"}
