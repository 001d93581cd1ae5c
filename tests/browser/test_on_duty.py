"""The page of a door opens by itself for whoever must act, without a tap, and fits their phone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.plugin import DjangoDbBlocker

from lastmile.alerting.models import AlertEvent
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.people.models import Look
from tests.browser.conftest import House
from tests.browser.look import VIEWS, Seen, judge, listen

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
PICTURES = os.environ.get("LASTMILE_SCREENS")


@pytest.fixture(scope="module")
def event(house: House, django_db_blocker: DjangoDbBlocker) -> AlertEvent:
    with django_db_blocker.unblock():
        return Desk(house.world).issued()


@pytest.mark.parametrize(("login", "opens"), [("grid", True), ("officer", False)])
def test_a_door_is_open_to_the_chain_without_a_tap_and_masked_to_others(
    house: House, event: AlertEvent, login: str, opens: bool
) -> None:
    home = house.world.households[1]

    def work(page: Page) -> Seen:
        seen = Seen(f"{house.server.url}/households/{home.pk}/")
        listen(page, seen)
        page.goto(seen.address)
        expect(page.locator("#members a[href^='tel:']")).to_have_count(2 if opens else 0)
        expect(page.locator("#members h2").first).to_have_text("李村民" if opens else "李＊＊")
        judge(page, seen, VIEWS, Path(PICTURES) / f"on-duty-{login}-WIDTH.png" if PICTURES else None)
        return seen

    assert not house.see(login, work).complaints
    looked = Look.objects.filter(person__household=home, actor=house.world.users[login].pk)
    assert looked.count() == (2 if opens else 0)
