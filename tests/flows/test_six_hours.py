"""A county without a network from ten past three until half past nine, as one story: afterwards nothing is missing.

The gateway answers nobody, phones keep what is tapped on them, the rest is written on sheets that were printed before.
What comes in with the network comes late, twice and in the wrong order. (That workers and the database themselves are
killed is told in test_survival.py.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest

from lastmile.alerting import coverage, report
from lastmile.alerting.cascade import actions as calls
from lastmile.alerting.channels.contract import Message, Outcome, What
from lastmile.alerting.models import AlertEvent, CallState, Fact, PaperPrint, Receipt, Standing, Visit
from lastmile.alerting.paper import entering as paper
from lastmile.alerting.paper import printing, reading
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.visits import entering
from lastmile.alerting.visits import rounds as visits
from lastmile.community.people.models import Household
from lastmile.duties.models import Obligation
from lastmile.kernel import audit, clock
from lastmile.modules.shelters.actions import orders, register, room
from lastmile.modules.shelters.actions.checkin import Tap, enter
from lastmile.modules.shelters.actions.orders import Source
from lastmile.modules.shelters.models import Opening, Shelter, Stay
from lastmile.modules.shelters.queries import roll
from tests.flows.city import COUNTY, VILLAGE, City

BESIDE = "410182109211002"
DARK = timedelta(hours=6, minutes=20)

pytestmark = pytest.mark.django_db


class Night(City):
    """Six households in two grids; two devices and two sheets keep what the network can't carry."""

    def begins(self) -> AlertEvent:
        self.warn(audience={"places": [VILLAGE], "groups": ["residents", "responsible"]})
        place = self.world.places[VILLAGE]
        facts = {"place": place, "area": place, "kind": Shelter.Kind.SCHOOL, "capacity": 20}
        shelter = register.save(Shelter(name="东岭小学"), by=self.world.officer, **facts)
        self.school = room.open_shelter(self.world.village, self.event, shelter)
        orders.give(self.world.village, self.event, Source(place), self.school, route="走东岭路，不过桥")
        return self.event

    def goes_dark(self) -> None:
        def nobody_answers(batch: Sequence[Message]) -> list[Outcome]:
            return [Outcome(What.RETRY, "no answer within 10 s", 60)] * len(batch)

        self.phones.fail_next(*[nobody_answers] * 10_000)

    def comes_back(self) -> None:
        self.phones._failures.clear()

    def home(self, number: int) -> Household:
        return self.world.households[number]

    def tap(self, number: int, fact: Fact) -> entering.Outcome:
        """On the grid worker's phone, which has the list and no network."""
        return entering.Outcome(uuid4(), self.event.alert.code, self.home(number).pk, fact, clock.now(), clock.now())

    def family(self, number: int) -> tuple[int, ...]:
        return tuple(Stay.objects.filter(household=self.home(number).pk).order_by("pk").values_list("pk", flat=True))

    def facts(self) -> dict[int, set[Fact]]:
        """What stands for the people of each household, by its number."""
        while coverage.fold():
            pass
        rows = Standing.objects.filter(event=self.event.pk, fact__isnull=False).values_list("household", "fact")
        numbers = {home.pk: number for number, home in enumerate(self.world.households)}
        found: dict[int, set[Fact]] = {}
        for household, fact in rows:
            if household is not None and fact is not None:
                found.setdefault(numbers[household], set()).add(Fact(fact))
        return found

    def in_the_dark(self) -> None:
        """What people do while nothing can be sent, each thing noted where it happens."""
        self.live(minutes=9)
        visits.tick()
        clock.forward(minutes=20)
        self.kept = [self.tap(0, Fact.MOVED)]
        clock.forward(minutes=10)
        self.kept.append(self.tap(1, Fact.ABSENT))
        self.radio_at = clock.now()  # the village head says by radio that he knows and has passed it on
        clock.forward(minutes=25)
        self.kept += [self.tap(1, Fact.CONFIRMED), self.tap(2, Fact.REFUSED)]
        self.paper_at = clock.now()  # the other grid, on its sheet: door 1 moved, 2 told, nobody at 3
        clock.forward(minutes=30)
        self.came = [Tap(uuid4(), "in", stays=self.family(number), at=clock.now()) for number in (0, 3)]
        clock.forward(hours=1)
        self.tapped_at = clock.now()  # a resident taps in their browser; the answer leaves with the network

    def comes_in(self) -> None:
        """Everything with the network: late, twice, and the last first."""
        sent_at = clock.now()
        for _twice in range(2):
            assert all(one.ok for one in entering.enter_many(self.world.grid, self.kept[::-1], sent_at=sent_at))
            typed = paper.Typed(BESIDE, "1-2 2-1 3-4", "nonce-1", self.paper_at)
            assert paper.enter(self.world.village, self.event, typed).left == []
            assert all(enter(self.world.users["keeper"], self.school, tap).ok for tap in self.came[::-1])
            person = self.world.residents[10].pk
            append([NewReceipt("late", self.event.pk, person, Fact.CONFIRMED, "link", self.tapped_at)])
        calls.confirm(self.world.officer, self.call(VILLAGE), at=self.radio_at, words="对讲机")
        calls.passed_on(self.world.officer, self.call(VILLAGE), at=self.radio_at, words="对讲机")
        self.live(minutes=2)


