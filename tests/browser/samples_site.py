"""Addresses whose blanks only take certain words."""

from __future__ import annotations

from typing import Any

from lastmile.kernel import clock
from lastmile.site.models import ScenarioRun
from lastmile.site.scenarios import frames, plans
from tests.browser.samples import sample
from tests.browser.samples_answers import event
from tests.world import World


@sample("user_change", login="security")
def user_change(world: World) -> dict[str, Any]:
    return {"pk": world.users["grid"].pk, "verb": "lock"}


@sample("setup", skip="open on an empty system only; tests/browser/test_setup.py opens it there")
def setup(world: World) -> dict[str, Any]:
    return {}


@sample("home", login="officer")
def home(world: World) -> dict[str, Any]:
    event(world)
    return {}


@sample("scenario", login="officer")
def scenario(world: World) -> dict[str, Any]:
    """The film of a warning that is there: playing a whole timeline is what tests/flows does."""
    plan = plans.plan("zhengzhou-2021")
    if not ScenarioRun.objects.exists():
        shown, film = event(world), frames.Film(plan)
        film.before(shown.alert, plan.start)
        film.shoot(shown, plans.moment(plan["signals"][0]["at"]))
        ScenarioRun.objects.create(name=plan.name, event=shown, frames=film.frames, played_at=clock.now())
    return {"name": plan.name}
