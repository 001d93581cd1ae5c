"""Addresses whose blanks only take certain words."""

from __future__ import annotations

from typing import Any

from tests.browser.samples import sample
from tests.world import World


@sample("user_change", login="security")
def user_change(world: World) -> dict[str, Any]:
    return {"pk": world.users["grid"].pk, "verb": "lock"}


@sample("setup", skip="open on an empty system only; tests/browser/test_setup.py opens it there")
def setup(world: World) -> dict[str, Any]:
    return {}


@sample("home", login="officer")
def home(world: World) -> dict[str, Any]:
    return {}
