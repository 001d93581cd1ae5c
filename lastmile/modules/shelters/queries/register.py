"""The register as a person may see it: cut to their area, with the keeper and whether it is open now."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from lastmile.community.people.models import Appointment
from lastmile.kernel.permissions import Actor, Perm, obtain, within
from lastmile.modules.shelters.models import Opening, Shelter

OPEN = Opening.objects.filter(shelter=OuterRef("pk"), closed_at=None)
HELD = Appointment.objects.filter(
    post=OuterRef("keeper"), post__closed_on=None, role=Appointment.Role.HOLDER, until=None, person__left_on=None
)


def shelters(actor: Actor, prefix: str = "", perm: Perm = Perm.SHELTER_READ) -> QuerySet[Shelter]:
    """Shelters under the prefix in the actor's area; `kept`: somebody holds the keeper's post; `open_now`."""
    rows = Shelter.objects.filter(within(actor.scopes(perm), "place__code"), place__code__startswith=prefix)
    return rows.select_related("place", "area", "keeper").annotate(kept=Exists(HELD), open_now=Exists(OPEN))


def shelter(actor: Actor, pk: int, perm: Perm = Perm.SHELTER_READ) -> Shelter:
    """One, if the actor may do `perm` where it stands. Raises NotFound or NotAllowed."""
    rows = Shelter.objects.select_related("place", "area", "keeper").annotate(kept=Exists(HELD), open_now=Exists(OPEN))
    return obtain(rows, actor, perm, see=Perm.SHELTER_READ, place_of=lambda found: found.place_id, pk=pk)


def in_state(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    """For the list: in service, open now, without keeper, out of service."""
    if state == "closed":
        return rows.exclude(closed_on=None)
    rows = rows.filter(closed_on=None)
    if state == "open":
        return rows.filter(open_now=True)
    return rows.filter(kept=False) if state == "unkept" else rows


def equipped(rows: QuerySet[Any], what: str) -> QuerySet[Any]:
    return rows.filter(equipment__contains=[what])


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance between two (longitude, latitude)."""
    lon1, lat1, lon2, lat2 = (radians(value) for value in (*one, *other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * 6371.0 * asin(sqrt(half))
