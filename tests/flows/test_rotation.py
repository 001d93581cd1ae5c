"""A change of keys whose worker is killed: the same job is tried a second time by the next worker and goes on."""

from __future__ import annotations

import secrets

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from lastmile.community.people.models import Contact, Person
from lastmile.kernel import clock, keys
from lastmile.kernel.models import AuditEntry, KeyRotation
from tests.flows.workers import Make, kill, wait
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
RESIDENTS, PATIENCE = 12_000, 90  # seconds; a dead worker is noticed after 15


def left() -> int:
    return sum(keys.stale(column) for column in keys.columns())


def jobs() -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.status::text, count(e.*) FROM procrastinate_jobs j LEFT JOIN procrastinate_events e"
            " ON e.job_id = j.id AND e.type = 'started' WHERE task_name = 'accounts.rotate_keys' GROUP BY j.id"
        )
        return [(status, tries) for status, tries in cursor.fetchall()]


def test_a_change_of_keys_whose_worker_is_killed_is_finished_by_the_second_try_of_its_job(
    client: Client, settings: Settings, workers_of: Make
) -> None:
    world = World.build(households=1)
    grid, now = world.places["410182109211001"], clock.now()
    rows = (Person(place=grid, name=f"李村民{n}", updated_at=now) for n in range(RESIDENTS))
    Person.objects.bulk_create(rows, batch_size=2_000)
    number = Contact.objects.earliest("pk").value.reveal()
    settings.FIELD_KEYS += f",2:{secrets.token_hex(32)}"
    workers = workers_of(
        {
            "LASTMILE_FIELD_KEYS": settings.FIELD_KEYS,
            "LASTMILE_INDEX_KEY": settings.INDEX_KEY,
            "LASTMILE_CHANNELS": "fake",
        }
    )
    world.login(client, "system")
    assert client.post("/keys/").status_code == 302
    run, total = KeyRotation.objects.get(), left()
    first = workers.start()
    wait(lambda: KeyRotation.objects.get(pk=run.pk).done > 0, PATIENCE)
    kill(first)
    run.refresh_from_db()
    assert run.ended_at is None
    assert 0 < left() < total
    assert jobs() == [("doing", 1)], "it died with its worker"
    assert Contact.objects.earliest("pk").value.reveal() == number, "both keys read meanwhile"
    workers.start()
    wait(lambda: KeyRotation.objects.get(pk=run.pk).ended_at is not None, PATIENCE)
    wait(lambda: jobs() == [("succeeded", 2)], PATIENCE)
    run.refresh_from_db()
    assert (left(), run.trouble, run.left) == (0, "", {})
    assert run.done == run.total == total
    assert AuditEntry.objects.filter(action="kernel.keys_reencrypted").count() == 1
    assert Person.objects.latest("pk").name.reveal() == f"李村民{RESIDENTS - 1}"
