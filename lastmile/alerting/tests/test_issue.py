"""What issuing freezes, whom it reaches, and what it does to the message before."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.db import connection

from lastmile.alerting import drafting, notes
from lastmile.alerting.issue import issue
from lastmile.alerting.models import Alert, AlertEvent, Manifest, State
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.community.people.actions import add_person
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, Refusal
from tests.world import World, phone


def told(event: AlertEvent) -> set[int]:
    return {person for row in Manifest.objects.filter(event=event) for person in row.person_ids}


def test_the_frozen_event_holds_the_whole_message(desk: Desk) -> None:
    frozen = desk.issued().frozen
    assert frozen["msg_type"] == "Alert"
    assert frozen["area"]["geocodes"] == [VILLAGE]
    assert frozen["area"]["description"] == "王宗店村委会"
    assert frozen["channels"] == ["sms", "email"]
    assert "{link}" in frozen["texts"]["zh"]["sms"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", frozen["sent"])


def test_the_identifier_is_in_the_national_style_and_unique_in_one_second(desk: Desk) -> None:
    with clock.frozen(datetime(2021, 7, 20, 1, 8, 33, tzinfo=UTC)):
        first, second = desk.issued(), desk.issued()
    assert first.identifier == "41018200000000_20210720090833"
    assert second.identifier == "41018200000000_20210720090833_1"


def test_issuing_writes_the_manifest_and_reaches_each_person_once(desk: Desk) -> None:
    event = desk.issued()
    residents = {person.pk for person in desk.world.residents}
    assert residents <= told(event)
    rows = [p for row in Manifest.objects.filter(event=event, channel="sms") for p in row.person_ids]
    assert len(rows) == len(set(rows))


def test_a_later_edit_of_the_place_does_not_change_the_frozen_event(desk: Desk) -> None:
    event = desk.issued()
    village = desk.world.places[VILLAGE]
    village.name = "改名村"
    village.save()
    event.refresh_from_db()
    assert event.frozen["area"]["description"] == "王宗店村委会"


def test_an_update_names_its_predecessor_closes_it_and_says_what_changed(desk: Desk) -> None:
    first = desk.issued(colour=2)
    second = desk.follow(first, "update", colour=1)
    first.refresh_from_db()
    assert first.closed_at is not None
    assert Alert.objects.get(pk=first.alert_id).state == State.UPDATED
    assert second.frozen["references"] == [f"{first.frozen['sender']},{first.identifier},{first.frozen['sent']}"]
    assert second.frozen["follows"] == [first.pk]
    assert "预警由橙色升为红色" in second.frozen["texts"]["zh"]["sms"]


def test_an_update_says_what_changed_in_english_too(desk: Desk) -> None:
    english = {"headline": "Rainstorm", "instruction": "Leave the river."}
    first = desk.issued(colour=2, english=english)
    assert "What changed" not in first.frozen["texts"]["en"]["sms"]
    second = desk.follow(first, "update", colour=1, shelter="镇中学", english=english)
    text = second.frozen["texts"]["en"]
    assert "What changed: raised from orange to red; where to go has changed." in text["sms"]
    assert "What changed" in text["voice"]


def test_an_update_also_reaches_those_who_were_told_before(desk: Desk) -> None:
    first = desk.issued(audience={"places": ["410182109211001"], "groups": ["residents"]})
    second = desk.follow(first, "update", audience={"places": ["410182109211002"], "groups": ["residents"]})
    assert second.frozen["area"]["geocodes"] == ["410182109211002"]
    assert told(first)
    assert told(first) < told(second)


def test_the_all_clear_reaches_exactly_those_told_before(desk: Desk) -> None:
    first = desk.issued(audience={"places": ["410182109211001"], "groups": ["residents"]})
    second = desk.follow(first, "update", audience={"places": ["410182109211002"], "groups": ["residents"]})
    third = desk.follow(second, "lift")
    assert told(third) == told(first) | told(second)
    assert third.frozen["follows"] == [first.pk, second.pk]
    assert third.frozen["msg_type"] == "Cancel"
    assert Alert.objects.get(pk=second.alert_id).state == State.LIFTED


def test_the_all_clear_follows_who_moved_away_and_leaves_out_who_moved_in(desk: Desk) -> None:
    grid = "410182109211001"
    first = desk.issued(audience={"places": [grid], "groups": ["residents"]})
    gone = desk.world.residents[0]
    gone.left_on = clock.today()
    gone.save()
    add_person(name="新住户", place=gone.place, household=gone.household, phone=phone())
    assert told(desk.follow(first, "lift")) == told(first)
    assert gone.pk in told(first)


def test_an_all_clear_can_not_be_given_another_area(desk: Desk) -> None:
    event = desk.issued()
    draft = drafting.follow_up(desk.world.officer, event.alert, "lift", reason="雨停了")
    saved = drafting.save(desk.world.officer, draft, audience={"places": ["410181"], "groups": ["residents"]})
    assert saved.audience == event.alert.audience


def test_two_followers_at_once_are_refused(desk: Desk) -> None:
    event = desk.issued()
    drafting.follow_up(desk.world.officer, event.alert, "update")
    with pytest.raises(Conflict):
        drafting.follow_up(desk.world.city, event.alert, "lift", reason="x")


def test_what_is_over_can_not_be_lifted(desk: Desk) -> None:
    event = desk.issued()
    desk.follow(event, "lift")
    with pytest.raises(Conflict):
        drafting.follow_up(desk.world.officer, event.alert, "update")


def test_a_warning_that_would_already_be_over_is_not_issued(desk: Desk) -> None:
    alert = desk.approved()
    clock.forward(days=2)
    with pytest.raises(Refusal):
        issue(desk.world.officer, alert)
    assert not AlertEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_issuing_wakes_the_workers_on_commit() -> None:
    desk = Desk(World.build())
    connection.ensure_connection()
    listener = connection.copy()
    with listener.cursor() as cursor:
        cursor.execute("LISTEN lastmile_dispatch")
    desk.issued()
    assert listener.connection is not None
    woken = [note.channel for note in listener.connection.notifies(timeout=2, stop_after=1)]
    listener.close()
    assert woken == ["lastmile_dispatch"]


def test_notes_known_at_issue_are_frozen_and_later_ones_are_found(desk: Desk) -> None:
    event = desk.issued()
    notes.add(desk.world.village, event.alert, desk.world.places[VILLAGE], "到村部二楼，找老王")
    notes.add(desk.world.township, event.alert, desk.world.places["410182109"], "镇值班 64601234")
    grid = "410182109211001"
    assert notes.for_places(event, [grid, "410182108"]) == {grid: "镇值班 64601234 到村部二楼，找老王"}
    updated = desk.follow(event, "update", shelter="别处")
    assert updated.frozen["notes"][VILLAGE] == "到村部二楼，找老王"


def test_an_unwritten_headline_is_made_and_kept(desk: Desk) -> None:
    event = desk.issued(headline="")
    assert event.alert.headline == "荥阳市气象台发布暴雨红色预警"
