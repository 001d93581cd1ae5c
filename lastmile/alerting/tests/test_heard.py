"""What a voice gateway reports: half heard is not confirmed, and the halves may come in any order."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from lastmile.alerting import coverage, fallback, heard
from lastmile.alerting.channels import signing
from lastmile.alerting.channels.voice.callbacks import Report
from lastmile.alerting.models import AlertEvent, Cause, Fact, Manifest, Receipt, Sent
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.community.people.models import Contact, Person
from lastmile.kernel import clock
from lastmile.kernel.errors import Refusal
from tests.world import World

SECRET = "the gateway's"


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    settings.CHANNELS, settings.VOICE_GATEWAY_SECRET, settings.VOICE_GATEWAY_VENDOR = (
        ["voice", "sms", "web"],
        SECRET,
        "",
    )
    world = World.build()
    clock.forward(minutes=1)
    return world


@pytest.fixture
def event(world: World) -> AlertEvent:
    made = make_event(world, channels=["voice", "sms"])
    listed(made, world.residents[:3], channel="voice", state=Sent.ACCEPTED)
    Manifest.objects.filter(event=made).update(settled_at=clock.now())
    return made


@pytest.fixture
def person(world: World) -> Person:
    return world.residents[0]


def key(event: AlertEvent, person: Person, wave: int = 0) -> str:
    return f"{event.pk}-{person.pk}-voice-{wave}"


def told(event: AlertEvent, person: Person, *what: str, wave: int = 0) -> int:
    """The gateway's reports, each as “heard” or “key 1”, in one call back."""
    parts = [one.partition(" ") for one in what]
    return heard.take([Report(key(event, person, wave), word, clock.now(), digit) for word, _space, digit in parts])


def facts(person: Person) -> set[int]:
    coverage.fold()
    return set(Receipt.objects.filter(person=person.pk).values_list("fact", flat=True))


def test_the_whole_message_and_a_key_confirm_in_whatever_order_they_are_told(world: World, event: AlertEvent) -> None:
    steps = ("answered", "heard", "key 1", "hung_up")
    orders = list(itertools.permutations(steps))[: len(world.residents)]
    for person, order in zip(world.residents, orders, strict=False):
        for what in order:
            told(event, person, what)
        assert facts(person) == {Fact.DELIVERED, Fact.READ, Fact.CONFIRMED}
        assert Receipt.objects.get(person=person.pk, fact=Fact.CONFIRMED).key == f"{key(event, person)}:1"


def test_reports_that_come_again_add_nothing(event: AlertEvent, person: Person) -> None:
    assert told(event, person, "answered", "heard", "key 2", "hung_up") == 5
    assert told(event, person, "hung_up", "key 2", "answered", "heard") == 0
    assert facts(person) == {Fact.DELIVERED, Fact.READ, Fact.MOVED}


def test_half_heard_confirms_nothing(event: AlertEvent, person: Person) -> None:
    told(event, person, "answered", "key 1", "hung_up")
    assert facts(person) == {Fact.DELIVERED}
    told(event, person, "heard")
    assert Fact.CONFIRMED in facts(person)


def test_heard_without_a_key_is_opened_and_not_confirmed(event: AlertEvent, person: Person) -> None:
    told(event, person, "answered", "heard", "hung_up")
    assert facts(person) == {Fact.DELIVERED, Fact.READ}


def test_who_asks_for_help_need_not_listen_to_the_end(event: AlertEvent, person: Person) -> None:
    told(event, person, "answered", "key 3")
    assert Fact.NEEDS_HELP in facts(person)
    told(event, person, "heard", "hung_up")
    assert Receipt.objects.filter(person=person.pk, fact=Fact.NEEDS_HELP).count() == 1


def test_a_key_that_was_not_offered_means_nothing(event: AlertEvent, person: Person) -> None:
    told(event, person, "answered", "heard", "key 9", "hung_up")
    assert facts(person) == {Fact.DELIVERED, Fact.READ}


@pytest.mark.parametrize("end", ["busy", "no_answer", "failed"])
def test_whom_nobody_could_ring_is_told_on_the_next_channel(event: AlertEvent, person: Person, end: str) -> None:
    told(event, person, end)
    assert facts(person) == {Fact.FAILED}
    clock.forward(seconds=1)
    fallback.fall_back()
    waves = Manifest.objects.filter(event=event, cause=Cause.FALLBACK)
    assert [(wave.channel, wave.person_ids) for wave in waves] == [("sms", [person.pk])]
    assert Contact.objects.get(person=person, kind="phone").unusable_at is None  # it may be free the next time


def test_a_number_that_does_not_exist_leaves_the_list(event: AlertEvent, person: Person) -> None:
    told(event, person, "invalid")
    coverage.fold()
    clock.forward(seconds=1)
    fallback.fall_back()
    assert Contact.objects.get(person=person, kind="phone").unusable_at is not None


def test_a_call_of_the_cascade_that_nobody_took_is_no_failed_warning(event: AlertEvent, person: Person) -> None:
    assert told(event, person, "no_answer", wave=1001) == 0
    assert told(event, person, "answered", "heard", "key 5", "hung_up", wave=1002) == 5
    assert Fact.RELAYED in facts(person)


def test_what_is_not_ours_is_left_alone(event: AlertEvent, person: Person) -> None:
    now = clock.now()
    strange = [
        "test-0a1b2c",
        f"{event.pk}-{person.pk}-sms-0",
        f"{2**30}-{person.pk}-voice-0",
        f"{event.pk}-{2**40}-voice-0",
        f"{event.pk}-{person.pk}-voice-99999",
    ]
    assert heard.take([Report(text, "heard", now) for text in strange]) == 0
    assert not Receipt.objects.exists()


def test_the_door_believes_signed_calls_alone_and_no_time_that_has_not_come(event: AlertEvent, person: Person) -> None:
    later = (clock.now() + timedelta(hours=3)).isoformat()
    entry = {"key": key(event, person), "status": "hung_up", "heard": True, "digit": "1", "at": later}
    body = json.dumps({"reports": [entry]}).encode()
    with pytest.raises(Refusal):
        heard.take_reports(body, {})
    assert heard.take_reports(body, signing.signed(SECRET, body, now=clock.now().timestamp())) == 5
    assert Receipt.objects.get(fact=Fact.CONFIRMED).happened_at <= clock.now()
