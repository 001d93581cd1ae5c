"""How many messages people got this month, from the warning of the other samples."""

from __future__ import annotations

from typing import Any

from lastmile.alerting.fatigue import counting
from lastmile.alerting.models import Manifest
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.browser.samples_answers import event
from tests.world import World


@sample("fatigue:report", login="officer")
def report(world: World) -> dict[str, Any]:
    Manifest.objects.filter(event=event(world)).update(settled_at=clock.now())
    counting.tick()
    return {}


@sample("fatigue:place", login="township")
@sample("fatigue:xlsx", login="township", skip="a file to keep")
def place(world: World) -> dict[str, Any]:
    report(world)
    return {"place": "410182109"}
