"""By whose account whoever must answer is called: the nearest of the place, counted, and nobody waits for another's."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db.models import Sum

from lastmile.alerting import heard, routes, senders
from lastmile.alerting.accounts import costs
from lastmile.alerting.cascade import calling, lanes, tick
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.contract import Message, Outcome
from lastmile.alerting.channels.tests.telephone import Telephone
from lastmile.alerting.models import CallAttempt, ChannelAccount, Manifest
from lastmile.alerting.readiness import plans, rounds
from lastmile.alerting.tests.conftest import Desk
from lastmile.alerting.tests.test_dispatch import Gateway, work
from lastmile.kernel import clock
from tests.world import World

COUNTY, TOWN, VILLAGE = "410182", "410182109", "410182109211"


@pytest.fixture
def world() -> World:
    return World.build()


@pytest.fixture
def gateways(monkeypatch: pytest.MonkeyPatch, settings: Any) -> dict[int, Gateway]:
    """The far side of each account, by its number; 0 is the installation's own."""
    settings.CHANNELS = ["web", "sms"]
    found: dict[int, Gateway] = {0: Gateway()}
    monkeypatch.setattr(routes, "made", lambda route: found.setdefault(route.account, Gateway()))
    monkeypatch.setitem(registry.MAKERS, "sms", lambda: found[0])
    return found


def account(place: str, *, channel: str = "sms", price: str = "0.05") -> int:
    made = ChannelAccount(place_id=place, channel=channel, kind=channel, name=place, price=price)
    made.settings, made.changed_at = json.dumps({"url": "https://sms.example", "secret": "s"}), clock.now()
    made.save()
    return made.pk


def warned(world: World) -> None:
    """Everybody who must answer is to be called by SMS."""
    Desk(world).issued(channels=["web"], audience={"places": [TOWN], "groups": ["responsible"]})
    tick.tick()


def called(gateway: Gateway) -> set[int]:
    return {message.person for message in gateway.got}


@pytest.mark.django_db
def test_a_post_is_called_by_the_nearest_account_of_its_place(world: World, gateways: dict[int, Gateway]) -> None:
    town, village = account(TOWN), account(VILLAGE)
    account("410181")  # beside
    warned(world)
    while calling.once("w"):
        pass
    by_place = dict(CallAttempt.objects.values_list("place", "account"))
    assert by_place[VILLAGE] == village
    assert by_place[TOWN] == town
    assert by_place[COUNTY] == 0
    for number in (0, town, village):
        rows = CallAttempt.objects.filter(account=number)
        assert called(gateways[number]) == set(rows.values_list("person", flat=True)) != set()


@pytest.mark.django_db
def test_what_was_called_stands_in_the_costs_of_the_month(world: World, gateways: dict[int, Gateway]) -> None:
    town = account(TOWN)
    warned(world)
    while calling.once("w"):
        pass
    gone = CallAttempt.objects.filter(account=town, state="accepted")
    assert gone.exists()
    found = costs.of_month(_Everywhere(), costs.month_of(""))
    rows = {row.account: row for row in found if row.account}
    assert rows[town].messages == gone.count()
    assert rows[town].parts == sum(gone.values_list("parts", flat=True)) >= gone.count()
    assert rows[town].yuan == rows[town].price * rows[town].parts > 0
    assert sum(row.messages for row in found) == CallAttempt.objects.filter(state="accepted").count() > gone.count()


class _Everywhere:
    pk = 1

    def scopes(self, _perm: object) -> tuple[str, ...]:
        return ("41",)


