from __future__ import annotations

import pytest

from lastmile.alerting.tests.conftest import Desk
from tests.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)
