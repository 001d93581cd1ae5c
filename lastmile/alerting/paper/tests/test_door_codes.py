"""A door keeps its number whatever happens to the register."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from lastmile.alerting import door_codes
from lastmile.alerting.models import AlertEvent, Manifest
from lastmile.alerting.paper import sheets
from lastmile.alerting.paper.tests.conftest import GRID, OTHER, VILLAGE
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.community.people.actions import add_person
from lastmile.community.people.models import Household
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict
from tests.world import World, phone


def test_doors_are_numbered_in_walking_order_then_who_lives_elsewhere(world: World, event: AlertEvent) -> None:
    found = door_codes.codes(event, GRID)
    assert [found.homes[home.pk] for home in world.households[:3]] == [1, 2, 3]
    assert found.others == {world.staff[GRID].pk: 4}


def test_a_changed_walk_does_not_change_the_numbers(world: World, event: AlertEvent) -> None:
    before = door_codes.numbers(event, GRID)
    Household.objects.filter(pk=world.households[0].pk).update(walking_order=99)
    assert door_codes.numbers(event, GRID) == before


def test_a_door_listed_later_gets_the_next_number(world: World, event: AlertEvent) -> None:
    before = door_codes.codes(event, GRID)
    home = Household.objects.create(
        place=world.places[GRID], village=GRID[:12], number="9", address="新", walking_order=0, updated_at=clock.now()
    )
    listed(event, [add_person(name="赵新", place=home.place, household=home, phone=phone())], wave=1)
    after = door_codes.codes(event, GRID)
    assert after.homes == before.homes | {home.pk: before.last + 1}


def test_an_update_of_the_warning_has_the_same_numbers(world: World, event: AlertEvent) -> None:
    before = door_codes.numbers(event, GRID)
    update = make_event(world, after=event)
    listed(update, world.residents[:6])
    Household.objects.filter(pk=world.households[0].pk).update(walking_order=99)
    assert door_codes.numbers(update, GRID) == before


def test_another_warning_has_numbers_of_its_own(world: World, event: AlertEvent) -> None:
    door_codes.numbers(event, GRID)
    other = make_event(world)
    listed(other, world.residents[2:6])
    assert sorted(door_codes.numbers(other, GRID)) == [home.pk for home in world.households[1:3]]


def test_nobody_listed_is_no_number(world: World, event: AlertEvent) -> None:
    Manifest.objects.all().delete()
    assert door_codes.codes(event, GRID).last == 0


def test_one_code_for_a_door_on_paper_and_everywhere(world: World, event: AlertEvent) -> None:
    said = door_codes.of(event, world.households[:3])
    lines = sheets.of(world.village, event, world.places[GRID], left_only=False).lines
    assert {f"{line.number}-{line.proof}" for line in lines if line.proof} == {str(code) for code in said.values()}
    update = make_event(world, after=event)
    assert door_codes.of(update, world.households[:3]) == said


def test_a_door_in_no_list_gets_the_next_number(world: World) -> None:
    made = make_event(world)
    listed(made, world.residents[2:4])
    first = door_codes.of(made, world.households[:1])[world.households[0].pk]
    assert door_codes.numbers(made, GRID) == {world.households[1].pk: 1, world.households[0].pk: 2}
    assert first.number == 2


def test_codes_that_are_known_take_one_query(
    world: World, event: AlertEvent, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    door_codes.of(event, world.households)
    with django_assert_num_queries(1):
        assert len(door_codes.of(event, world.households)) == len(world.households)


def test_doors_of_two_grids_with_the_same_code_are_asked_about(
    world: World, event: AlertEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door_codes, "code", lambda _warning, place, number: door_codes.Code(place, number, "345"))
    door_codes.of(event, world.households)
    with pytest.raises(Conflict, match="Two doors"):
        door_codes.read(event, "1-345", [GRID, OTHER])
    assert door_codes.read(event, "1-345", [OTHER]) != door_codes.read(event, f"{GRID}-1-345", [OTHER])


def test_whoever_is_in_charge_has_a_number_and_no_code(world: World, event: AlertEvent) -> None:
    (number,) = door_codes.codes(event, VILLAGE).others.values()
    with pytest.raises(door_codes.Unknown):
        door_codes.read(event, str(door_codes.code(event.warning, VILLAGE, number)), [VILLAGE])
