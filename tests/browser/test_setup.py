"""The first page of an empty system, which only an empty system shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from lastmile.site import welcome
from tests.browser.chromium import Chromium
from tests.browser.conftest import LEFT_OPEN
from tests.browser.look import look
from tests.browser.server import LiveServer

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture(scope="module")
def empty(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[Chromium, LiveServer]]:
    """A served system without a single log-in."""
    chromium = Chromium()
    with django_db_blocker.unblock():
        call_command("flush", interactive=False, verbosity=0, allow_cascade=True, inhibit_post_migrate=True)
        server = LiveServer()
        try:
            yield chromium, server
        finally:
            chromium.close()
            server.stop()
            with connection.cursor() as cursor:
                cursor.execute(LEFT_OPEN)


def test_the_set_up_opens_fits_and_is_accessible(empty: tuple[Chromium, LiveServer]) -> None:
    chromium, server = empty
    url = server.url + welcome.path()
    seen = chromium.run(lambda _browser: look(chromium.tab(""), url))
    assert seen.complaints == []
