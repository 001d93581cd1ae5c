"""The public page of shelters: open ones with room, nothing of exercises, nothing about people."""

from __future__ import annotations

import pytest
from django.test import Client

from lastmile.alerting.tests.answering import make_event
from lastmile.kernel import clock
from lastmile.modules.shelters.actions import room
from lastmile.modules.shelters.models import Opening
from lastmile.modules.shelters.tests.conftest import make_shelter
from tests.world import World

pytestmark = pytest.mark.django_db


def opened(world: World, *, exercise: bool = False) -> Opening:
    event = make_event(world, exercise=exercise)
    return room.open_shelter(world.officer, event, make_shelter(world, contact="0371-64600000"))


def page(client: Client, query: str = "") -> str:
    answer = client.get(f"/w/shelters/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_an_open_one_with_room_is_listed_with_its_places(client: Client, world: World) -> None:
    opening = opened(world)
    html = page(client)
    assert "王宗店小学" in html
    assert "还有 100 个空位" in html
    assert "0371-64600000" in html
    Opening.objects.filter(pk=opening.pk).update(held=100)
    assert "王宗店小学" not in page(client)


def test_a_closed_one_is_not(client: Client, world: World) -> None:
    opening = opened(world)
    Opening.objects.filter(pk=opening.pk).update(closed_at=clock.now())
    assert "王宗店小学" not in page(client)
    assert "王宗店小学" not in page(client)


def test_one_of_an_exercise_is_never_listed(client: Client, world: World) -> None:
    opened(world, exercise=True)
    assert "王宗店小学" not in page(client)


def test_it_is_found_by_the_place_below_and_above(client: Client, world: World) -> None:
    opened(world)
    assert "王宗店小学" in page(client, "?place=410182")
    assert "王宗店小学" in page(client, "?place=410182109211")
    assert "王宗店小学" not in page(client, "?place=410182109205")
