"""The tallies equal a plain recount of the receipts, whatever comes in whatever order."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from lastmile.alerting import coverage, receipts
from lastmile.alerting.models import (
    AlertEvent,
    ChannelTally,
    Curve,
    Fact,
    Manifest,
    PendingReceipt,
    Receipt,
    Standing,
    Tally,
)
from lastmile.alerting.tests.answering import listed, make_event
from lastmile.community.people.models import Person
from lastmile.kernel import clock
from tests.world import World

COLUMNS = {
    Fact.SAFE: "safe",
    Fact.MOVED: "moved",
    Fact.NEEDS_HELP: "needs_help",
    Fact.REFUSED: "refused",
    Fact.ABSENT: "absent",
    Fact.UNREACHABLE: "unreachable",
}


def weight(fact: int) -> int:
    return 2 if fact == Fact.CONFIRMED else 3 if fact <= Fact.REFUSED else 1


def verdict(rows: list[Receipt]) -> dict[str, object]:
    """What a person's receipts say, by the words of the rules and without SQL."""
    order = sorted(rows, key=lambda row: (row.happened_at, row.pk))
    live: list[Receipt] = []
    for row in order:
        if row.fact == Fact.UNDONE:
            live = [one for one in live if (one.by is None) != (row.by is None)]
        elif row.fact in receipts.ANSWERS:
            live.append(row)
    best = max(live, key=lambda row: (weight(row.fact), row.happened_at, row.pk), default=None)
    confirmed = [row.happened_at for row in live if row.fact <= Fact.REFUSED]
    arrived = [row.happened_at for row in rows if row.fact in (Fact.DELIVERED, Fact.READ)]
    delivered_by = {row.channel for row in rows if row.fact == Fact.DELIVERED}
    return {
        "fact": best and best.fact,
        "confirmed": min(confirmed, default=None),
        "delivered": min(arrived + confirmed, default=None),
        "read": any(row.fact == Fact.READ for row in rows),
        "delivered_by": delivered_by,
        "failed_by": {row.channel for row in rows if row.fact == Fact.FAILED} - delivered_by,
        "answered_by": {row.channel for row in live if row.fact <= Fact.REFUSED},
    }


