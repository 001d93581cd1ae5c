"""By whose account messages leave: the nearest of the place, and nobody waits for another's."""

from __future__ import annotations

import json

import pytest
from pytest_django import Settings

from lastmile.alerting import desk, routes
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.contract import What
from lastmile.alerting.channels.parts import Parts
from lastmile.alerting.dispatch import lane
from lastmile.alerting.models import ChannelAccount, Manifest, Rest, Sent
from lastmile.alerting.routes import Route
from lastmile.alerting.tests.test_dispatch import Gateway, a_warning, answer, told, work
from lastmile.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
COUNTY, FIRST, SECOND = "410182", "410182109211001", "410182109211002"


@pytest.fixture
def world() -> World:
    return World.build()


@pytest.fixture
def gateways(monkeypatch: pytest.MonkeyPatch) -> dict[int, Gateway]:
    """The far side of each account, by its number."""
    found: dict[int, Gateway] = {}
    monkeypatch.setattr(routes, "made", lambda route: found.setdefault(route.account, Gateway()))
    return found


def account(place: str, *, enabled: bool = True, channel: str = "sms") -> int:
    made = ChannelAccount(place_id=place, channel=channel, kind="sms", name=place, enabled=enabled)
    made.settings, made.changed_at = json.dumps({}), clock.now()
    made.save()
    return made.pk


def places(gateway: Gateway | None, world: World) -> set[str]:
    homes = {person.pk: person.place_id for person in world.residents}
    return {homes[message.person] for message in gateway.got} if gateway else set()


def test_the_nearest_account_of_the_place_is_used(world: World, gateways: dict[int, Gateway]) -> None:
    county, grid = account(COUNTY), account(SECOND)
    account("410181")  # beside
    event, own = a_warning(), Gateway()
    work(own)
    assert own.got == []
    assert places(gateways[county], world) == {FIRST}
    assert places(gateways[grid], world) == {SECOND}
    assert told(event) == {Sent.ACCEPTED: 12}
    assert set(Manifest.objects.values_list("place", "account")) == {(FIRST, county), (SECOND, grid)}


def test_without_an_account_or_with_one_switched_off_the_settings_of_the_installation_are_used(
    world: World, gateways: dict[int, Gateway]
) -> None:
    account(COUNTY, enabled=False)
    account("410182", channel="email")
    own = Gateway()
    a_warning()
    work(own)
    assert places(own, world) == {FIRST, SECOND}
    assert all(gateway.got == [] for gateway in gateways.values())
    assert set(Manifest.objects.values_list("account", flat=True)) == {0}


def test_one_message_outside_any_warning_leaves_by_the_account_of_its_place_too(
    world: World, gateways: dict[int, Gateway], monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.CHANNELS = ["sms"]
    own = Gateway()
    monkeypatch.setitem(registry.MAKERS, "sms", lambda: own)
    county, grid = account(COUNTY), account(SECOND)
    account("4101", enabled=False)
    for place, expected in ((FIRST, county), (SECOND, grid), ("410181109", 0), ("", 0)):
        before = {number: len(gateway.got) for number, gateway in ({0: own} | gateways).items()}
        assert desk.write("sms", "+8610000000001", f"code for {place}", place=place).what is What.ACCEPTED
        after = {number: len(gateway.got) for number, gateway in ({0: own} | gateways).items()}
        assert [number for number, count in after.items() if count > before.get(number, 0)] == [expected]


def test_one_message_does_not_leave_by_anothers_account_when_its_own_can_not_be_opened(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.CHANNELS = ["sms"]
    own = Gateway()
    monkeypatch.setitem(registry.MAKERS, "sms", lambda: own)
    account(COUNTY)
    monkeypatch.setattr(routes, "made", lambda _route: None)
    assert desk.write("sms", "+8610000000001", "code", place=FIRST).what is What.REFUSED
    assert own.got == []


def test_an_account_that_fails_rests_alone(world: World, gateways: dict[int, Gateway]) -> None:
    dead = account(SECOND)
    gateways[dead] = Gateway(*[answer(What.RETRY, "no connection to the SMS gateway")] * 60, batch=1)
    own = Gateway()
    a_warning()
    work(own, until=lambda: Rest.objects.exists())
    assert places(own, world) == {FIRST}
    assert list(Rest.objects.values_list("channel", flat=True)) == [f"sms#{dead}"]


def test_an_account_that_can_not_be_opened_keeps_its_messages_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    account(SECOND)
    monkeypatch.setattr(routes, "made", lambda _route: None)
    own = Gateway()
    a_warning()
    work(own, until=lambda: Manifest.objects.filter(place=FIRST, due_at=None).exists())
    assert places(own, world) == {FIRST}
    assert Manifest.objects.get(place=SECOND).states == bytes([Sent.WAITING] * 6)


def test_what_left_is_counted_with_its_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "parts", lambda text: Parts("UCS-2", len(text), 3, 0))
    own = Gateway(answer(What.REFUSED, "number not in use"))  # the first send of three
    a_warning()
    work(own)
    rows = list(Manifest.objects.values_list("handed", "parts"))
    assert sum(handed for handed, _parts in rows) == 9
    assert sum(count for _handed, count in rows) == 9 * 3


def test_real_settings_make_a_real_channel(world: World) -> None:
    sealed = ChannelAccount(place_id=COUNTY, channel="sms", kind="smpp", name="own", changed_at=clock.now())
    sealed.settings = json.dumps({"host": "127.0.0.1", "system_id": "a", "password": "b"})
    sealed.save()
    sealed.refresh_from_db()
    assert sealed.settings is not None
    route = Route(sealed.pk, "sms", "smpp", COUNTY, sealed.settings.data, clock.now())
    channel = routes.made(route)
    assert channel is not None
    assert (channel.name, channel.can.receipts) == ("smpp", True)
    assert routes.made(route._replace(settings=b"nonsense")) is None
    assert routes.made(route._replace(kind="pigeon")) is None
