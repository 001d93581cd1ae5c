"""The pages of what came back: who sees which place, what a tap enters, who is told again, what the report says."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.test import Client
from openpyxl import load_workbook

from lastmile.alerting import again_count, coverage, receipts, report, resend, roster
from lastmile.alerting.models import AlertEvent, Fact, Manifest, Receipt, Sent
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.community.people.actions import add_contact, set_usable
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry
from tests.world import World

GRID = "410182109211001"


@pytest.fixture
def world(db: None) -> World:
    return World.build()


@pytest.fixture
def event(world: World) -> AlertEvent:
    made = make_event(world)
    listed(made, world.residents, state=Sent.ACCEPTED)
    listed(made, [world.staff["410182109"]], state=Sent.ACCEPTED)
    coverage.fold()
    return made


def said(event: AlertEvent, world: World, number: int, fact: Fact, seconds: float = 30) -> None:
    person = world.residents[number].pk
    at = event.sent_at + timedelta(seconds=seconds)
    receipts.append([receipts.NewReceipt(f"{person}{fact}{seconds}", event.pk, person, fact, "link", at)])
    coverage.fold()


def test_the_numbers_add_up_over_places(world: World, event: AlertEvent) -> None:
    said(event, world, 0, Fact.DELIVERED)
    said(event, world, 1, Fact.NEEDS_HELP)
    whole = coverage.of(event, "410182")
    assert (whole.all.people, whole.all.told, whole.all.delivered, whole.all.confirmed) == (13, 13, 2, 1)
    assert (whole.all.unreached, whole.all.silent, whole.vulnerable.people, whole.vulnerable.needs_help) == (
        11,
        12,
        6,
        1,
    )
    below = coverage.children(event, "410182109")
    assert {(row.code, row.all.people, row.below) for row in below} == {
        ("410182109211", 12, True),
        ("410182109", 1, False),
    }
    assert [row.code for row in coverage.children(event, "410182109211")] == ["410182109211002", GRID]


def test_t50_is_when_half_have_confirmed(world: World, event: AlertEvent) -> None:
    for number in range(7):
        said(event, world, number, Fact.CONFIRMED, 15 + number)
    for prefix in ("410182", "410182109211"):
        people = coverage.of(event, prefix).all.people
        times = coverage.times(people, coverage.curve(event, prefix))
        assert times.confirmed[50] is not None
        assert 10 < times.confirmed[50] <= 30
        assert times.confirmed[90] is None


def test_unreached_names_only_those_without_any_sign(world: World, event: AlertEvent) -> None:
    said(event, world, 0, Fact.DELIVERED)
    said(event, world, 1, Fact.CONFIRMED)
    said(event, world, 2, Fact.FAILED)
    reached = {world.residents[0].pk, world.residents[1].pk}
    found = coverage.unreached(event, GRID)
    assert set(found) == {person.pk for person in world.residents if person.place_id == GRID} - reached
    assert world.residents[0].pk in coverage.unreached(event, GRID, silent=True)
    assert world.residents[found.index(found[0])].pk


@pytest.mark.parametrize("name", ["city", "officer", "approver", "township", "village", "grid"])
def test_everybody_with_the_warning_sees_their_own_part(
    client: Client, world: World, event: AlertEvent, name: str
) -> None:
    world.login(client, name)
    page = client.get(f"/alerts/{event.alert.code}/coverage/")
    assert page.status_code == 200
    assert "未达" in page.content.decode()
    live = page.context["place"].code
    assert live == {"village": "410182109211", "grid": GRID, "township": "410182109"}.get(name, "410182")
    assert client.get(f"/alerts/{event.alert.code}/coverage/{live}/live/").status_code == 200
    assert client.get(f"/alerts/{event.alert.code}/wall/").status_code == 200


def test_a_neighbour_and_a_lower_level_do_not_see_more(client: Client, world: World, event: AlertEvent) -> None:
    code = event.alert.code
    world.login(client, "neighbour")
    assert client.get(f"/alerts/{code}/coverage/").status_code == 404
    world.login(client, "village")
    for place in ("410182", "410182109", "410182109205", "999", "41"):
        assert client.get(f"/alerts/{code}/coverage/{place}/").status_code == 404
    world.login(client, "auditor")
    assert client.get(f"/alerts/{code}/coverage/").status_code == 403


def test_the_doors_show_names_masked(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "grid")
    text = client.get(f"/alerts/{event.alert.code}/doors/{GRID}/").content.decode()
    assert "李＊＊" in text
    assert "李村民" not in text
    assert client.get(f"/alerts/{event.alert.code}/doors/410182109211002/").status_code == 404


def test_a_door_says_first_that_somebody_needs_help_or_stays(client: Client, world: World, event: AlertEvent) -> None:
    for number, fact in enumerate([Fact.CONFIRMED, Fact.NEEDS_HELP, Fact.SAFE, Fact.REFUSED, Fact.SAFE, Fact.SAFE]):
        said(event, world, number, fact)
    world.login(client, "grid")
    page = client.get(f"/alerts/{event.alert.code}/doors/{GRID}/").content.decode()
    assert page.count("有人需要帮助") == 1
    assert page.count("有人拒绝转移") == 1
    assert page.count("全户已回应") == 1  # only where nothing is left to do


def test_one_tap_enters_for_the_whole_door(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "grid")
    home = [person.pk for person in world.residents if person.household_id == world.households[0].pk]
    form = {"person": home, "fact": Fact.MOVED.value, "nonce": "abc"}
    url = f"/alerts/{event.alert.code}/doors/{GRID}/enter/"
    answer = client.post(url, form)
    assert answer.status_code == 200
    assert "已转移" in answer.content.decode()
    client.post(url, form)
    assert Receipt.objects.filter(fact=Fact.MOVED, channel="staff", by=world.grid.pk).count() == 2
    assert coverage.of(event, GRID).all.moved == 2
    assert AuditEntry.objects.filter(action="alerting.receipt").count() == 1


def test_what_a_resident_wrote_is_opened_by_click_and_the_look_is_kept(
    client: Client, world: World, event: AlertEvent
) -> None:
    person = world.residents[0].pk
    now = clock.now()
    receipts.append([receipts.NewReceipt("n", event.pk, person, Fact.NEEDS_HELP, "link", now, note="轮椅")])
    coverage.fold()
    world.login(client, "grid")
    base = f"/alerts/{event.alert.code}/doors/{GRID}/"
    assert "轮椅" not in client.get(base).content.decode()
    assert "轮椅" in client.post(f"{base}notes/{person}/").content.decode()
    assert AuditEntry.objects.filter(action="alerting.read_note", actor=world.grid.pk).count() == 1
    assert "轮椅" not in client.post(f"{base}notes/{world.residents[-1].pk}/").content.decode()
    world.login(client, "approver")
    assert client.post(f"{base}notes/{person}/").status_code == 403


def test_an_entry_from_paper_keeps_both_times(client: Client, world: World, event: AlertEvent) -> None:
    clock.forward(hours=2)
    world.login(client, "village")
    at = (event.sent_at + timedelta(minutes=20)).astimezone(clock.BEIJING).strftime("%Y-%m-%dT%H:%M")
    form = {"person": world.residents[0].pk, "fact": Fact.ABSENT.value, "nonce": "a", "at": at, "note": "锁门"}
    assert client.post(f"/alerts/{event.alert.code}/doors/{GRID}/enter/", form).status_code == 200
    entered = Receipt.objects.get()
    assert entered.entered_at - entered.happened_at > timedelta(hours=1)
    assert entered.note.reveal() == "锁门"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"fact": "99"}, 400),
        ({"fact": "x"}, 400),
        ({"at": "gestern"}, 400),
        ({"at": "2021-99-99T00:00"}, 400),
        ({"at": "1999-01-01T00:00"}, 400),
        ({"at": "2999-01-01T00:00"}, 400),
        ({"nonce": ""}, 400),
        ({"person": "0"}, 400),
        ({"person": "99999999999999999999"}, 400),
    ],
)
def test_a_wrong_entry_is_refused_and_writes_nothing(
    client: Client, world: World, event: AlertEvent, change: dict[str, str], status: int
) -> None:
    world.login(client, "village")
    form = {"person": str(world.residents[0].pk), "fact": "4", "nonce": "a"} | change
    answer = client.post(f"/alerts/{event.alert.code}/doors/{GRID}/enter/", form, headers={"HX-Request": "true"})
    assert answer.status_code == status
    assert not Receipt.objects.exists()


def test_nobody_enters_for_another_place(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "approver")
    form = {"person": str(world.residents[0].pk), "fact": "4", "nonce": "a"}
    assert client.post(f"/alerts/{event.alert.code}/doors/{GRID}/enter/", form).status_code == 403
    world.login(client, "grid")
    other = f"/alerts/{event.alert.code}/doors/410182109211002/enter/"
    assert client.post(other, form).status_code == 404
    assert not Receipt.objects.exists()


def test_send_again_goes_to_the_unreached_and_only_once(client: Client, world: World, event: AlertEvent) -> None:
    said(event, world, 0, Fact.DELIVERED)
    world.login(client, "township")
    url = f"/alerts/{event.alert.code}/again/410182109/"
    page = client.get(url)
    assert page.context["preview"].people == 12
    form = {"who": "unreached", "channel": "sms", "wave": "0"}
    assert client.post(url, form).status_code == 302
    wave = Manifest.objects.filter(event=event, wave=1)
    told = {person for row in wave for person in row.person_ids}
    assert world.residents[0].pk not in told
    assert len(told) == 12
    assert client.post(url, form).status_code == 409
    assert not Manifest.objects.filter(wave=2).exists()


def test_village_and_closed_warning_can_not_send_again(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "village")
    assert client.get(f"/alerts/{event.alert.code}/again/410182109211/").status_code == 403
    world.login(client, "officer")
    AlertEvent.objects.filter(pk=event.pk).update(closed_at=clock.now())
    form = {"who": "unreached", "channel": "sms", "wave": "0"}
    assert client.post(f"/alerts/{event.alert.code}/again/410182/", form).status_code == 409
    assert client.post(f"/alerts/{event.alert.code}/again/410182/", form | {"channel": "web"}).status_code in (400, 409)


def test_the_preview_counts_those_a_channel_can_reach(world: World, event: AlertEvent) -> None:
    shown = resend.preview(event, "410182109", silent=False)
    assert (shown.people, shown.reachable["sms"], shown.reachable["email"]) == (13, 13, 0)


def test_the_preview_counts_the_same_whether_few_are_looked_up_or_all_are_read(
    world: World, event: AlertEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(event, world, 0, Fact.CONFIRMED)
    add_contact(world.residents[1], "email", "li@example.cn")
    set_usable(world.residents[2].contacts.get(), False, by=world.officer)
    few = again_count.count(event, "410182109", silent=True)
    monkeypatch.setattr(again_count, "FEW", 0)
    assert again_count.count(event, "410182109", silent=True) == few == (12, {"phone": 11, "email": 1})
    assert again_count.count(event, "410181", silent=True) == (0, {})


def test_the_table_goes_into_a_workbook(client: Client, world: World, event: AlertEvent) -> None:
    world.login(client, "officer")
    answer = client.get(f"/alerts/{event.alert.code}/coverage/410182109211/xlsx/")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)  # type: ignore[union-attr]
    assert len(rows) == 3
    assert rows[1][2] == 6


def test_the_report_tells_the_same_in_every_form(client: Client, world: World, event: AlertEvent) -> None:
    said(event, world, 0, Fact.CONFIRMED)
    said(event, world, 1, Fact.NEEDS_HELP)
    data = report.build(event)
    assert (data["people"]["confirmed"], data["people"]["unreached"], data["needs_help"]) == (2, 11, 1)
    assert data["left"]["people"] == 11
    assert "李村民" not in str(data)
    world.login(client, "officer")
    base = f"/alerts/{event.alert.code}/report/"
    assert client.get(base).status_code == 200
    paper = client.get(base + "pdf/").content
    assert paper.startswith(b"%PDF")
    book = load_workbook(io.BytesIO(client.get(base + "xlsx/").content))
    assert len(book.sheetnames) == 12
    assert client.get(base + "json/").json()["people"]["people"] == 13
    assert AuditEntry.objects.filter(action="alerting.report").count() == 3
    world.login(client, "auditor")
    assert client.get(base).status_code == 403


def test_a_household_is_reached_when_one_grown_member_is_and_its_child_is_no_door(
    client: Client, world: World, event: AlertEvent
) -> None:
    child = world.residents[1]
    child.minor = True
    child.save()
    said(event, world, 0, Fact.CONFIRMED)
    doors = coverage.of(event, GRID).doors
    assert doors.as_dict() == {
        "doors": 3,
        "told": 3,
        "delivered": 1,
        "confirmed": 1,
        "unreached": 2,
        "silent": 2,
    }
    left = [door.household for door in roster.doors(event, GRID, "unreached")]
    assert left == world.households[1:3]
    world.login(client, "grid")
    page = client.get(f"/alerts/{event.alert.code}/doors/{GRID}/").content.decode()
    assert page.count("家中已有人收到") == 1
    page = client.get(f"/alerts/{event.alert.code}/coverage/{GRID}/").content.decode()
    assert "户" in page
    assert report.build(event, GRID)["left"]["doors"] == 2


def test_a_child_alone_speaks_for_nobody(world: World, event: AlertEvent) -> None:
    child = world.residents[1]
    child.minor = True
    child.save()
    said(event, world, 1, Fact.CONFIRMED)
    found = coverage.of(event, GRID)
    assert (found.all.confirmed, found.doors.confirmed, found.doors.delivered) == (1, 0, 0)
    assert world.households[0] in [door.household for door in roster.doors(event, GRID, "unreached")]


def test_households_are_timed_by_their_first_answer_near_and_far(world: World, event: AlertEvent) -> None:
    said(event, world, 0, Fact.CONFIRMED, seconds=25)
    said(event, world, 1, Fact.CONFIRMED, seconds=65)
    for prefix in (GRID, "410182"):
        people, doors = coverage.curves(event, prefix)
        assert [point[2] for point in people] == [1, 2]
        assert (doors[0], doors[-1][2]) == ((30, 1, 1), 1)
    receipts.append(
        [receipts.NewReceipt("u", event.pk, world.residents[0].pk, Fact.UNDONE, "link", event.sent_at + timedelta(1))]
    )
    coverage.fold()
    for prefix in (GRID, "410182"):
        assert [point for point in coverage.curves(event, prefix)[1] if point[2]] == [(70, 1, 1)]