def naive(event: AlertEvent, where: dict[int, tuple[str, bool]]) -> tuple[Counter[tuple[str, ...]], ...]:
    """(sums, channel sums, curve) counted one receipt after the other."""
    sums: Counter[tuple[str, ...]] = Counter()
    channels: Counter[tuple[str, ...]] = Counter()
    curve: Counter[tuple[str, ...]] = Counter()
    rows = list(Receipt.objects.filter(event=event))
    for person in {row.person for row in rows}:
        said = verdict([row for row in rows if row.person == person])
        place, vulnerable = where[person]
        flags = {
            "delivered": said["delivered"],
            "failed": said["failed_by"] and not said["delivered"],
            "opened": said["read"],
            "confirmed": said["confirmed"],
            COLUMNS.get(said["fact"], "-"): True,  # type: ignore[call-overload]  # a Fact or None
        }
        for name, flag in flags.items():
            if flag and name != "-":
                sums[place, str(vulnerable), name] += 1
        for name in ("delivered", "failed", "answered"):
            for channel in said[f"{name}_by"]:  # type: ignore[attr-defined]  # a set
                channels[place, channel, name] += 1
        for name in ("delivered", "confirmed"):
            if isinstance(at := said[name], datetime):
                step = max(0, int((at - event.sent_at).total_seconds() // 10))
                curve[place[:9], str(step), name] += 1
    return sums, channels, curve, naive_doors(event)


def naive_doors(event: AlertEvent) -> Counter[tuple[str, ...]]:
    """Households by the words of the rule: reached or confirmed as soon as the first grown listed member is."""
    found: Counter[tuple[str, ...]] = Counter()
    listed = {person for row in Manifest.objects.filter(event=event) for person in row.person_ids}
    homes: dict[int, list[dict[str, object]]] = {}
    places: dict[int, str] = {}
    for person in Person.objects.filter(pk__in=listed, minor=False).exclude(household=None):
        said = verdict(list(Receipt.objects.filter(event=event, person=person.pk)))
        homes.setdefault(person.household_id or 0, []).append(said)
        places[person.household_id or 0] = person.place_id
    for home, members in homes.items():
        for name in ("delivered", "confirmed"):
            moments = [at for member in members if isinstance(at := member[name], datetime)]
            if moments:
                step = max(0, int((min(moments) - event.sent_at).total_seconds() // 10))
                found[places[home], name] += 1
                found[places[home][:9], str(step), name] += 1
    return found


def stored(event: AlertEvent) -> tuple[Counter[tuple[str, ...]], ...]:
    sums: Counter[tuple[str, ...]] = Counter()
    for row in Tally.objects.filter(event=event.pk):
        for name in ("delivered", "failed", "opened", "confirmed", *COLUMNS.values()):
            sums[row.place, str(row.vulnerable), name] = getattr(row, name)
    channels: Counter[tuple[str, ...]] = Counter()
    for line in ChannelTally.objects.filter(event=event.pk):
        for name in ("delivered", "failed", "answered"):
            channels[line.place, line.channel, name] = getattr(line, name)
    curve: Counter[tuple[str, ...]] = Counter()
    for point in Curve.objects.filter(event=event.pk):
        for name in ("delivered", "confirmed"):
            curve[point.place, str(point.step), name] = getattr(point, name)
    return +sums, +channels, +curve, stored_doors(event)


def stored_doors(event: AlertEvent) -> Counter[tuple[str, ...]]:
    doors: Counter[tuple[str, ...]] = Counter()
    for row in Tally.objects.filter(event=event.pk):
        doors[row.place, "delivered"] += row.doors_delivered
        doors[row.place, "confirmed"] += row.doors_confirmed
    for point in Curve.objects.filter(event=event.pk):
        doors[point.place, str(point.step), "delivered"] += point.doors_delivered
        doors[point.place, str(point.step), "confirmed"] += point.doors_confirmed
    return +doors


moments = st.integers(0, 90)  # seconds after issue: few, so that they collide


@st.composite
def streams(draw: st.DrawFn) -> list[tuple[int, int, str, int, int | None, int]]:
    """(person's number, fact, channel, second, by, key's number): duplicates and disorder included."""
    fact = st.sampled_from(list(Fact))
    one = st.tuples(
        st.integers(0, 5),
        fact,
        st.sampled_from(["sms", "link", "staff"]),
        moments,
        st.sampled_from([None, 7]),
        st.integers(0, 25),
    )
    return draw(st.lists(one, max_size=40))


class TheFold(TestCase):
    world: World

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = World.build()
        child = cls.world.residents[3]
        child.minor = True
        child.save()

    @settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(stream=streams(), cuts=st.sets(st.integers(0, 40), max_size=5))
    def test_it_equals_a_recount(
        self, stream: list[tuple[int, int, str, int, int | None, int]], cuts: set[int]
    ) -> None:
        world = self.world
        event = make_event(world)
        listed(event, world.residents[:5])  # the sixth is on no list
        people = world.residents[:6]
        where = {person.pk: (person.place_id, person.vulnerable) for person in people}
        for number, (who, fact, channel, second, by, key) in enumerate(stream):
            at = event.sent_at + timedelta(seconds=second)
            new = receipts.NewReceipt(str(key), event.pk, people[who].pk, fact, channel, at, by)
            receipts.append([new, new])
            if number in cuts:
                coverage.fold()
        coverage.fold()
        expected = naive(event, where)
        assert stored(event) == expected
        assert coverage.fold() == 0
        coverage.recount(event.pk)
        coverage.fold()
        assert stored(event) == expected


@pytest.fixture
def world(db: None) -> World:
    return World.build()


def test_a_receipt_is_counted_once_however_often_it_comes(world: World) -> None:
    event = make_event(world)
    listed(event, world.residents)
    new = receipts.NewReceipt("k", event.pk, world.residents[0].pk, Fact.CONFIRMED, "link", clock.now())
    assert receipts.append([new, new]) == 1
    assert receipts.append([new]) == 0
    coverage.fold()
    assert sum(row.confirmed for row in Tally.objects.all()) == 1
    assert not PendingReceipt.objects.exists()


def test_settling_a_manifest_counts_who_was_told_once_over_all_channels(world: World) -> None:
    event = make_event(world)
    listed(event, world.residents, channel="sms")
    listed(event, world.residents, channel="email")
    Manifest.objects.filter(place="410182109211001", channel="sms").update(states=b"\x02" * 6)
    Manifest.objects.filter(place="410182109211001", channel="email").update(states=b"\x02\x02\x04\x05\x06\x03")
    coverage.fold()
    rows = Tally.objects.filter(place="410182109211001").order_by("vulnerable")
    assert [(row.vulnerable, row.people, row.told) for row in rows] == [(False, 3, 3), (True, 3, 3)]
    mail = ChannelTally.objects.get(place="410182109211001", channel="email")
    assert (mail.told, mail.rejected, mail.unknown, mail.no_contact, mail.waiting) == (2, 1, 1, 1, 1)


def test_staff_listed_by_their_post_are_found_there(world: World) -> None:
    event = make_event(world)
    leader = world.staff["410182109"]
    listed(event, [leader])
    receipts.append([receipts.NewReceipt("k", event.pk, leader.pk, Fact.CONFIRMED, "sms", clock.now())])
    coverage.fold()
    standing = Standing.objects.get()
    assert (standing.place, standing.listed) == ("410182109", True)


def test_receipts_can_not_be_changed(world: World) -> None:
    event = make_event(world)
    receipts.append([receipts.NewReceipt("k", event.pk, 1, Fact.CONFIRMED, "sms", clock.now())])
    with pytest.raises(Exception, match="never changed"):
        Receipt.objects.update(fact=Fact.SAFE)
