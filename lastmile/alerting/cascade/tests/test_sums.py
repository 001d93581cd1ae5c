"""The calls in the report of a warning: sums by level, and how silence climbed; posts, never people."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
from django.test import Client
from openpyxl import load_workbook

from lastmile.alerting import coverage, report
from lastmile.alerting.cascade import tick
from lastmile.alerting.models import AlertEvent, Fact
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.tests.conftest import Desk
from lastmile.kernel import clock
from tests.world import World

COUNTY, TOWN, VILLAGE = "410182", "410182109", "410182109211"


@pytest.fixture
def event(world: World) -> Iterator[AlertEvent]:
    """The county confirms after 2 minutes, the village after 8, nobody else; half an hour later."""
    with clock.frozen():
        found = Desk(world).issued(channels=["sms"])
        for minute in range(30):
            tick.run()
            for at, place in ((2, COUNTY), (8, VILLAGE)):
                if minute == at:
                    says(world, found, place)
            clock.forward(minutes=1)
        yield found


def says(world: World, event: AlertEvent, place: str) -> None:
    person = world.staff[place].pk
    append([NewReceipt(f"{place}", event.pk, person, Fact.CONFIRMED, "link", clock.now())])
    coverage.fold()


def test_each_level_is_counted_in_time_late_and_never(event: AlertEvent) -> None:
    calls = report.build(event)["calls"]
    rows = {row["level"]: (row["posts"], row["in_time"], row["late"], row["never"]) for row in calls["levels"]}
    assert rows["county"] == (1, 1, 0, 0)
    assert rows["township"] == (1, 0, 0, 1)
    assert rows["village"] == (1, 0, 1, 0)
    minutes = {row["level"]: row["minutes"] for row in calls["levels"]}
    assert (minutes["county"], minutes["village"], minutes["township"]) == (2.0, 8.0, None)
    passed = {row["level"]: (row["asked"], row["passed"]) for row in calls["levels"]}
    assert passed["village"] == (1, 0)


def test_the_chain_of_silence_names_posts_and_no_person(event: AlertEvent, world: World) -> None:
    calls = report.build(event)["calls"]
    chain = next(one for one in calls["chains"] if one["place"] == VILLAGE)
    said = [step["says"] for step in chain["steps"]]
    assert said[0] == "报直接上级（崔庙镇 负责人）"
    assert "已确认" in said[1]
    text = json.dumps(calls, ensure_ascii=False)
    assert "王负责" not in text
    assert "王**" not in text
    places = [one["place"] for one in calls["chains"]]
    assert places == sorted(places)  # in the order of the codes: no ranking


def test_a_township_reads_of_its_own_posts_alone(event: AlertEvent, world: World, client: Client) -> None:
    world.login(client, "township")
    got = client.get(f"/api/v1/alerts/{event.alert.code}/report").json()["calls"]
    assert "county" not in [row["level"] for row in got["levels"]]
    assert all(one["place"].startswith(TOWN) for one in got["chains"])


def test_page_and_files_show_it(event: AlertEvent, world: World, client: Client) -> None:
    world.login(client, "officer")
    page = client.get(f"/alerts/{event.alert.code}/report/").content.decode()
    assert "谁应当应答" in page
    assert "王宗店村委会 负责人" in page
    book = load_workbook(io.BytesIO(client.get(f"/alerts/{event.alert.code}/report/xlsx/").content))
    assert any("谁应当应答" in name for name in book.sheetnames)
    assert client.get(f"/alerts/{event.alert.code}/report/pdf/").content.startswith(b"%PDF")


def test_an_update_keeps_the_chain_and_the_times(event: AlertEvent, world: World) -> None:
    later = Desk(world).follow(event, "update", description="雨还在下。")
    calls = report.build(later)["calls"]
    chain = next(one for one in calls["chains"] if one["place"] == VILLAGE)
    assert chain["steps"][0]["says"].startswith("报直接上级")
    assert {row["level"]: row["minutes"] for row in calls["levels"]}["village"] == 8.0
