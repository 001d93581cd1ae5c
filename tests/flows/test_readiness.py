"""A quiet Tuesday: a county asks who can be reached. Worker, gateway, phones, answers; and no warning anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from pytest_django.fixtures import Settings

from lastmile.alerting import door, fold
from lastmile.alerting.channels import registry
from lastmile.alerting.models import Fact, Probe, ReadinessPlan, ReadinessRound, Receipt
from lastmile.alerting.readiness import plans, rounds
from lastmile.community.people.models import Contact
from lastmile.duties import gaps
from lastmile.kernel import clock
from tests.browser.server import LiveServer
from tests.flows.test_phones import SECRET, PhoneNetwork
from tests.flows.workers import Workers
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
COUNTY = "410182"
YES = (Fact.CONFIRMED, Fact.SAFE, Fact.MOVED, Fact.NEEDS_HELP, Fact.REFUSED)


@pytest.fixture
def made(settings: Settings) -> ReadinessRound:
    """Everybody of a county is asked at once; nothing is sent yet."""
    settings.CHANNELS, settings.SMS_GATEWAY_SECRET, settings.SMS_GATEWAY_VENDOR = ["sms"], SECRET, ""
    registry.forget()
    world = World.build(households=15)
    plan = plans.start(world.officer, world.places[COUNTY], whom="all", share=50, from_hour=8, to_hour=20)
    ReadinessPlan.objects.update(share=100)
    plan.refresh_from_db()
    rounds._send(plan)
    return plan.rounds.get()


@pytest.fixture
def phones(tmp_path: Path, made: ReadinessRound) -> Iterator[PhoneNetwork]:
    server = LiveServer()
    network = PhoneNetwork(tmp_path, server.url)
    vendor = tmp_path / "vendor.json"
    vendor.write_text('{"batch": 7, "timeout": 5}')
    workers = Workers(
        {
            "LASTMILE_CHANNELS": "sms",
            "LASTMILE_SMS_URL": f"http://127.0.0.1:{network.port}/batch",
            "LASTMILE_SMS_SECRET": SECRET,
            "LASTMILE_SMS_VENDOR": str(vendor),
        }
    )
    workers.start()
    yield network
    workers.end()
    network.end()
    server.stop()
    for batcher in (door.visits, door.gateway):
        batcher._thread.submit(connections.close_all).result(10)


def test_who_answers_is_confirmed_who_does_not_is_a_gap(
    phones: PhoneNetwork, made: ReadinessRound, client: Client
) -> None:
    stats = phones.stats_at_rest(made.people)
    assert (stats["accepted"], stats["doubled"]) == (made.people, 0)
    while fold.fold():
        pass
    rounds.harvest()
    said = Receipt.objects.filter(event=made.event, fact__in=YES, by=None)
    answered = set(said.values_list("person", flat=True))
    assert answered
    assert set(made.probes.filter(result=Probe.Result.ANSWERED).values_list("person", flat=True)) == answered
    confirmed = Contact.objects.exclude(confirmed_at=None).values_list("person", flat=True)
    assert set(confirmed) == answered
    failed = made.probes.filter(result=Probe.Result.FAILED).count()
    assert failed > 0
    clock.forward(days=2, hours=1)
    rounds.tick()
    made.refresh_from_db()
    assert made.closed_at is not None
    left = made.people - len(answered)
    assert gaps.found(gaps.get("unanswered_test"), COUNTY).count() == left
    assert "通讯测试" not in client.get("/w/?exercises=1").content.decode()
