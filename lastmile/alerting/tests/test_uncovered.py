"""Who is at risk and in no list is shown while the warning is in force, and one click puts them on one."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from lastmile.alerting import fold, site_answers
from lastmile.alerting.models import AlertEvent, Fact, Kind, SiteAnswer, Visit
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.alerting.visits import entering, rounds, uncovered
from lastmile.community.org.models import SpecialSite
from lastmile.community.people.actions import add_person
from lastmile.community.people.models import Contact, Household
from lastmile.duties import queries
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, NotAllowed

GRID = VILLAGE + "001"


@pytest.fixture
def event(desk: Desk) -> AlertEvent:
    desk.world.grid.person = desk.world.staff[GRID]
    desk.world.grid.save()
    Contact.objects.filter(person__household=desk.world.households[0]).update(usable=False)
    SpecialSite.objects.create(place_id=GRID, kind=SpecialSite.Kind.CARE_HOME, name="敬老院")
    return desk.issued()


@pytest.fixture
def newcomers(event: AlertEvent, desk: Desk) -> Household:
    """They have moved in since the warning went out."""
    home = Household.objects.create(
        place_id=GRID, village=VILLAGE, number="001-9", address="新户", residents=1, updated_at=clock.now()
    )
    add_person(name="新住户", place=desk.world.places[GRID], household=home, phone="10099990000")
    return home


def test_it_names_households_and_sites_that_no_list_has(event: AlertEvent, desk: Desk, newcomers: Household) -> None:
    found = uncovered.find(event, "410182")
    assert {(home.number, home.listed) for home in found.homes} == {("001-1", True), ("001-9", False)}
    assert found.households == 2
    assert [site.name for site in found.sites] == ["敬老院"]
    assert [code for code, _name in found.grids] == [GRID, VILLAGE + "002"]
    assert uncovered.find(event, "410182108").households == 0


def test_one_click_puts_them_on_the_lists_before_the_deadline(
    event: AlertEvent, desk: Desk, newcomers: Household
) -> None:
    world = desk.world
    assert uncovered.assign(world.village, event, VILLAGE) == (2, 1)
    assert set(Visit.objects.values_list("household", flat=True)) == {world.households[0].pk, newcomers.pk}
    assert sorted(item.kind for item in queries.todo(world.grid)) == ["alerting.site", "alerting.visits"]
    again = uncovered.find(event, VILLAGE)
    assert (again.households, again.sites) == (0, [])
    assert uncovered.assign(world.village, event, VILLAGE) == (0, 0)
    clock.forward(minutes=11)
    rounds.tick()
    assert Visit.objects.count() == 7, "the deadline adds the others"


def test_what_is_found_at_such_a_door_belongs_to_somebody(event: AlertEvent, desk: Desk, newcomers: Household) -> None:
    uncovered.assign(desk.world.village, event, VILLAGE)
    fold.fold()
    tap = entering.Outcome(uuid4(), event.alert.code, newcomers.pk, Fact.MOVED)
    assert entering.enter_many(desk.world.grid, [tap])[0].ok
    fold.fold()
    row = Visit.objects.get(household=newcomers.pk)
    assert row.fact == Fact.MOVED
    assert row.closed_at is not None


def test_a_site_that_answers_need_not_be_asked(event: AlertEvent, desk: Desk) -> None:
    world, site = desk.world, SpecialSite.objects.get()
    uncovered.assign(world.village, event, VILLAGE)
    said = site_answers.Said("k", "safe", 35, SiteAnswer.Via.STAFF)
    site_answers.enter(world.grid, event, site.pk, said)
    assert "alerting.site" not in [item.kind for item in queries.todo(world.grid)]
    assert uncovered.find(event, VILLAGE).sites == []


def test_a_site_is_asked_once_for_a_warning_and_its_updates(event: AlertEvent, desk: Desk) -> None:
    world, site = desk.world, SpecialSite.objects.get()
    uncovered.assign(world.village, event, VILLAGE)
    update = desk.follow(event, Kind.UPDATE)
    rounds.tick()
    assert uncovered.find(update, VILLAGE).sites == []
    assert "alerting.site" in [item.kind for item in queries.todo(world.grid)]
    said = site_answers.Said("k", "safe", 35, SiteAnswer.Via.STAFF)
    site_answers.enter(world.grid, update, site.pk, said)
    assert "alerting.site" not in [item.kind for item in queries.todo(world.grid)]


@pytest.mark.parametrize("colour", [1, 4])
def test_nobody_owes_a_question_to_a_site_when_the_warning_is_over(desk: Desk, colour: int) -> None:
    world = desk.world
    SpecialSite.objects.create(place_id=GRID, kind=SpecialSite.Kind.CARE_HOME, name="敬老院")
    event = desk.issued(colour=colour)  # nobody is visited for a blue one
    assert uncovered.assign(world.village, event, VILLAGE)[1] == 1
    assert Obligation.objects.filter(kind="alerting.site", closed_at=None).exists()
    desk.follow(event, Kind.LIFT)
    rounds.tick()
    assert not Obligation.objects.filter(kind="alerting.site", closed_at=None).exists()


def test_it_is_for_those_who_serve_the_place_and_while_it_is_in_force(event: AlertEvent, desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        uncovered.assign(desk.world.approver, event, VILLAGE)
    with pytest.raises(NotAllowed):
        uncovered.assign(desk.world.grid, event, VILLAGE)
    lift = desk.follow(event, Kind.LIFT)
    assert uncovered.find(lift, VILLAGE).households == 0
    event.refresh_from_db()
    with pytest.raises(Conflict):
        uncovered.assign(desk.world.village, event, VILLAGE)


def test_it_has_a_page_and_operations(event: AlertEvent, desk: Desk, client: Client, newcomers: Household) -> None:
    code = event.alert.code
    desk.world.login(client, "village")
    page = client.get(f"/alerts/{code}/uncovered/{VILLAGE}/").content.decode()
    assert "001-9" in page
    assert "敬老院" in page
    assert page.count("崔庙镇 王宗店村委会") == 1, "doors stand under their village"
    data = client.get(f"/api/v1/alerts/{code}/uncovered?place={VILLAGE}").json()
    assert (data["households"], len(data["sites"])) == (2, 1)
    sent = client.post(f"/api/v1/alerts/{code}/uncovered", {"place": VILLAGE}, content_type="application/json")
    assert sent.json() == {"doors": 2, "sites": 1}
    assert client.post(f"/alerts/{code}/uncovered/{VILLAGE}/").status_code == 302
    assert "001-9" not in client.get(f"/alerts/{code}/uncovered/{VILLAGE}/").content.decode()
    desk.world.login(client, "neighbour")
    assert client.get(f"/alerts/{code}/uncovered/{VILLAGE}/").status_code == 404
