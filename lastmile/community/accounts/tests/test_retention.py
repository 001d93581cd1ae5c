"""The table of what is kept: everybody reads it, the security administrator of the city changes it."""

from __future__ import annotations

import pytest
from django.test import Client

from lastmile.community.accounts.actions import create_user
from lastmile.community.accounts.roles import Role
from lastmile.kernel import retention
from lastmile.kernel.models import Retention
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World.build(people=False)


def test_every_log_in_reads_it_and_the_security_administrator_changes_it(world: World, client: Client) -> None:
    for login in ("grid", "officer", "auditor", "system"):
        world.login(client, login)
        page = client.get("/retention/")
        assert page.status_code == 200
        assert "30 天" in page.content.decode()
        assert 'name="days"' not in page.content.decode()
        assert client.post("/retention/event/", {"days": "60"}).status_code == 403
    world.login(client, "security")
    assert client.post("/retention/event/", {"days": "60"}).status_code == 302
    assert "60 天" in client.get("/retention/").content.decode()
    assert retention.days("event") == 60


@pytest.mark.parametrize("days", ["", "x", "-1", "0", "181", "99999999999", "１２"])
def test_what_the_law_does_not_leave_open_is_refused_in_words(world: World, client: Client, days: str) -> None:
    world.login(client, "security")
    assert client.post("/retention/event/", {"days": days}).status_code == 400
    assert not Retention.objects.exists()


def test_a_county_does_not_set_it_for_the_city(world: World, client: Client) -> None:
    county = world.places["410182"]
    user = create_user("county", PASSWORD, name="县", role=Role.SECURITY_ADMIN, place=county, temporary=False)
    client.force_login(user)
    assert 'name="days"' not in client.get("/retention/").content.decode()
    assert client.post("/retention/event/", {"days": "60"}).status_code == 403
    body, kind = {"days": 60}, "application/json"
    assert client.put("/api/v1/retention/event", body, kind).status_code == 403


def test_programs_read_and_set_it(world: World, client: Client) -> None:
    world.login(client, "security")
    rows = {row["name"]: row for row in client.get("/api/v1/retention").json()}
    assert {"event", "strangers", "audit", "residents", "looks"} <= rows.keys()
    assert all(row["basis"] and row["then"] and row["how_long"] for row in rows.values())
    body, kind = {"days": 3}, "application/json"
    assert client.put("/api/v1/retention/strangers", body, kind).json()["days"] == 3
    assert client.put("/api/v1/retention/audit", body, kind).status_code == 404
    assert client.put("/api/v1/retention/nothing", body, kind).status_code == 404
