"""The resident's page: where to go, the number to show, and the word that they are elsewhere; the rest unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from lastmile.alerting import door, door_codes, links
from lastmile.alerting.door import extras, warning
from lastmile.alerting.door.http import Pace
from lastmile.alerting.models import AlertEvent, Fact
from lastmile.alerting.tests.answering import make_event
from lastmile.alerting.tests.test_door import Inline, go
from lastmile.community.people.models import Person
from lastmile.kernel import clock
from lastmile.modules.shelters import resident
from lastmile.modules.shelters.actions import orders, room
from lastmile.modules.shelters.actions.orders import Source
from lastmile.modules.shelters.models import Opening, Stay
from lastmile.modules.shelters.queries import roll
from lastmile.modules.shelters.tests.conftest import GRID, make_shelter
from lastmile.modules.shelters.tests.test_checkin import fact_of
from tests.world import World


@pytest.fixture(autouse=True)
def _inline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(door, "visits", Inline(door.visits.work))
    monkeypatch.setattr(door, "paces", Pace(600, 60.0))
    warning.forget()
    resident.forget()
    yield
    warning.forget()
    resident.forget()


@pytest.fixture
def event(world: World) -> AlertEvent:
    return make_event(world)


@pytest.fixture
def ordered(world: World, event: AlertEvent) -> Opening:
    opening = room.open_shelter(world.officer, event, make_shelter(world, address="中心街 8 号"))
    orders.give(world.village, event, Source(world.places[GRID]), opening, route="走东岭路")
    return opening


def path(event: AlertEvent, person: Person) -> str:
    return "/r/" + links.token(event.pk, person.pk)


def answer(event: AlertEvent, person: Person, act: str) -> str:
    found = re.search(r'name="n" value="([^"]+)"', go(path(event, person)).text)
    assert found is not None
    return go(path(event, person), method="POST", body=f"a={act}&n={found[1]}".encode()).text


def test_who_is_ordered_sees_the_shelter_the_way_a_map_and_the_number(
    world: World, event: AlertEvent, ordered: Opening
) -> None:
    page = go(path(event, world.residents[0])).text
    number = str(door_codes.of(event, [world.households[0]])[world.households[0].pk])
    for part in ("您的避难场所", "王宗店小学", "中心街 8 号", "走东岭路", number, "geo:34.631000,113.331000", "<svg"):
        assert part in page
    assert len(page.encode()) < 20_000
    assert "%%" not in page


def test_who_is_not_ordered_sees_nothing_of_it(world: World, event: AlertEvent, ordered: Opening) -> None:
    other = go(path(event, world.residents[8])).text
    assert "您的避难场所" not in other
    assert "立即离开河边" in other


def test_the_page_speaks_the_readers_language(world: World, event: AlertEvent, ordered: Opening) -> None:
    page = go(path(event, world.residents[0]), query="lang=en").text
    assert "Your shelter" in page
    assert "I am with relatives or friends" in page


def test_one_tap_says_that_they_are_with_relatives_and_one_takes_it_back(
    world: World, event: AlertEvent, ordered: Opening
) -> None:
    person = world.residents[0]
    assert "投亲靠友" in answer(event, person, "kin")
    assert (roll.of(event).elsewhere, roll.of(event).missing) == (1, 5)
    assert fact_of(event, person) == Fact.MOVED
    answer(event, person, "undo")
    assert (roll.of(event).elsewhere, roll.of(event).missing) == (0, 6)
    assert fact_of(event, person) is None


def test_an_order_withdrawn_leaves_the_page_as_it_was(world: World, event: AlertEvent, ordered: Opening) -> None:
    orders.withdraw(world.village, ordered.orders.get(), reason="水退了")
    assert "您的避难场所" not in go(path(event, world.residents[0])).text


def test_a_part_that_fails_is_left_out_and_the_page_is_there(
    world: World, event: AlertEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> dict[int, bytes]:
        raise RuntimeError("no")

    monkeypatch.setitem(extras._EXTRAS, "broken", extras.Extra("broken", broken))
    page = go(path(event, world.residents[0]))
    assert page.status == 200
    assert "立即离开河边" in page.text


def test_a_shelter_that_has_closed_stands_on_nobodys_page(world: World, event: AlertEvent, ordered: Opening) -> None:
    Opening.objects.filter(pk=ordered.pk).update(closed_at=clock.now())
    assert "您的避难场所" not in go(path(event, world.residents[0])).text


def test_who_has_gone_home_is_sent_nowhere(world: World, event: AlertEvent, ordered: Opening) -> None:
    Stay.objects.filter(person=world.residents[0]).update(state=Stay.State.HOME)
    assert "您的避难场所" not in go(path(event, world.residents[0])).text
