"""What a resident sees of themselves after the code: it fits, reads and works on a phone without script."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.plugin import DjangoDbBlocker

from lastmile.community.people.actions import add_contact, edit_person
from lastmile.community.people.models import Person
from lastmile.community.people.queries import look
from lastmile.modules.mydata.actions import own
from lastmile.modules.mydata.models import Challenge
from tests.browser.conftest import House
from tests.browser.look import VIEWS, Seen, judge, listen

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
PICTURES = os.environ.get("LASTMILE_SCREENS")


@pytest.fixture(scope="module")
def person(house: House, django_db_blocker: DjangoDbBlocker) -> Person:
    """Somebody with a bit of everything."""
    with django_db_blocker.unblock():
        world = house.world
        one = world.residents[1]
        edit_person(one, by=world.officer, name="欧阳小春", born=1950, care=["alone", "elderly"], note="三楼左手")
        add_contact(one, "email", "ouyang@example.invalid")
        found = Person.objects.get(pk=one.pk)
        for reason in ("今晚暴雨，电话通知转移", "家属来电询问"):
            look(world.village, found, reason)
        own.propose(found, "address", "搬到了3号楼2单元")
        return found


def test_the_signed_in_page_is_proven_by_the_code_and_fits(house: House, person: Person) -> None:
    phone = person.contacts.get(kind="phone").value.reveal()

    def ask(page: Page) -> None:
        page.goto(f"{house.server.url}/me/")
        page.locator("input[name=phone]").fill(phone)
        page.locator("main button[type=submit]").first.click()
        expect(page.locator("input[name=code]")).to_be_visible()

    house.see("", ask)
    waiting = Challenge.objects.latest("pk")
    assert waiting.code is not None
    code = waiting.code.reveal()

    def read(page: Page) -> Seen:
        page.locator("input[name=code]").fill(code)
        page.locator("main button[type=submit]").first.click()
        expect(page.locator("#basic")).to_contain_text("欧阳小春")
        expect(page.locator("#looks")).to_contain_text("家属来电询问")
        seen = Seen(page.url)
        listen(page, seen)
        judge(page, seen, VIEWS, Path(PICTURES) / "me-WIDTH.png" if PICTURES else None)
        return seen

    assert not house.see("", read).complaints
