"""The certificate of our messages, with a key that waits for another one."""

from __future__ import annotations

from typing import Any

from tests.browser.samples import sample
from tests.world import World


@sample("certificate:page", login="system")
def page(world: World) -> dict[str, Any]:
    return {}


@sample("certificate:public", login="system", skip="a file, not a page")
def public(world: World) -> dict[str, Any]:
    return {}
