"""The overview shows each role what waits for it, and nothing outside its places."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from lastmile.alerting.models import Alert, AlertEvent, State
from lastmile.alerting.models.tally import Tally
from lastmile.kernel import clock
from tests.world import LOGINS, World

pytestmark = pytest.mark.django_db


def alert(world: World, state: State, *, place: str = "410182", headline: str = "暴雨红色预警") -> Alert:
    return Alert.objects.create(
        code=f"T{Alert.objects.count()}",
        place=world.places[place],
        state=state,
        hazard="rainstorm",
        colour=1,
        headline=headline,
        author=world.officer,
        created_at=clock.now(),
        changed_at=clock.now(),
        issued_at=clock.now(),
        ends_at=clock.now() + timedelta(hours=6),
    )


def issued(world: World) -> Alert:
    made = alert(world, State.ISSUED)
    event = AlertEvent.objects.create(
        alert=made,
        identifier=made.code,
        place=made.place_id,
        colour=1,
        sent_at=clock.now(),
        expires_at=clock.now() + timedelta(hours=6),
        frozen={},
    )
    for place, people, confirmed in (("410182109211001", 40, 30), ("410182108001001", 60, 0)):
        Tally.objects.create(
            event=event.pk, place=place, vulnerable=False, people=people, told=people, confirmed=confirmed
        )
    return made


def page(client: Client, world: World, login: str) -> str:
    world.login(client, login)
    return client.get("/").content.decode()


@pytest.mark.parametrize("login", LOGINS)
def test_it_opens_for_every_role_with_its_place(client: Client, login: str) -> None:
    world = World.build(people=False)
    assert world.places[LOGINS[login][1]].name in page(client, world, login)


def test_numbers_are_those_of_ones_own_places(client: Client) -> None:
    world = World.build(people=False)
    issued(world)
    assert "<dd>100</dd>" in page(client, world, "officer")
    township = page(client, world, "township")
    assert ("<dd>40</dd>" in township, "<dd>100</dd>" in township) == (True, False)
    assert "75 % " in township
    assert "暴雨红色预警" not in page(client, world, "neighbour")


def test_what_waits_for_approval_is_shown_to_the_approver_only(client: Client) -> None:
    world = World.build(people=False)
    alert(world, State.REVIEW, headline="等待审批的预警")
    assert "等您审批" in page(client, world, "approver")
    assert "等待审批的预警" in page(client, world, "officer")  # among their own drafts
    assert "等待审批的预警" not in page(client, world, "township")
    assert "等待审批的预警" not in page(client, world, "auditor")


def test_an_empty_city_is_told_its_first_steps_until_they_are_done(client: Client) -> None:
    world = World.build(people=False)
    assert "开始使用" in page(client, world, "village")
    world.settle("410182109211001", 1, 34.6, 113.3)
    assert "开始使用" not in page(client, world, "village")


def test_gaps_are_counted_within_ones_places(client: Client) -> None:
    world = World.build()
    world.login(client, "officer")
    assert "badge" in client.get("/overview/gaps/").content.decode()
    world.login(client, "auditor")
    assert client.get("/overview/gaps/").status_code == 403
