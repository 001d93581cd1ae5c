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

from tests.browser.conftest import House
from tests.browser.look import look
from tests.browser.routes import Route, routes

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
ROUTES = routes()


def picture(route: Route) -> Path | None:
    folder = os.environ.get("LASTMILE_SCREENS")
    return Path(folder) / f"{route.name.replace(':', '-')}-WIDTH.png" if folder else None


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
    seen = house.see(house.login(route), partial(look, url=url, picture=picture(route)))
    if seen.complaints and seen.status != 405:  # 405: takes only what a form sends
        pytest.fail(f"{url}:\n" + "\n".join(seen.complaints), pytrace=False)
