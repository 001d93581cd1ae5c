"""A loudspeaker and a screen of the village."""

from __future__ import annotations

from typing import Any

from lastmile.community.org.models import Post, Terminal
from tests.browser.samples import sample
from tests.browser.samples_places import outlined
from tests.world import World

VILLAGE = "410182109211"


def loudspeaker() -> Terminal:
    post, _new = Post.objects.get_or_create(place_id=VILLAGE, kind=Post.Kind.INFORMATION, title="信息员")
    facts = {"place_id": VILLAGE, "kind": "loudspeaker", "spot": "村委会楼顶", "post": post}
    facts |= {"longitude": 113.325, "latitude": 34.625}
    found, _new = Terminal.objects.get_or_create(code="WZD-01", defaults=facts)
    return found


def screen() -> Terminal:
    facts = {"place_id": VILLAGE, "kind": "screen", "spot": "村口", "plays": False, "letters": 40}
    found, _new = Terminal.objects.get_or_create(code="WZD-LED", defaults=facts)
    return found


@sample("terminals", login="officer")
def both(world: World) -> dict[str, Any]:
    loudspeaker(), screen()
    return {}


@sample("terminal", login="village")
@sample("terminal_edit", login="village")
@sample("terminal_retire", login="village", skip="answers POST only")
@sample("terminal_key", login="village", skip="answers POST only")
def one(world: World) -> dict[str, Any]:
    outlined(world)
    return {"pk": loudspeaker().pk}


@sample("terminal_add", login="village")
def add(world: World) -> dict[str, Any]:
    return outlined(world)


@sample("terminals_workbook", login="township")
@sample("terminals_template", login="township", skip="a file to keep")
def workbook(world: World) -> dict[str, Any]:
    return {"code": "410182109"}
