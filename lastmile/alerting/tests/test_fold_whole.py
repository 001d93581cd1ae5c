"""The sums written at issue, and moved without looking at people, are those of a full count."""

from __future__ import annotations

import pytest

from lastmile.alerting import coverage, manifest
from lastmile.alerting.audience import Audience
from lastmile.alerting.fold import recount
from lastmile.alerting.models import AlertEvent, ChannelTally, Manifest, Sent, Tally
from lastmile.alerting.sql import statement
from lastmile.alerting.tests.events import issued
from lastmile.community.people.models import Contact, Person
from tests.world import World

pytestmark = pytest.mark.django_db


def a_warning() -> AlertEvent:
    world = World.build()
    Contact.objects.filter(person__in=world.residents[:3]).delete()
    Person.objects.filter(pk=world.residents[4].pk).update(minor=True)
    Contact.objects.filter(person=world.residents[5]).delete()  # the child's household has no channel but the child's
    event = issued(Audience.parse({"places": ["410182"], "groups": ["residents", "responsible"]}))
    manifest.write(event)
    return event


def sums(event: AlertEvent) -> list[tuple[object, ...]]:
    people = Tally.objects.filter(event=event.pk).values_list(
        "place", "vulnerable", "people", "reachable", "told", "batches", "doors", "doors_reachable", "doors_told"
    )
    channels = ChannelTally.objects.filter(event=event.pk).values_list(
        "place", "channel", "people", "told", "waiting", "rejected", "unknown", "no_contact", "skipped"
    )
    return [*people.order_by("place", "vulnerable"), *channels.order_by("place", "channel")]


def counted_in_full(event: AlertEvent) -> list[tuple[object, ...]]:
    recount(event.pk)
    coverage.fold()
    return sums(event)


def settle(event: AlertEvent, state: Sent, **of: object) -> None:
    for row in Manifest.objects.filter(event=event, **of).exclude(channel="none"):
        row.states = bytes([state]) * len(row.person_ids)
        row.due_at = None
        row.save()


def test_the_sums_are_there_at_issue_and_equal_a_full_count() -> None:
    event = a_warning()
    at_issue = sums(event)
    assert sum(row[2] for row in at_issue if isinstance(row[1], bool)) == Person.objects.count()  # type: ignore[misc]
    coverage.fold()
    assert sums(event) == at_issue == counted_in_full(event)


@pytest.mark.parametrize("state", [Sent.ACCEPTED, Sent.WAITING, Sent.GAVE_UP, Sent.UNKNOWN])
def test_when_all_stand_alike_the_short_way_equals_the_long_one(state: Sent) -> None:
    event = a_warning()
    coverage.fold()
    settle(event, state)
    coverage.fold()
    short = sums(event)
    assert short == counted_in_full(event)


def test_told_in_one_place_and_not_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    event = a_warning()
    coverage.fold()
    settle(event, Sent.ACCEPTED, place__endswith="001")
    coverage.fold()
    short = sums(event)
    assert short == counted_in_full(event)
    told = {row[0] for row in short if isinstance(row[1], bool) and row[4]}
    assert told
    assert all(str(place).endswith("001") for place in told)


def test_nobody_is_looked_at_where_all_stand_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def noted(name: str) -> str:
        asked.append(name)
        return statement(name)

    monkeypatch.setattr("lastmile.alerting.fold.statement", noted)
    event = a_warning()
    coverage.fold()
    settle(event, Sent.ACCEPTED)
    coverage.fold()
    assert "fold_whole" in asked
    assert "fold_handover" not in asked
    manifest.write_wave(event, [Person.objects.latest("pk").pk], "sms")
    coverage.fold()
    assert "fold_handover" in asked  # another row in the ledger: counted in full
