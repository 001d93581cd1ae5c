from __future__ import annotations

import pytest
from django.test import Client

from lastmile.alerting import coverage
from lastmile.alerting.models import AlertEvent, Receipt
from lastmile.alerting.tests.answering import listed, make_event
from tests.world import World

GRID = "410182109211001"


@pytest.fixture
def world(db: None) -> World:
    return World.build()


@pytest.fixture
def event(world: World) -> AlertEvent:
    made = make_event(world)
    listed(made, world.residents)
    coverage.fold()
    return made


def test_a_program_reads_coverage_within_its_own_area(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "township")
    base = f"/api/v1/alerts/{event.alert.code}/coverage"
    found = client.get(base).json()
    assert (found["place"], found["all"]["people"], found["all"]["unreached"]) == ("410182109", 12, 12)
    assert found["children"][0]["code"] == "410182109211"
    assert client.get(base, {"place": "410182"}).status_code == 404
    assert client.get(f"/api/v1/alerts/{event.alert.code}/report").json()["left"]["people"] == 12


def test_a_program_enters_an_answer_once_for_each_key(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "village")
    body = {"place": GRID, "persons": [world.residents[0].pk], "fact": 6, "key": "form-1"}
    url = f"/api/v1/alerts/{event.alert.code}/answers"
    assert client.post(url, body, content_type="application/json").json() == {"new": 1}
    assert client.post(url, body, content_type="application/json").json() == {"new": 0}
    changes: list[dict[str, object]] = [{"fact": 1}, {"persons": []}, {"persons": [2**40]}, {"place": "x"}, {"key": ""}]
    for wrong in changes:
        assert client.post(url, body | wrong, content_type="application/json").status_code == 422
    world.login(client, "approver")
    assert client.post(url, body | {"key": "2"}, content_type="application/json").status_code == 403
    assert Receipt.objects.count() == 1
