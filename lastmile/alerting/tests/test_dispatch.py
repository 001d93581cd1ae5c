"""What a worker does with claimed batches: every outcome of a gateway, and everything that may change meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection
from django.db.models import Q

from lastmile.alerting import door_codes, links, manifest
from lastmile.alerting.audience import Audience
from lastmile.alerting.channels.contract import (
    ACCEPTED,
    Capabilities,
    Channel,
    Health,
    Message,
    Outcome,
    What,
    WhenUnknown,
)
from lastmile.alerting.dispatch import Dispatcher
from lastmile.alerting.dispatch.store import LEASE, Store
from lastmile.alerting.models import AlertEvent, DoorCodes, LocalNote, Manifest, Rest, Sent
from lastmile.alerting.tests.events import TEXT, issued
from lastmile.community.people import contact_sheets
from lastmile.community.people.models import Contact, ContactSheet, Person
from lastmile.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

Script = Callable[[Sequence[Message]], list[Outcome]]


def take(batch: Sequence[Message]) -> list[Outcome]:
    return [ACCEPTED] * len(batch)


def answer(what: What, reason: str = "", after: float = 0.0) -> Script:
    return lambda batch: [Outcome(what, reason, after)] * len(batch)


class Gateway:
    """A channel that does what it is told, batch by batch; then it accepts."""

    label = "test"

    def __init__(self, *scripts: Script, name: str = "sms", **can: Any) -> None:
        self.name, self.scripts = name, list(scripts)
        abilities: dict[str, Any] = {"contact": "phone", "batch": 3, **can}
        self.can = Capabilities(**abilities)
        self.got: list[Message] = []

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, batch: Sequence[Message]) -> list[Outcome]:
        await asyncio.sleep(0)
        self.got.extend(batch)
        return self.scripts.pop(0)(batch) if self.scripts else take(batch)

    async def health(self) -> Health:
        return Health(True, "")


def work(*gateways: Channel, until: Callable[[], bool] | None = None, owner: str = "w1") -> Dispatcher:
    """Run a dispatcher until nothing is due (or `until` is true), then stop it."""

    async def go() -> Dispatcher:
        dispatcher = Dispatcher(owner, gateways)
        running = asyncio.create_task(dispatcher.run())
        for _turn in range(1500):
            await asyncio.sleep(0.02)
            if await asyncio.to_thread(asked, until or nothing_due):
                break
        dispatcher.stop()
        await asyncio.wait_for(running, 10)
        return dispatcher

    return asyncio.run(go())


def asked(question: Callable[[], bool]) -> bool:
    """In a thread, whose connection must not outlive the test."""
    try:
        return question()
    finally:
        connection.close()


def nothing_due() -> bool:
    """Nothing to be told and nothing in hand: a batch in hand is written again and again due just now."""
    return not Manifest.objects.filter(Q(due_at__lte=clock.now()) | Q(lease_until__isnull=False)).exists()


def told(event: AlertEvent) -> Counter[Sent]:
    return Counter(Sent(state) for row in Manifest.objects.filter(event=event) for state in row.states)


def a_warning(channels: Sequence[str] = ("sms",), **fields: Any) -> AlertEvent:
    event = issued(Audience.parse({"places": ["410182109211"], "groups": ["residents"]}), channels=channels, **fields)
    manifest.write(event)
    return event


@pytest.fixture
def world() -> World:
    return World.build()


def test_everyone_gets_one_message_with_their_own_link(world: World) -> None:
    event, gateway = a_warning(), Gateway()
    work(gateway)
    assert {message.person for message in gateway.got} == {person.pk for person in world.residents}
    assert len(gateway.got) == 12
    for message in gateway.got:
        contact = Contact.objects.get(person=message.person)
        assert message.address == contact.value.reveal()
        assert message.key == f"{event.pk}-{message.person}-sms-0"
        assert message.text.endswith("/r/" + links.token(event.pk, message.person))
        assert message.subject == TEXT["subject"]
    assert told(event) == {Sent.ACCEPTED: 12}
    assert not Manifest.objects.exclude(due_at=None).exists()


def test_each_reads_it_in_their_language(world: World) -> None:
    Person.objects.filter(pk=world.residents[0].pk).update(language="en")
    a_warning()
    gateway = Gateway()
    work(gateway)
    english = [message.person for message in gateway.got if message.text.startswith("Red rainstorm")]
    assert english == [world.residents[0].pk]


CODED = {
    "zh": {**TEXT, "sms": "暴雨红色预警，去镇中学。{code}详情{link}"},
    "en": {**TEXT, "sms": "Go. {code}See {link}"},
}


@pytest.mark.parametrize("sheets", [False, True])
@pytest.mark.parametrize("known", [False, True])
def test_who_is_sent_somewhere_is_told_the_code_of_their_door(world: World, known: bool, sheets: bool) -> None:
    """The same as on paper and at the shelter, whoever asks first; who has no door is told the rest."""
    Person.objects.filter(pk=world.residents[0].pk).update(language="en")
    moved = world.residents[11]
    event = a_warning(texts=CODED)
    if known:
        door_codes.of(event, world.households[:3])
    Person.objects.filter(pk=moved.pk).update(household=None)
    if sheets:
        contact_sheets.renew_all()
    gateway = Gateway()
    work(gateway)
    said = {message.person: message.text for message in gateway.got}
    codes = door_codes.of(event, world.households)
    assert said[world.residents[0].pk].startswith(f"Go. Your door's code: {codes[world.households[0].pk]}. See http")
    for person in world.residents[1:11]:
        assert f"去镇中学。门户编号{codes[person.household_id or 0]}。详情http" in said[person.pk]
    assert "去镇中学。详情http" in said[moved.pk]
    assert [codes[home.pk].number for home in world.households[:3]] == [1, 2, 3]
    assert DoorCodes.objects.count() == 2


@pytest.mark.parametrize("name", ["doors", "homes"])
def test_codes_that_can_not_be_read_hold_nobody_up(world: World, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    async def broken(_store: Store, _batches: Sequence[int]) -> list[Any]:
        raise RuntimeError("no")

    monkeypatch.setattr(Store, name, broken)
    a_warning(texts=CODED)
    gateway = Gateway()
    work(gateway)
    assert len(gateway.got) == 12
    assert all("{" not in message.text and "去镇中学。详情http" in message.text for message in gateway.got)


def test_a_local_note_travels_with_its_part(world: World) -> None:
    event, gateway = a_warning(), Gateway()
    for code, text in (("410182109211", "找村支书"), ("410182109211001", "去小学"), ("410182108", "别处")):
        LocalNote.objects.create(alert=event.alert, place_id=code, text=text, author=world.township, at=clock.now())
    work(gateway)
    noted = Counter("找村支书 去小学" in message.text for message in gateway.got)
    assert noted == {True: 6, False: 6}
    assert all("找村支书" in message.text and "别处" not in message.text for message in gateway.got)


def test_a_mailbox_gets_the_whole_text(world: World) -> None:
    person = world.residents[0]
    Contact.objects.filter(person=person).delete()
    from lastmile.community.people.actions import add_contact

    add_contact(person, "email", "li@example.cn")
    event = a_warning(("sms", "email"))
    mail = Gateway(name="email", contact="email")
    work(Gateway(), mail)
    (message,) = mail.got
    assert message.address == "li@example.cn"
    assert TEXT["description"] in message.text
    assert links.token(event.pk, person.pk) in message.text


def test_a_busy_gateway_is_asked_again_later_under_the_same_keys(world: World) -> None:
    busy = answer(What.RETRY, "busy", after=30)
    event, gateway = a_warning(), Gateway(busy, busy, busy, busy)
    work(gateway)
    first = sorted(message.key for message in gateway.got)
    assert told(event) == {Sent.RETRY: 12}
    gateway.got.clear()
    clock.forward(seconds=25)
    work(gateway)
    assert gateway.got == []  # not before the gateway's own time
    clock.forward(seconds=20)
    work(gateway)
    assert sorted(message.key for message in gateway.got) == first
    assert told(event) == {Sent.ACCEPTED: 12}


def test_half_a_batch_is_settled_person_by_person(world: World) -> None:
    def half(batch: Sequence[Message]) -> list[Outcome]:
        return [ACCEPTED, Outcome(What.REFUSED, "no such number"), Outcome(What.RETRY, "full")]

    event = a_warning()
    work(Gateway(half))
    assert told(event) == {Sent.ACCEPTED: 10, Sent.REFUSED: 1, Sent.RETRY: 1}
    clock.forward(minutes=3)
    gateway = Gateway()
    work(gateway)
    assert len(gateway.got) == 1
    assert told(event) == {Sent.ACCEPTED: 11, Sent.REFUSED: 1}


def breaks(_batch: Sequence[Message]) -> list[Outcome]:
    raise ConnectionResetError("gone")


@pytest.mark.parametrize(
    ("policy", "state"), [(WhenUnknown.SEND_AGAIN, Sent.RETRY), (WhenUnknown.ASK_PERSON, Sent.UNKNOWN)]
)
def test_an_unknown_outcome_follows_the_policy_of_the_channel(world: World, policy: WhenUnknown, state: Sent) -> None:
    event = a_warning()
    work(Gateway(breaks, when_unknown=policy))
    assert told(event) == {Sent.ACCEPTED: 9, state: 3}
    assert "ConnectionResetError" in Manifest.objects.exclude(error="").get().error


@pytest.mark.parametrize(
    ("policy", "state"), [(WhenUnknown.SEND_AGAIN, Sent.ACCEPTED), (WhenUnknown.ASK_PERSON, Sent.UNKNOWN)]
)
def test_what_a_dead_worker_was_handing_over_is_taken_up_when_its_lease_runs_out(
    world: World, policy: WhenUnknown, state: Sent
) -> None:
    event = a_warning()
    row = Manifest.objects.filter(event=event).first()
    assert row is not None
    Manifest.objects.filter(pk=row.pk).update(
        states=bytes([Sent.SENDING]) + row.states[1:], lease_owner="dead", lease_until=clock.now() + LEASE
    )
    gateway = Gateway(when_unknown=policy)
    work(gateway, until=lambda: Manifest.objects.exclude(due_at=None).count() == 1)
    assert len(gateway.got) == 6  # the other grid; this one is still leased
    clock.forward(seconds=LEASE.total_seconds() + 1)
    work(gateway)
    assert told(event) == Counter({Sent.ACCEPTED: 11}) + Counter({state: 1})


def test_a_channel_that_fails_holds_up_no_other(world: World) -> None:
    from lastmile.community.people.actions import add_contact

    for person in world.residents[:6]:
        Contact.objects.filter(person=person).delete()
        add_contact(person, "email", f"p{person.pk}@example.cn")
    event = a_warning(("sms", "email"))
    mail = Gateway(name="email", contact="email")
    work(Gateway(*[breaks] * 9), mail)
    assert len(mail.got) == 6
    assert told(event) == {Sent.ACCEPTED: 6, Sent.RETRY: 6}


def test_a_channel_that_fails_again_and_again_rests_and_shows_it(world: World) -> None:
    a_warning()
    gateway = Gateway(*[breaks] * 99, batch=1, in_flight=1)
    work(gateway, until=lambda: Rest.objects.exists())
    rest = Rest.objects.get()
    assert (rest.channel, rest.failures) == ("sms", 5)
    assert "ConnectionResetError" in rest.reason
    assert len(gateway.got) == 5  # it was left alone after that
    gateway.scripts.clear()
    work(gateway, until=lambda: False if len(gateway.got) > 5 else nothing_due())
    clock.forward(seconds=150)
    work(gateway)
    assert not Rest.objects.exists()
    assert len({message.person for message in gateway.got}) == 12


def test_what_is_over_is_never_sent(world: World) -> None:
    expired, closed = a_warning(minutes=5), a_warning()
    clock.forward(minutes=6)
    AlertEvent.objects.filter(pk=closed.pk).update(closed_at=clock.now())
    gateway = Gateway()
    work(gateway)
    assert gateway.got == []
    assert told(expired) == told(closed) == {Sent.SKIPPED: 12}


def test_a_warning_lifted_between_two_sends_stops_at_once(world: World) -> None:
    event = a_warning()

    def lift(batch: Sequence[Message]) -> list[Outcome]:
        import psycopg

        from lastmile.alerting.dispatch.store import database

        with psycopg.connect(**database(), autocommit=True) as connection:
            connection.execute("UPDATE alerting_alertevent SET closed_at = now() WHERE id = %s", [event.pk])
        return take(batch)

    gateway = Gateway(lift, in_flight=1)
    work(gateway)
    assert len(gateway.got) == 3
    assert told(event) == {Sent.ACCEPTED: 3, Sent.SKIPPED: 9}


def test_one_contact_that_cannot_be_opened_stops_nobody_else(world: World) -> None:
    Contact.objects.filter(person=world.residents[0]).update(value=b"\x01" + b"broken" * 9)
    event = a_warning()
    work(Gateway())
    assert told(event) == {Sent.ACCEPTED: 11, Sent.GAVE_UP: 1}


def asked_one_by_one(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The persons whose contacts are not taken from a sheet, as they come."""
    asked_for: list[int] = []
    contacts = Store.contacts

    async def noted(store: Store, persons: Sequence[int], kind: str) -> list[tuple[int, bytes | None, str | None]]:
        asked_for.extend(persons)
        return await contacts(store, persons, kind)

    monkeypatch.setattr(Store, "contacts", noted)
    return asked_for


