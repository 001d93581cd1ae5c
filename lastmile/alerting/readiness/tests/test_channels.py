"""The daily round over the channels: asked by day, once, again after a failure; what fails is owed until it works."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from pytest_django.fixtures import Settings

from lastmile.alerting import desk
from lastmile.alerting.channels.contract import ACCEPTED, Health, Outcome, What
from lastmile.alerting.channels.said import again, kept, said
from lastmile.alerting.models import ChannelAccount, ChannelCheck
from lastmile.alerting.readiness import channels
from lastmile.alerting.tests.answering import make_event
from lastmile.duties import queries
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.clock import BEIJING
from tests.world import World

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=BEIJING)


class FarSides:
    """What stands behind the channels here."""

    def __init__(self) -> None:
        self.down: set[str] = set()
        self.asked: list[str] = []
        self.sent: list[tuple[str, str]] = []
        self.takes: Outcome = ACCEPTED

    def health(self, name: str) -> Health:
        self.asked.append(name)
        if name == "email" and "broken" in self.down:
            raise RuntimeError("no such host")
        return Health(name not in self.down, "no answer" if name in self.down else "")

    def message(self, name: str, address: str) -> Outcome:
        self.sent.append((name, address))
        return self.takes


@pytest.fixture(autouse=True)
def _morning(settings: Settings) -> Iterator[None]:
    settings.CHANNELS, settings.CHANNEL_TESTS = ["sms", "email"], {}
    with clock.frozen(TUESDAY), translation.override("en"):
        yield


@pytest.fixture
def world(db: None) -> World:
    return World.build()


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch, world: World) -> FarSides:
    made = FarSides()
    monkeypatch.setattr(desk, "health", made.health)
    monkeypatch.setattr(desk, "test_message", made.message)
    return made


def owed() -> list[tuple[Any, ...]]:
    return list(Obligation.objects.filter(kind="alerting.channel", closed_at=None).values_list("key", "perm"))


def test_every_channel_is_asked_once_a_day(far: FarSides) -> None:
    assert [channels.tick(), channels.tick()] == [2, 0]
    assert far.asked == ["sms", "email"]
    assert [one.channel for one in channels.results() if one.ok and not one.old] == ["sms", "email"]
    with clock.frozen(TUESDAY.replace(day=25, hour=8)):
        assert channels.tick() == 2
    assert (owed(), far.sent) == ([], [])


@pytest.mark.parametrize("hour", [0, 3, 7, 20, 23])
def test_never_at_night(far: FarSides, hour: int) -> None:
    with clock.frozen(TUESDAY.replace(hour=hour)):
        assert channels.tick() == 0
    assert far.asked == []


def test_what_fails_is_owed_by_those_who_set_up_the_system_until_it_works(far: FarSides, world: World) -> None:
    far.down = {"sms"}
    channels.tick()
    assert owed() == [("sms", "site:system:configure")]
    assert [one.key for one in queries.todo(world.users["system"])] == ["sms"]
    assert not queries.todo(world.officer).filter(kind="alerting.channel").exists()
    clock.forward(minutes=59)
    assert channels.tick() == 0
    clock.forward(minutes=2)
    assert channels.tick() == 1, "only what failed is asked again within the day"
    assert len(owed()) == 1
    far.down = set()
    clock.forward(hours=1)
    channels.tick()
    assert owed() == []
    far.down = {"sms"}
    clock.forward(days=1)
    channels.tick()
    assert len(owed()) == 1, "it is owed again when it fails again"


def test_a_channel_that_breaks_stops_no_other(far: FarSides) -> None:
    far.down = {"broken"}
    channels.tick()
    assert [(one.channel, one.ok) for one in channels.results()] == [("sms", True), ("email", False)]
    assert "no such host" in channels.results()[1].says


def test_a_test_message_goes_to_the_own_address_and_its_refusal_is_a_failure(far: FarSides, settings: Settings) -> None:
    settings.CHANNEL_TESTS = {"sms": "13900000000"}
    channels.tick()
    assert far.sent == [("sms", "13900000000")]
    assert [one.sent for one in channels.results()] == [True, False]
    far.takes = Outcome(What.REFUSED, "no credit")
    clock.forward(days=1)
    channels.tick()
    assert [(one.ok, "no credit" in one.says) for one in channels.results()] == [(False, True), (True, False)]


def test_no_message_on_days_off_nor_while_a_warning_is_in_force(
    far: FarSides, settings: Settings, world: World
) -> None:
    settings.CHANNEL_TESTS = {"sms": "13900000000"}
    make_event(world)
    assert channels.tick() == 2
    with clock.frozen(datetime(2026, 11, 28, 10, 0, tzinfo=BEIJING)):  # Saturday
        assert channels.tick() == 2
    assert far.sent == []


def test_one_that_was_never_answered_because_its_worker_died_is_asked_anew(far: FarSides) -> None:
    for name in ("sms", "email"):
        ChannelCheck.objects.create(channel=name, asked_at=clock.now())
    assert channels.tick() == 0
    assert all(one.at is None for one in channels.results())
    clock.forward(minutes=11)
    assert channels.tick() == 2


def test_the_pages_and_the_api_show_result_and_age(far: FarSides, world: World, client: Client) -> None:
    world.login(client, "officer")
    assert "尚未检查" in client.get("/readiness/").content.decode()
    far.down = {"sms"}
    channels.tick()
    clock.forward(hours=31)
    for url in ("/channels/", "/readiness/"):
        page = client.get(url).content.decode()
        assert "no answer" in page
        assert "超过一天" in page
    (sms, email) = client.get("/api/v1/readiness/channels").json()
    assert (sms["ok"], sms["says"], email["ok"]) == (False, "no answer", True)
    world.login(client, "system")
    assert client.get("/api/v1/readiness/channels").status_code == 403


def test_what_was_found_is_said_in_the_language_of_whoever_reads_it(
    world: World, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    dead = Health(ok=False, says=said("The gateway answers with error %(code)d.", code=503))
    monkeypatch.setattr(desk, "health", lambda _name: dead)
    with translation.override("en"):
        channels.tick()
    kept = ChannelCheck.objects.filter(channel="sms").get().says
    assert "error" in kept, "a message with its values, and no finished sentence of any language"
    assert "503" in kept
    world.login(client, "officer")
    for language, says in (("zh-hans", "网关返回错误 503"), ("en", "answers with error 503")):
        client.cookies["django_language"] = language
        assert says in client.get("/readiness/").content.decode()


def test_a_reason_inside_is_said_in_that_language_too(world: World, far: FarSides, settings: Settings) -> None:
    settings.CHANNEL_TESTS = {"sms": "13900000000"}
    far.takes = Outcome(What.RETRY, "no connection to the SMS gateway")
    channels.tick()
    with translation.override("zh-hans"):
        (result,) = [one for one in channels.results() if one.channel == "sms"]
        assert "短信网关" in result.says
    with translation.override("en"):
        (result,) = [one for one in channels.results() if one.channel == "sms"]
        assert "no connection to the SMS gateway" in result.says


def test_sentences_of_older_rounds_and_of_far_sides_stay_as_they_are() -> None:
    assert again("OSError: no route to host") == "OSError: no route to host"
    assert again("[[broken") == "[[broken"
    assert again(kept(said("no such message %(n)d", n=1))) == "no such message 1"
    assert again('[["%(lost)s values", {}]]') == "%(lost)s values"


def test_the_account_of_a_place_is_asked_too_and_owed_at_its_place(
    world: World, far: FarSides, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = ChannelAccount(place_id="410182", channel="sms", kind="sms", name="荥阳移动", changed_at=clock.now())
    account.settings = json.dumps({"url": "https://sms.example.cn/", "secret": "s"})
    account.save()
    answers = Health(ok=False, says=said("The gateway answers."))
    monkeypatch.setattr(desk, "ask", lambda _channel: answers)
    channels.tick()
    (result,) = [one for one in channels.results() if one.account]
    assert (result.ok, result.channel, result.account) == (False, "sms", account.pk)
    assert "荥阳移动" in result.label
    owed = Obligation.objects.get(key=f"sms#{account.pk}")
    assert (owed.place_id, owed.closed_at) == ("410182", None)
    monkeypatch.setattr(desk, "ask", lambda _channel: Health(ok=True, says=""))
    clock.forward(hours=2)
    channels.tick()
    owed.refresh_from_db()
    assert owed.closed_at is not None
    ChannelAccount.objects.update(enabled=False)
    assert not [one for one in channels.results() if one.account]
