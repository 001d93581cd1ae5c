"""尽职证据 of one person over all warnings: their own, a superior's look that is noted, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from lastmile.alerting import coverage
from lastmile.alerting.cascade import dossier, dossier_pdf, tick
from lastmile.alerting.models import AlertEvent, Fact
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.people.models import Appointment, Look, Person
from lastmile.community.people.queries import ground
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry
from tests.world import World

COUNTY, TOWN, VILLAGE, GRID = "410182", "410182109", "410182109211", "410182109211001"


@pytest.fixture
def events(world: World) -> Iterator[list[AlertEvent]]:
    """Two warnings a day apart: the village confirmed the first late, and is silent on the second."""
    with clock.frozen():
        first = Desk(world).issued(channels=["sms"])
        for minute in range(12):
            tick.run()
            if minute == 8:
                says(first, world.staff[VILLAGE].pk)
            clock.forward(minutes=1)
        clock.forward(days=1)
        second = Desk(world).issued(channels=["sms"], hazard="wind")
        for _minute in range(7):
            tick.run()
            clock.forward(minutes=1)
        yield [first, second]


def says(event: AlertEvent, person: int) -> None:
    append([NewReceipt(f"d{event.pk}:{person}", event.pk, person, Fact.CONFIRMED, "link", clock.now())])
    coverage.fold()


def own(world: World, login: str, place: str) -> int:
    """The log-in is that of whoever holds the post at a place."""
    user = world.users[login]
    user.person = world.staff[place]
    user.save(update_fields=["person"])
    return world.staff[place].pk


def leader(world: World) -> Person:
    """Of the village, as the database has them."""
    return Person.objects.get(pk=world.staff[VILLAGE].pk)


def address(world: World, rest: str = "", place: str = VILLAGE) -> str:
    return f"/calls/of/{world.staff[place].pk}/{rest}"


def test_whoever_holds_a_post_gets_their_own_evidence_under_their_own_name(
    world: World, events: list[AlertEvent], client: Client
) -> None:
    person = own(world, "village", VILLAGE)
    world.login(client, "village")
    page = client.get("/calls/mine/", follow=True).content.decode()
    assert "王负责" in page
    assert "在 2 次预警中被叫应" in page
    assert "按时确认 0 次，超时确认 1 次，未确认 1 次" in page
    assert not Look.objects.filter(person=person).exists()  # looking at oneself is no look
    assert AuditEntry.objects.filter(action="alerting.person_evidence").exists()


def test_a_superior_looks_masked_and_it_is_noted(world: World, events: list[AlertEvent], client: Client) -> None:
    world.login(client, "township")
    page = client.get(address(world)).content.decode()
    assert "王负责" not in page
    look = Look.objects.get(person=world.staff[VILLAGE].pk)
    assert look.actor == world.township.pk
    assert look.reason.startswith("尽职证据")


def test_the_document_names_the_person_and_every_line(world: World, events: list[AlertEvent], client: Client) -> None:
    world.login(client, "township")
    assert client.get(address(world, "evidence.pdf")).content.startswith(b"%PDF")
    assert not Look.objects.filter(fields__contains=["name"]).exists(), "reading opens nothing"
    answer = client.post(address(world, "evidence.pdf"), {"reason": "审计组要的材料"})
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    assert Look.objects.filter(person=world.staff[VILLAGE].pk, fields__contains=["name"]).exists()
    opened = Look.objects.get(person=world.staff[VILLAGE].pk, fields__contains=["name"])
    assert "审计组要的材料" in opened.reason
    assert "contacts" not in opened.fields
    person = leader(world)
    found = dossier.of(world.township, person, dossier.period("", ""), named=True, why="审计")
    assert found.name == "王负责"
    assert [row for row in dossier_pdf.short(found) if row[0] == "超时确认"] == [("超时确认", "1")]
    said = [line.says for part in found.parts for case in part.cases for line in case.lines]
    assert "报直接上级" in said
    assert "已确认" in said


def test_without_a_reason_the_name_of_somebody_else_stays_closed(
    world: World, events: list[AlertEvent], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.login(client, "township")
    monkeypatch.setattr(ground, "_chains", [])  # off duty
    page = client.post(address(world, "evidence.pdf"), {"reason": " "})
    assert page.status_code == 400
    assert 'name="reason"' in page.content.decode()
    assert not Look.objects.filter(fields__contains=["name"]).exists()
    monkeypatch.setattr(ground, "_chains", [lambda _actor, _place: "暴雨红色预警"])
    assert client.post(address(world, "evidence.pdf")).content.startswith(b"%PDF")
    assert "暴雨红色预警" in Look.objects.get(fields__contains=["name"]).reason


def test_nobody_gets_the_evidence_of_others(world: World, events: list[AlertEvent], client: Client) -> None:
    for login in ("neighbour", "grid"):
        world.login(client, login)
        for rest in ("", "evidence.pdf"):
            assert client.get(address(world, rest)).status_code == 404
        assert client.get(f"/api/v1/people/{world.staff[VILLAGE].pk}/calls").status_code == 404
    world.login(client, "village")
    assert client.get(address(world, place=TOWN)).status_code == 404  # who stands above is not theirs to see
    assert client.get(f"/calls/of/{world.residents[0].pk}/").status_code == 404
    assert client.get(f"/calls/of/{2**62}/").status_code == 404
    assert not Look.objects.exists()


def test_a_log_in_without_a_person_is_told_so(world: World, client: Client) -> None:
    world.login(client, "officer")
    answer = client.get("/calls/mine/", follow=True)
    assert answer.redirect_chain == [("/account/", 302)]
    assert "没有对应的人员" in answer.content.decode()


def test_a_superior_sees_their_own_area_alone(world: World, events: list[AlertEvent], client: Client) -> None:
    """The village's leader also holds a post of the county: the township sees nothing of that one."""
    held = Appointment.objects.get(person=world.staff[COUNTY])
    Appointment.objects.filter(pk=held.pk).update(person=world.staff[VILLAGE])
    Desk(world).issued(channels=["sms"], hazard="flood")
    tick.run()
    when = dossier.period("", "")
    person = leader(world)
    places = {c.call.place for p in dossier.of(world.township, person, when).parts for c in p.cases}
    assert places == {VILLAGE, GRID}
    wide = {c.call.place for p in dossier.of(world.officer, person, when).parts for c in p.cases}
    assert COUNTY in wide


