"""The gap radar in Chromium: opened, drilled down, and gaps mended by hand through its pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from lastmile.community.org.models import Post, SpecialSite
from lastmile.community.people.models import Appointment, Contact
from lastmile.duties import gaps
from tests.browser.conftest import House

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
VILLAGE = "410182109211"


def mend(page: Page, house: House, kind: str, fields: dict[str, str]) -> None:
    """From the tile to the list, from the list to the form, and back with one gap less."""
    page.goto(house.server.url + "/gaps/")
    page.locator(f"a.card[href^='/gaps/{kind}/']").click()
    rows = page.locator("#list tbody tr")
    before = rows.count()
    rows.first.get_by_role("link", name="补上", exact=True).click()
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("#content form button[type=submit]").click()
    expect(page.locator("#messages")).to_contain_text("已补上")
    expect(rows).to_have_count(before - 1)


def count(house: House, kind: str) -> int:
    return gaps.seen(house.world.village, gaps.get(kind)).count()


def test_ten_gaps_are_mended_through_the_pages(house: House) -> None:
    site = SpecialSite.objects.create(place_id=VILLAGE, kind=SpecialSite.Kind.SCHOOL, name="王宗店小学")
    post = Post.objects.create(place_id=VILLAGE, kind=Post.Kind.FLOOD, title="山洪巡查员")
    for home in house.world.households[:2]:
        Contact.objects.filter(person__household=home).update(usable=False)
    kinds = ("grid", "site", "vacant", "deputy", "silent", "unlisted")
    before = {kind: count(house, kind) for kind in kinds}
    person = {"phone": "10077770001", "name": "赵新人"}

    def work(page: Page) -> None:
        jobs: list[tuple[str, dict[str, str]]] = [
            ("grid", person), ("grid", {"phone": "10077770002", "name": "钱新人"}), ("site", person),
            ("vacant", {"phone": "10077770003", "name": "孙新人"}), ("deputy", person),
            ("deputy", {"phone": "10077770002"}), ("silent", {"value": "10077770004"}),
            ("silent", {"value": "10077770005"}), ("unlisted", {}), ("unlisted", {}),
        ]  # fmt: skip
        for kind, fields in jobs:
            mend(page, house, kind, fields)

    house.see("village", work)
    assert count(house, "grid") == before["grid"] - 2
    assert count(house, "silent") == before["silent"] - 2
    assert Appointment.objects.filter(post__site=site, until=None).exists()
    assert Appointment.objects.filter(post=post, until=None).exists()
    assert count(house, "vacant") == before["vacant"] - 1
