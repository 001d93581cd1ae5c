"""The gap radar over a real city in Chromium: Zhengzhou's tree with posts of six departments, opened and drilled down,
and one gap of every kind that has a short form mended by hand through its pages."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from lastmile.community.org import divisions, loading
from lastmile.community.org.models import Level, Place, Post, SpecialSite
from lastmile.community.people.models import Appointment, Contact
from lastmile.duties import gaps, sample
from lastmile.duties.actions.gaps import refresh_due
from lastmile.duties.actions.responsibilities import save_list
from lastmile.duties.models import DutyList
from lastmile.kernel import clock
from tests.browser.conftest import House
from tests.browser.look import View, show

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
VILLAGE, COUNTY = "410182109211", "410182"
NEIGHBOUR = "10077770099"  # somebody of the village whom everybody knows


def spoil(house: House) -> None:
    """One gap of each kind in the village that the small city does not have by itself."""
    world, old = house.world, clock.now() - timedelta(days=800)
    SpecialSite.objects.create(place_id=VILLAGE, kind=SpecialSite.Kind.SCHOOL, name="王宗店小学")
    Post.objects.create(place_id=VILLAGE, kind=Post.Kind.FLOOD, title="山洪巡查员")
    left = Post.objects.create(place_id=VILLAGE, kind=Post.Kind.OTHER, title="水库看守员")
    save_list(left, [{"duty": "看水位"}], by=world.village)
    silent, dead, stale = world.households[:3]
    Contact.objects.filter(person__household=silent).update(usable=False)
    first = Contact.objects.filter(person__household=dead).earliest("pk")
    Contact.objects.filter(pk=first.pk).update(usable=False, unusable_at=old, unusable_why="空号")
    for home in (world.staff[VILLAGE], stale.members.earliest("pk")):
        Contact.objects.filter(person=home).update(confirmed_at=old)


def zhengzhou(house: House) -> None:
    loading.load(divisions.carried())
    sample.departments("4101")
    spoil(house)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # a running system does so by itself, a minute later
    refresh_due()


def count(house: House, kind: str) -> int:
    return gaps.seen(house.world.village, gaps.get(kind)).count()


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("LASTMILE_SCREENS"):
        page.screenshot(path=Path(folder) / f"radar-{name}.png", full_page=True)


def mend(page: Page, house: House, kind: str, fields: dict[str, str]) -> None:
    """From the tile to the list, from the list to the form, and back with one less; whoever is new may bring others."""
    page.goto(house.server.url + "/gaps/")
    page.locator(f"a.card[href^='/gaps/{kind}/']").click()
    rows = page.locator("#list tbody tr")
    expect(rows.first).to_be_visible()  # the list comes after the page
    before = rows.count()
    rows.locator(f"a[href^='/gaps/{kind}/'][href$='/mend/']").first.click()
    picture(page, f"mend-{kind}")
    for name, value in fields.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("#content form button[type=submit]").click()
    refused = page.locator("[data-refused]")
    assert refused.count() == 0, f"{kind}: {refused.all_inner_texts()}"
    expect(page.locator("#messages")).to_contain_text("已补上", timeout=15_000)
    expect(rows).to_have_count(before - 1)


def somebody(number: int) -> dict[str, str]:
    return {"phone": f"100777700{number:02d}", "name": "赵新人"}


# The people whom the first forms enter are known to the later ones; “unguarded” names one of them.
MENDS: dict[str, dict[str, str]] = {
    "grid": somebody(99),
    "site": somebody(3),
    "vacant": somebody(4),
    "deputy": somebody(5),
    "orphan": somebody(6),
    "unguarded": {"phone": NEIGHBOUR},
    "silent": {"value": "10077770007"},
    "dead": {"value": "10077770008"},
    "untested": {},
    "stale": {},
    "unlisted": {},
}


def of_the_city(page: Page, house: House, counties: int) -> None:
    """Every county has its gaps; the city drills down to a township and its list of vacant posts."""
    show(page, View(1440, "light"))
    page.goto(house.server.url + "/gaps/")
    rows = page.locator("table tbody tr")
    assert rows.count() in (counties, counties + 1)  # and the city's own posts
    picture(page, "city-1440")
    show(page, View(390, "light"))
    picture(page, "city-390")
    page.get_by_role("link", name="荥阳市", exact=True).click()
    page.get_by_role("link", name="崔庙镇", exact=True).click()
    expect(page.locator("table tbody")).to_contain_text("王宗店")
    picture(page, "township-390")


def test_ten_gaps_of_a_real_city_are_mended_by_hand_through_the_pages(house: House) -> None:
    zhengzhou(house)
    assert Post.objects.exclude(line="").values("line").distinct().count() == len(sample.DEPARTMENTS)
    counties = Place.objects.current().at(Level.COUNTY).under("4101").count()
    house.see("city", lambda page: of_the_city(page, house, counties))
    before = {kind: count(house, kind) for kind in MENDS}
    assert all(before.values()), before
    appointed, listed = Appointment.objects.count(), DutyList.objects.filter(made_by=house.world.village).count()

    def work(page: Page) -> None:
        show(page, View(390, "light"))
        for kind, fields in MENDS.items():
            mend(page, house, kind, fields)

    house.see("village", work)
    assert Appointment.objects.count() == appointed + 5
    assert DutyList.objects.filter(made_by=house.world.village).count() == listed + 1