def test_only_the_days_asked_for_are_in_it(world: World, events: list[AlertEvent], client: Client) -> None:
    world.login(client, "township")
    day = clock.day_of(events[0].sent_at)
    got = client.get(f"/api/v1/people/{world.staff[VILLAGE].pk}/calls?since={day}&until={day}").json()
    assert {case["alert"] for case in got["cases"]} == {events[0].alert.code}
    assert (got["in_time"], got["late"], got["silent"]) == (0, 1, 0)
    assert got["cases"][0]["lines"][0]["says"] == "开始叫应"
    before = day - timedelta(days=9)
    page = client.get(address(world, f"?since={before}&until={before}")).content.decode()
    assert "这段时间没有预警叫应此人" in page


@pytest.mark.parametrize(
    ("query", "says_"),
    [
        ("since=2026-02-30", "不是日期"),
        ("since=0001-01-01", "不是日期"),
        ("until=morgen", "不是日期"),
        ("since=2026-03-02&until=2026-03-01", "早于开始日期"),
        ("since=2020-01-01&until=2026-01-01", "400"),
    ],
)
def test_what_is_no_period_is_said_in_a_sentence(world: World, client: Client, query: str, says_: str) -> None:
    own(world, "village", VILLAGE)
    world.login(client, "village")
    answer = client.get(address(world, f"?{query}"))
    assert answer.status_code == 400
    assert says_ in answer.content.decode()
    assert client.get(f"/api/v1/people/{world.staff[VILLAGE].pk}/calls?{query}").status_code == 400


def test_an_update_counts_a_post_once(world: World, events: list[AlertEvent]) -> None:
    Desk(world).follow(events[1], "update", description="风还没有停。")
    tick.run()
    found = dossier.of(world.township, leader(world), dossier.period("", ""))
    assert (found.in_time, found.late, found.silent) == (0, 1, 1)


def test_ten_warnings_cost_no_more_questions_than_two(world: World, events: list[AlertEvent]) -> None:
    person, when = leader(world), dossier.period("", "")

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            dossier.of(world.township, person, when)
        return len(asked)

    questions()  # what a log-in may is read once
    few = questions()
    for hazard in ("flood", "landslide", "typhoon"):
        Desk(world).issued(channels=["sms"], hazard=hazard)
        tick.run()
    assert questions() == few
