"""What stands still is found and said; what moves is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from lastmile.alerting import manifest, watchdog
from lastmile.alerting.audience import Audience
from lastmile.alerting.models import AlertEvent, ChannelTally, DutyRun, Fact, Manifest, Rest, Worker
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.tests.events import issued
from lastmile.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(world: World) -> AlertEvent:
    """A warning in force, and a worker that shows its pulse."""
    found = issued(Audience(places=("410182109211",)), place="410182")
    manifest.write(found)
    pulse()
    return found


def pulse() -> None:
    now = clock.now()
    Worker.objects.update_or_create(name="w", defaults={"started_at": now, "seen_at": now})


def places(event: AlertEvent | None = None) -> list[str]:
    return [finding.where for finding in watchdog.findings(event)]


def test_nothing_is_found_where_everything_moves(event: AlertEvent) -> None:
    assert watchdog.findings() == []
    assert watchdog.look() == 0


def test_no_worker_is_the_first_thing_to_say(event: AlertEvent) -> None:
    clock.forward(seconds=20)
    (finding,) = watchdog.findings()
    assert finding.where == "worker"
    assert "lastmile worker" in finding.mend


def test_a_queue_that_nothing_leaves_is_found_and_one_that_moves_is_not(event: AlertEvent) -> None:
    clock.forward(minutes=2)
    pulse()
    assert places(event) == [f"event {event.pk}"]
    row = Manifest.objects.filter(event=event, channel="sms").first()
    assert row is not None
    Manifest.objects.filter(pk=row.pk).update(settled_at=clock.now(), due_at=None)
    assert places(event) == []


def test_a_batch_tried_again_and_again_is_found_with_its_error(event: AlertEvent) -> None:
    Manifest.objects.filter(event=event, channel="sms").update(attempts=7, error="gateway says no")
    (finding,) = watchdog.findings(event)
    assert "gateway says no" in finding.says


def test_a_resting_channel_and_a_failing_duty_are_found(event: AlertEvent) -> None:
    now = clock.now()
    Rest.objects.create(channel="sms", since=now, until=now + timedelta(seconds=5), failures=5, reason="refused")
    DutyRun.objects.create(name="fold", failures=3, failed_at=now, error="disk full")
    assert sorted(places()) == ["channel sms", "duty fold"]


def test_a_channel_out_of_service_with_people_waiting_is_found(event: AlertEvent, settings: Settings) -> None:
    settings.CHANNELS = ["email", "web"]
    assert places(event) == [f"event {event.pk}"]


def test_many_refused_are_found_few_are_not(event: AlertEvent) -> None:
    here = ChannelTally.objects.filter(event=event.pk, place="410182109211001", channel="sms")
    assert here.update(people=400, rejected=19) == 1
    assert places(event) == []
    ChannelTally.objects.filter(event=event.pk, channel="sms").update(unknown=5)
    assert places(event) == [f"event {event.pk}"]


def test_answers_that_nobody_counts_are_found(event: AlertEvent, world: World) -> None:
    person = world.residents[0].pk
    append([NewReceipt("k", event.pk, person, Fact.CONFIRMED, "link", clock.now())])
    assert places() == []
    clock.forward(seconds=12)
    pulse()
    assert "duty fold" in places()


def test_a_worker_long_gone_is_forgotten(event: AlertEvent) -> None:
    clock.forward(hours=2)
    watchdog.look()
    assert not Worker.objects.exists()


def test_an_urgent_issue_stays_on_the_list_until_it_is_judged(event: AlertEvent) -> None:
    other = issued(Audience(places=("410182109205",)), place="410182", urgent=True)
    assert places(other) == [f"alert {other.alert.code}"]
