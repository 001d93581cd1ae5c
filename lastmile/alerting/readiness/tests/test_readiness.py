"""A test of who can be reached: when it goes out, to whom, what it finds, and that it is no warning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pytest_django.fixtures import Settings

from lastmile.alerting import fold, known, published, queries, returns
from lastmile.alerting.models import Alert, AlertEvent, Fact, Manifest, Probe, ReadinessPlan, ReadinessRound
from lastmile.alerting.readiness import plans, rounds
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.community.people.actions import add_contact
from lastmile.community.people.models import Contact
from lastmile.duties import gaps, kinds
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.clock import BEIJING
from lastmile.kernel.errors import Conflict, NotAllowed, Refusal
from lastmile.kernel.models import AuditEntry
from tests.world import World

COUNTY, TOWNSHIP, VILLAGE, GRID = "410182", "410182109", "410182109211", "410182109211001"
TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=BEIJING)


@pytest.fixture(autouse=True)
def _tuesday_morning(settings: Settings) -> Iterator[None]:
    settings.CHANNELS = ["sms", "email"]
    with clock.frozen(TUESDAY), translation.override("en"):
        yield


@pytest.fixture
def world(db: None) -> World:
    return World.build()


def started(world: World, *, share: int = 50, whom: str = "all", place: str = COUNTY) -> ReadinessPlan:
    return plans.start(world.officer, world.places[place], whom=whom, share=share, from_hour=9, to_hour=17)


def sent(world: World, *, share: int = 50, whom: str = "all") -> ReadinessRound:
    plan = started(world, share=share, whom=whom)
    assert rounds.tick() > 0
    return plan.rounds.get()


def answer(made: ReadinessRound, probe: Probe, fact: Fact, *, by: int | None = None) -> None:
    key = f"{made.pk}-{probe.pk}-{fact}-{by}"
    append([NewReceipt(key, made.event_id, probe.person, fact, "sms", clock.now(), by=by)])


def test_a_share_is_asked_each_once_and_it_is_marked_as_a_test(world: World) -> None:
    made = sent(world, share=25)
    everybody = len(world.residents) + len([code for code in world.staff if code.startswith(COUNTY)])
    assert made.people == Probe.objects.count() == -(-everybody // 4)
    text = made.event.frozen["texts"]
    assert text["zh"]["sms"].startswith("【通讯测试】这是测试，没有险情")
    assert text["en"]["sms"].startswith("[TEST] This is a test")
    told = [person for row in Manifest.objects.filter(event=made.event) for person in row.person_ids]
    assert sorted(told) == sorted(Probe.objects.values_list("person", flat=True))


def test_only_those_who_must_answer_unless_everybody_is_meant(world: World) -> None:
    made = sent(world, whom="staff")
    assert set(made.probes.values_list("person", flat=True)) <= {person.pk for person in world.staff.values()}


def test_week_by_week_everybody_is_asked_once_before_anybody_is_again(world: World) -> None:
    started(world, share=9)
    for _week in range(8):
        rounds.tick()
        clock.forward(days=7)
    asked = list(Probe.objects.values_list("person", flat=True))
    assert len(asked) == len(set(asked)) == 16  # 12 residents, 4 who must answer


@pytest.mark.parametrize(
    ("at", "why"),
    [
        (datetime(2026, 11, 24, 3, 0, tzinfo=BEIJING), "between 9 and 17"),
        (datetime(2026, 11, 24, 17, 0, tzinfo=BEIJING), "between 9 and 17"),
        (datetime(2026, 11, 28, 10, 0, tzinfo=BEIJING), "no working day"),  # Saturday
        (datetime(2026, 10, 1, 10, 0, tzinfo=BEIJING), "no working day"),  # National Day, a Thursday
    ],
)
def test_never_at_night_nor_on_days_off(world: World, at: datetime, why: str) -> None:
    with clock.frozen(at):
        plan = started(world)
        assert rounds.tick() == 0
        assert why in rounds.waits_for(plan)
    assert not Manifest.objects.exists()


def test_a_weekend_that_is_worked_is_a_working_day(world: World) -> None:
    with clock.frozen(datetime(2026, 10, 10, 10, 0, tzinfo=BEIJING)):  # worked instead of a day of National Day
        assert rounds.waits_for(started(world)) == ""


@pytest.mark.parametrize("place", ["4101", COUNTY])
def test_no_test_stands_in_the_way_of_a_warning(world: World, place: str) -> None:
    make_event(world, place=place)
    plan = started(world)
    assert rounds.tick() == 0
    assert "warning is in force" in rounds.waits_for(plan)


def test_a_warning_next_door_stops_nothing(world: World) -> None:
    make_event(world, place="410181")
    assert rounds.waits_for(started(world)) == ""


def test_once_a_week(world: World) -> None:
    plan = started(world, share=10)
    rounds.tick()
    clock.forward(days=1)
    rounds.tick()
    assert plan.rounds.count() == 1
    clock.forward(days=6)
    rounds.tick()
    assert plan.rounds.count() == 2


def test_an_answer_confirms_the_contact_and_silence_is_a_result(world: World) -> None:
    made = sent(world)
    first, second, third, fourth, *rest = made.probes.order_by("pk")
    answer(made, first, Fact.CONFIRMED)
    answer(made, second, Fact.DELIVERED)
    answer(made, third, Fact.FAILED)
    answer(made, fourth, Fact.CONFIRMED, by=world.grid.pk)  # by staff: no proof that the number works
    rounds.tick()
    results = dict(made.probes.values_list("pk", "result"))
    assert [results[one.pk] for one in (first, second, third, fourth)] == [1, 2, 3, 0]
    assert Contact.objects.get(pk=first.contact).confirmed_at == clock.now()
    assert Contact.objects.get(pk=second.contact).confirmed_at is None
    clock.forward(days=2, hours=1)
    rounds.tick()
    assert {one.result for one in made.probes.filter(pk__in=[one.pk for one in rest])} == {Probe.Result.SILENT}
    made.refresh_from_db()
    assert made.closed_at is not None


def test_an_answer_that_comes_after_a_failure_counts(world: World) -> None:
    made = sent(world)
    one = made.probes.order_by("pk")[0]
    answer(made, one, Fact.FAILED)
    rounds.tick()
    answer(made, one, Fact.CONFIRMED)
    rounds.tick()
    assert made.probes.get(pk=one.pk).result == Probe.Result.ANSWERED


def test_who_did_not_answer_is_a_gap_until_somebody_does(world: World) -> None:
    made = sent(world)
    one = made.probes.order_by("pk")[0]
    rule = gaps.get("unanswered_test")
    assert not gaps.found(rule).exists()
    answer(made, one, Fact.FAILED)
    rounds.tick()
    (found,) = gaps.found(rule, one.place[:12])
    assert found.pk == one.contact
    assert "＊＊" in rule.what(found)
    assert rule.mend is not None
    clock.forward(hours=1)
    rule.mend.act(found, {}, world.village)
    assert not gaps.found(rule).exists()


def test_it_is_shown_as_no_warning_anywhere(client: Client, world: World) -> None:
    made = sent(world)
    fold.fold()
    assert not queries.visible(world.officer).exists()
    assert not queries.in_force(world.officer).exists()
    assert published.in_force(exercises=True) == []
    assert set(known.warnings([COUNTY]).values()) == {0}
    code = made.event.alert.code
    for path in ("/w/", "/w/?exercises=1", "/w/active.json?exercises=1", "/w/feed.atom?exercises=1"):
        assert "通讯测试" not in client.get(path).content.decode()
    assert client.get(f"/w/{code}/").status_code == 404
    world.login(client, "officer")
    assert "通讯测试" not in client.get("/alerts/").content.decode()
    assert "通讯测试" not in client.get("/").content.decode()
    assert client.get(f"/alerts/{code}/").status_code == 404
    assert client.get(f"/api/v1/alerts/{code}").status_code == 404
    assert not Obligation.objects.exists()


def test_a_reply_belongs_to_the_warning_while_one_is_in_force(world: World) -> None:
    person = world.residents[0]
    number = person.contacts.get(kind="phone").value.reveal()
    warning = make_event(world)
    listed(warning, world.residents)
    clock.forward(minutes=-30)
    made = ReadinessRound.objects.create(
        plan=started(world), week=TUESDAY.date(), event=rounds._event(started(world), ["sms"]), people=1
    )
    clock.forward(minutes=60)
    listed(made.event, world.residents)
    assert returns.asked([number])[number][0] == (warning.pk, person.pk)
    AlertEvent.objects.filter(pk=warning.pk).update(closed_at=clock.now())
    assert returns.asked([number])[number][0] == (made.event_id, person.pk)


def test_the_preview_says_how_many_and_sends_nothing(client: Client, world: World) -> None:
    world.login(client, "officer")
    shown = client.post(f"/readiness/{COUNTY}/preview/", {"whom": "all", "share": "50"}).content.decode()
    assert "8" in shown
    refused = client.post(f"/readiness/{COUNTY}/preview/", {"whom": "all", "share": "90"}).content.decode()
    assert "50" in refused
    assert not Manifest.objects.exists()
    assert not ReadinessPlan.objects.exists()


@pytest.mark.parametrize(("share", "first", "last"), [(0, 9, 17), (51, 9, 17), (8, 6, 17), (8, 9, 23), (8, 12, 12)])
def test_a_plan_that_would_bother_people_is_refused(world: World, share: int, first: int, last: int) -> None:
    with pytest.raises(Refusal):
        plans.start(world.officer, world.places[COUNTY], whom="all", share=share, from_hour=first, to_hour=last)


def test_start_and_stop_by_the_page_and_who_may(client: Client, world: World) -> None:
    form = {"whom": "staff", "share": "8", "from": "9", "to": "17"}
    world.login(client, "grid")
    assert client.post(f"/readiness/{GRID}/start/", form).status_code == 403
    world.login(client, "township")
    assert client.post(f"/readiness/{COUNTY}/start/", form).status_code == 404
    assert client.post(f"/readiness/{TOWNSHIP}/start/", form).status_code == 302
    assert ReadinessPlan.objects.get().stopped_at is None
    assert client.post(f"/readiness/{TOWNSHIP}/stop/").status_code == 302
    assert rounds.tick() == 0
    acts = AuditEntry.objects.filter(action__startswith="alerting.readiness").values_list("action", flat=True)
    assert list(acts) == ["alerting.readiness_started", "alerting.readiness_stopped"]
    with pytest.raises(Conflict):
        plans.stop(world.township, world.places[TOWNSHIP])
    with pytest.raises(NotAllowed):
        plans.stop(world.approver, world.places[COUNTY])


def test_the_page_counts_by_place_and_lists_masked(client: Client, world: World) -> None:
    made = sent(world)
    answer(made, made.probes.order_by("pk")[0], Fact.FAILED)
    rounds.tick()
    world.login(client, "officer")
    shown = client.get(f"/readiness/{COUNTY}/").content.decode()
    assert world.places[TOWNSHIP].name in shown
    assert "李村民" not in shown
    assert client.get(f"/readiness/{COUNTY}/xlsx/").status_code == 200
    (row,) = plans.by_place(COUNTY)
    assert (row.code, row.asked, row.failed) == (TOWNSHIP, made.people, 1)


def test_the_list_of_plans_asks_as_often_for_many_as_for_one(client: Client, world: World) -> None:
    world.login(client, "officer")
    client.get("/readiness/")  # what is asked only once
    asked = []
    for place in (COUNTY, TOWNSHIP, VILLAGE):
        started(world, place=place)
        rounds.tick()
        with CaptureQueriesContext(connection) as queries:
            assert world.places[place].name in client.get("/readiness/").content.decode()
        asked.append(len(queries))
    assert len(set(asked)) == 1


def test_the_api_starts_reads_and_stops(client: Client, world: World) -> None:
    world.login(client, "officer")
    wish = {"place": COUNTY, "whom": "all", "share": 50}
    assert client.post("/api/v1/readiness/preview", wish, "application/json").json()["people"] == 8
    assert client.post("/api/v1/readiness/start", wish, "application/json").json()["running"] is True
    rounds.tick()
    assert client.get(f"/api/v1/readiness/{COUNTY}/results").json()[0]["asked"] == 8
    assert [one["place"] for one in client.get("/api/v1/readiness").json()] == [COUNTY]
    assert client.post(f"/api/v1/readiness/{COUNTY}/stop").json() == {"running": False}


def test_a_call_for_help_in_answer_to_a_test_is_not_lost(client: Client, world: World) -> None:
    made = sent(world)
    one = made.probes.filter(person__in=[person.pk for person in world.residents])[0]
    answer(made, one, Fact.NEEDS_HELP)
    while fold.fold():
        pass
    owed = Obligation.objects.get()
    assert owed.kind == "alerting.test_help"
    assert "exercise" not in owed.title
    world.login(client, "village")
    assert client.get(kinds.get(owed.kind).url(owed) or "").status_code == 200


def test_old_probes_are_forgotten(world: World) -> None:
    sent(world)
    started(world)
    plans.stop(world.officer, world.places[COUNTY])
    clock.forward(days=366)
    rounds.tick()
    assert not Probe.objects.exists()
    assert Alert.objects.count() == 1  # the event and what came back stay


def test_a_contact_that_answered_a_warning_lately_is_left_alone(world: World) -> None:
    Contact.objects.update(confirmed_at=clock.now() - timedelta(days=20))
    assert rounds.turns(rounds.Wish(COUNTY, "all", 50)) == []
    clock.forward(days=9)
    assert len(rounds.turns(rounds.Wish(COUNTY, "all", 50))) == 8


def test_who_was_asked_by_phone_is_not_asked_by_mail_a_week_later(world: World) -> None:
    for person in world.residents:
        add_contact(person, kind=Contact.Kind.EMAIL, value=f"r{person.pk}@example.org")
    started(world, share=50)
    for _week in range(3):
        rounds.tick()
        clock.forward(days=7)
    asked = list(Probe.objects.values_list("person", flat=True))
    assert len(asked) == len(set(asked)) == 16
    clock.forward(days=21)
    assert rounds.tick() > 0, "after the rest they are, on the contact that was not asked"
