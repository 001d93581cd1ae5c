"""A door keeps its number whatever happens to the register."""

from __future__ import annotations

from lastmile.alerting import door_codes
from lastmile.alerting.models import AlertEvent, Manifest
from lastmile.alerting.paper.tests.conftest import GRID
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.community.people.actions import add_person
from lastmile.community.people.models import Household
from lastmile.kernel import clock
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
