"""Whether a draft would tell people a second time of a danger that a warning in force has told them of."""

from __future__ import annotations

from dataclasses import dataclass

from lastmile.alerting import area as areas
from lastmile.alerting.audience import Audience
from lastmile.alerting.models import WARNS, Alert, Group, Kind, State
from lastmile.community.org.models import Place

SHOWN = 3  # names


@dataclass(frozen=True)
class Overlap:
    other: Alert
    names: list[str]  # of places that both touch, the first of them


def of(alert: Alert) -> list[Overlap]:
    """Warnings of the same hazard in force that touch the same places; not those that this one follows."""
    if alert.kind != Kind.ALERT or not alert.audience:
        return []
    others = Alert.objects.filter(
        state=State.ISSUED, kind__in=WARNS, hazard=alert.hazard, exercise=alert.exercise
    ).exclude(pk=alert.pk)
    near = [other for other in others if _related(other.place_id, alert.place_id)]
    if not near:
        return []
    mine = _touched(alert)
    found = [Overlap(other, _names(mine, _touched(other))) for other in near]
    return [one for one in found if one.names]


def _related(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


def _touched(alert: Alert) -> list[str]:
    data = alert.audience
    audience = Audience(
        places=tuple(data.get("places") or ()),
        polygons=tuple(data.get("polygons") or ()),
        circles=tuple((one[0], one[1], one[2]) for one in data.get("circles") or ()),
        groups=tuple(Group),
    )
    return areas.touched(areas.find(audience, alert.place_id))


def _names(mine: list[str], theirs: list[str]) -> list[str]:
    """The smaller of two places, where one lies in the other."""
    both = sorted({max(a, b, key=len) for a in mine for b in theirs if _related(a, b)})
    return list(Place.objects.filter(pk__in=both[:SHOWN]).order_by("code").values_list("name", flat=True))
