"""Every address with what nobody should send: things that are not there, ten megabytes of text, a form that was forged.

The answer is a sentence in the reader's language with a 4xx, and nothing is written. What belongs to one form only (a
polygon that crosses itself, a workbook with formulas, a forged report of a gateway) is tested beside it.
"""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from typing import Any, ClassVar

from django.db import connection
from django.test import TestCase
from django.test.client import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from lastmile.site.api import api
from tests.browser.routes import Route, login_for
from tests.permissions.test_walk import ROUTES, Walk, build

LONG = b"text=" + b"x" * 10_000_000
HUGE = b'{"text": "' + b"x" * 10_000_000 + b'"}'
FORM, JSON, TOKEN = "application/x-www-form-urlencoded", "application/json", "a" * 32
SENTENCE = re.compile("[\u4e00-\u9fff]{4}")
WRITES = re.compile(r"^(INSERT|UPDATE|DELETE)\b")
BOOKKEEPING = re.compile("accounts_session|kernel_ratelimit")  # who is there, and how often
ASKED_LATER = {"shelter_scanned"}  # leads to the desk, which looks the code up, counts wrong ones and says so
REFUSALS = {400, 403, 404, 405, 409, 413, 422}


def says(answer: Any) -> bool:
    """Whether there is a sentence for a reader; a method that an address does not take needs none."""
    return answer.status_code == 405 or SENTENCE.search(answer.content.decode(errors="replace")) is not None


# No log-in, no cookie and so no token: “is this message genuine?”, and following, which is void until the owner of the
# address confirms, is the browser's own, or has its token in the address
ASKED_BY_ANYBODY = {"public_check", "follow_mail", "follow_push", "my_following"}


class BadInputTest(TestCase):
    walk: ClassVar[Walk]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.walk = build()

    def client_of(self, route: Route) -> Client:
        """A browser, with the token that every form carries."""
        client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        client.cookies = SimpleCookie(type(self).walk.sessions[login_for(route)])
        client.cookies["csrftoken"] = TOKEN
        return client

    def sent(self, route: Route, url: str, body: bytes, **headers: Any) -> tuple[Any, list[str]]:
        """The answer to a POST, and what was written for it."""
        with CaptureQueriesContext(connection) as queries:
            answer = self.client_of(route).post(url, body, FORM, headers=headers)
        asked = [query["sql"] for query in queries]
        return answer, [sql for sql in asked if WRITES.match(sql) and not BOOKKEEPING.search(sql)]

    def filled(self, name: str) -> str:
        return reverse(name, kwargs=type(self).walk.kwargs[name])

    def test_what_is_not_there_is_said_to_be_missing(self) -> None:
        wrong = []
        for name, route in ROUTES.items():
            if route.blanks and name not in ASKED_LATER:
                answer = self.client_of(route).get(reverse(name, kwargs=route.blanks))
                if answer.status_code not in REFUSALS or not says(answer):
                    wrong.append(f"{name}: {answer.status_code}")
        assert not wrong, "\n".join(wrong)

    def test_ten_megabytes_are_refused_by_every_form_and_nothing_is_written(self) -> None:
        wrong = []
        for name, route in ROUTES.items():
            answer, written = self.sent(route, self.filled(name), LONG, **{"X-CSRFToken": TOKEN})
            if answer.status_code not in REFUSALS or not says(answer) or written:
                wrong.append(f"{name}: {answer.status_code} {written}")
        assert not wrong, "\n".join(wrong)

    def test_ten_megabytes_are_refused_by_every_operation_of_the_api_and_nothing_is_written(self) -> None:
        wrong, client, tried = [], self.client_of(ROUTES["places"]), 0
        for path, operations in api.get_openapi_schema()["paths"].items():
            for method in (name for name, operation in operations.items() if "requestBody" in operation):
                url = re.sub(r"{[^}]+}", "1", path)
                with CaptureQueriesContext(connection) as queries:
                    answer = client.generic(method.upper(), url, HUGE, JSON, headers={"X-CSRFToken": TOKEN})
                written = [q["sql"] for q in queries if WRITES.match(q["sql"]) and not BOOKKEEPING.search(q["sql"])]
                tried += 1
                if answer.status_code not in REFUSALS or not SENTENCE.search(answer.json()["title"]) or written:
                    wrong.append(f"{method} {path}: {answer.status_code} {written}")
        assert tried > 50
        assert not wrong, "\n".join(wrong)

    def test_a_form_that_somebody_else_sends_is_refused_and_nothing_is_written(self) -> None:
        """Without the token of the page: a forged form, or a page that lay open over a log-out."""
        wrong = []
        for name, route in ROUTES.items():
            answer, written = self.sent(route, self.filled(name), b"text=x")
            shut = answer.status_code in {403, 404, 405} or name in ASKED_BY_ANYBODY
            said = says(answer) or answer.status_code == 302
            if not shut or answer.status_code >= 500 or not said or written:
                wrong.append(f"{name}: {answer.status_code} {written}")
        assert not wrong, "\n".join(wrong)
