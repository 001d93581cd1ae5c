"""What people answer, by every way there is, and what the officer then sees."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client, override_settings

from lastmile.alerting import coverage, links, receipts, returns
from lastmile.alerting.channels import signing
from lastmile.alerting.channels.contract import key
from lastmile.alerting.door import warning
from lastmile.alerting.door.visits import Visit, serve
from lastmile.alerting.models import AlertEvent, Fact, Manifest, PendingReceipt, Receipt, Sent, Standing, Tally
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.community.people.models import Person
from lastmile.kernel import clock
from tests.world import World

SECRET = "what both sides know"
GRID = "410182109211001"

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    warning.forget()
    return World.build()


@pytest.fixture
def event(world: World) -> AlertEvent:
    made = make_event(world)
    listed(made, world.residents, state=Sent.ACCEPTED)
    return made


def tap(event: AlertEvent, person: Person, act: str, nonce: str = "1", note: str = "") -> str:
    """A tap on the personal page, as the door works it off; the page that comes back."""
    token = links.token(event.pk, person.pk)
    assert links.read(token) == (event.pk, person.pk)
    (answer,) = serve([Visit(token, event.pk, person.pk, act=act, nonce=nonce, note=note)])
    assert answer.status == 200
    return answer.body.decode()


def called(take: Callable[[bytes, dict[str, str]], int], body: dict[str, Any]) -> int:
    """A signed call of the gateway; how many receipts were new."""
    raw = orjson.dumps(body)
    with override_settings(SMS_GATEWAY_SECRET=SECRET, SMS_GATEWAY_VENDOR=""):
        return take(raw, signing.signed(SECRET, raw, now=clock.now().timestamp()))


def figures(event: AlertEvent, prefix: str = "410182") -> coverage.Numbers:
    coverage.fold()
    return coverage.of(event, prefix).all


def test_a_resident_confirms_and_the_officer_sees_one_more(world: World, event: AlertEvent) -> None:
    before = figures(event)
    assert (before.people, before.confirmed, before.unreached) == (12, 0, 12)
    tap(event, world.residents[0], "ok")
    after = figures(event)
    assert (after.confirmed, after.delivered, after.unreached) == (1, 1, 11)


def test_a_call_for_help_stands_on_top_until_it_is_over(client: Client, world: World, event: AlertEvent) -> None:
    page = tap(event, world.residents[1], "help", note="老人走不动")
    assert "119" in page
    coverage.fold()
    world.login(client, "officer")
    address = f"/alerts/{event.alert.code}/coverage/410182/live/"
    assert "李＊＊" in client.get(address).content.decode()
    clock.forward(minutes=9)
    tap(event, world.residents[1], "safe", nonce="2")
    coverage.fold()
    assert "李＊＊" not in client.get(address).content.decode()
    assert (figures(event).needs_help, figures(event).safe) == (0, 1)


def test_an_undo_leaves_them_reached_and_unconfirmed(world: World, event: AlertEvent) -> None:
    tap(event, world.residents[0], "")
    tap(event, world.residents[0], "moved")
    assert figures(event).moved == 1
    clock.forward(seconds=5)
    tap(event, world.residents[0], "undo", nonce="2")
    after = figures(event)
    assert (after.moved, after.confirmed, after.delivered, after.silent) == (0, 0, 1, 12)


def test_an_undo_of_the_resident_does_not_undo_what_the_grid_worker_saw(world: World, event: AlertEvent) -> None:
    person = world.residents[0]
    receipts.enter(world.grid, event, receipts.Entry(GRID, [person.pk], Fact.MOVED, "x"))
    clock.forward(seconds=5)
    tap(event, person, "undo")
    assert figures(event).moved == 1


def test_the_same_callback_three_times_and_out_of_order_counts_once(world: World, event: AlertEvent) -> None:
    def item(person: Person, status: str, second: int) -> dict[str, str]:
        at = (event.sent_at + timedelta(seconds=second)).isoformat()
        return {"key": key(event.pk, person.pk, "sms", 0), "status": status, "at": at}

    clock.forward(minutes=1)
    first, second = world.residents[:2]
    late = {"reports": [item(first, "delivered", 30), item(second, "failed", 31)]}
    early = {"reports": [item(first, "failed", 3)]}
    assert called(returns.take_reports, late) == 2
    assert [called(returns.take_reports, late) for _ in range(2)] == [0, 0]
    assert called(returns.take_reports, early) == 1
    found = figures(event)
    assert (found.delivered, found.failed, found.confirmed) == (1, 1, 0)
    assert called(returns.take_reports, {"reports": [{"key": "nonsense", "status": "delivered"}]}) == 0


@pytest.mark.parametrize(
    ("text", "fact"),
    [("1", Fact.CONFIRMED), ("2", Fact.MOVED), ("3", Fact.NEEDS_HELP), ("4", Fact.UNREACHABLE), ("什么？", Fact.READ)],
)
def test_a_digit_by_sms_is_an_answer_to_the_latest_warning(
    world: World, event: AlertEvent, text: str, fact: Fact
) -> None:
    older = event
    clock.forward(minutes=3)
    newer = make_event(world)
    listed(newer, world.residents)
    contact = world.residents[0].contacts.get()
    body = {"replies": [{"key": "r1", "from": contact.value.reveal(), "text": text, "at": clock.now().isoformat()}]}
    assert [called(returns.take_replies, body) for _ in range(3)] == [1, 0, 0]
    assert list(Receipt.objects.values_list("event", "person", "fact")) == [(newer.pk, world.residents[0].pk, fact)]
    assert not Receipt.objects.filter(event=older).exists()


def test_a_reply_of_a_stranger_says_nothing(world: World, event: AlertEvent) -> None:
    body = {"replies": [{"key": "r1", "from": "10099999999", "text": "1", "at": clock.now().isoformat()}]}
    assert called(returns.take_replies, body) == 0
    assert not Receipt.objects.exists()


def test_what_was_written_on_paper_is_entered_later_with_its_own_time(
    client: Client, world: World, event: AlertEvent
) -> None:
    clock.forward(hours=3)
    world.login(client, "village")
    at = (event.sent_at + timedelta(minutes=12)).astimezone(clock.BEIJING).isoformat()
    form = {"person": world.residents[0].pk, "fact": Fact.MOVED.value, "nonce": "p", "at": at}
    assert client.post(f"/alerts/{event.alert.code}/doors/{GRID}/enter/", form).status_code == 200
    points = coverage.curve(event, "410182")
    assert [confirmed for seconds, _reached, confirmed in points if seconds <= 13 * 60] == [1]


def test_only_the_unreached_are_told_again_and_the_others_hear_nothing(
    client: Client, world: World, event: AlertEvent
) -> None:
    for person in world.residents[:9]:
        tap(event, person, "ok")
    coverage.fold()
    world.login(client, "officer")
    form = {"who": "unreached", "channel": "sms", "wave": "0"}
    assert client.post(f"/alerts/{event.alert.code}/again/410182/", form).status_code == 302
    told = {person for row in Manifest.objects.filter(wave=1) for person in row.person_ids}
    assert told == {person.pk for person in world.residents[9:]}


@pytest.mark.django_db(transaction=True)
def test_two_folds_at_once_count_every_receipt_once() -> None:
    world = World.build()
    event = make_event(world)
    listed(event, world.residents)
    facts = (Fact.DELIVERED, Fact.READ, Fact.CONFIRMED, Fact.SAFE, Fact.UNDONE, Fact.MOVED)
    new = [
        receipts.NewReceipt(f"{person.pk}-{n}", event.pk, person.pk, fact, "sms", event.sent_at + timedelta(seconds=n))
        for n, fact in enumerate(facts)
        for person in world.residents
    ]

    def write(part: int) -> None:
        for one in new[part::4]:
            receipts.append([one])
        connection.close()

    def count(_number: int) -> int:
        done = sum(coverage.fold() for _ in range(40))
        connection.close()
        return done

    with ThreadPoolExecutor(7) as threads:
        writers = [threads.submit(write, part) for part in range(4)]
        folds = [threads.submit(count, number) for number in range(3)]
        for job in writers:
            job.result()
        for fold in folds:
            fold.result()
    coverage.fold()
    assert not PendingReceipt.objects.exists()
    assert sum(row.moved for row in Tally.objects.all()) == len(world.residents)
    assert sum(row.safe for row in Tally.objects.all()) == 0
    assert Standing.objects.count() == len(world.residents)
