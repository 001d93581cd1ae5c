"""Certificates, and warnings whose data waits to be destroyed or is held back; cut to the person's area."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lastmile.alerting.ending import destroying
from lastmile.alerting.ending.certificate import headline
from lastmile.alerting.ending.sources import EVENT
from lastmile.alerting.models import AlertEvent, Destruction, Hold
from lastmile.kernel import retention
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Perm, within

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

PERMS = (Perm.ALERT_READ, Perm.AUDIT_READ, Perm.RETENTION_EDIT)
SHOWN = 200


class Waiting(NamedTuple):
    """A warning that is over and whose data is still there; `due` is when it goes unless it is held."""

    event: AlertEvent
    headline: str
    ended: datetime
    due: datetime
    hold: Hold | None


def scopes(actor: Actor) -> list[str]:
    return [scope for perm in PERMS for scope in actor.scopes(perm)]


def destructions(actor: Actor) -> QuerySet[Destruction]:
    """Those of warnings that were issued inside the person's area."""
    return Destruction.objects.filter(within(scopes(actor))).select_related("event__alert")


def destruction(actor: Actor, pk: int) -> Destruction:
    one = destructions(actor).filter(pk=pk).first()
    if one is None:
        raise NotFound(_("There is no such certificate, or it is outside your area."), _("Go back to the list."))
    return one


def waiting(actor: Actor) -> list[Waiting]:
    """The next ones first, those that are held before all others."""
    done = set(Destruction.objects.values_list("event", flat=True))
    ended = {first: end for first, (end, events) in destroying.over().items() if not done.issuperset(events)}
    holds = {one.event_id: one for one in Hold.objects.filter(released_at=None)}
    asked = AlertEvent.objects.filter(within(scopes(actor)), pk__in={*ended, *holds})
    days = timedelta(days=retention.days(EVENT))
    rows = []
    for event in asked.select_related("alert"):
        end = ended.get(event.pk) or event.closed_at or event.expires_at
        rows.append(Waiting(event, headline(event), end, end + days, holds.get(event.pk)))
    return sorted(rows, key=lambda row: (row.hold is None, row.due))[:SHOWN]


def released(actor: Actor) -> QuerySet[Hold]:
    rows = Hold.objects.filter(within(scopes(actor))).exclude(released_at=None)
    return rows.select_related("event").order_by("-released_at")
