"""Plan areas as a person may see them: those of their places, and below."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from lastmile.alerting.area import Area
from lastmile.alerting.models import PlanArea
from lastmile.alerting.plan_areas import extent
from lastmile.community.org.models import ancestors
from lastmile.kernel.permissions import Actor, Perm, obtain, within

AT_ONCE = 100  # of one warning


def seen(actor: Actor, prefix: str = "", perm: Perm = Perm.PLAN_AREA_READ) -> QuerySet[PlanArea]:
    rows = PlanArea.objects.filter(within(actor.scopes(perm), "place__code"), place__code__startswith=prefix)
    return rows.select_related("place", "post__place")


def get(actor: Actor, pk: int, perm: Perm = Perm.PLAN_AREA_READ) -> PlanArea:
    """Raises NotFound or NotAllowed."""
    rows = PlanArea.objects.select_related("place", "post__place")
    see = Perm.PLAN_AREA_READ
    return obtain(rows, actor, perm, see=see, place_of=lambda one: one.place_id, pk=min(pk, 2**31 - 1))


def in_state(rows: QuerySet[PlanArea], state: str) -> QuerySet[PlanArea]:
    return rows.filter(closed_on=None) if state == "open" else rows.exclude(closed_on=None)


def of_hazard(hazard: str, place: str) -> QuerySet[PlanArea]:
    """Those in use for a hazard that lie in a place or around it."""
    near = Q(place__code__startswith=place) | Q(place__in=ancestors(place))
    rows = PlanArea.objects.filter(near, closed_on=None, hazard__in=["", hazard])
    return rows.select_related("place", "post__place").order_by("place", "name")


def touched(hazard: str, place: str, area: Area) -> list[tuple[PlanArea, Area]]:
    """Those of a hazard that the area of a warning touches, with where they lie."""
    found = ((one, extent.of(one)) for one in of_hazard(hazard, place))
    return [(one, lies) for one, lies in found if extent.meet(lies, area)][:AT_ONCE]
