"""The pages of neighbours in a warning: one grid, its head asked, half of the doors answered."""

from __future__ import annotations

from typing import Any

from lastmile.alerting import fold, links
from lastmile.alerting.models import AlertEvent, CellDoor, CellRound, Fact, Whom
from lastmile.alerting.neighbours import entering, rounds
from lastmile.community.cells import actions, queries
from lastmile.community.cells.models import Cell
from lastmile.community.people.models import Person
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.browser.samples_answers import event as answered
from tests.world import World

GRID = "410182109211002"  # where doors are still open
_made: set[int] = set()


def event(world: World) -> AlertEvent:
    found = answered(world)
    if found.pk not in _made:
        _made.add(found.pk)
        place, doors = world.places[GRID], queries.doors(GRID)
        actions.arrange(place, {home.pk: 1 for home in doors}, by=world.village)
        actions.agree(Cell.objects.get(place=place), "head", head(), how="talk", by=world.village)
        CellRound.objects.update_or_create(
            event=found, defaults={"due_at": clock.now(), "whom": Whom.SILENT, "step": 3}
        )
        rounds.tick()
        door = CellDoor.objects.filter(event=found.pk, closed_at=None, cell__isnull=False).first()
        if door is not None:
            entering.say(found, head().pk, door.household, Fact.ABSENT, key="sample")
            fold.fold()
    return found


def head() -> Person:
    return Person.objects.filter(household=queries.doors(GRID)[0]).earliest("pk")


@sample("neighbours:figures", login="village")
@sample("neighbours:live", login="village", skip="a part of the page")
def figures(world: World) -> dict[str, Any]:
    return {"code": event(world).alert.code, "place": GRID}


@sample("neighbours:mine")
def mine(world: World) -> dict[str, Any]:
    return {"token": links.token(event(world).pk, head().pk)}
