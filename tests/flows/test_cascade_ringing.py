"""叫应 by telephone: 600 responsible persons through sixty lines, in order, within three minutes of clock time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from lastmile.alerting import coverage, heard
from lastmile.alerting.cascade import calling, tick
from lastmile.alerting.channels import registry
from lastmile.alerting.channels.contract import read_key
from lastmile.alerting.channels.fake.script import Devices, Gateway, Named, People, Script
from lastmile.alerting.channels.tests.telephone import Telephone
from lastmile.alerting.models import Call, CallAttempt
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.org.models import Place, Post
from lastmile.community.people.actions import add_person
from lastmile.community.people.models import Appointment, Contact
from lastmile.kernel import clock
from tests.world import World, phone

pytestmark = pytest.mark.django_db
LINES, TOWN = 60, "410182109"
ANSWERING = Script(Devices(refused=0, gone=0, off=0), People(answers={"confirm": 1.0}), Gateway(latency=0))


@pytest.fixture
def telephone(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Telephone:
    made = Telephone(ANSWERING, lines=LINES)
    settings.CHANNELS = ["web", "voice"]
    monkeypatch.setitem(registry.MAKERS, "voice", lambda: made)
    return made


@pytest.fixture
def world() -> Iterator[World]:
    with clock.frozen():  # the clock of the story alone: how fast the machine is must not count
        yield World.build()


def many(world: World, villages: int, each: int) -> None:
    """Villages with several posts each, all held."""
    for number in range(villages):
        code = f"{TOWN}{300 + number}"
        place = Place.objects.create(code=code, name=f"第{number}村", national_code=code, parent_id=TOWN, level=5)
        for at in range(each):
            post = Post.objects.create(place=place, kind="leader", title=f"责任人{at}")
            person = add_person(name="李负责", place=place, phone=phone())
            Appointment.objects.create(post=post, person=person, role="holder", since=clock.today())


def live(telephone: Telephone, seconds: float, step: float = 1.0) -> None:
    passed = 0.0
    while passed < seconds:
        tick.run()
        calling.run()
        heard.take(telephone.reports())
        coverage.fold()
        clock.forward(seconds=step)
        passed += step


def test_six_hundred_are_called_within_three_minutes_in_order(world: World, telephone: Telephone) -> None:
    many(world, 119, 5)
    event = Desk(world).issued(channels=["web"], audience={"places": [TOWN], "groups": ["responsible"]})
    assert Call.objects.filter(event=event).count() == 600
    live(telephone, 180)
    assert Call.objects.filter(event=event, confirmed_at=None).count() == 0
    assert telephone.exchange.busiest == LINES
    assert telephone.exchange.counts["heard"] == 600  # nobody was rung twice
    rung = [read_key(key).person for key in telephone.exchange.order]
    priority = dict(Call.objects.filter(event=event).values_list("person", "priority"))
    order = [priority[person] for person in rung]
    assert order == sorted(order, reverse=True)  # by level, then by danger below
    made = CallAttempt.objects.filter(state="accepted")  # others had answered when their turn came again
    assert set(made.values_list("result", flat=True)) == {"heard"}


def test_a_call_cut_short_does_not_count(world: World, telephone: Telephone) -> None:
    number = Contact.objects.get(person=world.staff[TOWN]).value.reveal()
    telephone.exchange.network.script = Script(named={number: Named(answer="read", after=3)})
    Desk(world).issued(channels=["web"], audience={"places": [TOWN], "groups": ["responsible"]})
    live(telephone, 40, step=2)
    attempt = CallAttempt.objects.get(person=world.staff[TOWN].pk)
    assert (attempt.result, attempt.line_until) == ("cut", None)
    assert Call.objects.get(place=TOWN).confirmed_at is None


def test_nobody_is_rung_twice_at_the_same_time(world: World, telephone: Telephone) -> None:
    post = Post.objects.create(place_id=TOWN, kind="flood", title="防汛负责人")
    Appointment.objects.create(post=post, person=world.staff["410182"], role="holder", since=clock.today())
    Desk(world).issued(channels=["web"], audience={"places": [TOWN], "groups": ["responsible"]})
    live(telephone, 2)
    made = CallAttempt.objects.filter(person=world.staff["410182"].pk)
    assert [len(one.calls) for one in made] == [2]  # two posts, one call


def test_the_gateway_is_asked_for_calls_whose_end_it_has_not_told(world: World, telephone: Telephone) -> None:
    Desk(world).issued(channels=["web"], audience={"places": [TOWN], "groups": ["responsible"]})
    tick.run()
    calling.run()
    calls = CallAttempt.objects.filter(channel="voice").count()
    clock.forward(seconds=30)
    telephone.exchange.step(clock.now().timestamp())  # it happened, and every report was lost
    assert heard.ask() == 0  # most calls take so long: nobody is asked yet
    clock.forward(seconds=40)
    assert heard.ask() > 0
    coverage.fold()
    assert CallAttempt.objects.filter(channel="voice", result="heard", line_until=None).count() == calls
    assert not Call.objects.filter(place=TOWN, confirmed_at=None).exists()
    assert heard.ask() == 0  # nothing is open any more
