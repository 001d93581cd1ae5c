"""An exercise says so everywhere: every page, message, file and feed is walked, also those yet to be written."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from lastmile.alerting import coverage, known, notes, published, queries
from lastmile.alerting.door import page, warning
from lastmile.alerting.fatigue import report as fatigue
from lastmile.alerting.models import AlertEvent
from lastmile.alerting.tests.conftest import Desk
from lastmile.duties.models import Obligation
from tests.browser.routes import Route, routes
from tests.world import World

COUNTY, VILLAGE, GRID = "410182", "410182109211", "410182109211001"
MARKS = ("演练", "EXERCISE", "Exercise")
FILLED: dict[str, Any] = {"place": GRID, "person": 1, "pk": 1, "note": 1, "key": 1, "kind": "update"}
ABOUT_ONE = [route for route in routes() if "alerts/<slug:code>" in route.address]
ABOUT_ALL = [route for route in routes() if "<" not in route.address and isinstance(route.door, tuple)]


@pytest.fixture
def event(db: None) -> AlertEvent:
    """An exercise in force, with somebody who needs help and a note of the village."""
    desk = Desk(World.build())
    found = desk.issued(exercise=True, description="应急演练：王宗店一带有大暴雨。", instruction="演练：到村委会集合。")
    notes.add(desk.world.village, found.alert, desk.world.places[VILLAGE], "去小学")
    while coverage.fold():
        pass
    return found


def world_of(client: Client, event: AlertEvent) -> None:
    from lastmile.community.accounts.models import User

    client.force_login(User.objects.get(username="officer"))


def marked(text: str) -> bool:
    return any(mark in text for mark in MARKS)


@pytest.mark.parametrize("route", ABOUT_ONE, ids=[route.name for route in ABOUT_ONE])
def test_every_page_about_it_says_so(client: Client, event: AlertEvent, route: Route) -> None:
    world_of(client, event)
    blanks = {name: FILLED.get(name, value) for name, value in route.blanks.items()} | {"code": event.alert.code}
    answer = client.get(reverse(route.name, kwargs=blanks))
    if answer.status_code != 200 or "<html" not in (text := answer.content.decode(errors="ignore")):
        pytest.skip("no page of its own")  # a part of one, a file, or something that only a form sends
    assert "exercise-mark" in text or "【演练】" in text.split("<body")[1][:2000]


@pytest.mark.parametrize("route", ABOUT_ALL, ids=[route.name for route in ABOUT_ALL])
def test_a_page_that_lists_it_says_so(client: Client, event: AlertEvent, route: Route) -> None:
    world_of(client, event)
    answer = client.get(reverse(route.name))
    if answer.status_code == 200 and event.alert.code in (text := answer.content.decode(errors="ignore")):
        assert marked(text)


def test_every_text_of_every_channel_says_so(event: AlertEvent) -> None:
    for language, mark in (("zh", "演练"), ("en", "EXERCISE")):
        text = event.frozen["texts"].get(language)
        for part in ("headline", "sms", "voice", "subject") if text else ():
            assert mark in text[part], (language, part)
    assert event.frozen["status"] == "Exercise"


def test_the_residents_page_says_so(event: AlertEvent) -> None:
    found = warning.warned(event.pk)
    assert found is not None
    for language in ("zh", "en"):
        assert marked(page.shell(found, "zh", language, GRID, None).decode())


@pytest.mark.parametrize("name", ["answers:report_json", "alerting:cap"])
def test_files_for_programs_say_so(client: Client, event: AlertEvent, name: str) -> None:
    world_of(client, event)
    said = client.get(reverse(name, args=[event.alert.code])).content.decode()
    assert '"exercise": true' in said or "<status>Exercise</status>" in said


def test_workbooks_say_so(client: Client, event: AlertEvent) -> None:
    world_of(client, event)
    answer = client.get(reverse("answers:report_xlsx", args=[event.alert.code]))
    assert all(marked(name) for name in load_workbook(io.BytesIO(answer.content), read_only=True).sheetnames)
    answer = client.get(reverse("answers:coverage_xlsx", args=[event.alert.code, VILLAGE]))
    assert "exercise" in answer.headers["Content-Disposition"]


def test_the_public_sees_it_only_when_it_asks_for_exercises(client: Client, event: AlertEvent) -> None:
    assert published.in_force() == []
    for path in ("/w/", "/w/active.json", "/w/feed.atom"):
        assert event.frozen["texts"]["zh"]["headline"] not in client.get(path).content.decode()


def test_no_statistic_counts_it(event: AlertEvent) -> None:
    assert set(known.warnings([COUNTY]).values()) == {0}
    assert {one.sort for one in fatigue.sources(fatigue.chosen(""), COUNTY)} <= {"演练"}


def test_what_it_makes_people_owe_says_so(event: AlertEvent) -> None:
    titles = Obligation.objects.filter(kind__startswith="alerting.").values_list("title", flat=True)
    assert all(marked(title) or "[exercise]" in title for title in titles)


def test_a_real_warning_bears_no_mark(client: Client, db: None) -> None:
    desk = Desk(World.build())
    event = desk.issued()
    world_of(client, event)
    for name in ("alerting:alert", "answers:coverage", "answers:wall"):
        assert "exercise-mark" not in client.get(reverse(name, args=[event.alert.code])).content.decode()
    assert queries.in_force(desk.world.officer).count() == 1
