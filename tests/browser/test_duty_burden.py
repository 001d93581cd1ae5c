"""The burden of everyday duties, counted in Chromium on a phone: taps and fields from the page that the to-do opens."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from lastmile.duties.models import Dispute, DutySignature, Obligation, Sheet
from tests.browser.conftest import House
from tests.browser.samples_duties import owed
from tests.browser.thumb import Thumb, on_phone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign(thumb: Thumb) -> None:
    thumb.press("我已阅读")
    expect(thumb.page.locator("#messages")).to_contain_text("已签收")


def fill_in(thumb: Thumb) -> None:
    """A problem at the first item, the rest in order; the page goes on where the thumb is."""
    first = thumb.page.locator("#item-0")
    thumb.fill(first.get_by_role("textbox"), "排水沟堵了")
    thumb.tap(first.locator("button[value=problem]"))
    expect(first.locator("p")).to_have_text("排水沟堵了")
    assert thumb.page.url.endswith("#item-1")
    thumb.press("其余都正常")
    expect(thumb.page.locator("#content .alert-success")).to_be_visible()


def not_ours(thumb: Thumb) -> None:
    thumb.fill(thumb.page.locator("[name=words]"), "归水利所")
    thumb.tap(thumb.page.locator("#content form button[type=submit]"))
    expect(thumb.page.locator("#content")).to_contain_text("归水利所")


def choose(thumb: Thumb) -> None:
    """A checklist asks only for what its trigger needs."""
    every, colour = thumb.page.locator("[name=every]"), thumb.page.locator("[name=colour]")
    for trigger, calendar, warning in (("recurrence", True, False), ("warning", False, True), ("hand", False, False)):
        thumb.page.locator("[name=trigger]").select_option(trigger)
        expect(every).to_be_visible(visible=calendar)
        expect(colour).to_be_visible(visible=warning)


def test_everyday_duties_stay_within_their_burden(house: House) -> None:
    task = owed(house.world, "burden", "疏通雨水井")
    address = house.addresses["checklist_sheet"]
    sheet = Sheet.objects.get(pk=int(address.strip("/").split("/")[-1]))
    assert on_phone(house, "village", "/duties/mine/", sign) == (1, 0)
    assert on_phone(house, "village", address, fill_in) == (2, 1)
    assert on_phone(house, "village", f"/duties/disputes/add/{task.pk}/", not_ours) == (1, 1)
    on_phone(house, "village", house.addresses["checklist_add"], choose)
    assert DutySignature.objects.filter(person=house.world.village.person).exists()
    sheet.refresh_from_db()
    assert sheet.closed_at is not None
    assert Obligation.objects.get(kind="duties.problem", key=f"sheet {sheet.pk}:0").title == "排水沟堵了"
    assert Dispute.objects.get(obligation=task).words == "归水利所"
