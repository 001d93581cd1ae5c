"""Sheets on paper and what was typed back from one."""

from __future__ import annotations

from typing import Any

from lastmile.alerting.paper import entering, printing
from tests.browser.samples import sample
from tests.browser.samples_answers import GRID, VILLAGE, event
from tests.world import World

_made: dict[int, int] = {}  # by the world's id: one print of the village


@sample("paper:place", login="village")
def page(world: World) -> dict[str, Any]:
    return {"code": event(world).alert.code, "place": VILLAGE}


@sample("paper:enter", login="grid")
@sample("paper:read", login="grid", skip="answers POST only")
def enter(world: World) -> dict[str, Any]:
    found = event(world)
    if not entering.entries(found, GRID):
        entering.enter(world.grid, found, entering.Typed(GRID, "1-1 2-2", "sample"))
    return {"code": found.alert.code, "place": GRID}


@sample("paper:undo", login="grid", skip="answers POST only")
def undo(world: World) -> dict[str, Any]:
    return {**enter(world), "key": entering.entries(event(world), GRID)[0].pk}


@sample("paper:print", login="village")
@sample("paper:pdf", login="village", skip="a file to keep")
def made(world: World) -> dict[str, Any]:
    if id(world) not in _made:
        wish = printing.ask(world.village, event(world), VILLAGE, ["calls"])
        printing.run(wish.pk)
        _made[id(world)] = wish.pk
    return {"key": _made[id(world)]}
