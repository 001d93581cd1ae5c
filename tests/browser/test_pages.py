"""Every page, in Chinese, at 390 px (light) and 1440 px (dark): opens, is silent, fits, and axe finds nothing serious.

A page that needs something in its address gets it from tests/browser/samples_<room>.py. Pictures are kept where
LASTMILE_SCREENS names a folder (`make screens`).
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page

from tests.browser.conftest import House
from tests.browser.look import VIEWS, look, show
from tests.browser.routes import Route, routes
from tests.world import LOGINS, TREE

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
ROUTES = routes()
NAMES = {*TREE.values(), *LOGINS}


def picture_of(name: str) -> Path | None:
    """Where this picture is kept, if anywhere; WIDTH and THEME are filled in."""
    folder = os.environ.get("LASTMILE_SCREENS")
    return Path(folder) / f"{name.replace(':', '-')}-WIDTH-THEME.png" if folder else None


def takes_only_posts(house: House, route: Route) -> bool:
    """Whether the view answers 405 to a GET, asked at an address that finds nothing."""
    client = Client()
    if house.login(route):
        house.world.login(client, house.login(route))
    return client.get(reverse(route.name, kwargs=route.blanks)).status_code == 405


@pytest.mark.parametrize("route", ROUTES, ids=[route.name for route in ROUTES])
def test_it_opens_fits_and_is_accessible(house: House, route: Route) -> None:
    entry = house.samples.get(route.name)
    if entry is not None and entry.skip:
        pytest.skip(entry.skip)
    if entry is None and takes_only_posts(house, route):
        return
    assert route.name in house.addresses, f"write a sample for {route.name} ({route.address})"
    url = house.server.url + house.addresses[route.name]
    seen = house.see(house.login(route), partial(look, url=url, picture=picture_of(route.name)))
    if seen.complaints and seen.status != 405:  # 405: takes only what a form sends
        pytest.fail(f"{url}:\n" + "\n".join(seen.complaints), pytrace=False)


# Words of the console itself in Chinese, where the page is asked for in English; names of people and places are data.
DATA_IN_HEADS = {"upload", "fact_request"}  # columns named as in the workbook or by whoever asks
LABELS = "thead th, legend, .form-hint, .datagrid-title, .nav-link, .empty-title"
UNTRANSLATED = """labels => [...document.querySelectorAll(labels)]
  .filter(e => !e.closest("[lang^=zh], .leaflet-container, option") && !e.querySelector("input"))
  .map(e => [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data.trim()).join(" ").trim())
  .filter(words => /[\u4e00-\u9fff]/.test(words))"""


@pytest.mark.parametrize("route", ROUTES, ids=[route.name for route in ROUTES])
def test_it_fits_in_english_and_is_all_english(house: House, route: Route) -> None:
    entry = house.samples.get(route.name)
    if route.name not in house.addresses or (entry is not None and entry.skip):
        return
    url = house.server.url + house.addresses[route.name]
    labels = LABELS.removeprefix("thead th, ") if route.name in DATA_IN_HEADS else LABELS

    def visit(page: Page) -> list[str]:
        if not look(page, url, views=()).whole:
            return []
        show(page, VIEWS[0])
        return [
            *page.evaluate("tooWide()"),
            *(word for word in page.evaluate(UNTRANSLATED, labels) if word not in NAMES),
        ]

    said = house.see(house.login(route), visit, language="en")
    if said:
        pytest.fail(f"{url} in English:\n" + "\n".join(said), pytrace=False)
