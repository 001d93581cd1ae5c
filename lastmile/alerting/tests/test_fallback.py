"""Whom a channel fails for good hears the warning on another one, once; everybody else hears nothing more."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from lastmile.alerting import coverage, fallback, resend, returns
from lastmile.alerting.channels import signing
from lastmile.alerting.models import AlertEvent, Cause, Failure, Manifest, Sent
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.community.people.actions import add_contact, set_usable
from lastmile.community.people.models import Contact, Person
from lastmile.duties import gaps
from lastmile.kernel import clock
from lastmile.kernel.models import AuditEntry
from tests.world import World

COUNTY = "410182"
SECRET = "the gateway's"


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    settings.CHANNELS, settings.SMS_GATEWAY_SECRET, settings.SMS_GATEWAY_VENDOR = ["sms", "email", "web"], SECRET, ""
    world = World.build()
    for person in world.residents:
        add_contact(person, "email", f"u{person.pk}@example.cn")
    clock.forward(minutes=1)
    return world


@pytest.fixture
def event(world: World) -> AlertEvent:
    return make_event(world, channels=["sms", "email"])


def settled(event: AlertEvent, people: Sequence[Person], state: Sent, channel: str = "sms", wave: int = 0) -> None:
    listed(event, people, channel=channel, state=state, wave=wave)
    Manifest.objects.filter(event=event, channel=channel, wave=wave).update(settled_at=clock.now())


def work() -> None:
    """What the worker's duties do, one after the other."""
    clock.forward(seconds=1)
    coverage.fold()
    fallback.fall_back()
    coverage.fold()


def report(event: AlertEvent, people: Sequence[Person], status: str, **more: str) -> None:
    """The gateway calls back about these people."""
    items = [{"key": f"{event.pk}-{person.pk}-sms-0", "status": status, **more} for person in people]
    body = json.dumps({"reports": items}).encode()
    returns.take_reports(body, signing.signed(SECRET, body, now=clock.now().timestamp()))
    work()


def fell_back(event: AlertEvent) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for row in Manifest.objects.filter(event=event, cause=Cause.FALLBACK):
        found.setdefault(row.channel, set()).update(row.person_ids)
    return found


def keys(people: Sequence[Person]) -> set[int]:
    return {person.pk for person in people}


def phone_of(person: Person) -> Contact:
    return Contact.objects.get(person=person, kind="phone")


def test_who_is_refused_is_told_by_the_next_channel_and_nobody_else_is(world: World, event: AlertEvent) -> None:
    settled(event, world.residents[:2], Sent.REFUSED)
    settled(event, world.residents[2:5], Sent.ACCEPTED, wave=1)
    settled(event, world.residents[5:6], Sent.UNKNOWN, wave=2)
    settled(event, world.residents[6:7], Sent.RETRY, wave=3)
    work()
    assert fell_back(event) == {"email": keys(world.residents[:2])}
    row = Manifest.objects.get(event=event, channel="email")
    assert (set(bytes(row.states)), row.due_at is not None) == ({Sent.WAITING}, True)
    found = {one.channel: one for one in coverage.channels(event, COUNTY)}
    assert (found["email"].fallback, found["email"].people, found["sms"].fallback) == (2, 2, 0)
    entry = AuditEntry.objects.get(action="alerting.fallback")
    assert entry.detail == {"channel": "email", "people": 2}


def test_it_happens_once_per_person_and_channel(world: World, event: AlertEvent) -> None:
    settled(event, world.residents[:1], Sent.REFUSED)
    work()
    work()
    Manifest.objects.filter(channel="email").update(states=bytes([Sent.REFUSED]), due_at=None, settled_at=clock.now())
    work()
    coverage.recount(event.pk)
    work()
    assert Manifest.objects.filter(event=event, cause=Cause.FALLBACK).count() == 1


def test_a_report_of_failure_falls_back_and_one_of_delivery_does_not(world: World, event: AlertEvent) -> None:
    settled(event, world.residents, Sent.ACCEPTED)
    report(event, world.residents[:3], "delivered")
    report(event, world.residents[2:5], "failed", reason="phone is off")
    assert fell_back(event) == {"email": keys(world.residents[3:5])}
    report(event, world.residents[3:5], "failed", reason="phone is off")
    assert Manifest.objects.filter(event=event, cause=Cause.FALLBACK).count() == 1
    assert not Contact.objects.filter(usable=False).exists()


