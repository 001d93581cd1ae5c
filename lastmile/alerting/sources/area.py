"""The part of ours that a message speaks of, and who would issue it here.

A block that draws an area means the drawn area; the codes beside it are its frame. One that draws none means its codes.
Where the whole message has neither, places are looked for in its words: that is a guess and is said to be one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import shapely
from shapely.geometry.base import BaseGeometry

from lastmile.alerting.audience import Audience
from lastmile.alerting.cap import places
from lastmile.alerting.cap.model import Alert, Area
from lastmile.community.org.geometry import grid_index, tangled
from lastmile.community.org.models import Level, Place
from lastmile.kernel.errors import Refusal

MOST_PLACES: Final = 500
COUNTY: Final = 6


@dataclass(frozen=True)
class Ours:
    """`codes` are places, `polygons` GeoJSON. `by_name`: found in the words. `place` would issue it; "" nobody."""

    place: str = ""
    codes: tuple[str, ...] = ()
    polygons: tuple[dict[str, Any], ...] = ()
    by_name: bool = False

    @property
    def empty(self) -> bool:
        return not (self.codes or self.polygons)

    def audience(self) -> dict[str, Any]:
        return {"places": list(self.codes), "polygons": list(self.polygons), "circles": []}


def ours(alert: Alert, root: str) -> Ours:
    """`root` is the city or county that the source speaks for: nothing outside it counts."""
    areas = [area for info in alert.info for area in info.area]
    drawn = {id(area): list(places.shapes(area)) for area in areas}
    codes = _clipped(places.coded(area for area in areas if not drawn[id(area)]), root)
    shapes, touched = _meeting([shape for one in drawn.values() for shape in one], root)
    if codes or shapes:
        polygons = _polygons(shapes) if shapes else ()
        rest = [] if polygons or not shapes else touched
        return Ours(_issuer([*codes, *touched], root), tuple(_least([*codes, *rest])), polygons)
    if any(drawn.values()) or any(area.geocode for area in areas):
        return Ours()  # it says where, and that is not here
    named = _named(areas, alert, root)
    return Ours(_issuer(named, root), tuple(named), (), by_name=True) if named else Ours()


def _clipped(codes: Iterable[str], root: str) -> list[str]:
    about = [code for code in codes if code.startswith(root) or root.startswith(code)]
    return _least(code if code.startswith(root) else root for code in about)


def _least(codes: Iterable[str]) -> list[str]:
    """Without those that lie in another one of them."""
    found: list[str] = []
    for code in sorted(set(codes)):
        if not found or not code.startswith(found[-1]):
            found.append(code)
    return found[:MOST_PLACES]


def _meeting(shapes: list[BaseGeometry], root: str) -> tuple[list[BaseGeometry], list[str]]:
    """The shapes that touch a grid of ours, and those grids' villages."""
    index, kept, touched = grid_index(root), [], set()
    for shape in shapes:
        inside, edges = index.classify(shape)
        if inside or edges:
            kept.append(shape)
            touched |= {code[:12] for code in (*inside, *edges)}
    return kept, sorted(touched)


def _polygons(shapes: list[BaseGeometry]) -> tuple[dict[str, Any], ...]:
    """As our audience takes them; () where it refuses, and the villages they touch stand in."""
    if tangled(shapes):
        return ()
    whole = shapely.union_all(shapes)
    parts = list(getattr(whole, "geoms", [whole]))
    given = [shapely.geometry.mapping(part) for part in parts if part.geom_type == "Polygon"]
    try:
        return Audience.parse({"polygons": given}).polygons
    except Refusal:
        return ()


def _issuer(codes: list[str], root: str) -> str:
    """The one county that holds them all, else what the source speaks for."""
    counties = {code[:COUNTY] for code in codes}
    county = next(iter(counties)) if len(counties) == 1 else root
    found = county if len(county) == COUNTY and all(len(code) >= COUNTY for code in codes) else root
    return found if Place.objects.current().filter(code=found).exists() else root


def _named(areas: list[Area], alert: Alert, root: str) -> list[str]:
    """Counties and townships whose whole name stands in the description of an area or in a headline."""
    said = " ".join([*(area.areaDesc or "" for area in areas), *(info.headline or "" for info in alert.info)])
    rows = Place.objects.current().filter(code__startswith=root, level__in=(Level.CITY, Level.COUNTY, Level.TOWNSHIP))
    named = [(code, name) for code, name in rows.values_list("code", "name") if len(name) > 1 and name in said]
    finer = [code for code, _name in named if not any(other != code and other.startswith(code) for other, _n in named)]
    return _least(finer)
