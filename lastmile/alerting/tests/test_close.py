"""Warnings end by themselves, and nothing of them is sent afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest

from lastmile.alerting import close, manifest
from lastmile.alerting.audience import Audience
from lastmile.alerting.models import AlertEvent, Manifest, Sent, State
from lastmile.alerting.tests.events import issued
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry
from tests.world import World

pytestmark = pytest.mark.django_db


def a_warning(minutes: float = 60) -> AlertEvent:
    event = issued(Audience(places=("410182109211",)), place="410182", minutes=minutes)
    manifest.write(event)
    return event


def test_a_warning_past_its_end_expires_with_everything_of_it(world: World) -> None:
    over, going = a_warning(30), a_warning(90)
    clock.forward(minutes=31)
    assert close.expire() > 0
    for event in (over, going):
        event.refresh_from_db()
        event.alert.refresh_from_db()
    assert (over.alert.state, going.alert.state) == (State.EXPIRED, State.ISSUED)
    assert over.closed_at is not None
    assert going.closed_at is None
    assert {state for row in Manifest.objects.filter(event=over) for state in row.states} <= {
        Sent.SKIPPED,
        Sent.NO_CONTACT,
    }
    assert not Manifest.objects.filter(event=over).exclude(due_at=None).exists()
    assert Manifest.objects.filter(event=going).exclude(due_at=None).exists()
    assert AuditEntry.objects.filter(action="alerting.expire").count() == 1


def test_nothing_to_do_changes_nothing(world: World) -> None:
    a_warning()
    assert close.expire() == 0


def test_who_was_being_told_when_it_ended_stays_unknown(world: World) -> None:
    event = a_warning()
    row = Manifest.objects.filter(event=event, place="410182109211001", channel="sms").first()
    assert row is not None
    states = bytes([Sent.SENDING, Sent.ACCEPTED, *row.states[2:]])
    Manifest.objects.filter(pk=row.pk).update(states=states)
    AlertEvent.objects.filter(pk=event.pk).update(closed_at=clock.now())
    close.settle()
    row.refresh_from_db()
    assert list(row.states[:2]) == [Sent.UNKNOWN, Sent.ACCEPTED]
    assert set(row.states[2:]) == {Sent.SKIPPED}


def test_a_batch_that_a_worker_holds_is_left_to_it(world: World) -> None:
    event = a_warning()
    Manifest.objects.filter(event=event).update(lease_until=clock.now() + timedelta(seconds=20))
    AlertEvent.objects.filter(pk=event.pk).update(closed_at=clock.now())
    assert close.settle() == 0
