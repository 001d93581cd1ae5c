"""One warning from the desk to a resident's thumb and back to the coverage page, with real clicks in Chromium."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lastmile.alerting import fold, links
from lastmile.alerting.models import Alert
from tests.browser.conftest import House
from tests.browser.look import View, show

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE, PHONE = 1440, 390


def clicks(house: House, login: str, address: str, do: Callable[[Page], None], *, width: int = WIDE) -> None:
    """Open the address as this log-in and `do` things on the page."""

    def visit(page: Page) -> None:
        show(page, View(width, "light"))
        page.goto(house.server.url + address)
        do(page)

    house.see(login, visit)


def write(page: Page) -> None:
    """Hazard and colour bring the template; a village is found in the tree; the numbers follow by themselves."""
    page.locator(".form-selectgroup-item", has=page.locator("[name=colour][value='1']")).click()
    page.locator(".form-selectgroup-item", has=page.locator("[name=hazard][value=rainstorm]")).click()
    page.get_by_role("button", name="开始写").click()
    expect(page.locator("#id_instruction")).not_to_have_value("")
    page.locator("#tab-where").click()
    tree = page.locator("[data-tree]")
    for above in ("荥阳市", "崔庙镇"):
        tree.get_by_role("button", name=f"展开 {above}").click()
    tree.get_by_role("checkbox", name="王宗店村委会").check()
    expect(page.locator("#reach .datagrid-content").nth(1)).to_have_text("12")
    page.locator("#tab-words").click()
    description = page.locator("#id_description")  # its blanks are filled, or the desk is told so
    description.fill(description.input_value().replace("{", "").replace("}", ""))
    page.locator("#id_shelter").fill("王宗店小学二楼")
    page.locator("#id_contact").fill("0371-64600000")
    page.locator("#tab-send").click()
    page.locator("button[name=submit]").click()
    page.wait_for_load_state()
    assert "/edit/" not in page.url, page.locator("#content .alert").all_inner_texts()
    expect(page.locator("#content")).to_contain_text("待审批")


def approve(page: Page) -> None:
    page.locator("button[value=approve]").click()
    expect(page.locator("button[value=approve]")).to_have_count(0)


def issue(page: Page) -> None:
    page.locator("[name=sure]").check()
    page.locator("form:has([name=sure]) button[type=submit]").click()
    page.wait_for_url(lambda url: not url.endswith("/issue/"))


def tap(page: Page) -> None:
    page.get_by_role("button", name="我已知晓").click()
    expect(page.locator("[role=status]")).to_contain_text("谢谢")


def counted(page: Page) -> None:
    tile = page.locator("#live .tile", has_text="已确认")
    expect(tile.first.locator(".tile-number")).to_have_text("1")


def test_a_warning_is_written_approved_issued_answered_and_counted(house: House) -> None:
    clicks(house, "officer", "/alerts/new/", write)
    alert = Alert.objects.latest("id")
    assert alert.audience["places"] == ["410182109211"]
    clicks(house, "approver", f"/alerts/{alert.code}/", approve)
    clicks(house, "officer", f"/alerts/{alert.code}/issue/", issue)
    event = alert.event
    link = f"/r/{links.token(event.pk, house.world.residents[0].pk)}"
    clicks(house, "", link, tap, width=PHONE)
    fold.fold()

    clicks(house, "officer", f"/alerts/{alert.code}/coverage/", counted)
