"""A warning with everybody of two grids on the list, two hours old."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from lastmile.alerting.models import AlertEvent, Sent
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.kernel import clock
from tests.world import World

GRID, OTHER, VILLAGE, TOWNSHIP = "410182109211001", "410182109211002", "410182109211", "410182109"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """What is called without a page speaks English."""
    with translation.override("en"):
        yield


@pytest.fixture
def world(db: None) -> World:
    return World.build()


@pytest.fixture
def event(world: World) -> AlertEvent:
    found = make_event(world, hours=12)
    listed(found, [*world.residents, world.staff[VILLAGE], world.staff[GRID]], state=Sent.ACCEPTED)
    clock.forward(hours=2)
    return found
