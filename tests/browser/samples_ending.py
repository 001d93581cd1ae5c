"""Certificates of destruction in the browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from lastmile.alerting.ending import destroying, holding
from lastmile.alerting.models import AlertEvent, Destruction, Hold
from lastmile.alerting.tests.conftest import Desk
from lastmile.kernel import clock
from tests.browser.samples import sample
from tests.world import World


def made(world: World) -> dict[str, Any]:
    """Of a warning that has been over for long."""
    if not Destruction.objects.exists():
        event = Desk(world).issued()
        AlertEvent.objects.filter(pk=event.pk).update(closed_at=clock.now() - timedelta(days=40))
        destroying.destroy(event.pk)
    return {"pk": Destruction.objects.latest("pk").pk}


@sample("ending:listing", login="officer")
def destroyed(world: World) -> dict[str, Any]:
    made(world)
    return {}


@sample("ending:one", login="officer")
def destruction(world: World) -> dict[str, Any]:
    return made(world)


@sample("ending:pdf", login="officer", skip="a file")
def destruction_pdf(world: World) -> dict[str, Any]:
    return made(world)


def held(world: World) -> Hold:
    """A warning that was over some days ago, and is held back; another waits."""
    found = Hold.objects.filter(released_at=None).first()
    if found is None:
        for _number in range(2):
            event = Desk(world).issued()
            AlertEvent.objects.filter(pk=event.pk).update(closed_at=clock.now() - timedelta(days=5))
        found = holding.hold(world.security, event.pk, "信访第12号，正在调查")
    return found


@sample("ending:waiting", login="security")
def waiting(world: World) -> dict[str, Any]:
    held(world)
    return {}


@sample("retention", login="security")
def retention(world: World) -> dict[str, Any]:
    return {}