def test_the_addresses_of_a_place_come_from_one_sheet(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one_by_one = asked_one_by_one(monkeypatch)
    Person.objects.filter(pk=world.residents[0].pk).update(language="en")
    contact_sheets.renew_all()
    event = a_warning()
    gateway = Gateway()
    work(gateway)
    assert told(event) == {Sent.ACCEPTED: 12}
    assert one_by_one == []
    assert {m.person: m.address for m in gateway.got} == {
        c.person_id: c.value.reveal() for c in Contact.objects.filter(person__in=world.residents)
    }
    texts = {m.person: m.text for m in gateway.got}
    assert "Red" in texts[world.residents[0].pk] or texts[world.residents[0].pk] != texts[world.residents[1].pk]


def test_a_number_changed_since_the_sheet_was_written_is_the_one_that_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one_by_one = asked_one_by_one(monkeypatch)
    contact_sheets.renew_all()
    event = a_warning()
    changed, gone = world.residents[0], world.residents[1]
    Contact.objects.filter(person=changed).update(value="+8610099990000")
    Contact.objects.filter(person=gone).delete()
    gateway = Gateway()
    work(gateway)
    assert {m.address for m in gateway.got if m.person == changed.pk} == {"+8610099990000"}
    assert told(event) == {Sent.ACCEPTED: 11, Sent.NO_CONTACT: 1}
    assert set(one_by_one) == {p.pk for p in world.residents if p.place_id == changed.place_id}


def test_a_sheet_that_cannot_be_opened_keeps_nobody_from_being_told(world: World) -> None:
    contact_sheets.renew_all()
    ContactSheet.objects.update(addresses=b"\x01" + b"broken" * 9)
    event = a_warning()
    work(Gateway())
    assert told(event) == {Sent.ACCEPTED: 12}


def test_red_overtakes_blue(world: World) -> None:
    blue = a_warning(colour=4)
    red: list[AlertEvent] = []

    def then_red(batch: Sequence[Message]) -> list[Outcome]:
        return take(batch)

    gateway = Gateway(then_red, in_flight=1, per_second=20)  # 10 messages a send, half a second each

    def issue_red() -> bool:
        if gateway.got and not red:
            red.append(a_warning(colour=1))
        return bool(red) and nothing_due()

    work(gateway, until=issue_red)
    order = [int(message.key.split("-")[0]) for message in gateway.got]
    assert order.index(red[0].pk) < 12  # before the last of the blue ones
    assert order[-1] == blue.pk
    assert Counter(order) == {blue.pk: 12, red[0].pk: 12}


def test_send_again_tells_only_those_asked_for_under_new_keys(world: World) -> None:
    event = a_warning()
    work(Gateway())
    again = [person.pk for person in world.residents[:2]]
    assert manifest.write_wave(event, [*again, 999_999], "sms") == 2
    gateway = Gateway()
    work(gateway)
    assert sorted(message.key for message in gateway.got) == sorted(f"{event.pk}-{pk}-sms-1" for pk in again)
