"""What of a warning's coverage a person may look at: their own places inside those that issued it, and below."""

from __future__ import annotations

from django.utils.translation import gettext as _

from lastmile.alerting import queries
from lastmile.alerting.models import AlertEvent
from lastmile.community.org.models import Place
from lastmile.kernel.errors import NotFound
from lastmile.kernel.permissions import Actor, Perm, may, require


def default_place(actor: Actor, event: AlertEvent) -> str:
    """The issuing place where the person sees all of it, else the first of their places inside it."""
    if may(actor, Perm.ALERT_READ, event.place):
        return event.place
    inside = [scope for scope in actor.scopes(Perm.ALERT_READ) if scope.startswith(event.place)]
    return min(inside, default=event.place)


def seen(actor: Actor, code: str, place: str = "", perm: Perm = Perm.ALERT_READ) -> tuple[AlertEvent, Place]:
    """The frozen event of a visible warning and a place of it. NotFound, or NotAllowed without perm."""
    event = queries.event(actor, code)
    wanted = place or default_place(actor, event)
    found = Place.objects.filter(pk=wanted).first()
    if found is None or not found.code.startswith(event.place) or not may(actor, Perm.ALERT_READ, found.code):
        raise NotFound(
            _("There is no such place in this warning, or it is outside your area."),
            _("Open the warning again and go down from there."),
        )
    require(actor, perm, found.code)
    return event, found


def place(actor: Actor, code: str = "") -> Place:
    """A place whose figures the person may see; without a code the first of their own. Raises NotFound."""
    wanted = code or min(actor.scopes(Perm.ALERT_READ), default="")
    rows = Place.objects.filter(pk=wanted) if wanted else Place.objects.order_by("code")
    found = rows.first()
    if found is None or not may(actor, Perm.ALERT_READ, found.code):
        raise NotFound(_("There is no such place, or it is outside your area."), _("Choose a place from the list."))
    return found


def path_to(actor: Actor, event: AlertEvent, place: Place) -> list[Place]:
    """The places from the top of what the person sees down to this one."""
    top = default_place(actor, event)
    codes = [place.code[:length] for length in range(len(top), len(place.code) + 1)]
    return list(Place.objects.filter(pk__in=codes).order_by("code"))
