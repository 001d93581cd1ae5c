"""A change of keys as a job: it goes on where it was, finds what was written meanwhile, and loses no look-up."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from django.conf import settings as now
from django.test import Client

from lastmile.alerting.dispatch.store import database
from lastmile.community.accounts import second
from lastmile.community.accounts.models import RecoveryCode
from lastmile.community.people.actions.contacts import add_contact
from lastmile.community.people.models import Contact, Person
from lastmile.community.people.queries.households import by_contact
from lastmile.kernel import keys, rotation
from lastmile.kernel.crypto import keyring
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.kernel.models import AuditEntry, KeyRotation
from tests.flows.workers import url
from tests.world import World

# what the job does, in small batches, so that it dies in the middle
SCRIPT = """import django, sys; django.setup()
from lastmile.kernel import keys, rotation
keys.write_anew.__defaults__ = (2,)
rotation.go_on(int(sys.argv[1]))"""


def left() -> int:
    return sum(keys.stale(column) for column in keys.columns())


def values() -> list[tuple[str, str]]:
    return [(c.value.reveal(), c.person.name.reveal()) for c in Contact.objects.select_related("person").order_by("pk")]


def two_keys(settings: Any) -> None:
    settings.FIELD_KEYS += f",2:{secrets.token_hex(32)}"
    settings.INDEX_KEY_OLD, settings.INDEX_KEY = settings.INDEX_KEY, secrets.token_hex(32)


@pytest.fixture
def world(db: None, settings: Any) -> World:
    world = World.build(households=2)
    two_keys(settings)
    return world


def started() -> KeyRotation:
    return rotation.start(World.__name__, lambda pk: None)


def test_everything_is_written_anew_and_read_all_the_time(world: World) -> None:
    before, contact = values(), Contact.objects.earliest("pk")
    number = contact.value.reveal()
    run = started()
    rotation._count(run.pk)
    while rotation._batch(run.pk):
        assert values() == before
        assert contact.person in by_contact(number)
    run.refresh_from_db()
    assert (left(), run.left, run.trouble) == (0, {}, "")
    assert run.ended_at is not None
    assert run.done == run.total
    assert AuditEntry.objects.filter(action="kernel.keys_reencrypted", detail__whole=True).count() == 1


def test_look_up_works_without_the_old_index_key_afterwards(world: World, settings: Any) -> None:
    contact = Contact.objects.earliest("pk")
    rotation.go_on(started().pk)
    settings.INDEX_KEY_OLD = ""
    settings.FIELD_KEYS = settings.FIELD_KEYS.partition(",")[2]
    contact.refresh_from_db()
    assert contact.person in by_contact(contact.value.reveal())
    assert {bytes(c.blind) for c in Contact.objects.all()} == {keyring().blind(v) for v, _name in values()}


def test_a_number_entered_again_meanwhile_stays_one(world: World) -> None:
    contact = Contact.objects.earliest("pk")
    number, count = contact.value.reveal(), Contact.objects.count()
    assert add_contact(contact.person, contact.kind, number).pk == contact.pk
    Contact.objects.create(
        person=contact.person, kind=contact.kind, value=number, blind=keyring().blind(number), rank=3
    )
    rotation.go_on(started().pk)
    assert Contact.objects.count() == count
    assert bytes(Contact.objects.get(pk=contact.pk).blind) == keyring().blind(number)


def test_what_a_process_wrote_under_the_old_key_gets_another_pass(world: World, settings: Any) -> None:
    run = started()
    while KeyRotation.objects.get(pk=run.pk).step < len(rotation.steps()):
        rotation._batch(run.pk)
    both = settings.FIELD_KEYS
    settings.FIELD_KEYS = both.partition(",")[0]
    person = Person.objects.earliest("pk")
    person.name = "王新名"
    person.save()
    settings.FIELD_KEYS = both
    assert left() == 1
    rotation.go_on(run.pk)
    assert left() == 0
    assert Person.objects.get(pk=person.pk).name.reveal() == "王新名"


def test_recovery_codes_hold_until_the_old_key_goes(world: World, settings: Any) -> None:
    both = settings.INDEX_KEY, settings.INDEX_KEY_OLD
    settings.INDEX_KEY, settings.INDEX_KEY_OLD = both[1], ""
    code = "abcd-efgh-jkmn"
    RecoveryCode.objects.create(user=world.officer, digest=second._digest(world.officer, code))
    settings.INDEX_KEY, settings.INDEX_KEY_OLD = both
    assert second._recovered(world.officer, code)
    assert not second._recovered(world.officer, code)


def test_one_run_at_a_time_and_none_without_another_key(world: World, settings: Any) -> None:
    run = started()
    with pytest.raises(Conflict):
        started()
    rotation.go_on(run.pk)
    settings.FIELD_KEYS, settings.INDEX_KEY_OLD = settings.FIELD_KEYS.partition(",")[0], ""
    with pytest.raises(Refusal):
        started()


def test_keys_that_change_again_end_the_run_in_words(world: World, settings: Any) -> None:
    run = started()
    settings.FIELD_KEYS += f",3:{secrets.token_hex(32)}"
    rotation.go_on(run.pk)
    run.refresh_from_db()
    assert run.trouble
    assert run.ended_at is not None


def test_the_system_administrator_starts_it_and_sees_how_far_it_is(world: World, client: Client) -> None:
    world.login(client, "system")
    page = client.get("/keys/").content.decode()
    assert "people_person.name" in page
    assert keyring()._index_key.hex() not in page
    assert client.post("/keys/").status_code == 302
    run = KeyRotation.objects.get()
    assert "hx-trigger" in client.get("/keys/", headers={"HX-Target": "runs"}).content.decode()
    assert client.post("/keys/").status_code == 409
    rotation.go_on(run.pk)
    assert 'hx-trigger="every 2s"' not in client.get("/keys/").content.decode()
    for login in ("officer", "security", "auditor"):
        world.login(client, login)
        assert client.post("/keys/").status_code == 403, login


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_loses_nothing(settings: Any) -> None:
    World.build(households=6)
    two_keys(settings)
    before, total = values(), left()
    run = started()
    environment = {
        "DJANGO_SETTINGS_MODULE": "lastmile.site.settings",
        "LASTMILE_VAR": str(now.VAR),
        "DATABASE_URL": url(database()),
        "LASTMILE_FIELD_KEYS": settings.FIELD_KEYS,
        "LASTMILE_INDEX_KEY": settings.INDEX_KEY,
        "LASTMILE_INDEX_KEY_OLD": settings.INDEX_KEY_OLD,
    }
    command = [sys.executable, "-c", SCRIPT, str(run.pk)]
    victim = subprocess.Popen(command, env={**os.environ, **environment}, cwd=now.BASE_DIR)
    until = time.monotonic() + 60
    while not KeyRotation.objects.get(pk=run.pk).done:
        assert time.monotonic() < until, "it never began"
        time.sleep(0.005)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    run.refresh_from_db()
    assert run.ended_at is None
    assert 0 < left() < total
    assert left() + run.done == total
    assert values() == before
    assert rotation.unfinished() == [run.pk]
    rotation.go_on(run.pk)
    assert left() == 0
    assert values() == before
    assert rotation.unfinished() == []
