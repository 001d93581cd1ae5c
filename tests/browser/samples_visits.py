"""The pages of the doors that are left, with doors in every state."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from lastmile.alerting import fold, links
from lastmile.alerting.models import AlertEvent, Fact, VisitRound, Whom
from lastmile.alerting.visits import entering, rounds
from lastmile.community.org.models import Post, SpecialSite
from lastmile.community.people.actions import add_person
from lastmile.community.people.models import Appointment, Person
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.browser.samples_answers import event as answered
from tests.world import World, phone

VILLAGE, GRID = "410182109211", "410182109211002"

_made: set[int] = set()


def event(world: World) -> AlertEvent:
    """The half answered warning an hour later: a round is open, one door was closed to us, one household stays."""
    found = answered(world)
    if found.pk not in _made:
        _made.add(found.pk)
        VisitRound.objects.create(event=found, due_at=clock.now(), whom=Whom.SILENT)
        rounds.tick()
        for home, fact in ((world.households[3], Fact.ABSENT), (world.households[4], Fact.REFUSED)):
            entering.enter(world.officer, entering.Outcome(uuid4(), found.alert.code, home.pk, fact))
        fold.fold()
    return found


@sample("visits:figures", login="officer")
def warning(world: World) -> dict[str, Any]:
    return {"code": event(world).alert.code}


@sample("visits:figures_place", login="village")
@sample("visits:figures_live", login="village")
def village(world: World) -> dict[str, Any]:
    return {"code": event(world).alert.code, "place": VILLAGE}


@sample("visits:field", login="village")
def grid(world: World) -> dict[str, Any]:
    return {"code": event(world).alert.code, "place": GRID}


_keepers: dict[int, Person] = {}


def keeper(world: World) -> Person:
    """Whoever answers for a care home of the village."""
    if id(world) not in _keepers:
        place = world.places[GRID]
        site = SpecialSite.objects.create(
            place=place, kind=SpecialSite.Kind.CARE_HOME, name="夕阳红敬老院", capacity=80
        )
        SpecialSite.objects.create(place=place, kind=SpecialSite.Kind.SCHOOL, name="王宗店小学", capacity=200)
        post = Post.objects.create(place=place, site=site, kind=Post.Kind.SITE, title="敬老院负责人")
        person = add_person(name="赵院长", place=place, phone=phone())
        Appointment.objects.create(post=post, person=person, role=Appointment.Role.HOLDER, since=clock.today())
        _keepers[id(world)] = person
    return _keepers[id(world)]


@sample("visits:sites", login="village")
def sites(world: World) -> dict[str, Any]:
    keeper(world)
    return {"code": event(world).alert.code, "place": VILLAGE}


@sample("visits:site_enter", login="village", skip="answers POST only")
def site_enter(world: World) -> dict[str, Any]:
    keeper(world)
    return {"code": event(world).alert.code, "place": VILLAGE, "site": SpecialSite.objects.earliest("id").pk}


@sample("visits:site_mine", login="")
def site_mine(world: World) -> dict[str, Any]:
    return {"token": links.token(event(world).pk, keeper(world).pk)}


@sample("visits:uncovered", login="village")
def uncovered(world: World) -> dict[str, Any]:
    return sites(world)
