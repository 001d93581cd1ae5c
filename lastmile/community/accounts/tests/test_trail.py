"""The auditor reads and verifies; nobody else does."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from lastmile.community.accounts import actions, queries
from lastmile.community.accounts.roles import Role
from lastmile.kernel import audit, clock
from lastmile.kernel.models import AuditEntry
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(client: Client) -> World:
    world = World.build(people=False)
    world.login(client, "auditor")
    return world


def test_only_auditors_open_it(client: Client, world: World) -> None:
    entry = AuditEntry.objects.first()
    assert entry is not None
    for name in ("officer", "security", "system", "approver"):
        world.login(client, name)
        assert client.get("/audit/").status_code == 403, name
        assert client.get(f"/audit/{entry.pk}/").status_code == 403, name
        assert client.post("/audit/verify/").status_code == 403, name


def test_a_county_auditor_sees_the_county(world: World, client: Client) -> None:
    audit.record("test.act", place="410181")
    audit.record("test.act")
    auditor = actions.create_user(
        "aud", PASSWORD, name="aud", role=Role.AUDITOR, place=world.places["410182"], temporary=False
    )
    seen = queries.audit_entries(auditor)
    assert {entry.place[:6] for entry in seen} == {"410182"}
    hidden = AuditEntry.objects.filter(place="410181").first()
    assert hidden is not None
    client.force_login(auditor)
    assert client.get(f"/audit/{hidden.pk}/").status_code == 404
    assert queries.audit_entries(world.auditor).filter(place="").exists()


def test_it_finds_by_actor_act_place_object_and_day(client: Client, world: World) -> None:
    audit.record("test.early", place="410182109", actor=world.officer)
    clock.forward(days=3)
    audit.record("test.late", place="410181", obj=world.officer)
    today = clock.today().isoformat()

    def found(query: str) -> str:
        return client.get(f"/audit/?{query}").content.decode()

    assert "test.early" in found("q=test.early")
    assert "test.late" not in found("q=test.early")
    assert "test.early" in found("q=荥阳市")
    assert "test.late" not in found("q=410182")
    assert "test.late" in found(f"at_from={today}")
    assert "test.early" not in found(f"at_from={today}")
    assert "test.late" not in found("at_to=2000-01-01")
    assert "test.late" in found(f"object=accounts.user:{world.officer.pk}")
    assert found("at_from=nonsense&room=nonsense&sort=nonsense&page=nonsense")


def test_an_entry_shows_everything_that_was_recorded(client: Client, world: World) -> None:
    audit.record("test.act", place="410182", actor=world.officer, number=7)
    page = client.get(f"/audit/{audit.head()[0]}/").content.decode()
    assert "荥阳市" in page
    assert "&quot;number&quot;: 7" in page
    assert audit.head()[1].hex() in page


def test_the_button_says_whether_the_chain_holds(client: Client, world: World) -> None:
    good = client.post("/audit/verify/", follow=True).content.decode()
    assert "alert-success" in good
    victim = AuditEntry.objects.order_by("id")[2]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS audit_settle IMMEDIATE")  # as after a commit
        cursor.execute("ALTER TABLE kernel_auditentry DISABLE TRIGGER audit_refuse")
        cursor.execute("UPDATE kernel_auditentry SET actor_name = 'nobody' WHERE id = %s", [victim.pk])
    bad = client.post("/audit/verify/", follow=True).content.decode()
    assert "alert-danger" in bad
    assert str(victim.pk) in bad
    assert AuditEntry.objects.filter(action="kernel.audit_verified").count() == 2
