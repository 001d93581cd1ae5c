"""What stands still is found, stored and said; what moves, or is mended, is not."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pytest_django.fixtures import Settings

from lastmile.alerting import close, findings, manifest, report, watchdog
from lastmile.alerting.audience import Audience
from lastmile.alerting.findings import Finding
from lastmile.alerting.models import (
    AlertEvent,
    ChannelTally,
    DutyRun,
    Fact,
    Manifest,
    Rest,
    Review,
    Standstill,
    Worker,
)
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.tests.answering import listed, make_event
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


def found(event: AlertEvent | None = None) -> list[Finding]:
    watchdog.look()
    return findings.current(event).findings


def places(event: AlertEvent | None = None) -> list[str]:
    return [finding.where for finding in found(event)]


def test_nothing_is_found_where_everything_moves(event: AlertEvent) -> None:
    assert watchdog.look() == 0
    assert findings.current().findings == []


def test_no_worker_is_said_though_nobody_looks(event: AlertEvent) -> None:
    clock.forward(seconds=20)
    (finding,) = findings.current().findings
    assert finding.where == "worker"
    assert "lastmile worker" in finding.mend


def test_a_watchdog_that_looks_no_more_is_found(event: AlertEvent) -> None:
    watchdog.look()
    clock.forward(seconds=70)
    pulse()
    assert [one.where for one in findings.current().findings] == ["duty watchdog"]
    assert places() == [f"event {event.pk}"]  # it has looked again, and seen that nothing was sent


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
    (finding,) = found(event)
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


def approve_after(event: AlertEvent, world: World) -> None:
    said = {"decision": Review.Decision.APPROVED_AFTER, "actor": world.users["approver"], "version": 1}
    Review.objects.create(alert=event.alert, at=clock.now(), **said)


def test_what_is_mended_vanishes_with_the_next_look(event: AlertEvent, world: World) -> None:
    now = clock.now()
    Rest.objects.create(channel="sms", since=now, until=now + timedelta(seconds=5), failures=5, reason="refused")
    DutyRun.objects.create(name="fold", failures=3, failed_at=now, error="disk full")
    Manifest.objects.filter(event=event, channel="sms").update(attempts=7)
    other = issued(Audience(places=("410182109205",)), place="410182", urgent=True)
    assert len(places()) == 4
    Rest.objects.all().delete()
    DutyRun.objects.filter(name="fold").update(failures=0)
    Manifest.objects.filter(event=event).update(attempts=1)
    approve_after(other, world)
    assert places() == []
    assert Standstill.objects.filter(ended_at=None).count() == 0


def test_a_warning_that_is_over_has_nothing_left_to_mend(event: AlertEvent) -> None:
    Manifest.objects.filter(event=event, channel="sms").update(attempts=7)
    assert places() == [f"event {event.pk}"]
    clock.forward(hours=30)
    close.expire()
    pulse()
    assert places() == []


def test_one_event_hears_of_itself_and_of_what_concerns_all(event: AlertEvent) -> None:
    other = issued(Audience(places=("410182109205",)), place="410182")
    Manifest.objects.filter(event=event, channel="sms").update(attempts=7)
    DutyRun.objects.create(name="fold", failures=3, failed_at=clock.now(), error="disk full")
    assert sorted(places(event)) == ["duty fold", f"event {event.pk}"]
    assert places(other) == ["duty fold"]


def test_the_same_thing_found_again_is_one_row_brought_up_to_date(event: AlertEvent) -> None:
    rows = Manifest.objects.filter(event=event, channel="sms")
    for attempts in (5, 6, 9):
        rows.update(attempts=attempts)
        watchdog.look()
    row = Standstill.objects.get()
    assert row.details["tries"] == 9


def test_the_log_hears_of_each_thing_once(event: AlertEvent, caplog: pytest.LogCaptureFixture) -> None:
    Manifest.objects.filter(event=event, channel="sms").update(attempts=7)
    with caplog.at_level(logging.WARNING, "lastmile.alerting.watchdog"):
        watchdog.look()
        watchdog.look()
    assert len(caplog.records) == 1


def test_each_reader_reads_the_same_row_in_his_own_language(event: AlertEvent) -> None:
    with translation.override("zh-hans"):
        Manifest.objects.filter(event=event, channel="sms").update(attempts=7, error="no answer within 10 s")
        watchdog.look()
        assert "10 秒内没有响应" in findings.current().findings[0].says
    with translation.override("en"):
        assert "no answer within 10 seconds" in findings.current().findings[0].says


def test_the_page_says_how_old_its_findings_are_and_asks_little(
    event: AlertEvent, client: Client, world: World
) -> None:
    world.login(client, "officer")
    url = f"/alerts/{event.alert.code}/coverage/"
    assert "还没有人检查过" in client.get(url).content.decode()
    watchdog.look()
    clock.forward(seconds=9)
    assert "9 秒前" in client.get(url).content.decode()
    with CaptureQueriesContext(connection) as queries:
        findings.current(event)
    assert len(queries) == 3


def test_programs_read_the_same(event: AlertEvent, client: Client, world: World) -> None:
    Manifest.objects.filter(event=event, channel="sms").update(attempts=7)
    watchdog.look()
    world.login(client, "officer")
    answer = client.get(f"/api/v1/alerts/{event.alert.code}/coverage").json()
    assert [one["where"] for one in answer["standstills"]] == [f"event {event.pk}"]
    assert answer["looked_at"]


def test_the_report_keeps_what_stood_still_and_for_how_long(world: World) -> None:
    event = make_event(world)
    listed(event, world.residents)
    rows = Manifest.objects.filter(event=event)
    rows.update(attempts=7, due_at=clock.now())
    watchdog.look()
    clock.forward(minutes=3)
    rows.update(attempts=0, due_at=None)
    watchdog.look()
    (kept,) = report.build(event)["findings"]
    assert kept["from"] < kept["until"]
    earlier = Standstill.objects.create(
        key="resting channel sms",
        kind="resting",
        about="channel sms",
        details={"channel": "sms", "failures": 5, "error": "refused"},
        found_at=event.sent_at - timedelta(hours=3),
        ended_at=event.sent_at - timedelta(hours=2),
    )
    assert len(report.build(event)["findings"]) == 1
    Standstill.objects.filter(pk=earlier.pk).update(ended_at=clock.now())
    assert len(report.build(event)["findings"]) == 2
