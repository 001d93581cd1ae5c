"""An invented plan area for the demo: the lower grids of a village, by the river, and the school to which they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lastmile.alerting.models import PlanArea
from lastmile.alerting.plan_areas import actions, destinations
from lastmile.community.org.models import Place, Post

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

GRIDS = 2  # by the river


def fill(village: str, by: Actor) -> bool:
    """Where there is none yet."""
    if PlanArea.objects.filter(place=village).exists():
        return False
    grids = list(Place.objects.current().filter(parent=village).order_by("code").values_list("pk", flat=True)[:GRIDS])
    post = Post.objects.filter(place=village, site=None, closed_on=None).order_by("kind", "pk").first()
    shelters = [found.key for found in destinations.near(village)[:1]]
    facts = {"hazard": "rainstorm", "destination": "村委会所在的高处", "basis": "村山洪灾害防御预案（演示）"}
    one = PlanArea(place=Place.objects.get(pk=village), area={})
    actions.save(one, by=by, area={"places": grids}, shelters=shelters, name="河边低洼处", post=post, **facts)
    return True
