"""The small city, whose first grid has somebody who works in it."""

from __future__ import annotations

import pytest

from lastmile.alerting.plan_areas.tests.areas import GRID
from lastmile.alerting.tests.conftest import Desk
from tests.world import World


@pytest.fixture
def desk(db: None) -> Desk:
    made = Desk(World.build())
    made.world.grid.person = made.world.staff[GRID]
    made.world.grid.save()
    return made
