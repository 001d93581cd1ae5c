"""What the house makes of parts and their reports: whole messages, whatever comes first, twice or never."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from lastmile.alerting import coverage, smpp_desk
from lastmile.alerting.channels.contract import Message, What, key
from lastmile.alerting.channels.inbound import Reply
from lastmile.alerting.channels.smpp.desk import Handed, News, Told
from lastmile.alerting.channels.tests.rigs import smpp
from lastmile.alerting.models import AlertEvent, Fact, Receipt, SmppPart
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.kernel import clock
from tests.world import World

CENTRE = "lastmile@smsc:2775"


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    settings.CHANNELS = ["smpp", "email"]
    return World.build()


@pytest.fixture
def event(world: World) -> AlertEvent:
    event = make_event(world, channels=["smpp"])
    listed(event, world.residents, channel="smpp")
    return event


def handed(mark: str, part: int = 1, parts: int = 1, number: str = "n1", reference: int = 7) -> Handed:
    return Handed(mark, reference, part, parts, number, clock.now())


def told(number: str, status: str = "delivered", *, permanent: bool = False) -> Told:
    return Told(number, status, clock.now(), "not delivered (001)" if status == "failed" else "", permanent)


def write(handed: Sequence[Handed] = (), told: Sequence[Told] = (), replies: Sequence[Reply] = ()) -> None:
    smpp_desk.write(CENTRE, News(list(handed), list(told), list(replies)))


def facts() -> list[tuple[int, int]]:
    return list(Receipt.objects.order_by("id").values_list("person", "fact"))


def test_a_long_message_is_delivered_once_all_its_parts_are(world: World, event: AlertEvent) -> None:
    person = world.residents[0].pk
    mark = key(event.pk, person, "smpp", 0)
    write([handed(mark, part, 3, f"n{part}") for part in (1, 2, 3)])
    write(told=[told("n3"), told("n1")])
    assert facts() == []
    write(told=[told("n2")])
    assert facts() == [(person, Fact.DELIVERED)]
    write(told=[told("n2"), told("n1")])  # repeated
    assert facts() == [(person, Fact.DELIVERED)]


@pytest.mark.parametrize("order", range(12))
def test_hand_overs_and_reports_come_in_any_order(world: World, event: AlertEvent, order: int) -> None:
    person = world.residents[0].pk
    mark = key(event.pk, person, "smpp", 0)
    steps = [("handed", part) for part in (1, 2, 3)] + [("told", part) for part in (1, 2, 3)] * 2
    random.Random(order).shuffle(steps)
    for what, part in steps:
        if what == "handed":
            write([handed(mark, part, 3, f"n{part}")])
        else:
            write(told=[told(f"n{part}")])
    assert facts() == [(person, Fact.DELIVERED)]


def test_one_part_that_never_arrives_is_a_failure_and_a_dead_number_leaves_the_list(
    world: World, event: AlertEvent
) -> None:
    first, second = (person.pk for person in world.residents[:2])
    for number, person in ((1, first), (2, second)):
        mark = key(event.pk, person, "smpp", 0)
        write([handed(mark, part, 2, f"{number}{part}") for part in (1, 2)])
    write(told=[told("11"), told("12", "failed"), told("21", "failed", permanent=True)])
    assert facts() == [(first, Fact.FAILED), (second, Fact.FAILED)]
    assert [one.key.rpartition(":")[2] for one in Receipt.objects.order_by("person")] == ["failed", "permanent"]


def test_a_part_that_went_out_twice_is_delivered_when_one_of_them_is(world: World, event: AlertEvent) -> None:
    mark = key(event.pk, world.residents[0].pk, "smpp", 0)
    write([handed(mark, 1, 2, "a"), handed(mark, 2, 2, "")])  # the connection broke
    assert [one.part for one in smpp_desk.known(CENTRE, [mark])] == [1]
    write([handed(mark, 2, 2, "b")])
    write(told=[told("a"), told("b")])
    assert facts() == [(world.residents[0].pk, Fact.DELIVERED)]
    assert smpp_desk.doubled() == 1


def test_delivered_stays_delivered(world: World, event: AlertEvent) -> None:
    mark = key(event.pk, world.residents[0].pk, "smpp", 0)
    write([handed(mark)], [told("n1")])
    write(told=[told("n1", "failed")])
    assert [fact for _person, fact in facts()] == [Fact.DELIVERED]


def test_a_centre_that_counts_anew_confuses_nobody(world: World, event: AlertEvent) -> None:
    marks = [key(event.pk, person.pk, "smpp", 0) for person in world.residents[:2]]
    write([handed(marks[0])], [told("n1")])
    write([handed(marks[1])])
    assert [person for person, _fact in facts()] == [world.residents[0].pk]
    write(told=[told("n1", "failed")])
    assert facts()[-1] == (world.residents[1].pk, Fact.FAILED)


def test_keys_of_other_makers_and_tests_say_nothing_of_people(world: World, event: AlertEvent) -> None:
    write([handed("test-0123456789abcdef0123456789abcdef"), handed("nonsense", number="n2")], [told("n1"), told("n2")])
    assert facts() == []


def test_a_reply_goes_the_way_of_every_reply(world: World, event: AlertEvent) -> None:
    phone = world.residents[0].contacts.get().value.reveal()
    for _time in range(2):
        write(replies=[Reply("r1", phone, "3", "3 二楼", clock.now())])
    assert facts() == [(world.residents[0].pk, Fact.NEEDS_HELP)]
    assert Receipt.objects.get().channel == "smpp"


def test_parts_are_forgotten_when_no_report_can_come(world: World, event: AlertEvent) -> None:
    write([handed("1-1-smpp-0")])
    SmppPart.objects.update(at=clock.now() - smpp_desk.KEPT - timedelta(hours=1))
    assert (smpp_desk.sweep(), smpp_desk.sweep()) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_from_the_channel_to_the_coverage_page(settings: Settings) -> None:
    """Real sockets, real database: long Chinese texts, reports out of order and twice, a cut in the middle."""
    settings.CHANNELS = ["smpp"]
    world = World.build()
    event = make_event(world, channels=["smpp"])
    listed(event, world.residents, channel="smpp")
    people = [person.pk for person in world.residents]
    text = "【暴雨红色预警】请立即转移到村委会二楼。" * 6
    batch = [Message(key(event.pk, person, "smpp", 0), person, f"+86100{person:08d}", text) for person in people]

    desk = smpp_desk.House()

    async def go() -> None:
        async with smpp(desk=desk, window=4, centre={"shuffle": True, "repeat": 2}) as channel:
            await channel.open()
            channel.centre.next_faults.extend([*itertools.repeat("", 5), "drop_after"])
            for _try in range(5):
                if {one.what for one in await channel.send(batch)} == {What.ACCEPTED}:
                    break
            for _turn in range(200):
                await asyncio.sleep(0.02)
                if await asyncio.to_thread(_delivered, event) == len(people):
                    return

    try:
        asyncio.run(go())
    finally:
        desk.close()
    assert _delivered(event) == len(people)
    assert 1 <= smpp_desk.doubled() <= 4
    clock.forward(seconds=1)
    coverage.fold()


def _delivered(event: AlertEvent) -> int:
    return Receipt.objects.filter(event=event, fact=Fact.DELIVERED).count()
