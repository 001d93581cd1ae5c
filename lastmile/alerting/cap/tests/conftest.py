"""The small city, for messages that speak of places."""

from __future__ import annotations

import pytest

from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    return World.build()
