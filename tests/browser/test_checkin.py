"""Check-in on a phone whose network is cut in the middle: nothing lost, nothing twice, conflicts in words."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection
from playwright.sync_api import BrowserContext, Page, expect

from lastmile.alerting import door_codes
from lastmile.alerting.models import Receipt
from lastmile.community.people.models import Household
from lastmile.modules.shelters.actions import room
from lastmile.modules.shelters.actions.checkin import Tap, enter
from lastmile.modules.shelters.models import Move, Opening, Stay
from tests.browser.conftest import House
from tests.browser.samples_shelters import opened, shelter

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STORED = """async () => {
  const names = (await indexedDB.databases()).map((one) => one.name);
  if (!names.includes("lastmile-shelters/desk")) return "";
  const db = await new Promise((resolve) => {
    const request = indexedDB.open("lastmile-shelters/desk");
    request.onsuccess = () => resolve(request.result);
  });
  const all = await new Promise((resolve) => {
    const request = db.transaction("boxes").objectStore("boxes").getAll();
    request.onsuccess = () => resolve(request.result);
  });
  db.close();
  return all.map((box) => new TextDecoder().decode(box.data)).join("");
}"""

CAMERA = """(found) => {
  window.BarcodeDetector = class { async detect() { return [{rawValue: found}]; } };
  navigator.mediaDevices.getUserMedia = async () => document.createElement("canvas").captureStream();
}"""


def whole(opening: Opening, home: Household) -> str:
    return door_codes.of(opening.incident, [home])[home.pk].whole


def elsewhere(do: Callable[[], object]) -> None:
    """In a thread of its own: the browser's has an event loop, in which Django refuses to work."""

    def work() -> None:
        do()
        connection.close()

    with ThreadPoolExecutor(1) as other:
        other.submit(work).result()


def test_the_network_is_cut_in_the_middle_of_check_in(house: House) -> None:
    world = house.world
    opening = opened(world)
    hall = room.open_shelter(world.officer, opening.incident, shelter(world, "王宗店村文化礼堂"))
    third = world.households[2]
    unlisted, scanned = (whole(opening, world.households[number]) for number in (3, 4))
    before = Move.objects.count(), Receipt.objects.count()

    def taken_in_elsewhere() -> None:
        stays = tuple(Stay.objects.filter(household=third).values_list("pk", flat=True))
        result = enter(world.village, hall, Tap(uuid4(), "in", stays=stays))
        assert result.ok

    def evening(context: BrowserContext, page: Page) -> None:
        desk = f"/shelters/desk/{opening.pk}/"
        page.goto(desk)
        expect(page.locator("#desk")).to_have_attribute("data-ready", "yes")
        stored = page.evaluate(STORED)
        assert stored
        assert "李村民" not in stored  # sealed
        one_tap(page, house, scanned)
        cut(context, page, desk)
        families(page, house)
        without_list(page, unlisted)
        expect(page.locator(".desk-waiting")).to_contain_text("4")
        page.reload()  # the phone was put away and taken out again
        expect(page.locator(".desk-waiting")).to_contain_text("4")
        elsewhere(taken_in_elsewhere)
        context.set_offline(False)
        network_again(page)
        log_out(page)

    house.phone("keeper", evening)
    settled(house, opening, hall, before)


def one_tap(page: Page, house: House, scanned: str) -> None:
    """The burden budget: whoever of a family is not accounted for is in by one tap."""
    family = page.locator(f"[data-group='h{house.world.households[1].pk}']")
    family.get_by_role("button", name="全家到了").click()
    expect(page.locator(".desk-sent")).to_contain_text("1")
    expect(family).to_have_count(0)  # nobody of them is missing any more
    by_camera(page, house, scanned)


def by_camera(page: Page, house: House, scanned: str) -> None:
    """The page itself reads the QR where the browser can; the reader and the picture are stand-ins here."""
    home = house.world.households[4]
    found = f"https://warn.example.cn/shelters/desk/c/{scanned}/"
    page.add_init_script(f"({CAMERA})('{found}')")
    page.reload()
    page.locator("#desk-scan").click()
    expect(page.locator(f"[data-group='h{home.pk}'].desk-chosen")).to_be_visible()
    expect(page.locator("#desk-camera")).to_be_hidden()
    expect(page.locator("#desk")).to_have_attribute("data-ready", "yes")


def cut(context: BrowserContext, page: Page, desk: str) -> None:
    context.set_offline(True)
    page.goto(desk)
    expect(page.locator(".desk-offline")).to_contain_text("没有网络")


def network_again(page: Page) -> None:
    expect(page.locator(".desk-sent")).to_contain_text("4", timeout=25_000)
    expect(page.locator(".desk-note")).to_contain_text("以它为准")
    expect(page.locator(".desk-waiting")).to_have_count(0)
    page.reload()
    expect(page.locator("#desk-tiles")).to_contain_text("已到")


def families(page: Page, house: House) -> None:
    """Two whole families, each by one tap; then the absent one of the first is unticked."""
    page.locator("#desk-cut").select_option("all")
    for number in (4, 2):
        home = house.world.households[number].pk
        page.locator(f"[data-group='h{home}']").get_by_role("button", name="全家到了").click()
    family = page.locator(f"[data-group='h{house.world.households[4].pk}']")
    expect(family.locator(".desk-person[aria-pressed=true]")).to_have_count(2)
    family.locator(".desk-person").nth(1).click()
    expect(family.locator(".desk-person[aria-pressed=true]")).to_have_count(1)


def without_list(page: Page, number: str) -> None:
    """A family in no list by name, and one whose code this phone does not know."""
    page.locator("#desk-number").fill(number)
    page.get_by_role("button", name="查找").click()
    expect(page.locator("#desk-walk-note")).to_contain_text("没有网络时查不到")
    page.locator("#desk-heads").fill("2")
    page.get_by_role("button", name="他们到了").click()
    page.locator("#desk-name").fill("钱路人")
    page.locator("#desk-heads").fill("4")
    page.get_by_role("button", name="他们到了").click()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="我的账号").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/login/**")
    assert page.evaluate(STORED) == ""


def settled(house: House, opening: Opening, hall: Opening, before: tuple[int, int]) -> None:
    homes = house.world.households
    fifth = Stay.objects.filter(household=homes[4]).order_by("pk")
    assert [stay.state for stay in fifth] == ["in", "expected"]
    assert set(Stay.objects.filter(household=homes[2]).values_list("opening", flat=True)) == {hall.pk}
    assert list(Stay.objects.filter(household=homes[3]).values_list("state", "ordered")) == [("in", False)] * 2
    stranger = Stay.objects.get(person=None, heads=4)
    assert stranger.opening_id == opening.pk
    # 1 by one tap, 1 of the family of two, 2 + 2 of the third (here, and at the hall), 2 by code, 1 stranger
    assert Move.objects.count() - before[0] == 1 + 1 + 4 + 2 + 1
    move = fifth[0].moves.get()
    assert move.at < move.entered_at
    assert Receipt.objects.filter(channel="shelter", person=fifth[0].person_id or 0).count() == 1
