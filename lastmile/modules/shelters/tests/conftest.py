"""The small city with two shelters in its village."""

from __future__ import annotations

from typing import Any

import pytest

from lastmile.alerting import door_codes
from lastmile.community.people.models import Household
from lastmile.modules.shelters.actions import register
from lastmile.modules.shelters.models import Opening, Shelter
from tests.world import World

VILLAGE, GRID, GRID2 = "410182109211", "410182109211001", "410182109211002"


@pytest.fixture
def world(db: None) -> World:
    return World.build()


def make_shelter(world: World, name: str = "王宗店小学", **facts: Any) -> Shelter:
    values: dict[str, Any] = {
        "place": world.places[VILLAGE],
        "area": world.places[VILLAGE],
        "kind": Shelter.Kind.SCHOOL,
        "capacity": 100,
        "longitude": 113.331,
        "latitude": 34.631,
    }
    return register.save(Shelter(name=name), by=world.officer, **(values | facts))


@pytest.fixture
def school(world: World) -> Shelter:
    return make_shelter(world)


def code_of(opening: Opening, home: Household) -> str:
    """As the QR of the household says it."""
    return door_codes.of(opening.incident, [home])[home.pk].whole
