"""The small city with everything in it, and a browser of each log-in, for tests that do what nobody should."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from typing import Any

from django.db import connection, reset_queries, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lastmile.site.api import api
from tests.browser.routes import Route, login_for
from tests.permissions.test_walk import ROUTES, Walk

WRITES = re.compile(r"^(INSERT|UPDATE|DELETE)\b")
BOOKKEEPING = re.compile("accounts_session|kernel_ratelimit")  # who is there, and how often
TOKEN = "a" * 32


def browser(walk: Walk, login: str, *, strict: bool = False) -> Client:
    """Logged in; `strict` as a real browser is, which needs the token of a form."""
    client = Client(raise_request_exception=False, enforce_csrf_checks=strict)
    client.cookies = SimpleCookie(walk.sessions[login])
    return client


def undone(client: Client, method: str, url: str, *args: Any, **options: Any) -> tuple[Any, list[str]]:
    """The answer and what was written for it; all of it is taken back."""
    reset_queries()  # the log holds 9,000
    with transaction.atomic():
        with CaptureQueriesContext(connection) as queries:
            answer = client.generic(method, url, *args, **options)
        if answer.streaming:
            b"".join(answer)
        transaction.set_rollback(True)
    asked = [query["sql"] for query in queries]
    return answer, [sql for sql in asked if WRITES.match(sql) and not BOOKKEEPING.search(sql)]


def pages(walk: Walk) -> list[tuple[Route, str, str]]:
    """(route, address with its blanks filled, log-in that opens it)."""
    return [
        (route, reverse(name, kwargs=walk.kwargs[name]), login_for(route))
        for name, route in ROUTES.items()
        if set(route.blanks) <= set(walk.kwargs[name])
    ]


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """(METHOD, path, description) of everything the API does."""
    paths = api.get_openapi_schema()["paths"]
    return [(method.upper(), path, found) for path, each in paths.items() for method, found in each.items()]
