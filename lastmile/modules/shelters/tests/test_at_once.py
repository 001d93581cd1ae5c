"""Two requests at once: nobody comes into a shelter that has just closed, nothing deadlocks, one tap is one entry."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from lastmile.alerting.models import Alert
from lastmile.alerting.tests.answering import make_event
from lastmile.community.accounts.models import User
from lastmile.modules.shelters.actions import closing, moves, orders, room
from lastmile.modules.shelters.actions.checkin import Tap, enter
from lastmile.modules.shelters.actions.orders import Source
from lastmile.modules.shelters.models import Move, Opening, Order, Stay
from lastmile.modules.shelters.tests.conftest import GRID, GRID2, make_shelter
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], object]) -> list[object]:
    def run(act: Callable[[], object]) -> object:
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as people:
        return [one.result(30) for one in [people.submit(run, act) for act in acts]]


class Night:
    """Two open shelters, and a grid ordered to each."""

    def __init__(self) -> None:
        self.world = World.build()
        self.event = make_event(self.world)
        self.rooms = [
            room.open_shelter(self.world.officer, self.event, make_shelter(self.world, name))
            for name in ("小学", "礼堂")
        ]
        self.orders = [
            orders.give(self.world.village, self.event, Source(self.world.places[grid]), opening)
            for grid, opening in zip((GRID, GRID2), self.rooms, strict=True)
        ]


def test_two_officers_exchange_the_shelters_of_two_grids(monkeypatch: pytest.MonkeyPatch) -> None:
    night, both = Night(), Barrier(2)
    begin = orders._begin

    def together(by: User, order: Order, reason: str) -> list[Stay]:
        waiting = begin(by, order, reason)
        both.wait(10)
        return waiting

    monkeypatch.setattr(orders, "_begin", together)

    def change(number: int) -> Order:
        return orders.change(night.world.village, night.orders[number], night.rooms[1 - number], reason="路断")

    for _new in at_once(lambda: change(0), lambda: change(1)):
        assert isinstance(_new, Order)
    assert [one.held for one in Opening.objects.order_by("pk")] == [6, 6]


def test_who_comes_while_the_shelter_closes_is_told_and_not_counted_there(monkeypatch: pytest.MonkeyPatch) -> None:
    night = Night()
    Alert.objects.filter(pk=night.event.alert_id).update(state="lifted")
    school, keeper = night.rooms[0], night.world.users["keeper"]
    come_in = moves.come_in

    def slowly(act: moves.Act, stays: list[Stay], **more: int | None) -> None:
        come_in(act, stays, **more)
        at_once(lambda: closing.close(keeper, school))

    monkeypatch.setattr(moves, "come_in", slowly)
    stays = tuple(Stay.objects.filter(household=night.world.households[0]).values_list("pk", flat=True))
    result = enter(keeper, school, Tap(uuid4(), "in", stays=stays))
    assert (result.ok, "已关闭" in result.says) == (False, True)
    assert not Stay.objects.filter(state=Stay.State.IN).exists()
    assert not Move.objects.exists()


def test_a_stranger_sent_twice_at_once_is_one_entry() -> None:
    night, both = Night(), Barrier(2)
    school, tap = night.rooms[0], Tap(uuid4(), "walk-in", name="过路人", heads=3)

    def send() -> bool:
        both.wait(10)
        return enter(
            night.world.users["keeper"],
            Opening.objects.select_related("shelter", "incident__alert").get(pk=school.pk),
            tap,
        ).ok

    assert at_once(send, send) == [True, True]
    assert Opening.objects.get(pk=school.pk).held == 9
    assert Stay.objects.filter(person=None).count() == 1
