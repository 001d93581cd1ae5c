"""A red warning that one loudspeaker of the village plays, and at which the screen stays silent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lastmile.alerting.channels.mqtt.protocol import command_id
from lastmile.alerting.models import Play, PlayKind, TerminalState
from lastmile.alerting.terminals import hearing, opening
from lastmile.alerting.terminals.tests.horns import beat, played
from lastmile.community.org.models import Terminal
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.browser.samples_alerting import warning
from tests.browser.samples_terminals import loudspeaker, screen
from tests.world import World

VILLAGE = "410182109211"


def row(world: World, terminal: Terminal) -> Play:
    event = warning(world, "issued").event
    made = opening._warning(event, terminal)
    made.told_at, made.state = clock.now(), "sent"
    made.save()
    return made


def playing(world: World) -> str:
    """The code of the world's one warning, played."""
    code = warning(world, "issued").code
    if not Play.objects.filter(kind=PlayKind.WARNING).exists():
        horn, led = loudspeaker(), screen()
        heard = row(world, horn)
        row(world, led)
        hearing.take([beat(horn)])
        played(horn, command_id(heard.pk, 0), 87.0)
        hearing.take([beat(led)])
        TerminalState.objects.filter(terminal=led).update(seen_at=clock.now() - timedelta(hours=30), online=False)
    return code


@sample("terminals:all", login="officer")
def everything(world: World) -> dict[str, Any]:
    playing(world)
    return {}


@sample("terminals:state", login="village")
@sample("terminals:test", login="village", skip="answers POST only")
def state(world: World) -> dict[str, Any]:
    playing(world)
    return {"pk": loudspeaker().pk}


@sample("terminals:warning", login="officer")
def whole(world: World) -> dict[str, Any]:
    return {"code": playing(world)}


@sample("terminals:warning_place", login="township")
@sample("terminals:warning_live", login="township")
@sample("terminals:again", login="township", skip="answers POST only")
@sample("terminals:stop", login="township", skip="answers POST only")
def village(world: World) -> dict[str, Any]:
    return {"code": playing(world), "place": VILLAGE}
