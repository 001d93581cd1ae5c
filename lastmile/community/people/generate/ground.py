"""Where the doors stand: settlements inside a grid's outline, numbered in the order one walks them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from django.utils.translation import gettext as _
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from lastmile.community.org.models import CODE_LENGTH, Boundary, Level, Place, ancestors
from lastmile.kernel.errors import Refusal

Points = NDArray[np.float64]
SPREAD = {True: 0.0008, False: 0.0014}  # degrees; about 80 m for urban blocks, 140 m for a hamlet
URBAN_BELOW = 200  # the village part of a code below 200 is a residents' committee
HILBERT_ORDER = 8
POINT = ("code", "name", "longitude", "latitude")


@dataclass(frozen=True, slots=True)
class Cell:
    """A grid, or a village that has none, with what is needed to settle it."""

    code: str
    village: str
    village_name: str
    outline: BaseGeometry | None
    centre: tuple[float, float] | None

    @property
    def urban(self) -> bool:
        return int(self.village[9:12]) < URBAN_BELOW


def cells(prefix: str) -> list[Cell]:
    """Every grid under the prefix, and every village there without one. Raises Refusal when there is none."""
    places = Place.objects.current().under(prefix)
    grids = dict(places.at(Level.GRID).values_list("code", "name"))
    parted = {code[: CODE_LENGTH[Level.VILLAGE]] for code in grids}
    villages = [code for code in places.at(Level.VILLAGE).values_list("code", flat=True) if code not in parted]
    codes = sorted([*grids, *villages])
    if not codes:
        raise Refusal(
            _("There is no village or grid under %(prefix)s.") % {"prefix": prefix},
            _("Import the places first: lastmile places import."),
        )
    return list(_described(codes, prefix))


def _described(codes: list[str], prefix: str) -> Iterator[Cell]:
    above = {code for cell in (*codes[:1], prefix) for code in ancestors(cell)}
    rows = Place.objects.current().under(prefix) | Place.objects.filter(code__in=above)
    known = {code: (name, lon, lat) for code, name, lon, lat in rows.values_list(*POINT)}
    outlines = dict(Boundary.objects.filter(place__code__startswith=prefix).values_list("place", "wkb"))
    for code in codes:
        village = code[: CODE_LENGTH[Level.VILLAGE]]
        wkb = outlines.get(code) or outlines.get(village)
        name = known[village][0] if village in known else known[code][0]
        outline = shapely.from_wkb(bytes(wkb)) if wkb else None
        yield Cell(code, village, name, outline, _centre(code, known))


def _centre(code: str, known: dict[str, tuple[str, float | None, float | None]]) -> tuple[float, float] | None:
    """The place's own point, or a fixed spot near the nearest place above it that has one."""
    for distance, here in enumerate([code, *reversed(ancestors(code))]):
        _name, longitude, latitude = known.get(here, ("", None, None))
        if longitude is not None and latitude is not None:
            spot = np.random.default_rng(int(code)).normal(0, 0.01 * distance, 2)
            return longitude + spot[0], latitude + spot[1]
    return None


def settle(rng: np.random.Generator, cell: Cell, count: int) -> tuple[Points, NDArray[np.int_]] | None:
    """(longitude, latitude) of `count` doors and each one's hamlet, in walking order; None without any position."""
    hamlets = max(1, min(4, count // 40 + int(rng.integers(1, 3))))
    middles = _middles(rng, cell, hamlets)
    if middles is None:
        return None
    which = np.sort(rng.integers(0, hamlets, count))
    points = middles[which] + rng.normal(0, SPREAD[cell.urban], (count, 2))
    if cell.outline is not None:
        for _attempt in range(4):
            outside = ~shapely.contains_xy(cell.outline, points)
            if not outside.any():
                break
            points[outside] = middles[which[outside]] + rng.normal(0, SPREAD[cell.urban] / 2, (int(outside.sum()), 2))
        points[~shapely.contains_xy(cell.outline, points)] = _inside(cell.outline)
    order = np.lexsort((hilbert(points), which))
    return points[order].round(6), which[order]


def _middles(rng: np.random.Generator, cell: Cell, hamlets: int) -> Points | None:
    if cell.outline is None:
        if cell.centre is None:
            return None
        return np.array(cell.centre) + rng.normal(0, 0.003, (hamlets, 2))
    shapely.prepare(cell.outline)
    west, south, east, north = cell.outline.bounds
    tries = rng.uniform((west, south), (east, north), (hamlets * 12, 2))
    inside = tries[shapely.contains_xy(cell.outline, tries)][:hamlets]
    missing = hamlets - len(inside)
    return np.vstack([inside, np.tile(_inside(cell.outline), (missing, 1))]) if missing else inside


def _inside(outline: BaseGeometry) -> Points:
    point = outline.representative_point()
    return np.array([point.x, point.y])


def hilbert(points: Points) -> NDArray[np.int64]:
    """Position along a space-filling curve over the points' own box: neighbours on it are neighbours on foot."""
    size = 1 << HILBERT_ORDER
    low, high = points.min(axis=0), points.max(axis=0)
    scaled = ((points - low) / np.maximum(high - low, 1e-9) * (size - 1)).astype(np.int64)
    x, y = scaled[:, 0], scaled[:, 1]
    found = np.zeros(len(points), dtype=np.int64)
    step = size // 2
    while step:
        right, upper = (x & step) > 0, (y & step) > 0
        found += step * step * ((3 * right) ^ upper)
        flip = ~upper & right
        x, y = np.where(flip, size - 1 - x, x), np.where(flip, size - 1 - y, y)
        x, y = np.where(upper, x, y), np.where(upper, y, x)
        step //= 2
    return found
