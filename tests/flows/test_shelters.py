"""Stories of a night: a village is ordered to a school, the road breaks, people come, leave, and one is missing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from lastmile.alerting import coverage
from lastmile.alerting.models import AlertEvent, Fact, Standing
from lastmile.alerting.tests.conftest import Desk
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.modules.shelters.actions import closing, orders, register, room
from lastmile.modules.shelters.actions.checkin import Result, Tap, enter
from lastmile.modules.shelters.actions.orders import Source
from lastmile.modules.shelters.models import Opening, Shelter, Stay
from lastmile.modules.shelters.queries import roll
from tests.world import World

VILLAGE, GRID, GRID2 = "410182109211", "410182109211001", "410182109211002"


@pytest.fixture
def world(db: None) -> World:
    return World.build()


class Night:
    """The village in a warning, told by who does what."""

    def __init__(self, world: World) -> None:
        self.world, self.desk = world, Desk(world)
        self.first = self.desk.issued()

    def opens(self, name: str, capacity: int) -> Opening:
        place = self.world.places[VILLAGE]
        facts = {"place": place, "area": place, "kind": Shelter.Kind.SCHOOL, "capacity": capacity}
        shelter = register.save(Shelter(name=name), by=self.world.officer, **facts)
        return room.open_shelter(self.world.village, self.first, shelter)

    def family(self, number: int) -> tuple[int, ...]:
        rows = Stay.objects.filter(household=self.world.households[number], incident=self.first)
        return tuple(rows.order_by("pk").values_list("pk", flat=True))

    def keeper(self, opening: Opening, act: str, stays: tuple[int, ...] = (), **more: Any) -> Result:
        result = enter(self.world.users["keeper"], opening, Tap(uuid4(), act, stays=stays, **more))
        assert result.ok, result.says
        return result

    def counts(self, place: str = VILLAGE) -> tuple[int, int, int, int]:
        """(listed, checked in, elsewhere, missing)."""
        found = roll.of(self.first, place)
        assert found.listed == found.came + found.elsewhere + found.missing
        return found.listed, found.came, found.elsewhere, found.missing


def moved(event: AlertEvent) -> int:
    coverage.fold()
    return Standing.objects.filter(event=event.pk, fact=Fact.MOVED).count()


def test_a_village_goes_to_the_school_until_the_last_name(world: World) -> None:
    night = Night(world)
    school = night.opens("东岭小学", 20)
    orders.give(world.village, night.first, Source(world.places[VILLAGE]), school, route="走东岭路，不过桥")
    assert night.counts() == (12, 0, 0, 12)
    clock.forward(minutes=20)
    for number in range(4):
        night.keeper(school, "in", night.family(number))
    assert night.counts() == (12, 8, 0, 4)
    assert night.counts(GRID) == (6, 6, 0, 0)
    night.keeper(school, "elsewhere", night.family(4), where="relatives")
    assert night.counts() == (12, 8, 2, 2)
    last = list(roll.missing(night.first, VILLAGE))
    assert {stay.household_id for stay in last} == {world.households[5].pk}
    assert last[0].vulnerable
    assert moved(night.first) == 10


def test_the_road_breaks_and_those_who_have_not_come_go_elsewhere(world: World) -> None:
    night = Night(world)
    school, hall = night.opens("东岭小学", 20), night.opens("文化礼堂", 8)
    order = orders.give(world.village, night.first, Source(world.places[VILLAGE]), school)
    night.keeper(school, "in", night.family(0) + night.family(1))
    orders.change(world.village, order, hall, reason="东岭路塌方")
    assert [Opening.objects.get(pk=one.pk).held for one in (school, hall)] == [4, 8]
    assert roll.by_opening(Opening.objects.get(pk=hall.pk)).missing == 8
    assert night.counts() == (12, 4, 0, 8)
    result = night.keeper(school, "in", night.family(2))  # they had already passed the slide
    assert result.says == ""
    assert [Opening.objects.get(pk=one.pk).held for one in (school, hall)] == [6, 6]


def test_a_keeper_without_a_network_and_a_grid_worker_disagree_and_the_later_one_stands(world: World) -> None:
    night = Night(world)
    school = night.opens("东岭小学", 20)
    orders.give(world.village, night.first, Source(world.places[GRID]), school)
    clock.forward(hours=1)
    seen = clock.now() - timedelta(minutes=40)
    clock.forward(minutes=5)
    night.keeper(school, "in", night.family(0))
    night.keeper(school, "out", night.family(0), where="relatives")
    late = night.keeper(school, "in", night.family(0), at=seen)  # from a phone that had no network
    assert "以它为准" in late.says
    assert night.counts(GRID) == (6, 0, 2, 4)


def test_an_update_in_the_middle_changes_nobody_and_the_all_clear_ends_it(world: World) -> None:
    night = Night(world)
    school = night.opens("东岭小学", 20)
    orders.give(world.village, night.first, Source(world.places[GRID]), school)
    night.keeper(school, "in", night.family(0))
    update = night.desk.follow(night.first, "update", description="雨势加大，沟河已涨水。")
    night.keeper(school, "in", night.family(1))
    assert night.counts(GRID) == (6, 4, 0, 2)
    assert moved(update) == 2
    night.desk.follow(update, "lift")
    assert closing.tidy() == 1  # the keeper is asked
    assert Obligation.objects.filter(kind="shelters.close", closed_at=None).count() == 1
    closing.close(world.users["keeper"], Opening.objects.get(pk=school.pk), home=True)
    assert night.counts(GRID) == (6, 0, 4, 2)
    assert not Obligation.objects.filter(kind__startswith="shelters.", closed_at=None).exists()
    assert Opening.objects.get(pk=school.pk).figures["ever"] == 4


def test_nothing_happens_to_anybody_when_no_shelter_is_open(world: World) -> None:
    night = Night(world)
    assert night.counts() == (0, 0, 0, 0)
    assert closing.tidy() == 0
    assert moved(night.first) == 0
    assert not Obligation.objects.filter(kind__startswith="shelters.").exists()
