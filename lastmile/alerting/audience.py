"""Who a warning names: places, drawn areas, circles, and the groups inside them. Here it is read and checked.

What comes in is JSON from a form, the API or an upstream feed; what is wrong with it is said in a sentence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from lastmile.alerting.models import Group
from lastmile.community.org.geometry import tangled
from lastmile.community.org.models import Place
from lastmile.kernel.errors import Refusal

MOST_VERTICES = 10_000  # in all polygons together; validating a million takes more than a minute
MOST_POLYGONS = 200
MOST_PLACES = 5_000
MOST_CIRCLES = 100
SMALLEST_KM, LARGEST_KM = 0.05, 500.0
WEST, SOUTH, EAST, NORTH = 73.0, 3.0, 136.0, 54.0  # a box around China, in degrees
KM_PER_DEGREE = 111.32
CIRCLE_STEPS = 32  # segments to a quarter: the outline stays within 0.1 % of the radius

Circle = tuple[float, float, float]


@dataclass(frozen=True)
class Audience:
    """A checked audience. `polygons` are GeoJSON Polygons, `circles` (longitude, latitude, km)."""

    places: tuple[str, ...] = ()
    polygons: tuple[dict[str, Any], ...] = ()
    circles: tuple[Circle, ...] = ()
    groups: tuple[Group, ...] = tuple(Group)

    @classmethod
    def parse(cls, data: object) -> Audience:
        """Raises Refusal, whose sentence names the first thing that is wrong."""
        if not isinstance(data, Mapping):
            raise Refusal(_("The audience can't be read."), _("Choose places or draw an area again."))
        audience = cls(
            places=_places(data.get("places") or []),
            polygons=_polygons(data.get("polygons") or []),
            circles=_circles(data.get("circles") or []),
            groups=_groups(data.get("groups", [group.value for group in Group])),
        )
        if tangled([_polygon(one) for one in audience.polygons]):
            raise Refusal(
                _("The drawn areas cross each other too often."), _("Draw them as one outline, or choose places.")
            )
        if not (audience.places or audience.polygons or audience.circles):
            raise Refusal(
                _("No area is chosen."), _("Choose a place in the tree, draw an area on the map, or set a circle.")
            )
        return audience

    def as_json(self) -> dict[str, Any]:
        return {
            "places": list(self.places),
            "polygons": [dict(polygon) for polygon in self.polygons],
            "circles": [list(circle) for circle in self.circles],
            "groups": [group.value for group in self.groups],
        }

    def shape(self) -> BaseGeometry | None:
        """Polygons and circles as one valid geometry, or None when only places are named."""
        shapes = [_polygon(one) for one in self.polygons]
        shapes += [outline(circle) for circle in self.circles]
        return shapely.union_all(shapes) if shapes else None


def _polygon(given: Mapping[str, Any]) -> Polygon:
    return Polygon(given["coordinates"][0], given["coordinates"][1:])


def outline(circle: Circle) -> Polygon:
    """A circle on the ground as a polygon in degrees."""
    longitude, latitude, km = circle
    angles = np.linspace(0, 2 * math.pi, 4 * CIRCLE_STEPS, endpoint=False)
    north = km / KM_PER_DEGREE
    east = north / math.cos(math.radians(latitude))
    return Polygon(np.column_stack([longitude + east * np.cos(angles), latitude + north * np.sin(angles)]))


def _listed(value: object, most: int, what: str) -> list[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise Refusal(_("The list of %(what)s can't be read.") % {"what": what})
    if len(value) > most:
        raise Refusal(
            _("%(count)d %(what)s are too many; at most %(most)d can be named.")
            % {"count": len(value), "what": what, "most": most},
            _("Name a larger place instead of many small ones, or simplify the area."),
        )
    return list(value)


def _places(value: object) -> tuple[str, ...]:
    codes = sorted({str(code)[:40] for code in _listed(value, MOST_PLACES, _("places"))})
    known = set(Place.objects.current().filter(code__in=codes).values_list("code", flat=True))
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise Refusal(
            _("There is no place with the code %(codes)s.") % {"codes": ", ".join(unknown[:5])},
            _("The code may have been retired or mistyped. Choose the place in the tree."),
        )
    widest: list[str] = []
    for code in codes:  # sorted: a place comes before those below it
        if not widest or not code.startswith(widest[-1]):
            widest.append(code)
    return tuple(widest)


def _groups(value: object) -> tuple[Group, ...]:
    names = [str(name)[:40] for name in _listed(value, 20, _("groups"))]
    unknown = [name for name in names if name not in set(Group)]
    if unknown:
        raise Refusal(_("There is no group “%(name)s”.") % {"name": unknown[0]})
    if not names:
        raise Refusal(
            _("Nobody is chosen inside the area."), _("Tick residents, responsible persons or special sites.")
        )
    return tuple(group for group in Group if group in names)


def _circles(value: object) -> tuple[Circle, ...]:
    circles = []
    for item in _listed(value, MOST_CIRCLES, _("circles")):
        try:
            longitude, latitude, km = (float(number) for number in item)
        except (TypeError, ValueError) as error:
            raise Refusal(
                _("A circle can't be read."), _("A circle is longitude, latitude and a radius in kilometres.")
            ) from error
        if not SMALLEST_KM <= km <= LARGEST_KM:
            raise Refusal(
                _("A circle with a radius of %(km)s km can't be used.") % {"km": f"{km:g}"},
                _("The radius must lie between 50 m and 500 km."),
            )
        _check_position(longitude, latitude)
        circles.append((longitude, latitude, km))
    return tuple(circles)


def _check_position(longitude: float, latitude: float) -> None:
    if WEST <= longitude <= EAST and SOUTH <= latitude <= NORTH:
        return
    where = {"longitude": f"{longitude:g}", "latitude": f"{latitude:g}"}
    if WEST <= latitude <= EAST and SOUTH <= longitude <= NORTH:
        mend = _("Longitude and latitude seem to be swapped: longitude comes first.")
    else:
        mend = _("Positions are longitude then latitude, in degrees, as 113.38, 34.79.")
    raise Refusal(
        _("The position %(longitude)s, %(latitude)s lies outside China.") % where,
        mend,
    )


def _polygons(value: object) -> tuple[dict[str, Any], ...]:
    if isinstance(value, Mapping):
        value = [value]
    rings = [found for item in _listed(value, MOST_POLYGONS, _("areas")) for found in _found(item, depth=0)]
    if len(rings) > MOST_POLYGONS:
        _listed(rings, MOST_POLYGONS, _("areas"))
    _check_size(rings)
    return tuple({"type": "Polygon", "coordinates": _checked(polygon)} for polygon in rings)


def _found(item: object, *, depth: int) -> Iterable[Any]:
    """The coordinates of every polygon inside a piece of GeoJSON."""
    kind = item.get("type") if isinstance(item, Mapping) else None
    if isinstance(item, Mapping) and depth < 5:
        match kind:
            case "Polygon":
                return [item.get("coordinates")]
            case "MultiPolygon":
                return _listed(item.get("coordinates"), MOST_POLYGONS, _("areas"))
            case "Feature":
                return _found(item.get("geometry"), depth=depth + 1)
            case "FeatureCollection" | "GeometryCollection":
                inner = item.get("features" if kind == "FeatureCollection" else "geometries")
                parts = _listed(inner, MOST_POLYGONS, _("areas"))
                return [found for part in parts for found in _found(part, depth=depth + 1)]
    raise Refusal(
        _("An area can't be read: it is not a GeoJSON polygon."),
        _("Draw it on the map, or paste a GeoJSON Polygon, MultiPolygon, Feature or FeatureCollection."),
    )


def _check_size(polygons: Sequence[Any]) -> None:
    """Count before anything expensive is done."""
    total = 0
    for polygon in polygons:
        if not isinstance(polygon, Sequence) or not polygon or isinstance(polygon, str):
            raise Refusal(_("An area has no outline."), _("Draw the area again."))
        total += sum(len(ring) if isinstance(ring, Sequence) else 0 for ring in polygon)
    if total > MOST_VERTICES:
        raise Refusal(
            _("The area has %(count)d corners; at most %(most)d can be used.")
            % {"count": total, "most": MOST_VERTICES},
            _("Simplify it, or choose the places it covers."),
        )


def _checked(polygon: Sequence[Any]) -> list[list[list[float]]]:
    rings = [_ring(ring) for ring in polygon]
    shape = Polygon(rings[0], rings[1:])
    if not shape.is_valid:
        crossing = explain_validity(shape).startswith(("Self-intersection", "Ring Self-intersection"))
        raise Refusal(
            _("The outline of an area crosses itself.")
            if crossing
            else _("The outline of an area is not closed well."),
            _("Draw it again without crossing lines, or draw two areas."),
        )
    if shape.area == 0:
        raise Refusal(_("An area is only a line."), _("Draw the area again."))
    return rings


def _ring(ring: object) -> list[list[float]]:
    try:
        points = [[float(point[0]), float(point[1])] for point in ring]  # type: ignore[attr-defined]  # checked by trying
    except (TypeError, ValueError, IndexError, KeyError, OverflowError) as error:
        raise Refusal(
            _("A corner of an area can't be read."),
            _("Positions are longitude then latitude, in degrees, as 113.38, 34.79."),
        ) from error
    for longitude, latitude in points:
        _check_position(longitude, latitude)  # refuses NaN and infinity too
    if points and points[0] != points[-1]:
        points.append(points[0])
    if len(points) < 4:
        raise Refusal(_("An area needs at least three corners."), _("Draw the area again."))
    return points
