"""The doors that the phones have left: listed once it is time, shorter with every answer, owed by grid."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db.models import QuerySet
from django.test import Client

from lastmile.alerting import close, coverage, door_codes, findings, fold, receipts, watchdog
from lastmile.alerting.models import AlertEvent, Fact, Kind, Receipt, Visit, VisitRound
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.alerting.visits import entering, listing, rounds, rules
from lastmile.community.accounts.models import User
from lastmile.community.org.models import Post
from lastmile.community.people.models import Appointment, Household, Look, Person
from lastmile.duties import actions, queries
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.errors import NotAllowed, NotFound, Refusal
from lastmile.kernel.offline import Result
from tests.world import World

GRID, BESIDE = VILLAGE + "001", VILLAGE + "002"


@pytest.fixture
def event(desk: Desk) -> AlertEvent:
    """A red warning, told to six households in two grids."""
    world = desk.world
    world.grid.person = world.staff[GRID]
    world.grid.save()
    return desk.issued()


def answer(event: AlertEvent, person: Person, fact: Fact = Fact.CONFIRMED) -> None:
    clock.forward(seconds=1)
    key = str(uuid4())
    receipts.append([receipts.NewReceipt(key, event.pk, person.pk, fact, "link", clock.now())])
    fold.fold()


def wait(**span: float) -> None:
    clock.forward(**span)
    rounds.tick()


def left(event: AlertEvent, place: str = GRID) -> list[str]:
    return [door.home.number for door in listing.doors(event, place) if door.visit.closed_at is None]


def knock(
    world: World,
    event: AlertEvent,
    home: Household,
    fact: Fact,
    *,
    at: datetime | None = None,
    seen: datetime | None = None,
) -> Result:
    clock.forward(seconds=1)
    outcome = entering.Outcome(uuid4(), event.alert.code, home.pk, fact, at, seen)
    (result,) = entering.enter_many(world.grid, [outcome])
    fold.fold()
    return result


def test_a_second_phone_that_loads_the_grid_in_the_same_moment_gets_it_too(
    desk: Desk, event: AlertEvent, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait(minutes=11)
    todo = queries.todo

    def slower(user: User) -> QuerySet[Obligation]:
        found = todo(user)
        for owed in found.filter(kind="alerting.visits", state="open"):
            actions.accept(user, owed)  # by the first phone, after this one has looked
        return found

    monkeypatch.setattr(queries, "todo", slower)
    desk.world.login(client, "grid")
    url = f"/api/v1/visits/{event.alert.code}/{GRID}/doors"
    answer = client.post(url, {"known": []}, content_type="application/json")
    doors = answer.json()["doors"]
    assert (answer.status_code, len(doors)) == (200, 3)
    said = {door["id"]: door["code"] for door in doors}
    assert said == {key: str(code) for key, code in door_codes.of(event, desk.world.households[:3]).items()}
    assert Obligation.objects.get(kind="alerting.visits", place=GRID).state == "accepted"


def test_nobody_is_visited_before_the_phones_had_their_time(event: AlertEvent) -> None:
    wait(minutes=9)
    assert left(event) == []
    assert not Visit.objects.exists()
    wait(minutes=2)
    assert left(event) == ["001-1", "001-2", "001-3"]
    assert rounds.tick() == 0, "it is listed once"


def test_only_households_without_a_grown_answer_are_listed(event: AlertEvent, desk: Desk) -> None:
    one, _two, child = desk.world.residents[0], desk.world.residents[1], desk.world.residents[2]
    Person.objects.filter(pk=child.pk).update(minor=True)
    answer(event, one)
    answer(event, child)
    wait(minutes=11)
    assert left(event) == ["001-2", "001-3"]


def test_children_who_live_alone_answer_for_their_household(event: AlertEvent, desk: Desk) -> None:
    pair = desk.world.residents[:2]
    Person.objects.filter(pk__in=[one.pk for one in pair]).update(minor=True)
    answer(event, pair[0])
    wait(minutes=11)
    assert "001-1" not in left(event)
    third = desk.world.residents[4:6]
    Person.objects.filter(pk__in=[one.pk for one in third]).update(minor=True)
    answer(event, third[1])
    assert left(event) == ["001-2"]


def test_a_delivered_message_is_no_answer_to_a_red_warning_but_is_to_a_yellow_one(desk: Desk) -> None:
    red, yellow = desk.issued(), desk.issued(colour=3)
    for event in (red, yellow):
        answer(event, desk.world.residents[0], Fact.DELIVERED)
    wait(minutes=61)
    assert "001-1" in left(red)
    assert "001-1" not in left(yellow)
    assert "001-2" in left(yellow)
    answer(yellow, desk.world.residents[2], Fact.DELIVERED)
    assert "001-2" not in left(yellow)


def test_the_vulnerable_come_first_then_the_walk(event: AlertEvent, desk: Desk) -> None:
    homes = desk.world.households[:3]
    Person.objects.filter(household=homes[0]).update(priority=0)
    Household.objects.filter(pk=homes[1].pk).update(walking_order=9)
    wait(minutes=11)
    assert left(event) == ["001-3", "001-2", "001-1"]


def test_a_household_that_answers_leaves_the_list_and_comes_back_when_it_takes_that_back(
    event: AlertEvent, desk: Desk
) -> None:
    wait(minutes=11)
    answer(event, desk.world.residents[0])
    assert left(event) == ["001-2", "001-3"]
    answer(event, desk.world.residents[0], Fact.UNDONE)
    assert left(event) == ["001-1", "001-2", "001-3"]


def test_a_grid_owes_one_thing_however_many_doors_it_has(event: AlertEvent, desk: Desk) -> None:
    world = desk.world
    wait(minutes=11)
    (item,) = queries.todo(world.grid)
    assert (item.kind, item.danger, item.place_id) == ("alerting.visits", 4, GRID)
    assert "3" in item.title
    for person in world.residents[0:6:2]:
        answer(event, person)
    assert not queries.todo(world.grid).exists()
    item.refresh_from_db()
    assert item.state == "done"
    answer(event, world.residents[0], Fact.UNDONE)
    assert queries.todo(world.grid).get().pk == item.pk, "the same one again"


def test_the_grid_worker_owes_it_rather_than_the_leader(event: AlertEvent, desk: Desk) -> None:
    post = Post.objects.create(place_id=BESIDE, kind=Post.Kind.GRID_WORKER, title="网格员")
    person = desk.world.staff[VILLAGE]
    Appointment.objects.create(post=post, person=person, role=Appointment.Role.HOLDER, since=clock.today())
    wait(minutes=11)
    assert {item.place_id for item in queries.todo(person)} == {BESIDE}


def test_what_is_found_at_a_door_is_a_fact_about_everybody_behind_it(event: AlertEvent, desk: Desk) -> None:
    wait(minutes=11)
    home = desk.world.households[0]
    assert knock(desk.world, event, home, Fact.MOVED).ok
    rows = Receipt.objects.filter(event=event, person__in=home.members.values("pk"))
    assert {(row.fact, row.channel, row.by) for row in rows} == {(Fact.MOVED, "door", desk.world.grid.pk)}
    assert rows.count() == 2
    assert coverage.of(event, GRID).all.moved == 2
    assert left(event) == ["001-2", "001-3"]


def test_the_same_tap_sent_twice_is_one_fact(event: AlertEvent, desk: Desk) -> None:
    wait(minutes=11)
    tap = entering.Outcome(uuid4(), event.alert.code, desk.world.households[0].pk, Fact.ABSENT)
    for _again in range(2):
        (result,) = entering.enter_many(desk.world.grid, [tap])
        assert result.ok
    fold.fold()
    assert Receipt.objects.filter(event=event, channel="door").count() == 2  # one for each who lives there
    assert Visit.objects.get(event=event.pk, household=tap.household).knocks == 1


def test_where_nobody_was_in_the_door_stays_and_goes_to_the_end(event: AlertEvent, desk: Desk) -> None:
    wait(minutes=11)
    knock(desk.world, event, desk.world.households[0], Fact.ABSENT)
    assert left(event) == ["001-2", "001-3", "001-1"]


def test_a_late_entry_keeps_the_time_of_the_tap(event: AlertEvent, desk: Desk) -> None:
    wait(minutes=11)
    tapped = clock.now()
    clock.forward(hours=2)
    knock(desk.world, event, desk.world.households[0], Fact.CONFIRMED, at=tapped)
    row = Receipt.objects.filter(event=event, channel="door").first()
    assert row is not None
    assert row.happened_at == tapped
    assert row.entered_at > tapped


def test_the_clock_of_a_phone_is_corrected_by_what_it_says(event: AlertEvent, desk: Desk) -> None:
    wait(minutes=30)
    tapped = clock.now()
    clock.forward(minutes=10)
    wrong = timedelta(days=400)
    tap = entering.Outcome(uuid4(), event.alert.code, desk.world.households[0].pk, Fact.CONFIRMED)
    sent = clock.now() + wrong
    entering.enter_many(desk.world.grid, [replace(tap, at=tapped + wrong)], sent_at=sent)
    row = Receipt.objects.filter(event=event, channel="door").first()
    assert row is not None
    assert abs((row.happened_at - tapped).total_seconds()) < 1


def test_two_who_found_different_things_hear_what_stands(event: AlertEvent, desk: Desk) -> None:
    world = desk.world
    wait(minutes=11)
    home, seen = world.households[0], clock.now()
    clock.forward(minutes=5)
    first = entering.Outcome(uuid4(), event.alert.code, home.pk, Fact.REFUSED, seen=seen)
    assert entering.enter_many(world.village, [first])[0].says == ""
    clock.forward(minutes=5)
    result = knock(world, event, home, Fact.CONFIRMED, seen=seen)
    assert result.ok
    assert "village" in result.says
    assert "拒绝转移" in result.says
    later = knock(world, event, home, Fact.MOVED, seen=clock.now())
    assert later.says == "", "who has seen it and changes it is told nothing"


def test_doors_elsewhere_are_not_entered(event: AlertEvent, desk: Desk) -> None:
    wait(minutes=11)
    tap = entering.Outcome(uuid4(), event.alert.code, desk.world.households[3].pk, Fact.MOVED)
    with pytest.raises(NotAllowed):
        entering.enter(desk.world.grid, tap)
    with pytest.raises(NotFound):
        entering.enter(desk.world.neighbour, tap)
    (said,) = entering.enter_many(desk.world.grid, [tap])
    assert not said.ok
    assert said.says


def test_it_ends_with_the_warning(event: AlertEvent, desk: Desk) -> None:
    wait(minutes=11)
    desk.follow(event, Kind.LIFT)
    rounds.tick()
    assert left(event) == []
    assert not queries.todo(desk.world.grid).exists()
    assert VisitRound.objects.filter(closed_at=None).count() == 0
    assert not VisitRound.objects.filter(event__alert__kind=Kind.LIFT).exists(), "nobody is visited for an all-clear"


def test_it_ends_when_the_warning_expires(event: AlertEvent) -> None:
    wait(minutes=11)
    clock.forward(days=3)
    close.expire()
    rounds.tick()
    assert left(event) == []


def test_an_update_takes_the_open_doors_over_at_once(event: AlertEvent, desk: Desk) -> None:
    wait(minutes=11)
    knock(desk.world, event, desk.world.households[0], Fact.MOVED)
    knock(desk.world, event, desk.world.households[1], Fact.ABSENT)
    item = queries.todo(desk.world.grid).get()
    update = desk.follow(event, Kind.UPDATE)
    rounds.tick()
    assert left(event) == []
    assert left(update) == ["001-3", "001-2"]
    assert queries.todo(desk.world.grid).get().pk == item.pk
    wait(minutes=11)
    assert left(update) == ["001-3", "001-2"], "who has moved is not asked again"


def test_an_update_before_the_deadline_does_not_start_it_anew_for_the_silent(event: AlertEvent, desk: Desk) -> None:
    answer(event, desk.world.residents[0])
    wait(minutes=9)
    update = desk.follow(event, Kind.UPDATE)
    rounds.tick()
    assert left(update) == []
    wait(minutes=2)
    assert left(update) == ["001-2", "001-3"]
    wait(minutes=9)
    assert left(update) == ["001-1", "001-2", "001-3"]


def test_an_outcome_from_before_an_update_counts_after_it(event: AlertEvent, desk: Desk) -> None:
    wait(minutes=11)
    update = desk.follow(event, Kind.UPDATE)
    rounds.tick()
    assert knock(desk.world, event, desk.world.households[0], Fact.CONFIRMED).ok
    assert left(update) == ["001-2", "001-3"]


def test_the_rule_of_a_place_is_frozen_at_issue(desk: Desk) -> None:
    world = desk.world
    rules.set_rule(world.approver, world.places["410182"], 1, minutes=30, whom="unreached")
    event = desk.issued()
    rules.drop_rule(world.approver, world.places["410182"], 1)
    held = VisitRound.objects.get(event=event)
    assert held.whom == "unreached"
    assert (held.due_at - event.sent_at).total_seconds() == 1800
    with pytest.raises(NotAllowed):
        rules.set_rule(world.officer, world.places["410182"], 1, minutes=30, whom="silent")
    with pytest.raises(Refusal):
        rules.set_rule(world.approver, world.places["410182"], 1, minutes=0, whom="silent")


def test_nobody_is_visited_for_a_blue_warning(desk: Desk) -> None:
    event = desk.issued(colour=4)
    wait(hours=5)
    assert left(event) == []
    assert not VisitRound.objects.exists()


def test_looking_behind_doors_is_noted_for_each_person(event: AlertEvent, desk: Desk) -> None:
    wait(minutes=11)
    homes = desk.world.households[:2]
    found = listing.opened(desk.world.grid, event, GRID, [home.pk for home in homes])
    assert found[homes[0].pk].address == "第1户"
    assert [one.name for one in found[homes[0].pk].residents] == ["李村民", "李村民"]
    assert found[homes[0].pk].residents[1].needs == ["独居"]
    assert Look.objects.count() == 4
    with pytest.raises(NotAllowed):
        listing.opened(desk.world.grid, event, BESIDE, [desk.world.households[3].pk])


def test_the_watchdog_says_when_nobody_lists_the_doors(event: AlertEvent) -> None:
    clock.forward(minutes=12)
    watchdog.look()
    assert "名单还没有列出来" in " ".join(one.says for one in findings.current(event).findings)
    rounds.tick()
    watchdog.look()
    assert "名单还没有列出来" not in " ".join(one.says for one in findings.current(event).findings)


def test_the_figures_stand_on_a_page_and_in_the_api(event: AlertEvent, desk: Desk, client: Client) -> None:
    wait(minutes=11)
    knock(desk.world, event, desk.world.households[0], Fact.REFUSED)
    desk.world.login(client, "township")
    page = client.get(f"/alerts/{event.alert.code}/visits/").content.decode()
    assert "王宗店村委会" in page
    data = client.get(f"/api/v1/alerts/{event.alert.code}/visits?place={VILLAGE}").json()
    assert data["sums"]["doors"] == 6
    assert data["sums"]["refused"] == 1
    assert [(row["code"], row["sums"]["left"]) for row in data["children"]] == [(BESIDE, 3), (GRID, 2)]
    desk.world.login(client, "neighbour")
    assert client.get(f"/alerts/{event.alert.code}/visits/").status_code == 404


def test_outcomes_are_entered_over_the_api(event: AlertEvent, desk: Desk, client: Client) -> None:
    wait(minutes=11)
    desk.world.login(client, "grid")
    assert [(row["place"], row["left"]) for row in client.get("/api/v1/visits").json()] == [(GRID, 3)]
    home = desk.world.households[0].pk
    tap: dict[str, object] = {"key": str(uuid4()), "code": event.alert.code, "household": home, "fact": 8}
    tap |= {"reason": "belongings", "note": "养了三头牛"}
    strange = tap | {"key": str(uuid4()), "household": 999_999}
    answer = client.post("/api/v1/visits/outcomes", {"outcomes": [tap, strange]}, content_type="application/json")
    assert [one["ok"] for one in answer.json()["results"]] == [True, False]
    row = Visit.objects.get(event=event.pk, household=home)
    assert (row.fact, row.reason, row.closed_at is not None) == (Fact.REFUSED, "belongings", True)
    wrong = client.post(
        "/api/v1/visits/outcomes", {"outcomes": [tap | {"fact": 5}]}, content_type="application/json"
    ).json()
    assert not wrong["results"][0]["ok"]


def test_rules_are_set_on_their_page(desk: Desk, client: Client) -> None:
    desk.world.login(client, "approver")
    page = client.get("/visits/rules/").content.decode()
    assert 'value="10"' in page
    saved = client.post("/visits/rules/", {"place": "410182", "colour": "1", "minutes": "15", "whom": "silent"})
    assert saved.status_code == 302
    assert rules.rule_for("410182", 1).minutes == 15
    assert client.post("/visits/rules/", {"place": "410182", "colour": "1", "minutes": "0"}).status_code == 400
    client.post("/visits/rules/", {"place": "410182", "colour": "1", "drop": "1"})
    assert rules.rule_for("410182", 1).minutes == 10
