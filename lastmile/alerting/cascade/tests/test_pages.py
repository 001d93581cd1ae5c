"""The command post by its pages and its API: what each shows, what each does, and what it says when it can't."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from openpyxl import load_workbook

from lastmile.alerting import coverage, links
from lastmile.alerting.cascade import calling, evidence, lanes, tick
from lastmile.alerting.door.visits import Visit, serve
from lastmile.alerting.models import AlertEvent, Call, CallAttempt, CallEntry, CallState, Fact, Ladder, Receipt
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.people.models import Appointment, Look
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry
from tests.world import World

COUNTY, TOWN, VILLAGE, GRID = "410182", "410182109", "410182109211", "410182109211001"


@pytest.fixture
def event(world: World) -> Iterator[AlertEvent]:
    """A warning a moment ago; only the test moves the clock, so that a slow machine is not late."""
    with clock.frozen():
        found = Desk(world).issued(channels=["sms"])
        tick.run()
        yield found


def call(place: str) -> Call:
    return Call.objects.get(place=place)


def silence() -> None:
    """Six minutes in which nobody answers."""
    for _step in range(3):
        clock.forward(minutes=2)
        tick.run()


def address(event: AlertEvent, rest: str = "") -> str:
    return f"/alerts/{event.alert.code}/calls/{rest}"


def act(client: Client, event: AlertEvent, place: str, **fields: Any) -> int:
    return client.post(address(event, f"{call(place).pk}/act/"), fields).status_code


def test_the_board_shows_the_late_on_top_and_hides_who_is_not_below(
    world: World, event: AlertEvent, client: Client
) -> None:
    clock.forward(minutes=6)
    tick.run()
    world.login(client, "township")
    page = client.get(address(event)).content.decode()
    assert "未叫醒" in page
    assert page.index("未叫醒") < page.index("call-columns")
    assert "已超时 1:00" in page
    assert "荥阳市 · 负责人" not in page  # the county is above the township
    world.login(client, "officer")
    page = client.get(address(event)).content.decode()
    assert "荥阳市 · 负责人" in page
    assert "<strong>郑州市 · 负责人</strong>" in page  # the city is above: its state is shown, and leads nowhere


def test_one_tap_calls_and_the_entry_says_who_did_it(world: World, event: AlertEvent, client: Client) -> None:
    world.login(client, "township")
    assert act(client, event, VILLAGE, act="call", back="board") == 302
    made = CallAttempt.objects.filter(person=world.staff[VILLAGE].pk).latest("pk")
    assert (made.state, made.calls) == ("waiting", [call(VILLAGE).pk])
    entry = CallEntry.objects.filter(call=call(VILLAGE), what="again").get()
    assert entry.by == world.township.pk
    assert AuditEntry.objects.filter(action="alerting.call_again").exists()


def test_an_answer_is_entered_with_its_own_time_and_taken_back(world: World, event: AlertEvent, client: Client) -> None:
    world.login(client, "township")
    clock.forward(minutes=10)
    early = (event.sent_at.astimezone(clock.BEIJING)).strftime("%Y-%m-%dT%H:%M")
    assert act(client, event, VILLAGE, act="confirm", at=early, words="对讲机") == 302
    found = call(VILLAGE)
    assert (found.confirmed_at, found.confirmed_via) == (event.sent_at, "staff")
    said = Receipt.objects.get(person=world.staff[VILLAGE].pk, fact=Fact.CONFIRMED)
    assert said.by == world.township.pk
    clock.forward(seconds=1)
    assert act(client, event, VILLAGE, act="undo") == 302
    assert call(VILLAGE).confirmed_at is None
    assert act(client, event, VILLAGE, act="confirm", at="2020-01-01T00:00") == 400


def test_who_looks_after_it_holds_the_ladder_for_one_rung(world: World, event: AlertEvent, client: Client) -> None:
    world.login(client, "township")
    clock.forward(minutes=4)
    act(client, event, VILLAGE, act="take")
    clock.forward(minutes=4)
    tick.run()
    assert call(VILLAGE).state == CallState.CALLING
    clock.forward(minutes=2)
    tick.run()
    assert call(VILLAGE).state != CallState.DONE
    assert "township" in client.get(address(event)).content.decode()


def test_messages_and_notes_are_sealed_and_must_say_something(world: World, event: AlertEvent, client: Client) -> None:
    world.login(client, "township")
    assert act(client, event, VILLAGE, act="note", text="   ") == 400
    assert act(client, event, VILLAGE, act="note", text="长" * 201) == 400
    assert act(client, event, VILLAGE, act="note", text="手机在家里") == 302
    assert act(client, event, VILLAGE, act="message", text="请马上回电") == 302
    assert "手机在家里" in client.get(address(event, f"{call(VILLAGE).pk}/")).content.decode()
    assert CallAttempt.objects.filter(role="message").exists()
    assert act(client, event, VILLAGE, act="nothing") == 400


def test_a_vacant_post_has_nobody_to_call(world: World, event: AlertEvent, client: Client) -> None:
    Appointment.objects.filter(person=world.staff[VILLAGE]).update(until=clock.today())
    Call.objects.filter(place=VILLAGE).update(person=None)
    world.login(client, "township")
    assert act(client, event, VILLAGE, act="call") == 409


def test_at_a_vacant_post_an_answer_closes_the_door_and_its_undo_opens_it(
    world: World, event: AlertEvent, client: Client
) -> None:
    Appointment.objects.filter(person=world.staff[VILLAGE]).update(until=clock.today())
    Call.objects.filter(place=VILLAGE).update(person=None)
    for _rung in range(4):
        clock.forward(minutes=6)
        tick.run()
    owed = Obligation.objects.get(kind="alerting.call_door", place=VILLAGE)
    assert owed.closed_at is None
    world.login(client, "township")
    assert act(client, event, VILLAGE, act="confirm", words="邻居已告知") == 302
    owed.refresh_from_db()
    assert (call(VILLAGE).state, owed.state) == (CallState.DONE, "withdrawn")
    assert "邻居已告知" in client.get(address(event, f"{call(VILLAGE).pk}/")).content.decode()
    assert act(client, event, VILLAGE, act="undo") == 302
    owed.refresh_from_db()
    assert (call(VILLAGE).state, owed.closed_at) == (CallState.DOOR, None)
    assert act(client, event, VILLAGE, act="undo") == 409


@pytest.mark.parametrize("state", ["waiting", "calling", "door", "confirmed", "asked", "raised"])
def test_call_now_really_calls_whatever_the_state(world: World, event: AlertEvent, client: Client, state: str) -> None:
    CallAttempt.objects.all().delete()
    Call.objects.filter(place=VILLAGE).update(state=state)
    world.login(client, "township")
    assert act(client, event, VILLAGE, act="call") == 302
    assert [one.wanted for one in calling.claim(lanes.own("sms"), "w")] == [True]


def test_who_has_confirmed_in_time_stays_in_time_over_the_quiet_hours(world: World) -> None:
    with clock.frozen(clock.now().astimezone(clock.BEIJING).replace(hour=21, minute=50)):
        Desk(world).issued(channels=["sms"], colour=3)
        tick.run()
        due = call(VILLAGE).confirm_due
        now = clock.now()
        Call.objects.filter(place=VILLAGE).update(state="confirmed", confirmed_at=now, due_at=now)
        clock.forward(minutes=30)
        tick.run()
        found = call(VILLAGE)
        assert found.due_at is not None
        assert found.due_at > clock.now()
        assert found.confirm_due == due


def test_entries_can_not_be_changed(world: World, event: AlertEvent) -> None:
    entry = CallEntry.objects.earliest("pk")
    entry.what = "note"
    with pytest.raises(DatabaseError), transaction.atomic():
        entry.save()


def test_a_village_acts_in_its_own_place_only(world: World, event: AlertEvent, client: Client) -> None:
    world.login(client, "village")
    assert act(client, event, GRID, act="call") == 302
    assert act(client, event, TOWN, act="call") == 404
    world.login(client, "grid")
    assert client.get(address(event)).status_code == 200
    assert act(client, event, GRID, act="call") == 403
    world.login(client, "neighbour")
    assert client.get(address(event)).status_code == 404


def test_a_number_is_opened_only_with_a_trace(world: World, event: AlertEvent, client: Client) -> None:
    world.login(client, "township")
    page = client.post(address(event, f"{call(VILLAGE).pk}/number/")).content.decode()
    assert "王负责" in page
    assert 'href="tel:+86100' in page
    assert Look.objects.get().reason == "预警叫应"


def test_the_evidence_is_a_pdf_that_names_every_call(world: World, event: AlertEvent, client: Client) -> None:
    silence()
    world.login(client, "township")
    answer = client.get(address(event, f"{call(VILLAGE).pk}/evidence.pdf"))
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
    said = [row[1] for row in evidence.cells(evidence.timeline(call(VILLAGE), opened=True))]
    assert said[0] == "开始叫应"
    assert "报直接上级" in said
    assert AuditEntry.objects.filter(action="alerting.call_evidence").exists()


def test_the_list_is_a_workbook(world: World, event: AlertEvent, client: Client) -> None:
    world.login(client, "township")
    book = load_workbook(io.BytesIO(client.get(address(event, "list/?export=xlsx")).content))
    rows = list(book.worksheets[0].values)
    assert len(rows) == 1 + Call.objects.filter(place__startswith=TOWN).count()
    silent = client.get(address(event, "list/?state=silent&level=12")).content.decode()
    assert "王宗店村委会" in silent


def test_a_township_starts_calling_where_the_ladder_did_not(world: World, client: Client) -> None:
    event = Desk(world).issued(channels=["sms"], colour=4)  # blue calls no grids
    assert not Call.objects.filter(place=GRID).exists()
    world.login(client, "township")
    assert client.post(address(event, "start/"), {"place": TOWN}).status_code == 302
    tick.run()
    assert call(GRID).state == CallState.CALLING
    assert call(GRID).opened_by == world.township.pk
    assert client.post(address(event, "start/"), {"place": COUNTY}).status_code == 404  # outside their area
    assert client.post("/alerts/new/", {}).status_code == 403  # and they issue nothing


def test_starting_wakes_who_waits_for_the_morning(world: World, client: Client) -> None:
    with clock.frozen(clock.now().astimezone(clock.BEIJING).replace(hour=23, minute=0)):
        event = Desk(world).issued(channels=["sms"], colour=3)
        tick.run()
        assert call(VILLAGE).state == CallState.WAITING
        world.login(client, "village")
        client.post(address(event, "start/"), {"place": VILLAGE})
        tick.run()
        assert call(VILLAGE).state == CallState.CALLING
        assert call(TOWN).state == CallState.WAITING  # nobody above is woken by it


def test_the_personal_page_asks_for_passing_on_and_about_the_silent(world: World, event: AlertEvent) -> None:
    silence()
    person = world.staff[TOWN].pk
    token = links.token(event.pk, person)
    page = serve([Visit(token, event.pk, person)])[0].body.decode()
    assert "叫应您的岗位：崔庙镇 负责人" in page
    assert "王宗店村委会 负责人" in page
    assert "还没有应答" in page
    for nonce, act_ in (("n1", "ok"), ("n2", "passed"), ("n3", "take")):
        serve([Visit(token, event.pk, person, act=act_, nonce=nonce)])
    coverage.fold()
    assert call(TOWN).state == CallState.DONE
    assert call(VILLAGE).taken_at is not None
    assert call(VILLAGE).confirmed_at is None
    page = serve([Visit(token, event.pk, person)])[0].body.decode()
    assert "由您接手" in page
    assert "已传达" in page


def test_the_api_does_what_the_pages_do(world: World, event: AlertEvent, client: Client) -> None:
    world.login(client, "township")
    base = f"/api/v1/alerts/{event.alert.code}/calls"
    found = client.get(f"{base}?place={VILLAGE}").json()
    assert found["levels"]["village"]["posts"] == 1
    one = next(row for row in found["calls"] if row["place"] == VILLAGE)
    done = client.post(f"{base}/{one['id']}", {"act": "confirm"}, content_type="application/json").json()
    assert done["state"] == "confirmed"
    assert client.get(f"{base}/{one['id']}").json()[0]["says"] == "开始叫应"
    wrong = client.post(f"{base}/{one['id']}", {"act": "shout"}, content_type="application/json")
    assert wrong.status_code == 422
    started = client.post(f"/api/v1/alerts/{event.alert.code}/start-calls?place={TOWN}")
    assert started.json() == {"opened": 0, "called": 0}


LADDER = f"/ladders/{COUNTY}/rainstorm/1/5/"
FIELDS = {
    "called": "on", "attempts": 2, "interval": 60, "confirm": 3, "relay": 10, "again": 5, "share": 60, "deputy": "on",
    "superior": "on", "door": "on", "wake": "on", "quiet_from": "22:00", "quiet_until": "07:00", "step0": ["sms"],
}  # fmt: skip


def test_a_county_writes_its_own_ladder_and_only_later_warnings_climb_it(
    world: World, event: AlertEvent, client: Client
) -> None:
    world.login(client, "officer")
    assert client.post(LADDER, FIELDS).status_code == 302
    later = Desk(world).issued(channels=["sms"])
    frozen = {(rung["place"], rung["length"]): rung for rung in later.ladder}
    assert frozen[COUNTY, 12]["confirm"] == 180
    assert frozen["", 12]["confirm"] == 300
    assert (frozen[COUNTY, 12]["share"], frozen["", 12]["share"]) == (60, 80)
    assert not any(rung["place"] == COUNTY for rung in event.ladder)
    rule = later.ladder[Call.objects.get(event=later, place=VILLAGE).rule]
    assert (rule["confirm"], rule["steps"]) == (180, [["sms"]])
    assert client.post(LADDER, {"drop": "1"}).status_code == 302
    assert not Ladder.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("interval", 600, "排不下"),
        ("quiet_from", "25:00", "不打扰时段看不明白"),
        ("attempts", 9, "6"),
        ("share", 0, "1"),
        ("share", 101, "100"),
        ("step0", ["smoke"], "smoke"),
    ],
)
def test_what_can_not_be_is_said_in_a_sentence(
    world: World, client: Client, field: str, value: object, says: str
) -> None:
    world.login(client, "officer")
    answer = client.post(LADDER, {**FIELDS, field: value})
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert not Ladder.objects.exists()


def test_a_township_sets_no_ladders(world: World, client: Client) -> None:
    world.login(client, "township")
    assert client.get("/ladders/").status_code == 403
    world.login(client, "neighbour")
    assert client.get(LADDER).status_code == 404


def test_the_preview_says_who_when_and_what_is_missing(world: World, client: Client) -> None:
    draft = Desk(world).draft(channels=["sms"])
    Appointment.objects.filter(person=world.staff[TOWN]).update(until=clock.today())
    world.login(client, "officer")
    page = client.get(f"/alerts/{draft.code}/calls/preview/").content.decode()
    assert "岗位空缺" in page
    assert "报直接上级" in page
    assert not Call.objects.exists()
