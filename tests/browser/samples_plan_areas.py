"""A plan area of the village, with a household that nobody would tell and a hazard point that nobody answers for."""

from __future__ import annotations

from typing import Any

from lastmile.alerting.models import PlanArea
from lastmile.alerting.plan_areas import actions
from lastmile.community.org.models import Place, SpecialSite
from lastmile.community.people.models import Contact, Household
from tests.browser.samples import sample
from tests.browser.samples_places import outlined
from tests.world import World

VILLAGE = "410182109211"


def plan_area(world: World) -> PlanArea:
    found = PlanArea.objects.filter(place=VILLAGE).first()
    if found is not None:
        return found
    home = Household.objects.filter(village=VILLAGE).latest("pk")
    Contact.objects.filter(person__household=home).update(usable=False)
    SpecialSite.objects.get_or_create(place_id=home.place_id, kind="hazard_point", name="东岭滑坡点")
    x, y, by = home.longitude or 0.0, home.latitude or 0.0, 0.002
    ring = [[x - by, y - by], [x + by, y - by], [x + by, y + by], [x - by, y + by], [x - by, y - by]]
    area = {"places": [home.place_id], "polygons": [{"type": "Polygon", "coordinates": [ring]}]}
    facts = {"hazard": "flash_flood", "destination": "村委会后山空地", "basis": "2026 年防汛预案 4.2"}
    one = PlanArea(place=Place.objects.get(pk=VILLAGE), area={})
    return actions.save(one, by=world.village, area=area, shelters=[], name="东岭坡脚", **facts)


@sample("plan_areas:listing", login="village")
def listing(world: World) -> dict[str, Any]:
    plan_area(world)
    return {}


@sample("plan_areas:page", login="village")
@sample("plan_areas:edit", login="village")
@sample("plan_areas:close", login="village", skip="answers POST only")
@sample("plan_areas:assign", login="village", skip="answers POST only")
def one(world: World) -> dict[str, Any]:
    outlined(world)
    return {"pk": plan_area(world).pk}


@sample("plan_areas:add", login="village")
@sample("plan_areas:book", login="village")
@sample("plan_areas:template", login="village", skip="a download")
@sample("plan_areas:export", login="village", skip="a download")
def of_place(world: World) -> dict[str, Any]:
    outlined(world)
    return {"code": VILLAGE}
