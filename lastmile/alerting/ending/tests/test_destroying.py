"""What an event gathered about people is gone a while after it is over; a signed certificate says what and how much."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test import Client

from lastmile.alerting import close, fold, report
from lastmile.alerting.ending import certificate, destroying, sources
from lastmile.alerting.models import AlertEvent, Destruction, Fact, Receipt, Visit
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.tests.conftest import Desk, desk, world
from lastmile.duties import actions as duties
from lastmile.kernel import clock
from lastmile.kernel.fields import SealedField
from lastmile.kernel.models import AuditEntry
from lastmile.modules.shelters.models import Stay
from lastmile.modules.shelters.queries import roll
from tests.world import World

__all__ = ["desk", "world"]  # fixtures
WORDS = "老人不能走路，氧气快没有了"
NAME, PHONE = "路过的赵某某", "+8610099887766"


@pytest.fixture
def event(world: World, desk: Desk) -> AlertEvent:
    """A warning in which somebody wrote something, and a stranger came to a shelter."""
    event = desk.issued()
    append(
        [
            NewReceipt(
                f"k:{event.pk}", event.pk, world.residents[0].pk, Fact.NEEDS_HELP, "link", clock.now(), note=WORDS
            ),
            NewReceipt(f"l:{event.pk}", event.pk, world.residents[1].pk, Fact.CONFIRMED, "link", clock.now()),
        ]
    )
    Stay.objects.create(
        incident=event, place="410182109211", state=Stay.State.values[0], at=clock.now(), name=NAME, phone=PHONE
    )
    return event


def over(days: int) -> None:
    """Everything in force expires, and so many days go by."""
    clock.forward(days=3)
    close.expire()
    clock.forward(days=days)


def everywhere() -> Iterator[tuple[str, str]]:
    """Every row of every table of the database as text, and every sealed value opened."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                yield table, row
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, SealedField):
                for value in model._default_manager.values_list(field.attname, flat=True):
                    if value is not None:
                        yield f"{model._meta.db_table}.{field.attname}", value.reveal()


def places(*wanted: str) -> set[str]:
    return {where for where, text in everywhere() if any(word in text for word in wanted)}


def test_the_whole_database_is_searched_for_what_should_be_gone(event: AlertEvent) -> None:
    sealed = [
        bytes(Receipt.objects.get(event=event, person__gt=0, fact=Fact.NEEDS_HELP).note.data).hex(),
        bytes(Stay.objects.get(incident=event, name__isnull=False).phone.data).hex(),
    ]
    assert places(WORDS, NAME, PHONE) == {"alerting_receipt.note", "shelters_stay.name", "shelters_stay.phone"}
    assert places(*sealed) == {"alerting_receipt", "shelters_stay"}
    over(31)
    assert destroying.destroy_due() == 3
    assert places(WORDS, NAME, PHONE, *sealed) == set()
    assert Receipt.objects.filter(event=event).count() == 2  # who answered what, and when, stays


def test_what_joins_people_to_places_goes_and_every_figure_stays(event: AlertEvent, world: World) -> None:
    """Who was in which shelter, why a household stays: the rows stay as figures and name nobody."""
    home, someone = world.households[0], world.residents[0]
    common = {"incident": event, "place": home.place_id, "at": clock.now(), "ordered": True}
    Stay.objects.create(person=someone, household=home, state="in", came=1, **common)
    Stay.objects.create(person=world.residents[1], household=home, state="elsewhere", where="relatives", **common)
    Visit.objects.create(
        event=event.pk,
        household=home.pk,
        place=home.place_id,
        priority=0,
        opened_at=clock.now(),
        fact=Fact.REFUSED,
        reason="unfit",
    )
    owed = duties.create(
        kind="alerting.refusal",
        key=f"{event.pk}:h{home.pk}",
        title="第1网格 001-1：拒绝撤离 (行动不便或生病)",
        place=home.place_id,
        perm="alerting:alert:receipt",
        due_at=clock.now(),
    )
    owed.events.create(at=clock.now(), entered_at=clock.now(), what="done", note=WORDS)
    fold.fold()
    over(20)
    figures, told = roll.of(event), report.build(event, "410182")
    clock.forward(days=11)
    assert destroying.destroy_due() >= 3 + 4 + 1 + 2
    assert not places(WORDS, "生病", "unfit")
    assert not Stay.objects.exclude(person=None, household=None).exists()
    assert Visit.objects.get(household=home.pk).fact == Fact.REFUSED
    owed.refresh_from_db()
    assert owed.title == "第1网格 001-1：拒绝撤离"
    assert roll.of(event) == figures
    after, of_the_report = report.build(event, "410182"), {"made_at", "timeline"}
    assert {name for name, said in told.items() if after[name] != said} <= of_the_report
    assert after["timeline"][:-1] == told["timeline"]  # which says last that data was destroyed
    said = json.loads(Destruction.objects.get().certificate)
    assert said["values"]["shelters_stay.person_id"] == 2
    assert "shelters_stay.person_id" not in said["digests"]  # a few numbers could be guessed from it


