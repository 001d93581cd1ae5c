"""A reachability test of a county, half of whose people have answered."""

from __future__ import annotations

from typing import Any

from lastmile.alerting.models import Probe, ReadinessPlan
from lastmile.alerting.readiness import plans, rounds
from tests.browser.samples import sample
from tests.world import World

COUNTY = "410182"


def running(world: World) -> ReadinessPlan:
    """One for each world: sent, then answered, failed and silent in turn."""
    found = ReadinessPlan.objects.filter(place=COUNTY).first()
    if found is not None:
        return found
    plan = plans.start(world.officer, world.places[COUNTY], whom="all", share=50, from_hour=9, to_hour=17)
    rounds._send(plan)
    for number, probe in enumerate(Probe.objects.order_by("pk")):
        probe.result, probe.result_at = (1, 3, 2, 1, 4)[number % 5], probe.asked_at
        probe.save()
    return plan


@sample("readiness:listing", login="officer")
def listing(world: World) -> dict[str, Any]:
    running(world)
    return {}


@sample("readiness:page", login="officer")
@sample("readiness:preview", login="officer", skip="answers POST only")
@sample("readiness:start", login="officer", skip="answers POST only")
@sample("readiness:stop", login="officer", skip="answers POST only")
@sample("readiness:xlsx", login="officer", skip="a file to keep")
def page(world: World) -> dict[str, Any]:
    running(world)
    return {"place": COUNTY}