class Standstill(Gateway):
    """A far side that answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        while not self.let.is_set():
            await asyncio.sleep(0.01)
        return await super().send(batch)


@pytest.mark.django_db
def test_an_account_that_stands_still_holds_up_nobody_else(world: World, gateways: dict[int, Gateway]) -> None:
    town = account(TOWN)
    gateways[town] = slow = Standstill()
    warned(world)
    caller = calling.Caller("w")
    caller.round(patience=0.3)
    assert called(gateways[0]) != set()
    assert set(CallAttempt.objects.filter(account=0).values_list("state", flat=True)) == {"accepted"}
    held = CallAttempt.objects.filter(account=town)
    assert set(held.values_list("state", flat=True)) == {"sending"}
    assert caller.round(patience=0) == 0, "nothing more is claimed for it"
    slow.let.set()
    assert caller.round(patience=5) == held.count()
    assert set(held.values_list("state", flat=True)) == {"accepted"}


@pytest.mark.django_db
def test_an_account_that_can_not_be_opened_keeps_its_calls_waiting(
    world: World, gateways: dict[int, Gateway], monkeypatch: pytest.MonkeyPatch
) -> None:
    account(TOWN)
    monkeypatch.setattr(routes, "made", lambda _route: None)
    warned(world)
    while calling.once("w"):
        pass
    assert set(CallAttempt.objects.filter(place=TOWN).values_list("state", flat=True)) == {"waiting"}
    assert set(CallAttempt.objects.filter(place=COUNTY).values_list("state", flat=True)) == {"accepted"}


@pytest.mark.django_db
def test_lines_are_those_of_each_account(world: World, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CHANNELS = ["web", "voice"]
    monkeypatch.setitem(registry.MAKERS, "voice", lambda: Telephone(lines=1))
    monkeypatch.setattr(routes, "made", lambda _route: Telephone(lines=2))
    account(VILLAGE, channel="voice")
    warned_by_voice(world)
    taken = [len(calling.claim(lane, "w")) for lane in lanes.now() if lane.channel == "voice"]
    assert taken == [1, min(2, CallAttempt.objects.filter(place__startswith=VILLAGE).count())]


def warned_by_voice(world: World) -> None:
    Desk(world).issued(channels=["web"], audience={"places": [TOWN], "groups": ["responsible"]})
    tick.tick()


@pytest.mark.django_db
def test_each_gateway_is_asked_about_its_own_calls(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CHANNELS = ["web", "voice"]
    phones = {0: Telephone(), 1: Telephone()}
    asked: dict[int, list[str]] = {0: [], 1: []}
    for number, phone in phones.items():
        monkeypatch.setattr(phone, "ask", _asking(asked[number]))
    county = account(COUNTY, channel="voice")
    monkeypatch.setitem(registry.MAKERS, "voice", lambda: phones[0])
    monkeypatch.setattr(senders, "make", lambda *_values: phones[1])
    monkeypatch.setattr(routes, "made", lambda _route: phones[1])
    warned_by_voice(world)
    CallAttempt.objects.filter(place=TOWN).update(place="4101")
    while calling.once("w"):
        pass
    ChannelAccount.objects.update(enabled=False)  # what has left by it is asked all the same
    clock.forward(seconds=90)
    heard.ask()
    assert asked[0]
    assert asked[1]
    assert len(asked[1]) == CallAttempt.objects.filter(account=county).count()


def _asking(keys: list[str]) -> object:
    async def ask(wanted: Sequence[str]) -> list[object]:
        keys.extend(wanted)
        return []

    return ask


@pytest.mark.django_db(transaction=True)
def test_a_reachability_test_leaves_by_the_account_of_the_place(world: World, gateways: dict[int, Gateway]) -> None:
    """It goes through the ledger, as a warning does: account and cost are those of the place."""
    county = account(COUNTY)
    with clock.frozen(datetime(2026, 11, 24, 10, 0, tzinfo=clock.BEIJING)):
        plans.start(world.officer, world.places[COUNTY], whom="all", share=50, from_hour=9, to_hour=17)
        assert rounds.tick() > 0
        work(gateways[0])
    assert set(Manifest.objects.values_list("account", flat=True)) == {county}
    assert len(gateways[county].got) == Manifest.objects.aggregate(n=Sum("handed"))["n"] > 0
    assert gateways[0].got == []
