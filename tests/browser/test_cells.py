"""Neighbours in Chromium: a head answers for six doors with six taps, and a grid is divided by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from lastmile.alerting import cell_texts, links
from lastmile.alerting.models import CellDoor, CellRound, Sent, Whom
from lastmile.alerting.neighbours import rounds
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.community.cells import actions, queries
from lastmile.community.cells.models import Cell
from lastmile.community.people.models import Person
from lastmile.kernel import clock
from tests.browser.conftest import House
from tests.browser.look import View, show
from tests.world import add_place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GRID, DOORS, PHONE = "410182109211081", 6, 390


@pytest.fixture
def grid(house: House) -> str:
    """A grid of its own with six doors."""
    house.world.places[GRID] = add_place(GRID, "河西网格")
    house.world.settle(GRID, DOORS, 34.66, 113.36)
    return GRID


def test_a_grid_is_divided_by_keyboard_and_its_head_answers_with_a_tap_a_door(house: House, grid: str) -> None:
    """One test: what the server sees is committed, and gone after the first."""
    divides(house, grid)
    answers(house, grid)


def answers(house: House, grid: str) -> None:
    world = house.world
    actions.arrange(world.places[grid], {home.pk: 1 for home in queries.doors(grid)}, by=world.village)
    head = Person.objects.filter(place=grid).earliest("pk")
    actions.agree(Cell.objects.get(place=grid, until=None), "head", head, how="talk", by=world.village)
    event = make_event(world)
    listed(event, list(Person.objects.filter(place=grid)), state=Sent.ACCEPTED)
    CellRound.objects.create(event=event, due_at=clock.now(), whom=Whom.SILENT, step=3)
    rounds.tick()
    assert len(cell_texts.doors(event, head.pk)) == DOORS

    def visit(page: Page) -> None:
        show(page, View(PHONE, "light"))
        page.goto(f"{house.server.url}/n/{links.token(event.pk, head.pk)}/")
        for left in range(DOORS - 1, -1, -1):
            page.get_by_role("button", name="已告知").first.click()
            expect(page.get_by_role("button", name="已告知")).to_have_count(left)
        expect(page.get_by_role("status")).to_contain_text("每户都有回音了")
        assert "李" not in page.content()
        page.get_by_role("button", name="撤销").first.click()
        expect(page.get_by_role("button", name="已告知")).to_have_count(1)

    house.see("", visit)
    assert CellDoor.objects.filter(event=event.pk, closed_at=None).count() == 1


def divides(house: House, grid: str) -> None:

    def visit(page: Page) -> None:
        show(page, View(PHONE, "light"))
        page.goto(f"{house.server.url}/cells/in/{grid}/doors/")
        page.locator("[data-cell-number]").first.focus()
        for number in "111222":
            page.keyboard.type(number)
            page.keyboard.press("Enter")
        page.get_by_role("button", name="保存").click()
        expect(page.locator("[data-cell-number]").last).to_have_value("2")
        page.get_by_role("button", name="撤销上一次分组").click()
        expect(page.locator("[data-cell-number]").last).to_have_value("")
        page.get_by_role("button", name="采用建议").click()
        expect(page.locator("[data-cell-number]").last).to_have_value("1")

    house.see("village", visit)
    assert set(queries.arranged(grid).values()) == {1}
