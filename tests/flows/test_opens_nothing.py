"""A test of who can be reached opens nothing: no call, no door, no need, no shelter, whatever comes back and whoever
asks. Each way in is tried by its own code, with the event of a test in its hand."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from lastmile.alerting import fold, manifest, signals, site_answers
from lastmile.alerting.cascade import opening
from lastmile.alerting.cascade import tick as calls
from lastmile.alerting.models import AlertEvent, Call, Fact, Probe, ReadinessPlan, SiteAnswer, Visit, VisitRound
from lastmile.alerting.readiness import plans, rounds
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.visits import rounds as visits
from lastmile.alerting.visits import uncovered
from lastmile.community.org.models import SpecialSite
from lastmile.community.people.models import Person
from lastmile.duties.models import Obligation
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, Refusal
from lastmile.modules.shelters.actions import room
from lastmile.modules.shelters.models import Opening, Order, Stay
from tests.browser.samples_shelters import shelter
from tests.world import World

pytestmark = pytest.mark.django_db
COUNTY, VILLAGE, GRID = "410182", "410182109211", "410182109211001"
ANSWERS = [fact for fact in Fact if fact not in {Fact.DELIVERED, Fact.FAILED}]


@pytest.fixture
def world() -> World:
    return World.build()


@pytest.fixture
def event(world: World, settings: Settings) -> AlertEvent:
    """The event of a test that has been sent to everybody in the county."""
    settings.CHANNELS = ["sms"]
    SpecialSite.objects.create(place_id=GRID, kind=SpecialSite.Kind.CARE_HOME, name="敬老院")
    plan = plans.start(world.officer, world.places[COUNTY], whom="all", share=50, from_hour=8, to_hour=20)
    ReadinessPlan.objects.update(share=100)
    plan.refresh_from_db()
    rounds._send(plan)
    return plan.rounds.get().event


def nothing_is_open() -> None:
    for model in (Call, VisitRound, Visit, Opening, Order, Stay, SiteAnswer):
        assert not model._default_manager.exists(), model.__name__
    kinds = set(Obligation.objects.exclude(kind="alerting.test_help").values_list("kind", flat=True))
    assert kinds == set()


def test_sending_it_opens_nothing_however_late_it_gets(event: AlertEvent) -> None:
    for _hour in range(50):
        clock.forward(hours=1)
        calls.tick()
        visits.tick()
    nothing_is_open()


@pytest.mark.parametrize("fact", ANSWERS)
def test_no_answer_opens_anything_but_a_call_for_help_of_its_own_kind(
    event: AlertEvent, world: World, fact: Fact
) -> None:
    people = Person.objects.filter(pk__in=Probe.objects.values("person"))
    append([NewReceipt(f"a{one.pk}", event.pk, one.pk, fact, "sms", clock.now()) for one in people])
    while fold.fold():
        pass
    calls.tick()
    visits.tick()
    nothing_is_open()
    assert Obligation.objects.exists() == (fact == Fact.NEEDS_HELP)


def test_it_opens_nothing_even_if_it_were_issued_as_a_warning_is(event: AlertEvent) -> None:
    signals.issued.send(AlertEvent, event=event, actor=None)
    assert opening.freeze(event) == []
    opening.opened_at_issue(None, event, manifest.area_of(event))
    nothing_is_open()


def test_nobody_can_open_anything_on_it_by_hand(event: AlertEvent, world: World) -> None:
    with pytest.raises(Refusal):
        opening.start(world.officer, event, world.places[COUNTY])
    assert uncovered.assign(world.officer, event, COUNTY) == (0, 0)
    assert not site_answers.concerned(event).exists()
    school = shelter(world)
    with pytest.raises(Conflict):
        room.open_shelter(world.officer, event, school)
    nothing_is_open()


def test_its_addresses_do_not_exist(event: AlertEvent, world: World, client: Client) -> None:
    code, school = event.alert.code, shelter(world)
    world.login(client, "officer")
    for path, body in (
        (f"alerts/{code}/start-calls?place={COUNTY}", {}),
        (f"alerts/{code}/uncovered", {"place": COUNTY}),
        (f"alerts/{code}/shelters", {"shelter": school.pk}),
        (f"visits/{code}/{GRID}/doors", {}),
    ):
        answer = client.post(f"/api/v1/{path}", body, content_type="application/json")
        assert answer.status_code == 404, (path, answer.content)
    nothing_is_open()
