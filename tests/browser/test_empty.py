"""A city on its first day: places and log-ins, and nobody and nothing in them. Every list says so and what to do."""

from __future__ import annotations

from functools import partial

import pytest

from tests.browser.conftest import House
from tests.browser.look import VIEWS, look
from tests.browser.routes import Route, routes

pytestmark = [pytest.mark.browser, pytest.mark.django_db]
ROUTES = [route for route in routes() if not route.blanks and route.name != "setup"]  # test_setup.py


@pytest.mark.parametrize("route", ROUTES, ids=[route.name for route in ROUTES])
def test_an_empty_page_opens_fits_and_is_accessible(bare: House, route: Route) -> None:
    url = bare.server.url + bare.addresses[route.name]
    seen = bare.see(bare.login(route), partial(look, url=url, views=VIEWS[:1]))
    if seen.complaints and seen.status != 405:  # takes only what a form sends
        pytest.fail(f"{url}:\n" + "\n".join(seen.complaints), pytrace=False)