@pytest.fixture
def night(city: City) -> Night:
    return Night(city.world, city.phones)


@pytest.fixture
def morning(night: Night) -> Night:
    """Half past nine, when everything has come in."""
    night.begins()
    night.live(minutes=2)
    night.goes_dark()
    began = clock.now()
    night.in_the_dark()
    night.live(minutes=1)
    clock.forward(seconds=(DARK - (clock.now() - began)).total_seconds())
    night.live(minutes=1)
    assert night.facts() == {}
    assert night.state(VILLAGE) == CallState.DOOR  # nobody could be rung: somebody must go
    night.comes_back()
    night.comes_in()
    return night


def test_the_sheets_are_there_before_the_network_goes(night: Night) -> None:
    event = night.begins()
    wish = printing.ask(night.world.village, event, VILLAGE, ["calls", "transfer", "shelter"])
    printing.run(wish.pk)
    wish.refresh_from_db()
    assert wish.state == PaperPrint.State.READY
    assert wish.pages >= len(reading.sheet(event, VILLAGE).doors)
    assert len(reading.sheet(event, BESIDE).doors) == 3


def test_what_stands_is_what_happened_in_the_order_in_which_it_happened(morning: Night) -> None:
    assert morning.facts() == {
        0: {Fact.MOVED},
        1: {Fact.CONFIRMED},
        2: {Fact.REFUSED},
        3: {Fact.MOVED},
        4: {Fact.CONFIRMED},
        5: {Fact.UNREACHABLE, Fact.CONFIRMED},  # found by nobody; one of them has answered by themselves
    }
    absent = Receipt.objects.filter(event=morning.event, fact=Fact.ABSENT)
    assert {row.person for row in absent} == {one.pk for one in morning.world.residents[2:4]}
    assert all(row.happened_at < row.entered_at - timedelta(hours=4) for row in absent)


def test_what_came_twice_counts_once(morning: Night) -> None:
    rows = Receipt.objects.filter(event=morning.event).exclude(channel="fake")
    facts = Counter(rows.exclude(fact=Fact.DELIVERED).values_list("person", "fact", "happened_at", "channel"))
    assert facts
    assert set(facts.values()) == {1}
    before = Receipt.objects.count()
    morning.comes_in()
    assert Receipt.objects.exclude(by=morning.world.officer.pk).count() <= before


def test_who_is_missing_is_known_to_the_last_name(morning: Night) -> None:
    figures = roll.of(morning.event, VILLAGE)
    assert (figures.listed, figures.came, figures.missing) == (12, 4, 8)
    assert Opening.objects.get(pk=morning.school.pk).held == 12
    assert {stay.household_id for stay in roll.missing(morning.event, VILLAGE)} == {
        morning.home(number).pk for number in (1, 2, 4, 5)
    }


def test_the_village_head_knew_at_his_own_time_and_nobody_is_sent_to_him(morning: Night) -> None:
    call = morning.call(VILLAGE)
    assert (call.confirmed_at, call.relayed_at) == (morning.radio_at, morning.radio_at)
    assert not Obligation.objects.filter(kind="alerting.call_door", place=VILLAGE, closed_at=None).exists()
    heard = len(morning.inbox(morning.staff(VILLAGE)))
    morning.live(minutes=30)
    assert len(morning.inbox(morning.staff(VILLAGE))) == heard  # the network is back, and he is left in peace


def test_what_is_left_is_owed_by_somebody_and_the_trail_is_whole(morning: Night) -> None:
    assert Obligation.objects.filter(kind="alerting.refusal", closed_at=None).count() == 1
    assert not Visit.objects.filter(event=morning.event.pk, closed_at=None).exists()  # no door is knocked on twice
    made = report.build(morning.event, COUNTY)
    assert made["places"]
    _checked, broken = audit.verify()
    assert broken is None
