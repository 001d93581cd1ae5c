"""Where there is room: shelters open in an incident, and which of them suit some people who must go."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from lastmile.alerting.models import AlertEvent
from lastmile.community.org.models import Place
from lastmile.kernel.errors import Conflict
from lastmile.kernel.permissions import Actor, Perm, obtain, within
from lastmile.modules.shelters.models import Opening, Shelter
from lastmile.modules.shelters.queries.register import kilometres

Point = tuple[float, float]  # longitude, latitude


@dataclass(frozen=True)
class Offer:
    """A shelter that is open, with its distance where both positions are known."""

    opening: Opening
    km: float | None

    @property
    def label(self) -> str:
        free = _("%(n)d free") % {"n": max(0, self.opening.free)} if self.opening.free > 0 else _("full")
        far = "" if self.km is None else " · " + _("%(km).1f km") % {"km": self.km}
        return f"{self.opening.shelter.name} · {free}{far}"


def openings(incident: AlertEvent, prefix: str = "") -> QuerySet[Opening]:
    """Every shelter of the incident that stands under the prefix, closed ones too."""
    rows = Opening.objects.filter(incident=incident, shelter__place__code__startswith=prefix)
    return rows.select_related("shelter__place", "shelter__area", "shelter__keeper", "incident__alert")


def opening(actor: Actor, pk: int, perm: Perm) -> Opening:
    """One, if the actor may do `perm` where the shelter stands. Raises NotFound or NotAllowed."""
    rows = Opening.objects.select_related("shelter__place", "incident__alert")
    return obtain(rows, actor, perm, see=Perm.SHELTER_READ, place_of=lambda o: o.shelter.place_id, pk=pk)


def kept_by(actor: Actor) -> QuerySet[Opening]:
    """The shelters open now at which the actor checks people in."""
    rows = Opening.objects.filter(within(actor.scopes(Perm.SHELTER_KEEP), "shelter__place__code"), closed_at=None)
    return rows.select_related("shelter__place", "incident__alert")


def closed_still(actor: Actor, incident: AlertEvent, prefix: str) -> QuerySet[Shelter]:
    """Shelters that could be opened: in service, in the area where the actor orders, and not open in this incident."""
    rows = Shelter.objects.filter(within(actor.scopes(Perm.SHELTER_ORDER), "place__code"), closed_on=None)
    taken = Opening.objects.filter(incident=incident, closed_at=None).values("shelter")
    return rows.filter(place__code__startswith=prefix).exclude(pk__in=taken).select_related("place", "area")


def offers(actor: Actor, incident: AlertEvent, near: Point | None, people: int = 1) -> list[Offer]:
    """Open shelters where the actor may order people to: those with room for so many first, then the nearest."""
    rows = openings(incident).filter(within(actor.scopes(Perm.SHELTER_ORDER), "shelter__place__code"), closed_at=None)
    found = [Offer(one, _distance(one.shelter, near)) for one in rows]
    return sorted(found, key=lambda o: (o.opening.free < people, o.km is None, o.km or 0.0, -o.opening.free))


def _distance(shelter: Shelter, near: Point | None) -> float | None:
    if near is None or shelter.longitude is None or shelter.latitude is None:
        return None
    return kilometres(near, (shelter.longitude, shelter.latitude))


def middle(place: Place) -> Point | None:
    """Where a place lies: its own position, or that of the nearest place above that has one."""
    codes = [place.code[:length] for length in (15, 12, 9, 6) if length <= len(place.code)]
    known = Place.objects.filter(pk__in=codes).exclude(longitude=None).exclude(latitude=None).order_by("-code")
    found = known.values_list("longitude", "latitude").first()
    return (float(found[0] or 0), float(found[1] or 0)) if found else None


def alternatives(actor: Actor, incident: AlertEvent, near: Point | None, people: int, *, but: Opening) -> str:
    """The three nearest others with room, as a sentence; empty where there is none."""
    rows = [o for o in offers(actor, incident, near, people) if o.opening.free >= people and o.opening.pk != but.pk]
    return "；".join(offer.label for offer in rows[:3])


def require_open(opening: Opening) -> None:
    if opening.closed_at is not None:
        raise Conflict(
            _("%(shelter)s is closed.") % {"shelter": opening.shelter.name}, _("Open it again on the warning's page.")
        )
