"""Every form sent with nothing in it: the page that comes back says what is missing, fits, and is accessible."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import House
from tests.browser.look import VIEWS, Seen, judge, listen, open_page
from tests.browser.routes import Route, routes

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
ROUTES = [route for route in routes() if route.name != "logout"]

# The page's own form with something to type, emptied and sent past the browser's own checks; false where there is none.
SEND_EMPTY = """() => {
  const form = [...document.querySelectorAll("form")].find(one => one.method === "post" && one.querySelector(
    "input:not([type=hidden]):not([type=checkbox]), textarea"));
  if (!form) return false;
  for (const field of form.querySelectorAll("input:not([type=hidden]), textarea, select")) {
    if (["checkbox", "radio"].includes(field.type)) field.checked = false;
    else field.value = "";
  }
  HTMLFormElement.prototype.submit.call(form);
  return true;
}"""
SAYS = "[role=alert], .alert-danger, .text-danger, .invalid-feedback"


def send_empty(page: Page, url: str) -> Seen | None:
    """What came back for an empty form: a page that refuses, judged; nothing where there is no form or no refusal."""
    seen = Seen(url)
    answer = open_page(page, seen)
    if answer is None or seen.status != 200 or not seen.kind.startswith("text/html"):
        return None
    with page.expect_navigation(timeout=15_000) as sent:
        if not page.evaluate(SEND_EMPTY):
            page.goto("about:blank")
            return None
    seen.status = sent.value.status if sent.value else 0
    if seen.status < 400:
        return None
    listeners = listen(page, seen)
    judge(page, seen, VIEWS[:1])
    for event, listener in listeners.items():
        page.remove_listener(event, listener)
    if seen.status >= 500:
        seen.note(f"status {seen.status}")
    if not page.locator(SAYS).evaluate_all("all => all.some(e => e.checkVisibility())"):
        seen.note("nothing on the page says what is wrong")
    return seen


@pytest.mark.parametrize("route", ROUTES, ids=[route.name for route in ROUTES])
def test_an_empty_form_is_refused_in_words(house: House, route: Route) -> None:
    entry = house.samples.get(route.name)
    if route.name not in house.addresses or (entry is not None and entry.skip):
        return
    url = house.server.url + house.addresses[route.name]
    seen = house.see(house.login(route), lambda page: send_empty(page, url))
    if seen is not None and seen.complaints:
        pytest.fail(f"{url} sent empty:\n" + "\n".join(seen.complaints), pytrace=False)
