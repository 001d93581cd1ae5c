"""Whatever happens in whatever order, a call moves only as its table says, and its columns agree with its state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lastmile.alerting.cascade import hearing, tick
from lastmile.alerting.cascade.lifecycle import TABLE
from lastmile.alerting.models import Call, CallState, Fact
from lastmile.alerting.models.calls import SILENT
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.people.models import Appointment, Leave
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from tests.world import World

PLACES = ("4101", "410182", "410182109", "410182109211", "410182109211001")
SAYS = (Fact.CONFIRMED, Fact.RELAYED, Fact.UNDONE, Fact.TAKEN_OVER, Fact.NEEDS_HELP, Fact.READ)
ACTS = st.one_of(
    st.tuples(st.just("wait"), st.integers(5, 600), st.just(0)),
    st.tuples(st.sampled_from(SAYS), st.sampled_from(PLACES), st.sampled_from([None, 7])),
    st.tuples(st.just("leave"), st.sampled_from(PLACES), st.just(0)),
    st.tuples(st.just("vacate"), st.sampled_from(PLACES), st.just(0)),
    st.tuples(st.just("close"), st.just(0), st.just(0)),
)


class Watched:
    """A warning and the last known state of each of its calls."""

    def __init__(self, world: World) -> None:
        self.world, self.event = world, Desk(world).issued(channels=["sms"])
        self.known = dict(Call.objects.values_list("pk", "state"))
        self.said = 0

    def look(self) -> None:
        for call in Call.objects.all():
            before, now = CallState(self.known[call.pk]), CallState(call.state)
            assert before == now or TABLE.allows(before, now), f"{before} → {now}"
            self.known[call.pk] = now
            self.agrees(call)

    def agrees(self, call: Call) -> None:
        if call.state == CallState.STOPPED:
            assert call.due_at is None
            return
        assert (call.confirmed_at is None) == (call.state in SILENT)
        if call.state in (CallState.DONE, CallState.DOOR):
            assert call.due_at is None
        if call.state == CallState.DONE:
            assert call.relayed_at is not None or call.relay_due is None
        key = f"{call.root}:{call.post_id}"
        door = Obligation.objects.filter(kind="alerting.call_door", key=key, closed_at=None).exists()
        assert door == (call.state == CallState.DOOR)

    def work(self) -> None:
        """What the workers do, looking after every statement."""
        for do in (tick.stop, tick.relay):
            do()
            self.look()
        while tick.tick():
            self.look()
        self.look()

    def say(self, fact: Fact, place: str, by: int | None) -> None:
        self.said += 1
        person = self.world.staff[place].pk
        append([NewReceipt(f"m{self.said}", self.event.pk, person, fact, "link", clock.now(), by=by)])
        hearing.hear(self.event.pk, [person])
        self.look()

    def act(self, what: object, one: object, two: object) -> None:
        if what == "wait":
            clock.forward(seconds=int(str(one)))
        elif what == "leave":
            Leave.objects.create(person=self.world.staff[str(one)], first_day=clock.today(), last_day=clock.today())
        elif what == "vacate":
            Appointment.objects.filter(person=self.world.staff[str(one)]).update(until=clock.today())
        elif what == "close":
            self.event.closed_at = clock.now()
            self.event.save(update_fields=["closed_at"])
        elif isinstance(what, Fact):
            self.say(what, str(one), two if isinstance(two, int) else None)
        self.work()


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with clock.frozen():
        yield World.build(households=1)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(ACTS, max_size=14))
def test_a_call_moves_only_as_its_table_says(world: World, acts: list[tuple[object, object, object]]) -> None:
    with clock.frozen(clock.now()), transaction.atomic():
        watched = Watched(world)
        watched.work()
        for what, one, two in acts:
            watched.act(what, one, two)
        transaction.set_rollback(True)


def test_nothing_leaves_the_end() -> None:
    assert TABLE.final() == [CallState.STOPPED]


def test_an_answer_of_one_person_changes_no_other_call(world: World) -> None:
    watched = Watched(world)
    watched.work()
    watched.say(Fact.CONFIRMED, "410182109", None)
    confirmed = Call.objects.exclude(confirmed_at=None).values_list("place", flat=True)
    assert list(confirmed) == ["410182109"]
