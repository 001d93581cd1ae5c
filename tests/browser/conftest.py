"""One world, one server and one browser for each module; the database is emptied afterwards.

Everything a page needs is made before the first test, because a test's own transaction is not seen by the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.plugin import DjangoDbBlocker

from tests.browser.chromium import Chromium
from tests.browser.routes import Route, login_for, routes
from tests.browser.samples import Sample, load
from tests.browser.server import LiveServer
from tests.world import LOGINS, World

if TYPE_CHECKING:
    from playwright._impl._api_structures import SetCookieParam

T = TypeVar("T")

LEFT_OPEN = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(repr=False)
class House:
    """The small city, served."""

    world: World
    server: LiveServer
    chromium: Chromium
    samples: dict[str, Sample]
    addresses: dict[str, str]  # of the URLs that have a sample or need none
    sessions: dict[str, list[SetCookieParam]]  # cookies by log-in

    def login(self, route: Route) -> str:
        asked = self.samples.get(route.name, Sample()).login
        return login_for(route) if asked is None else asked

    def see(self, login: str, work: Callable[[Page], T], *, language: str = "zh-CN") -> T:
        """`work(tab)` in the browser's thread, in the tab of this log-in."""
        cookies = self.sessions.get(login, [])
        return self.chromium.run(lambda _browser: work(self.chromium.tab(login, cookies, language=language)))

    def phone(self, login: str, do: Callable[[BrowserContext, Page], None]) -> None:
        """`do` in a fresh browser of this log-in, as on a phone: it may lose its network and be reloaded."""

        def visit(_browser: Browser) -> None:
            context = self.chromium.phone(self.sessions[login], self.server.url)
            try:
                do(context, context.new_page())
            finally:
                context.close()

        self.chromium.run(visit)


def addresses(world: World, known: dict[str, Sample]) -> dict[str, str]:
    found = {}
    for route in routes():
        entry = known.get(route.name)
        if entry is not None or not route.blanks:
            entry = entry or Sample()
            found[route.name] = reverse(route.name, kwargs=entry.kwargs(world)) + entry.query
    return found


def session(world: World, login: str, url: str) -> list[SetCookieParam]:
    """A log-in's session as the browser wants it."""
    client = Client()
    world.login(client, login)
    return [{"name": name, "value": morsel.value, "url": url} for name, morsel in client.cookies.items()]


@contextmanager
def served(blocker: DjangoDbBlocker, *, people: bool = True) -> Iterator[House]:
    """World.build() committed, the ASGI application on granian, one Chromium; emptied at the end. Without `people` the
    city is bare: places and log-ins, and no sample of anything."""
    chromium = Chromium()  # skips first where there is none
    with blocker.unblock():
        world = World.build(people=people)
        known = load() if people else {}
        server = LiveServer()
        try:
            sessions = {login: session(world, login, server.url) for login in LOGINS}
            yield House(world, server, chromium, known, addresses(world, known), sessions)
        finally:
            chromium.close()
            server.stop()
            with connection.cursor() as cursor:  # the server's threads leave some
                cursor.execute(LEFT_OPEN)
            call_command("flush", interactive=False, verbosity=0, allow_cascade=True, inhibit_post_migrate=True)


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[House]:
    """The small city with some of everything; tests need the mark `django_db`."""
    with served(django_db_blocker) as found:
        yield found


@pytest.fixture(scope="module")
def bare(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[House]:
    """The small city on its first day."""
    with served(django_db_blocker, people=False) as found:
        yield found
