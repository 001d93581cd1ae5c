"""Zhengzhou, July 2021, through a feed: five red signals come in as a chain, go out by a rule, reach every phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from lastmile.alerting import close
from lastmile.alerting.cap.model import Alert as CapAlert
from lastmile.alerting.channels.fake import transport
from lastmile.alerting.models import Alert, AlertEvent, Proposal, Received, Source, State
from lastmile.alerting.sources import polling, proposing, rules
from lastmile.alerting.sources.tests import samples, server
from lastmile.alerting.tests.test_dispatch import work
from lastmile.community.people.models import Contact, Person
from lastmile.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
# the five signals, as the city's observatory sent them
SIGNALS = [
    datetime(2021, 7, day, hour, minute, tzinfo=clock.BEIJING)
    for day, hour, minute in ((19, 21, 59), (20, 6, 2), (20, 9, 8), (20, 11, 50), (20, 16, 1))
]
HOLDS = timedelta(hours=12)


class Day:
    """The observatory's feed, the county's workers, the phones of the village."""

    def __init__(self, world: World, feed: server.Feed, phones: transport.FakeChannel) -> None:
        self.world, self.feed, self.phones = world, feed, phones
        self.sent: list[CapAlert] = []
        self.source = samples.source("feed", url=feed.url)

    def signal(self, number: int, *, listed: bool = True, **changes: Any) -> None:
        """The observatory sends its nth signal, which refers to all before; the feed may be late with it."""
        self.at(SIGNALS[number - 1])
        kind = "Update" if self.sent else "Alert"
        expires = samples.time(at=clock.now() + HOLDS)
        self.sent.append(samples.alert(number, kind, *self.sent, expires=expires, **changes))
        if listed:
            self.lists(number)

    def lists(self, number: int) -> None:
        self.feed.messages[str(number)] = samples.xml(self.sent[number - 1])

    def at(self, moment: datetime) -> None:
        clock.forward(seconds=(moment - clock.now()).total_seconds())

    def live(self, minutes: float = 2) -> None:
        """What the workers do: ask, issue, hand over, expire."""
        clock.forward(minutes=minutes)
        polling.tick()
        rules.run()
        work(self.phones)
        clock.forward(seconds=30)  # until the phones ring
        self.phones.network.step(clock.now().timestamp())
        close.expire()
        proposing.refresh()

    def inbox(self, person: Person) -> list[str]:
        number = str(Contact.objects.get(person=person).value.reveal())
        return [shown.text for shown in self.phones.network.inbox(number) if "暴雨" in shown.text]

    def running(self) -> list[str]:
        return list(Alert.objects.filter(state=State.ISSUED).values_list("headline", flat=True))


@pytest.fixture
def day(settings: Any, phones: transport.FakeChannel) -> Iterator[Day]:
    settings.FEED_PRIVATE = True
    with clock.frozen(SIGNALS[0] - timedelta(minutes=10)), server.serve() as feed:
        yield Day(World.build(), feed, phones)


@pytest.fixture
def automatic(day: Day) -> Day:
    rule = rules.propose(day.world.officer, day.source, colour=1, hazard="rainstorm", action="issue")
    rules.confirm(day.world.approver, rule)
    return day


def test_five_red_signals_reach_every_household_and_run_out(automatic: Day) -> None:
    day = automatic
    for number in range(1, 6):
        day.signal(number)
        day.live()
        assert day.running() == [f"郑州市气象台发布暴雨红色预警信号{number}"]
    assert list(Alert.objects.order_by("pk").values_list("kind", "state")) == [
        ("alert", "updated"),
        *[("update", "updated")] * 3,
        ("update", "issued"),
    ]
    for person in day.world.residents:
        assert len(day.inbox(person)) == 5
        assert day.inbox(person)[-1].startswith("【更新")
    event = AlertEvent.objects.latest("pk")
    assert event.expires_at == SIGNALS[4] + HOLDS
    day.live(minutes=60 * 13)
    assert day.running() == []
    assert Alert.objects.latest("pk").state == State.EXPIRED
    assert all(len(day.inbox(person)) == 5 for person in day.world.residents)


def test_a_signal_that_the_feed_lists_late_is_told_nobody_twice(automatic: Day) -> None:
    day = automatic
    day.signal(1)
    day.live()
    day.signal(2, listed=False)
    day.signal(3)
    day.live()
    day.lists(2)
    day.live()
    assert day.running() == ["郑州市气象台发布暴雨红色预警信号3"]
    assert (Received.objects.count(), AlertEvent.objects.count()) == (3, 2)
    assert [text.count("信号2") for text in day.inbox(day.world.residents[0])] == [0, 0]


def test_the_all_clear_of_the_observatory_is_told_to_whoever_was_warned(automatic: Day) -> None:
    day = automatic
    day.signal(1)
    day.live()
    clock.forward(hours=2)
    day.sent.append(samples.alert(9, "Cancel", day.sent[0], over=True))
    day.feed.messages["9"] = samples.xml(day.sent[-1])
    day.live()
    assert Alert.objects.get(kind="alert").state == State.LIFTED
    for person in day.world.residents:
        assert "解除" in day.inbox(person)[-1]


def test_without_a_rule_nothing_goes_out_and_the_officer_is_asked(day: Day) -> None:
    day.signal(1)
    day.live()
    assert (AlertEvent.objects.count(), Proposal.objects.get().state) == (0, "open")
    assert day.inbox(day.world.residents[0]) == []


def test_the_line_is_cut_for_six_hours_and_heals_by_itself(automatic: Day) -> None:
    day = automatic
    day.signal(1)
    day.live()
    day.feed.status = 503
    for _hour in range(6):
        day.live(minutes=60)
    day.signal(2)
    assert day.running() == ["郑州市气象台发布暴雨红色预警信号1"]
    assert Source.objects.get().failures >= 6
    day.feed.status = 200
    day.live(minutes=13)  # the longest pause
    assert day.running() == ["郑州市气象台发布暴雨红色预警信号2"]
    assert Source.objects.get().failures == 0
