"""The pages of the doors that are left, with doors in every state."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from lastmile.alerting import fold
from lastmile.alerting.models import AlertEvent, Fact, VisitRound, Whom
from lastmile.alerting.visits import entering, rounds
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.browser.samples_answers import event as answered
from tests.world import World

VILLAGE, GRID = "410182109211", "410182109211002"

_made: set[int] = set()


def event(world: World) -> AlertEvent:
    """The half answered warning an hour later: a round is open, one door was closed to us, one household stays."""
    found = answered(world)
    if found.pk not in _made:
        _made.add(found.pk)
        VisitRound.objects.create(event=found, due_at=clock.now(), whom=Whom.SILENT)
        rounds.tick()
        for home, fact in ((world.households[3], Fact.ABSENT), (world.households[4], Fact.REFUSED)):
            entering.enter(world.officer, entering.Outcome(uuid4(), found.alert.code, home.pk, fact))
        fold.fold()
    return found


@sample("visits:figures", login="officer")
def warning(world: World) -> dict[str, Any]:
    return {"code": event(world).alert.code}


@sample("visits:figures_place", login="village")
@sample("visits:figures_live", login="village")
def village(world: World) -> dict[str, Any]:
    return {"code": event(world).alert.code, "place": VILLAGE}


@sample("visits:field", login="village")
def grid(world: World) -> dict[str, Any]:
    return {"code": event(world).alert.code, "place": GRID}
