"""What the pages of `org` are opened with."""

from __future__ import annotations

import json
from typing import Any

import shapely

from lastmile.community.org import actions
from lastmile.community.org.models import Boundary, Post, SpecialSite
from lastmile.community.org.outlines import boundary_of
from tests.browser.samples import sample
from tests.world import World

VILLAGE = "410182109211"
GRID = VILLAGE + "001"


def outlined(world: World) -> dict[str, Any]:
    """The village and its first grid have outlines, so that the maps show something."""
    for code, size in ((VILLAGE, 0.03), (GRID, 0.015)):
        if not Boundary.objects.filter(pk=code).exists():
            box = shapely.box(113.32, 34.62, 113.32 + size, 34.62 + size)
            boundary_of(world.places[code], box, Boundary.Source.GENERATED).save()
    return {"code": VILLAGE}


@sample("place", login="village")
@sample("place_children", login="village")
@sample("place_outlines", login="village")
@sample("place_sites", login="village")
@sample("grid_add", login="village")
@sample("outline_upload", login="village")
@sample("site_add", login="village")
@sample("post_add", login="village")
def village(world: World) -> dict[str, Any]:
    return outlined(world)


@sample("outline_edit", login="village")
def grid(world: World) -> dict[str, Any]:
    outlined(world)
    return {"code": GRID}


@sample("outline_preview", login="village")
def preview(world: World) -> dict[str, Any]:
    corners = [[113.32, 34.62], [113.33, 34.62], [113.33, 34.63], [113.32, 34.62]]
    crossing = [[113.32, 34.62], [113.33, 34.63], [113.33, 34.62], [113.32, 34.63], [113.32, 34.62]]
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for code, ring in ((GRID, corners), (VILLAGE + "002", crossing))
    ]
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    kept = actions.keep_upload(world.places[VILLAGE], data, mend=False, by=world.village)
    return {"code": VILLAGE, "key": kept.pk}


def care_home() -> SpecialSite:
    facts = {"kind": SpecialSite.Kind.CARE_HOME, "longitude": 113.325, "latitude": 34.625}
    found, _new = SpecialSite.objects.get_or_create(place_id=VILLAGE, name="崔庙敬老院", defaults=facts)
    return found


@sample("site", login="village")
@sample("site_edit", login="village")
def site(world: World) -> dict[str, Any]:
    outlined(world)
    return {"pk": care_home().pk}


@sample("post_edit", login="village")
def post(world: World) -> dict[str, Any]:
    found, _new = Post.objects.get_or_create(place_id=VILLAGE, kind=Post.Kind.DUTY, title="值班员")
    return {"pk": found.pk}
