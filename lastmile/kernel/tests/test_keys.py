"""Changing the field key while everything runs."""

from __future__ import annotations

import secrets
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection

from lastmile.community.people.models import Contact, Person
from lastmile.kernel import keys
from lastmile.kernel.crypto import keyring
from lastmile.kernel.models import AuditEntry
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def rotated(settings: Any) -> World:
    """A small city under key 1, and key 2 has just been added."""
    world = World.build(households=2)
    settings.FIELD_KEYS += f",2:{secrets.token_hex(32)}"
    return world


def names() -> list[str]:
    return [person.name.reveal() for person in Person.objects.order_by("pk")]


def left() -> int:
    return sum(keys.stale(column) for column in keys.columns())


def test_values_read_before_during_and_after(rotated: World) -> None:
    before = names()
    column = next(c for c in keys.columns() if str(c) == "people_person.name")
    run = keys.reencrypt(column, batch=3)
    next(run)
    assert 0 < keys.stale(column) < len(before)
    assert names() == before
    for _done in run:
        pass
    assert keys.stale(column) == 0
    assert names() == before


def test_it_goes_on_where_it_was_stopped_and_ends_with_nothing_left(rotated: World) -> None:
    before, total = names(), left()
    column = next(c for c in keys.columns() if str(c) == "people_contact.value")
    next(keys.reencrypt(column, batch=2))
    assert left() == total - 2
    call_command("keys", "reencrypt", stdout=StringIO())
    assert left() == 0
    assert names() == before
    assert AuditEntry.objects.filter(action="kernel.keys_reencrypted").count() == 1


def test_look_up_by_number_survives(rotated: World) -> None:
    contact = Contact.objects.earliest("pk")
    call_command("keys", "reencrypt", stdout=StringIO())
    assert Contact.objects.filter(blind=keyring().blind(contact.value.reveal())).get() == contact


def test_an_edit_in_between_is_kept(rotated: World) -> None:
    column = next(c for c in keys.columns() if str(c) == "people_person.name")
    rows = keys._stale_rows(column, 0, 1)
    person = Person.objects.get(pk=rows[0][0])
    person.name = "王新名"
    person.save()
    keys._write(column, rows)
    assert Person.objects.get(pk=person.pk).name.reveal() == "王新名"


def test_append_only_tables_are_rewritten_and_stay_append_only(settings: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kernel_probe (id serial PRIMARY KEY, note bytea)")
        cursor.execute("CREATE TRIGGER stay BEFORE UPDATE ON kernel_probe EXECUTE FUNCTION kernel_audit_refuse()")
        cursor.execute("INSERT INTO kernel_probe (note) VALUES (%s)", [keyring().encrypt("x", b"probe")])
        settings.FIELD_KEYS += f",2:{secrets.token_hex(32)}"
        column = keys.Column("kernel_probe", "id", "note", b"probe")
        assert list(keys.reencrypt(column)) == [1]
        assert keys.by_number(column) == {2: 1}
        with pytest.raises(DatabaseError, match="append-only"):
            cursor.execute("UPDATE kernel_probe SET note = NULL")


def test_a_lost_key_is_noticed_by_a_sample(rotated: World, settings: Any) -> None:
    column = next(c for c in keys.columns() if str(c) == "people_person.name")
    keys.sample(column)
    settings.FIELD_KEYS = f"3:{secrets.token_hex(32)}"
    with pytest.raises(ValueError, match="number 1"):
        keys.sample(column)


def test_new_keys_are_fresh_and_stored_nowhere() -> None:
    shown = StringIO()
    call_command("keys", "new", stdout=shown)
    lines = dict(line.split("=") for line in shown.getvalue().split())
    assert set(lines) == {f"LASTMILE_{n}" for n in ("SECRET_KEY", "FIELD_KEYS", "INDEX_KEY", "LINK_KEY", "SEAL_KEY")}
    assert len(set(lines.values())) == 5


def test_rotation_explains_itself_and_changes_nothing(settings: Any) -> None:
    shown, before = StringIO(), settings.FIELD_KEYS
    call_command("keys", "rotate", stdout=shown)
    assert ",2:" in shown.getvalue()
    assert before == settings.FIELD_KEYS
    assert before[2:] not in shown.getvalue()
