"""The small city of the tests stands."""

from __future__ import annotations

import pytest
from django.test import Client

from lastmile.kernel.permissions import Perm, may
from tests.world import World


@pytest.mark.django_db
def test_an_officer_of_the_county_drafts_there_and_not_next_door(client: Client) -> None:
    world = World.build()
    assert may(world.officer, Perm.ALERT_DRAFT, "410182109211")
    assert not may(world.officer, Perm.ALERT_DRAFT, "410181")
    assert not may(world.township, Perm.ALERT_ISSUE, "410182109")
    world.login(client, "officer")
    assert client.get("/").status_code == 200
