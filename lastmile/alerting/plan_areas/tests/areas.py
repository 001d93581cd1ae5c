"""A plan area of the small city, and what changes in it."""

from __future__ import annotations

from typing import Any

from lastmile.alerting.models import PlanArea
from lastmile.alerting.plan_areas import actions
from lastmile.alerting.tests.conftest import VILLAGE, Desk
from lastmile.community.org.models import Place
from lastmile.community.people.models import Contact, Household

GRID, OTHER, COUNTY = VILLAGE + "001", VILLAGE + "002", "410182"


def area(desk: Desk, name: str = "东岭坡脚", place: str = VILLAGE, **more: Any) -> PlanArea:
    """Of a whole grid, unless said otherwise."""
    by = more.pop("by", desk.world.village)
    raw = {"places": more.pop("places", [OTHER]), "polygons": more.pop("polygons", [])}
    facts = {"hazard": "", "destination": "村委会后山", "basis": "防汛预案 4.2"} | more
    one = PlanArea(place=Place.objects.get(pk=place), area={})
    return actions.save(one, by=by, area=raw, shelters=facts.pop("shelters", []), name=name, **facts)


def homes(place: str) -> list[Household]:
    return list(Household.objects.filter(place=place).order_by("pk"))


def silence(home: Household) -> None:
    """No phone reaches anybody there."""
    Contact.objects.filter(person__household=home).update(usable=False)


def around(home: Household, by: float = 0.0004) -> dict[str, Any]:
    """A square about a home, as GeoJSON."""
    x, y = home.longitude or 0.0, home.latitude or 0.0
    ring = [[x - by, y - by], [x + by, y - by], [x + by, y + by], [x - by, y + by], [x - by, y - by]]
    return {"type": "Polygon", "coordinates": [ring]}
