"""Who must act on a warning in force at a place: to them, and until it is over, people there are open (ADR 42)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from lastmile.alerting.models import WARNS, AlertEvent, Call, Manifest, State, Visit
from lastmile.community.org.models import CODE_LENGTH, Level, ancestors
from lastmile.community.people.models import Appointment
from lastmile.community.people.queries.ground import follow
from lastmile.kernel import clock
from lastmile.kernel.permissions import Actor, Perm, may


def in_force(place: str) -> list[AlertEvent]:
    """Real warnings in force that told somebody of exactly this place, or list a door there; the newest first."""
    now = clock.now()
    rows = AlertEvent.objects.filter(closed_at=None, expires_at__gt=now, place__in=[place, *ancestors(place)])
    rows = rows.filter(alert__state=State.ISSUED, alert__kind__in=WARNS, alert__exercise=False)
    events = list(rows.select_related("alert").defer("ladder").order_by("-pk"))
    told = Manifest.objects.filter(event__in=events, place=place).values_list("event", flat=True)
    listed = Visit.objects.filter(event__in=[one.pk for one in events], place=place).values_list("event", flat=True)
    here = {*told, *listed} if events else set()
    return [one for one in events if one.pk in here]


def purpose(actor: Actor, place: str) -> str:
    """The headline of the warning on which the actor must act for people of this place; empty if there is none."""
    events = in_force(place)
    if events and not _at_the_doors(actor, place):
        called = _called(actor, place, [one.pk for one in events])
        events = [one for one in events if one.pk in called]
    return str(events[0].frozen["texts"]["zh"]["headline"]) if events else ""


def acts_on(actor: Actor, event: AlertEvent, place: str) -> bool:
    """Whether this warning by itself opens to the actor whoever lives at or below the place: what is asked before
    sheets of many grids are printed, in a few questions for all of them."""
    alert, now = event.alert, clock.now()
    if event.closed_at is not None or event.expires_at <= now or alert.exercise:
        return False
    if alert.state != State.ISSUED or alert.kind not in WARNS or not may(actor, Perm.PERSON_REVEAL, place):
        return False
    return _at_the_doors(actor, place) or bool(_called(actor, place, [event.pk]))


def _at_the_doors(actor: Actor, place: str) -> bool:
    """The grid's and the village's own people: who goes to the doors, answers for them and keeps the list."""
    scopes: Sequence[str] = actor.scopes(Perm.PERSON_REVEAL)
    return any(place.startswith(one) and len(one) >= CODE_LENGTH[Level.VILLAGE] for one in scopes)


def _called(actor: Actor, place: str, events: Sequence[int]) -> set[int]:
    """The events for which a post at or above the place is called that the actor holds or stands in for, or about
    whose silence they are called as its superior."""
    me = getattr(actor, "person_id", None)
    if me is None:
        return set()
    now = Q(until=None) | Q(until__gt=clock.today())
    posts = Appointment.objects.filter(now, person=me, since__lte=clock.today()).values("post")
    rows = Call.objects.filter(event__in=events, place__in=[place, *ancestors(place)])
    return set(rows.filter(Q(post__in=posts) | Q(superior=me)).values_list("event", flat=True))


def register() -> None:
    follow(purpose)
