"""叫应 with several workers: each call moves once; a worker that dies after the claim loses and doubles nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from lastmile.alerting.cascade import calling, hearing, lanes, tick
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.fake.transport import FakeChannel
from lastmile.alerting.channels.tests.telephone import Telephone
from lastmile.alerting.models import AttemptState, Call, CallAttempt, Fact
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.org.models import Place, Post
from lastmile.community.people.actions import add_person
from lastmile.community.people.models import Appointment
from lastmile.kernel import clock
from tests.world import World, phone

TOWN = "410182109"


def together(do: Callable[[], Any], workers: int = 2) -> list[Any]:
    start, found = threading.Barrier(workers), []

    def work() -> None:
        start.wait()
        found.append(do())
        connection.close()

    threads = [threading.Thread(target=work) for _worker in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def villages(count: int) -> None:
    for number in range(count):
        code = f"{TOWN}{300 + number}"
        place = Place.objects.create(code=code, name=f"第{number}村", national_code=code, parent_id=TOWN, level=5)
        post = Post.objects.create(place=place, kind="leader", title="负责人")
        person = add_person(name="李负责", place=place, phone=phone())
        Appointment.objects.create(post=post, person=person, role="holder", since=clock.today())


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, settings: Any) -> FakeChannel:
    made = FakeChannel()
    settings.CHANNELS = ["web", "fake"]
    monkeypatch.setitem(registry.MAKERS, "fake", lambda: made)
    return made


def warned() -> None:
    world = World.build()
    villages(40)
    Desk(world).issued(channels=["web"], audience={"places": [TOWN], "groups": ["responsible"]})


@pytest.mark.django_db(transaction=True)
def test_two_workers_move_each_call_once_and_call_nobody_twice(fake: FakeChannel) -> None:
    warned()
    calls = Call.objects.count()
    assert sum(together(tick.tick)) == calls
    assert CallAttempt.objects.count() == calls
    made = sum(together(lambda: calling.once(f"w{threading.get_ident()}")))
    assert made == calls
    assert fake.network.counts["accepted"] == calls
    assert fake.network.counts["repeated"] == 0
    assert set(CallAttempt.objects.values_list("state", flat=True)) == {"accepted"}


@pytest.mark.django_db(transaction=True)
def test_two_workers_together_take_no_more_than_the_lines(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    made = Telephone(lines=15)
    settings.CHANNELS = ["web", "voice"]
    monkeypatch.setitem(registry.MAKERS, "voice", lambda: made)
    warned()
    tick.tick()
    assert sum(len(claimed) for claimed in together(lambda: calling.claim(lanes.own("voice"), "w"), workers=3)) == 15


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_is_being_entered_is_not_taken_back_by_one_that_is_heard_meanwhile(fake: FakeChannel) -> None:
    warned()
    tick.tick()
    call = Call.objects.exclude(person=None).latest("pk")
    person = call.person
    assert person is not None

    def hear() -> None:
        hearing.hear(call.event_id, [person])
        connection.close()

    other = threading.Thread(target=hear)
    with transaction.atomic():
        hearing.say(call, person, Fact.CONFIRMED, by=1, channel="staff", nonce="n")
        other.start()
        waiting("alerting_call")
    other.join()
    call.refresh_from_db()
    assert call.confirmed_via == "staff"
    assert not call.entries.filter(what="undone").exists()


def waiting(text: str) -> None:
    """Until another connection waits for a lock of ours."""
    until = time.monotonic() + 20
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # what a transaction has seen once it sees again
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
                " AND query LIKE %s",
                [f"%{text}%"],
            )
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")


@pytest.mark.django_db(transaction=True)
def test_who_must_answer_two_warnings_is_rung_once_at_a_time(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CHANNELS = ["web", "voice"]
    monkeypatch.setitem(registry.MAKERS, "voice", lambda: Telephone(lines=500))
    desk = Desk(World.build())
    for hazard in ("rainstorm", "wind"):
        desk.issued(channels=["web"], hazard=hazard)
    tick.tick()
    people = [one.person for one in calling.claim(lanes.own("voice"), "w")]
    assert len(people) == len(set(people)) == Call.objects.values("person").distinct().count() < Call.objects.count()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_dies_between_claim_and_settle_loses_and_doubles_nothing(fake: FakeChannel) -> None:
    warned()
    tick.tick()
    claimed = calling.claim(lanes.own("fake"), "dead")
    for message in calling._messages(claimed, lanes.own("fake")):  # it was sent, and then the power failed
        fake.take(message)
    assert calling.once("alive") == 0  # leased
    clock.forward(seconds=31)
    assert calling.once("alive") == len(claimed)
    assert fake.network.counts["repeated"] == len(claimed)  # the same keys: the gateway drops them
    fake.network.step(clock.now().timestamp())
    assert fake.network.counts["doubled"] == 0
    assert not CallAttempt.objects.exclude(state=AttemptState.ACCEPTED).exists()


@pytest.mark.django_db(transaction=True)
def test_a_gateway_that_is_down_is_tried_again(fake: FakeChannel) -> None:
    warned()
    tick.tick()
    fake.fail_next(TimeoutError())
    calling.once("w")
    assert set(CallAttempt.objects.values_list("state", flat=True)) == {"waiting"}
    clock.forward(seconds=10)
    calling.once("w")
    assert set(CallAttempt.objects.values_list("state", flat=True)) == {"accepted"}
