"""Warnings in the states in which their pages look different."""

from __future__ import annotations

from typing import Any

from lastmile.alerting.models import Alert
from lastmile.alerting.tests.conftest import Desk
from tests.browser.samples import sample
from tests.world import World

_made: dict[tuple[int, str], tuple[World, Alert]] = {}  # the world is kept alive, so that its id is not used again


def warning(world: World, state: str) -> Alert:
    """The world's one warning in this state."""
    key = (id(world), state)
    if key not in _made:
        desk = Desk(world)
        make = {"draft": desk.draft, "review": desk.in_review, "approved": desk.approved}
        _made[key] = world, make[state]() if state in make else desk.issued().alert
    return _made[key][1]


@sample("alerting:edit", login="officer")
@sample("alerting:readings", login="officer")
@sample("alerting:reach", login="officer")
def draft(world: World) -> dict[str, Any]:
    return {"code": warning(world, "draft").code}


@sample("alerting:alert", login="approver")
def review(world: World) -> dict[str, Any]:
    return {"code": warning(world, "review").code}


@sample("alerting:issue", login="officer")
def approved(world: World) -> dict[str, Any]:
    return {"code": warning(world, "approved").code}


@sample("alerting:poster", login="officer")
@sample("alerting:script", login="officer")
def issued(world: World) -> dict[str, Any]:
    return {"code": warning(world, "issued").code}


@sample("alerting:poster_pdf", login="officer", skip="a PDF file, not a page")
@sample("alerting:cap", login="officer", skip="XML for programs, not a page")
def issued_xml(world: World) -> dict[str, Any]:
    return issued(world)


@sample("alerting:template", login="officer")
def template(world: World) -> dict[str, Any]:
    return {"code": "410182", "hazard": "rainstorm", "colour": "1"}
