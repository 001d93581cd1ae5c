"""The auditor reads and verifies; nobody else does."""

from __future__ import annotations

import gzip
import json

import pytest
from django.db import connection
from django.test import Client

from lastmile.community.accounts import actions, queries
from lastmile.community.accounts.roles import Role
from lastmile.kernel import archive, audit, clock
from lastmile.kernel.models import AuditArchive, AuditEntry
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
    assert "test.early" in found(f"who={world.officer.display_name}&where=荥阳市&act=&room=")
    assert "test.late" not in found(f"who={world.officer.username}")
    assert "test.early" not in found("who=nobody-of-this-name")
    assert "test.late" in found("who=系统&where=410181")
    assert "test.late" in found("object=accounts.user")
    assert "test.early" not in found("where=没有这个地方")
    assert "test.late" not in found("act=accounts.grant")
    assert found("who=%00&before=99999999999999999999999&after=x&object=%00:%00")
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


def test_the_last_page_is_reached_by_key_and_the_way_back_too(client: Client, world: World) -> None:
    for number in range(120):
        audit.record("test.many", number=number)
    keys = list(AuditEntry.objects.order_by("-id").values_list("id", flat=True))

    def shown(query: str) -> list[int]:
        page = client.get("/audit/" + query).context["page"]
        return [row.pk for row in page.object_list]

    assert shown("") == keys[:50]
    assert shown(f"?before={keys[49]}") == keys[50:100]
    assert shown(f"?after={keys[100]}") == keys[50:100]
    assert shown("?before=1") == []
    assert shown("?q=test.many&before=1") == []
    older = client.get("/audit/?act=accounts.grant").content.decode()
    assert "before=" not in older


@pytest.fixture
def month(world: World) -> str:
    clock.forward(days=62)
    audit.record("test.now")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS audit_settle IMMEDIATE")  # as after a commit
    assert archive.write_due() == 1
    return str(AuditArchive.objects.get())


def test_the_auditor_checks_and_takes_away_a_month(client: Client, world: World, month: str) -> None:
    world.login(client, "auditor")
    assert month in client.get("/audit/archives/").content.decode()
    assert "alert-success" in client.post("/audit/archives/verify/", follow=True).content.decode()
    file = client.post(f"/audit/archives/{month}/entries/")
    assert file["Content-Disposition"] == f'attachment; filename="audit-{month}.txt.gz"'
    assert "accounts.user_created" in gzip.decompress(file.content).decode()
    proof = json.loads(client.post(f"/audit/archives/{month}/certificate/").content)
    assert json.loads(proof["certificate"])["month"] == month
    assert AuditEntry.objects.filter(action="kernel.archive_fetched").count() == 2
    for wrong in ("2020-01", "rubbish", "2020-13"):
        assert client.post(f"/audit/archives/{wrong}/entries/").status_code == 404


def test_a_broken_archive_is_said_to_be_broken(client: Client, world: World, month: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_auditarchive DISABLE TRIGGER archive_refuse")
        cursor.execute("UPDATE kernel_auditarchive SET entries = entries - 1")
    world.login(client, "auditor")
    assert "alert-danger" in client.post("/audit/archives/verify/", follow=True).content.decode()


def test_archives_of_all_places_are_not_for_the_auditor_of_one(client: Client, world: World, month: str) -> None:
    auditor = actions.create_user(
        "aud", PASSWORD, name="aud", role=Role.AUDITOR, place=world.places["410182"], temporary=False
    )
    client.force_login(auditor)
    assert month not in client.get("/audit/archives/").content.decode()
    assert client.post("/audit/archives/verify/").status_code == 403
    assert client.post(f"/audit/archives/{month}/entries/").status_code == 403
