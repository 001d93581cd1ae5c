"""Messages per person and month: each counted once, by place, sender and colour; and what keeps their number low."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from django.test import Client
from django.utils import translation

from lastmile.alerting.fatigue import counting, report
from lastmile.alerting.models import AlertEvent, Manifest, MessageShare, Sent
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.kernel import clock
from lastmile.kernel.clock import BEIJING
from lastmile.kernel.errors import NotFound
from tests.world import World

COUNTY, TOWNSHIP, VILLAGE, GRID, OTHER = "410182", "410182109", "410182109211", "410182109211001", "410182109211002"
MARCH = date(2027, 3, 1)


@pytest.fixture(autouse=True)
def _mid_march() -> Iterator[None]:
    with clock.frozen(datetime(2027, 3, 15, 12, 0, tzinfo=BEIJING)), translation.override("en"):
        yield


@pytest.fixture
def world(db: None) -> World:
    return World.build()


def sent(world: World, people: int, *, state: Sent = Sent.ACCEPTED, exercise: bool = False) -> AlertEvent:
    """A warning that so many residents were told of."""
    event = make_event(world, exercise=exercise)
    listed(event, world.residents[:people], state=state)
    Manifest.objects.filter(event=event).update(settled_at=clock.now())
    return event


def test_each_person_and_message_counts_once_by_how_many_they_got(world: World) -> None:
    sent(world, 12)
    sent(world, 4)
    sent(world, 1)
    assert counting.tick() == 1
    assert report.distribution(MARCH, COUNTY) == [(1, 8), (2, 3), (3, 1)]
    first, second = report.by_place(MARCH, VILLAGE)
    assert (first.code, first.people, first.messages, first.most) == (GRID, 6, 11, 3)
    assert (second.code, second.people, second.messages, second.mean) == (OTHER, 6, 6, 1.0)


@pytest.mark.parametrize("state", [Sent.WAITING, Sent.REFUSED, Sent.NO_CONTACT, Sent.SKIPPED, Sent.RETRY])
def test_what_no_gateway_took_is_no_message(world: World, state: Sent) -> None:
    sent(world, 3, state=state)
    counting.tick()
    assert report.by_place(MARCH, COUNTY) == []


def test_a_second_channel_is_a_second_message_and_one_person(world: World) -> None:
    event = sent(world, 2)
    listed(event, world.residents[:2], channel="email", state=Sent.ACCEPTED)
    counting.count(MARCH)
    assert report.distribution(MARCH, COUNTY) == [(1, 0), (2, 2)]


def test_last_month_is_kept_apart_and_counted_on_the_first(world: World) -> None:
    sent(world, 2)
    clock.forward(days=17)  # the 1st of April
    sent(world, 1)
    assert counting.tick() == 2
    assert report.distribution(MARCH, COUNTY) == [(1, 2)]
    assert report.distribution(date(2027, 4, 1), COUNTY) == [(1, 1)]


def test_nothing_new_is_counted_again(world: World) -> None:
    sent(world, 2)
    assert counting.tick() == 1
    clock.forward(minutes=61)
    assert counting.tick() == 0
    sent(world, 2)
    assert counting.tick() == 1
    assert report.distribution(MARCH, COUNTY) == [(1, 0), (2, 2)]


def test_it_is_counted_once_an_hour_and_not_while_something_is_being_sent(world: World) -> None:
    event = sent(world, 2)
    Manifest.objects.filter(event=event).update(due_at=clock.now())
    assert counting.tick() == 0
    Manifest.objects.filter(event=event).update(due_at=None)
    assert counting.tick() == 1
    clock.forward(minutes=5)
    sent(world, 2)
    assert counting.tick() == 0
    clock.forward(minutes=56)
    assert counting.tick() == 1


def test_it_says_who_sent_how_many_of_which_colour_and_sort(world: World) -> None:
    sent(world, 3)
    sent(world, 2, exercise=True)
    counting.tick()
    found = [(one.sender, one.sort, one.messages) for one in report.sources(MARCH, COUNTY)]
    assert found == [("荥阳市", "real", 3), ("荥阳市", "exercise", 2)]


def test_very_many_stand_in_the_last_bar_with_their_true_sum(world: World) -> None:
    for _number in range(counting.MOST + 3):
        sent(world, 1)
    counting.tick()
    assert report.distribution(MARCH, COUNTY)[-1] == (20, 1)
    assert report.label(20) == "20 or more"
    (row,) = report.by_place(MARCH, COUNTY)
    assert (row.messages, row.many) == (23, 1)


def test_the_page_the_workbook_and_the_api_say_the_same(client: Client, world: World) -> None:
    sent(world, 6)
    counting.tick()
    world.login(client, "officer")
    shown = client.get("/messages/", headers={"Accept-Language": "en"}).content.decode()
    assert "6 people got 6 messages: 1.0 each" in shown
    assert client.get(f"/messages/{COUNTY}/xlsx/?month=2027-03").status_code == 200
    answer = client.get(f"/api/v1/messages?place={COUNTY}&month=2027-03").json()
    assert answer["distribution"] == {"1": 6}
    assert answer["sources"] == [{"sender": "荥阳市", "colour": 1, "status": "Actual", "messages": 6}]
    assert client.get(f"/messages/{COUNTY}/?month=nonsense").status_code == 200


def test_the_api_says_the_same_in_every_language(client: Client, world: World) -> None:
    for _number in range(counting.MOST + 1):
        sent(world, 1)
    counting.tick()
    world.login(client, "officer")
    url = f"/api/v1/messages?place={COUNTY}&month=2027-03"
    said = [client.get(url, headers={"Accept-Language": language}).json() for language in ("zh-hans", "en")]
    assert said[0] == said[1]
    assert said[0]["distribution"]["20"] == 1


def test_only_ones_own_places(client: Client, world: World) -> None:
    world.login(client, "neighbour")
    assert client.get(f"/messages/{COUNTY}/").status_code == 404
    assert client.get(f"/api/v1/messages?place={COUNTY}").status_code == 404
    world.login(client, "auditor")
    assert client.get("/messages/").status_code == 403


def test_no_person_is_named(world: World) -> None:
    sent(world, 6)
    counting.tick()
    assert {field.name for field in MessageShare._meta.get_fields()} == {
        "pk", "month", "place", "messages", "people", "total",
    }  # fmt: skip


def test_a_place_that_is_none_is_not_found(world: World) -> None:
    from lastmile.alerting import sight

    with pytest.raises(NotFound):
        sight.place(world.officer, "9999")
    assert sight.place(world.officer).code == COUNTY
