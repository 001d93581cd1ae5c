"""The gap radar in Chromium: opened, drilled down, and gaps mended by hand through its pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from lastmile.community.org.models import Post, SpecialSite
from lastmile.community.people.models import Contact
from lastmile.duties import gaps
from tests.browser.conftest import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
VILLAGE = "410182109211"


def mend(page: Page, house: House, kind: str, fields: dict[str, str]) -> None:
    """From the tile to the list, from the list to the form, and back with one gap less."""
    page.goto(house.server.url + "/gaps/")
    page.locator(f"a.card[href^='/gaps/{kind}/']").click()
    rows = page.locator("#list tbody tr")
    expect(rows.first).to_be_visible()  # the list comes after the page
    before = rows.count()
    rows.first.get_by_role("link", name="补上", exact=True).click()
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("#content form button[type=submit]").click()
    refused = page.locator("[data-refused]")
    assert refused.count() == 0, f"{kind}: {refused.all_inner_texts()}"
    expect(page.locator("#messages")).to_contain_text("已补上", timeout=15_000)
    expect(rows).to_have_count(before - 1)


def count(house: House, kind: str) -> int:
    return gaps.seen(house.world.village, gaps.get(kind)).count()


def test_gaps_are_mended_through_the_pages(house: House) -> None:
    SpecialSite.objects.create(place_id=VILLAGE, kind=SpecialSite.Kind.SCHOOL, name="王宗店小学")
    Post.objects.create(place_id=VILLAGE, kind=Post.Kind.FLOOD, title="山洪巡查员")
    for home in house.world.households[:2]:
        Contact.objects.filter(person__household=home).update(usable=False)
    kinds = ("grid", "site", "vacant", "deputy", "silent")
    before = {kind: count(house, kind) for kind in kinds}

    def work(page: Page) -> None:
        def somebody(number: int) -> dict[str, str]:
            return {"phone": f"1007777000{number}", "name": f"赵新人{number}"}

        jobs = [
            ("grid", somebody(1)), ("grid", somebody(2)), ("site", somebody(3)), ("vacant", somebody(4)),
            ("deputy", somebody(5)), ("deputy", somebody(6)), ("silent", {"value": "10077770007"}),
            ("silent", {"value": "10077770008"}),
        ]  # fmt: skip
        for kind, fields in jobs:
            mend(page, house, kind, fields)

    house.see("village", work)
    mended = {kind: before[kind] - count(house, kind) for kind in ("grid", "site", "vacant", "silent")}
    assert mended == {"grid": 2, "site": 1, "vacant": 1, "silent": 2}
