"""The small city, as in the other tests of the room."""

from __future__ import annotations

import pytest

from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    return World.build()
