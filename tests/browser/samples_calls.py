"""The pages of the command post, with somebody on every rung."""

from __future__ import annotations

from typing import Any

from lastmile.alerting import coverage
from lastmile.alerting.cascade import tick
from lastmile.alerting.models import AlertEvent, Call, Fact
from lastmile.alerting.receipts import NewReceipt, append
from lastmile.alerting.tests.conftest import Desk
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.world import World

VILLAGE = "410182109211"
_made: dict[int, tuple[World, AlertEvent]] = {}  # the world is kept, so that no other gets its id


def event(world: World) -> AlertEvent:
    """A warning twelve minutes old: the township has confirmed, the village and the grid are silent."""
    if id(world) not in _made:
        clock.forward(minutes=-12)
        found = Desk(world).issued(channels=["sms"])
        for _minute in range(24):
            tick.run()
            if _minute == 4:
                person = world.staff["410182109"].pk
                append([NewReceipt(f"call{found.pk}", found.pk, person, Fact.CONFIRMED, "link", clock.now())])
                coverage.fold()
            clock.forward(seconds=30)
        _made[id(world)] = (world, found)
    return _made[id(world)][1]


@sample("calls:board", login="township")
@sample("calls:live", login="township")
@sample("calls:list", login="township")
@sample("calls:start", login="township", skip="answers POST only")
def warning(world: World) -> dict[str, Any]:
    return {"code": event(world).alert.code}


@sample("calls:one", login="village")
@sample("calls:act", login="village", skip="answers POST only")
@sample("calls:number", login="village", skip="answers POST only")
@sample("calls:evidence", login="village", skip="a file to keep")
def one(world: World) -> dict[str, Any]:
    found = event(world)
    return {
        "code": found.alert.code,
        "call": Call.objects.filter(event=found, place=VILLAGE, post__kind="leader").earliest("pk").pk,
    }


@sample("calls:preview", login="officer")
def draft(world: World) -> dict[str, Any]:
    return {"code": Desk(world).draft(channels=["sms"]).code}


@sample("calls:ladder", login="officer")
def ladder(world: World) -> dict[str, Any]:
    return {"place": "410182", "hazard": "rainstorm", "colour": "1", "level": "5"}


@sample("calls:mine", login="village")
def mine(world: World) -> dict[str, Any]:
    event(world)
    return {}


@sample("calls:person", login="township")
@sample("calls:person_pdf", login="township", skip="a file to keep")
def person(world: World) -> dict[str, Any]:
    event(world)
    return {"person": world.staff[VILLAGE].pk}
