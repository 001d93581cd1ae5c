"""The to-do on a phone whose network is cut: it opens, taps are kept and entered once, nothing stays at log-out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import BrowserContext, Page, expect

from lastmile.duties import actions
from lastmile.duties.models import Obligation
from tests.browser.conftest import House
from tests.browser.samples_duties import owed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
STORED = """async () => {
  const names = (await indexedDB.databases()).map((one) => one.name);
  if (!names.includes("lastmile-todo")) return "";
  const db = await new Promise((resolve) => {
    const request = indexedDB.open("lastmile-todo");
    request.onsuccess = () => resolve(request.result);
  });
  const all = await new Promise((resolve) => {
    const request = db.transaction("boxes").objectStore("boxes").getAll();
    request.onsuccess = () => resolve(request.result);
  });
  db.close();
  return all.map((box) => new TextDecoder().decode(box.data)).join("");
}"""


def load(page: Page) -> None:
    page.goto("/todo/")
    expect(page.locator("#todo-state")).to_have_attribute("data-ready", "yes")


def line(page: Page, item: Obligation) -> Any:
    return page.locator(f"[data-todo='{item.pk}']")


def one_tap(page: Page, item: Obligation) -> None:
    """The burden budget: an item is done by one tap on the list."""
    line(page, item).get_by_role("button", name="办结").click()
    expect(line(page, item)).to_contain_text("已办结")


def cut(context: BrowserContext, page: Page) -> None:
    context.set_offline(True)
    page.goto("/todo/")
    expect(page.locator(".todo-offline")).to_contain_text("没有网络")


def tap_without_network(page: Page, done: Obligation, found: Obligation, late: Obligation) -> None:
    line(page, done).get_by_role("button", name="办结").click()
    expect(line(page, done)).to_contain_text("已存在本机")
    page.once("dialog", lambda dialog: dialog.accept("涵洞堵死"))
    line(page, found).get_by_role("button", name="有问题").click()
    expect(line(page, found)).to_contain_text("涵洞堵死")
    line(page, late).get_by_role("button", name="办结").click()
    expect(page.locator(".todo-waiting")).to_contain_text("3")
    page.reload()  # the phone was put away and taken out again
    expect(page.locator(".todo-waiting")).to_contain_text("3")


def network_again(context: BrowserContext, page: Page) -> None:
    context.set_offline(False)
    expect(page.locator(".todo-sent")).to_contain_text("2", timeout=15_000)
    expect(page.locator(".todo-refused")).to_contain_text("已经办结")
    expect(page.locator(".todo-waiting")).to_have_count(0)
    page.goto("/todo/")
    expect(page.locator("#list")).to_contain_text("涵洞堵死")


def log_out(page: Page) -> None:
    page.get_by_role("button", name="我的账号").click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/login/**")
    assert page.evaluate(STORED) == ""


def elsewhere(do: Callable[[], object]) -> None:
    """In a thread of its own: the browser's has an event loop, in which Django refuses to work."""

    def work() -> None:
        do()
        connection.close()

    with ThreadPoolExecutor(1) as other:
        other.submit(work).result()


def test_one_tap_does_an_item_and_the_list_works_with_the_network_cut(house: House) -> None:
    tapped = owed(house.world, "off-0", "一次点击")
    done = owed(house.world, "off-1", "断网时办结的事")
    found = owed(house.world, "off-2", "断网时发现问题")
    late = owed(house.world, "off-3", "别人已经办了")

    def day(context: BrowserContext, page: Page) -> None:
        load(page)
        one_tap(page, tapped)
        stored = page.evaluate(STORED)
        assert stored
        assert "断网时" not in stored  # sealed
        cut(context, page)
        tap_without_network(page, done, found, late)
        elsewhere(lambda: actions.done(house.world.officer, late))
        network_again(context, page)
        log_out(page)

    house.phone("village", day)
    tapped.refresh_from_db()
    assert tapped.state == "done"
    assert [event.what for event in done.events.all()] == ["opened", "done"]
    event = done.events.get(what="done")
    assert event.at < event.entered_at
    assert Obligation.objects.filter(parent=found, title="涵洞堵死").count() == 1
    assert late.events.filter(what="done").count() == 1
