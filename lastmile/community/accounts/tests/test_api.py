"""The API keeps to the same scopes as the pages, by session or by token."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from lastmile.community.accounts import tokens
from lastmile.community.accounts.models import Grant, User
from lastmile.kernel.models import AuditEntry
from tests.world import World

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def world() -> World:
    return World.build(people=False)


def bearer(user: User, *, read_only: bool = False) -> Client:
    held = Grant.objects.get(user=user)
    text = tokens.make(user, held.pk, label="test", days=1, read_only=read_only)[1]
    return Client(headers={"Authorization": f"Bearer {text}"})


def send(client: Client, path: str, **data: Any) -> Any:
    return client.post(f"/api/v1{path}", data, content_type=JSON)


def test_a_stranger_is_told_to_log_in(client: Client, world: World) -> None:
    answer = client.get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.json()["title"]


def test_a_token_says_who_it_acts_for(world: World) -> None:
    mine = bearer(world.officer, read_only=True).get("/api/v1/me").json()
    assert mine["username"] == "officer"
    assert mine["may"]["alerting:alert:read"] == ["410182"]
    assert "alerting:alert:draft" not in mine["may"]


def test_a_session_needs_the_csrf_token_to_write_and_a_bearer_token_does_not(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    world.login(strict, "security")
    assert send(strict, f"/users/{world.grid.pk}/lock").status_code == 403
    assert send(bearer(world.security), f"/users/{world.grid.pk}/lock").json()["state"] == "locked"


def test_a_login_is_made_given_a_role_and_changed(world: World) -> None:
    client = bearer(world.security)
    made = send(client, "/users", username="api.one", display_name="接口一", role="duty_officer", place="410182")
    assert made.status_code == 201
    pk = made.json()["id"]
    given = send(client, f"/users/{pk}/grants", role="approver", place="410181")
    assert given.status_code == 201
    assert client.delete(f"/api/v1/grants/{given.json()['id']}").json()["ended_at"]
    assert [grant["role"] for grant in client.get(f"/api/v1/users/{pk}/grants").json()] == ["duty_officer", "approver"]
    assert client.get("/api/v1/users?q=api").json()[0]["username"] == "api.one"
    assert send(client, f"/users/{pk}/dance").status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"username": "A b"}, {"username": "officer"}, {"role": "king"}, {"place": "9"}, {"display_name": ""}]
)
def test_a_wrong_login_is_refused_in_words(world: World, wrong: dict[str, str]) -> None:
    new = {"username": "api.one", "display_name": "接口一", "role": "duty_officer", "place": "410182"} | wrong
    answer = send(bearer(world.security), "/users", **new)
    assert 400 <= answer.status_code < 500
    assert answer.json()["title"]
    assert not User.objects.filter(username="api.one").exists()


@pytest.mark.parametrize("name", ["officer", "township", "auditor", "approver"])
def test_others_see_no_logins(world: World, name: str) -> None:
    client = bearer(world.users[name])
    assert client.get("/api/v1/users").status_code == 403
    assert client.get(f"/api/v1/users/{world.grid.pk}").status_code == 403
    assert send(client, f"/users/{world.grid.pk}/lock").status_code == 403


def test_a_token_that_may_only_read_changes_nothing(world: World) -> None:
    assert send(bearer(world.security, read_only=True), f"/users/{world.grid.pk}/lock").status_code == 403


def test_the_auditor_searches_and_verifies(world: World) -> None:
    client = bearer(world.auditor)
    found = client.get("/api/v1/audit?action=accounts.grant&place=410182109&limit=200").json()
    assert {entry["place"][:9] for entry in found} == {"410182109"}
    assert client.get(f"/api/v1/audit?before={found[0]['id']}&limit=1").json()[0]["id"] < found[0]["id"]
    assert client.get("/api/v1/audit?before=99999999999999999999").status_code == 422
    answer = send(client, "/audit/verify").json()
    assert answer == {"checked": AuditEntry.objects.count() - 1, "broken_at": None, "reason": ""}
    assert bearer(world.officer).get("/api/v1/audit").status_code == 403
