"""What every answer tells the browser, and how refusals look."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lastmile.kernel import clock
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/login/", "/", "/users/", "/nowhere/", "/api/v1/nowhere"])
def test_every_page_allows_only_our_own_scripts(client: Client, path: str) -> None:
    world = World.build(people=False)
    if path != "/login/":
        world.login(client, "security")
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self'" in policy
    assert "script-src 'self' 'unsafe" not in policy
    assert "object-src 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_pages_hold_no_inline_script(client: Client) -> None:
    world = World.build(people=False)
    assert "<script>" not in client.get("/login/").content.decode()
    world.login(client, "security")
    for path in ("/", "/users/", "/users/new/", "/users/roles/", "/users/holders/", "/account/", "/account/tokens/"):
        page = client.get(path).content.decode()
        assert "<script>" not in page, path
        assert " onclick=" not in page, path


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(client: Client) -> None:
    World.build(people=False)
    client.post("/login/", {"username": "officer", "password": PASSWORD})
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) == settings.SESSION_COOKIE_AGE


def test_the_session_slides_once_a_minute_while_it_is_used(client: Client) -> None:
    world = World.build(people=False)
    world.login(client, "officer")
    name = settings.SESSION_COOKIE_NAME
    assert int(client.get("/").cookies[name]["max-age"]) == settings.SESSION_COOKIE_AGE
    with CaptureQueriesContext(connection) as asked:
        assert name not in client.get("/").cookies
    assert not [query for query in asked if query["sql"].startswith("UPDATE")]
    clock.forward(seconds=61)
    assert int(client.get("/").cookies[name]["max-age"]) == settings.SESSION_COOKIE_AGE


def test_secrets_shown_once_are_not_kept_by_the_browser(client: Client) -> None:
    world = World.build(people=False)
    world.login(client, "security")
    answer = client.post(f"/users/{world.grid.pk}/password/")
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_form_without_its_token_is_explained() -> None:
    world = World.build(people=False)
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/login/", {"username": "officer", "password": PASSWORD})
    assert answer.status_code == 403
    assert "表单" in answer.content.decode()
    world.login(strict, "security")
    assert strict.post(f"/users/{world.grid.pk}/lock/").status_code == 403


def test_a_page_that_is_not_there_is_explained_to_people_and_programs(client: Client) -> None:
    world = World.build(people=False)
    world.login(client, "officer")
    assert client.get("/nowhere/").status_code == 404
    assert client.get("/api/v1/nowhere").headers["Content-Type"].startswith("application/problem+json")


def test_the_language_is_kept_for_the_browser(client: Client) -> None:
    client.post("/i18n/setlang/", {"language": "en", "next": "/login/"})
    assert "Log in" in client.get("/login/").content.decode()
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/login/"})
    assert "登录" in client.get("/login/").content.decode()