def test_who_has_no_other_contact_or_no_other_channel_stays_a_door(world: World, event: AlertEvent) -> None:
    Contact.objects.filter(person=world.residents[0], kind="email").delete()
    settled(event, world.residents[:1], Sent.REFUSED)
    only = make_event(world, channels=["sms"])
    settled(only, world.residents[1:2], Sent.REFUSED)
    work()
    assert fell_back(event) == fell_back(only) == {}
    assert Failure.objects.filter(handled_at=None).count() == 0


def test_nothing_is_sent_after_the_warning_is_over(world: World, event: AlertEvent) -> None:
    settled(event, world.residents[:1], Sent.REFUSED)
    AlertEvent.objects.filter(pk=event.pk).update(closed_at=clock.now())
    work()
    assert fell_back(event) == {}


def test_it_can_be_switched_off(world: World, event: AlertEvent, settings: Settings) -> None:
    settings.FALLBACK = False
    settled(event, world.residents[:1], Sent.REFUSED)
    work()
    assert fell_back(event) == {}


def test_a_fall_back_is_no_second_click_of_an_officer(world: World, event: AlertEvent) -> None:
    settled(event, world.residents, Sent.ACCEPTED)
    shown = resend.preview(event, COUNTY, silent=False)
    report(event, world.residents[:1], "failed")
    told = resend.send_again(world.officer, event, COUNTY, "email", silent=False, wave=shown.wave)
    assert told == 12


def test_a_refused_number_is_not_used_any_more(world: World, event: AlertEvent, client: Client) -> None:
    person = world.residents[0]
    settled(event, [person], Sent.REFUSED)
    work()
    contact = phone_of(person)
    assert (contact.usable, contact.unusable_why, contact.unusable_at is not None) == (False, "refused", True)
    entry = AuditEntry.objects.get(action="people.retire_contact")
    assert (entry.object_id, entry.actor_name, entry.detail) == (
        str(person.pk),
        "system",
        {"kind": "phone", "why": "refused"},
    )
    assert list(gaps.get("dead").rows()) == [contact]
    world.login(client, "village")
    page = client.get(f"/households/{person.household_id}/").content.decode()
    assert "网关永久拒收" in page
    assert client.post(f"/people/contacts/{contact.pk}/use/").status_code == 302
    contact.refresh_from_db()
    assert (contact.usable, contact.unusable_why, contact.unusable_at) == (True, "", None)


def test_a_number_reported_as_not_in_use_is_retired_and_a_phone_that_is_off_is_not(
    world: World, event: AlertEvent
) -> None:
    settled(event, world.residents, Sent.ACCEPTED)
    report(event, world.residents[:1], "failed", **{"class": "permanent"})
    report(event, world.residents[1:2], "failed", **{"class": "temporary"})
    assert phone_of(world.residents[0]).unusable_why == "reported"
    assert phone_of(world.residents[1]).usable
    report(event, world.residents[1:2], "failed", **{"class": "permanent"})
    assert not phone_of(world.residents[1]).usable


def test_giving_up_says_nothing_about_the_number(world: World, event: AlertEvent) -> None:
    settled(event, world.residents[:1], Sent.GAVE_UP)
    work()
    assert phone_of(world.residents[0]).usable
    assert fell_back(event) == {"email": keys(world.residents[:1])}


def test_the_next_warning_takes_the_next_number_then_the_next_channel(world: World, event: AlertEvent) -> None:
    person = world.residents[0]
    second = add_contact(person, "phone", "10099999999", rank=1)
    settled(event, [person], Sent.REFUSED)
    work()
    assert Contact.objects.get(person=person, kind="phone", usable=True) == second
    assert fell_back(event) == {"email": {person.pk}}


def test_a_number_confirmed_after_the_send_is_another_one(world: World, event: AlertEvent) -> None:
    settled(event, world.residents[:2], Sent.REFUSED)
    clock.forward(seconds=5)
    set_usable(phone_of(world.residents[0]), True, by=world.village)
    set_usable(phone_of(world.residents[1]), False, by=world.village)
    other = add_contact(world.residents[1], "phone", "10099999998", rank=1)
    work()
    assert phone_of(world.residents[0]).usable
    other.refresh_from_db()
    assert other.usable


def test_a_gateway_that_refuses_everybody_is_not_believed(
    world: World, event: AlertEvent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fallback, "GATEWAY_LEAST", 3)
    settled(event, world.residents[:3], Sent.REFUSED)
    settled(event, world.residents[3:], Sent.ACCEPTED, wave=1)
    work()
    assert not Contact.objects.filter(usable=False).exists()
    assert fell_back(event) == {"email": keys(world.residents[:3])}