def test_nothing_goes_while_the_warning_runs_or_is_fresh(event: AlertEvent) -> None:
    assert destroying.destroy_due() == 0
    over(20)
    assert destroying.destroy_due() == 0
    assert Destruction.objects.count() == 0
    assert places(WORDS)


def test_an_update_keeps_what_its_first_issue_gathered(event: AlertEvent, desk: Desk) -> None:
    desk.follow(event, "update")
    clock.forward(days=40)
    assert destroying.destroy_due() == 0
    assert places(WORDS)


def test_the_days_count_from_the_end_of_the_last_message(event: AlertEvent, desk: Desk) -> None:
    clock.forward(days=1)
    desk.follow(event, "update", ends_at=clock.now() + timedelta(days=20))
    clock.forward(days=22)
    close.expire()
    clock.forward(days=15)  # 37 after the first message, 15 after the update
    assert destroying.destroy_due() == 0
    assert places(WORDS)
    clock.forward(days=16)
    assert destroying.destroy_due() == 3
    assert not places(WORDS)
    assert Destruction.objects.count() == 2  # of both messages


def test_the_certificate_says_what_and_how_many_and_is_signed(event: AlertEvent) -> None:
    over(31)
    destroying.destroy_due()
    done = Destruction.objects.get()
    said = json.loads(done.certificate)
    assert said["event"] == event.identifier
    assert said["values"]["alerting_receipt.note"] == 1
    assert done.total == 3
    assert said["rule"] == {"class": "event", "days": 30}
    assert len(set(said["digests"].values())) == 4  # one column was empty: its digest is of nothing
    assert certificate.facts(done)["holds"]
    done.certificate = done.certificate.replace(":1", ":0")
    assert not certificate.facts(done)["holds"]
    assert AuditEntry.objects.filter(action="alerting.destroyed", detail__values=3).count() == 1


def test_what_is_typed_in_later_goes_too_and_nothing_is_certified_twice(event: AlertEvent, world: World) -> None:
    over(31)
    destroying.destroy_due()
    assert destroying.destroy_due() == 0
    assert Destruction.objects.count() == 1
    late = NewReceipt("late", event.pk, world.residents[0].pk, Fact.REFUSED, "staff", clock.now(), note=WORDS)
    append([late])
    assert destroying.destroy_due() == 1
    assert Destruction.objects.count() == 2
    assert not places(WORDS)


def test_a_warning_of_which_nothing_was_kept_gets_its_certificate(desk: Desk) -> None:
    desk.issued()
    over(31)
    assert destroying.destroy_due() == 0
    assert Destruction.objects.get().total == 0


def test_a_receipt_can_lose_its_words_and_change_in_nothing_else(event: AlertEvent) -> None:
    for change in ("fact = 1", "note = 'x'", "person = 7, note = NULL"):
        with pytest.raises(DatabaseError, match="appended"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE alerting_receipt SET {change}")


def test_pages_show_the_certificate_where_the_warning_belongs(event: AlertEvent, world: World, client: Client) -> None:
    over(31)
    destroying.destroy_due()
    pk = Destruction.objects.get().pk
    for login in ("officer", "auditor"):
        world.login(client, login)
        assert event.identifier in client.get(f"/destroyed/{pk}/").content.decode(), login
        assert f"/destroyed/{pk}/" in client.get("/destroyed/").content.decode()
    answer = client.get(f"/destroyed/{pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    for login in ("neighbour", "village"):
        world.login(client, login)
        assert client.get(f"/destroyed/{pk}/").status_code == 404, login
        assert f"/destroyed/{pk}/" not in client.get("/destroyed/").content.decode()


def test_every_sealed_column_of_events_is_named_or_says_why_not() -> None:
    """A new column that holds words about people in an event must be destroyed with the others."""
    named = {source.name for source in sources.sources()}
    kept = {
        "alerting_callattempt.text": "what a post was told, evidence of duty",
        "alerting_callentry.note": "what staff noted of a call, evidence of duty; a trigger keeps it",
        "alerting_source.secret": "a key of the system, about nobody",
        "alerting_source.token": "a key of the system, about nobody",
        "alerting_paperprint.content": "destroyed with the warning or after a day",
        "alerting_subscription.secret": "a key of the system, about nobody",
        "alerting_chatgroup.address": "of no event: the robot of a group, about nobody",
        "alerting_chatgroup.secret": "a key of the robot of a group, about nobody",
        "alerting_follower.address": "of no event: where somebody wants to be told, until they end it",
        "alerting_follower.keys": "of no event: of a browser that wants to be told",
        "alerting_channelaccount.settings": "keys of the system, about nobody",
        **dict.fromkeys(
            ("alerting_deployment.key", "alerting_deployment.next_key", "alerting_deployment.code"),
            "keys of a link between two systems, about nobody",
        ),
    }
    rooms = {"alerting", "shelters"}
    columns = {
        f"{model._meta.db_table}.{field.column}"
        for model in apps.get_models()
        if model._meta.app_label in rooms
        for field in model._meta.local_fields
        if isinstance(field, SealedField)
    }
    assert columns == {name for name in named if name in columns} | set(kept)
    assert {source.name for source in sources.sources() if source.sealed} <= columns
