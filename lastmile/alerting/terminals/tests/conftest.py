"""The small city and its duty desk."""

from __future__ import annotations

import pytest

from lastmile.alerting.tests.conftest import Desk
from tests.world import World


@pytest.fixture
def desk(db: None) -> Desk:
    return Desk(World.build())
