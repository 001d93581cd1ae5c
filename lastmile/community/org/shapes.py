"""Read outlines that strangers send, in words when they are wrong, and without being stopped by hostile ones.

Measured: `is_valid` takes 11 ms at 10,000 vertices and 77 s at a million, so vertices are counted first; `make_valid`
may not end at all, so it runs in a child process that is killed after two seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from lastmile.kernel.errors import Refusal

MAX_VERTICES = 10_000
MAX_BYTES = 20_000_000
MEND_SECONDS = 2.0
CHINA = (73.0, 3.0, 136.0, 54.0)  # west, south, east, north, in degrees
SAME_AS_WGS84 = ("CRS84", "4326", "4490", "4979")  # CGCS2000 differs by centimetres

Shape = Polygon | MultiPolygon
Ring = NDArray[np.float64]


def loads(data: bytes | str) -> dict[str, Any]:
    """Parse GeoJSON text. Raises Refusal when it is too large, no JSON, or not an object."""
    if len(data) > MAX_BYTES:
        raise Refusal(
            _("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1_000_000},
            _("Split it by township, or simplify the outlines."),
        )
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Refusal(_("This is not JSON."), _("Export the outlines as GeoJSON in UTF-8 and try again.")) from error
    if not isinstance(found, dict):
        raise _not_geojson()
    crs = found.get("crs")
    if crs is not None and not any(name in json.dumps(crs) for name in SAME_AS_WGS84):
        raise Refusal(
            _("The outlines are in another coordinate system than WGS84."), _("Export them in WGS84 (EPSG:4326).")
        )
    return found


def read_shape(geojson: object, *, mend: bool = False) -> Shape:
    """A valid polygon or multipolygon from a GeoJSON geometry, feature, or collection (joined into one).

    `mend` repairs outlines that cross themselves instead of refusing them. Raises Refusal with the reason.
    """
    parts = [polygon for geometry in _geometries(geojson) for polygon in _polygons(geometry)]
    if sum(len(ring) for rings in parts for ring in rings) > MAX_VERTICES:
        raise Refusal(
            _("The outline has more than %(limit)s points.") % {"limit": f"{MAX_VERTICES:,}"}, _("Simplify it first.")
        )
    if not parts:
        raise _not_geojson()
    arrays = [[_ring(ring) for ring in rings] for rings in parts]
    _looks_like_wgs84(np.concatenate([rings[0] for rings in arrays]))
    polygons = [_valid(Polygon(rings[0], rings[1:]), mend=mend) for rings in arrays]
    whole = polygons[0] if len(polygons) == 1 else areas(shapely.union_all(polygons))
    if whole.is_empty or whole.area == 0:
        raise Refusal(_("The outline encloses no area."), _("Draw at least three corners that are not on one line."))
    return whole


def read_wkb(data: bytes | memoryview) -> Shape:
    """An outline we stored ourselves."""
    return areas(shapely.from_wkb(bytes(data)))


def mended(shape: shapely.Geometry) -> Shape:
    """Repair in a child process, so that a tangle can't stop the house. Raises Refusal after two seconds."""
    command = [sys.executable, "-m", "lastmile.community.org.mend"]
    try:
        done = subprocess.run(
            command, input=shapely.to_wkb(shape), capture_output=True, timeout=MEND_SECONDS, check=True
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        raise Refusal(
            _("The outline is too tangled to be mended."), _("Draw it again without crossing lines.")
        ) from error
    return areas(shapely.from_wkb(done.stdout))


def _not_geojson() -> Refusal:
    return Refusal(_("This is not a GeoJSON polygon."), _("Send a Polygon, a MultiPolygon, or features made of them."))


def _geometries(geojson: object) -> Iterator[dict[str, Any]]:
    if not isinstance(geojson, dict):
        raise _not_geojson()
    if geojson.get("type") == "FeatureCollection":
        features = geojson.get("features")
        for feature in features if isinstance(features, list) else ():
            if not isinstance(feature, dict) or not isinstance(feature.get("geometry"), dict):
                raise _not_geojson()
            yield feature["geometry"]
    elif geojson.get("type") == "Feature":
        yield from _geometries(geojson.get("geometry"))
    else:
        yield geojson


def _polygons(geometry: dict[str, Any]) -> list[list[Any]]:
    """The polygons of a geometry, each a list of rings."""
    coordinates = geometry.get("coordinates")
    if geometry.get("type") == "Polygon":
        coordinates = [coordinates]
    elif geometry.get("type") != "MultiPolygon":
        raise _not_geojson()
    if not isinstance(coordinates, list):
        raise _not_geojson()
    for polygon in coordinates:
        if not isinstance(polygon, list) or not polygon or not all(isinstance(ring, list) for ring in polygon):
            raise _not_geojson()
    return coordinates


def _ring(positions: list[Any]) -> Ring:
    try:
        ring = np.array([(float(p[0]), float(p[1])) for p in positions if not isinstance(p, str)])
    except (TypeError, ValueError, IndexError, KeyError, OverflowError) as error:
        raise Refusal(
            _("A corner of the outline is not a pair of numbers."), _("Write corners as [longitude, latitude].")
        ) from error
    if len(ring) < 4 or len(ring) != len(positions):
        raise Refusal(
            _("An outline needs at least three corners and must end where it began."), _("Close the outline.")
        )
    if not np.isfinite(ring).all():
        raise Refusal(
            _("A corner of the outline is not a pair of numbers."), _("Write corners as [longitude, latitude].")
        )
    if not np.array_equal(ring[0], ring[-1]):
        raise Refusal(_("The outline does not end where it began."), _("Repeat its first corner at the end."))
    return ring


def _looks_like_wgs84(corners: Ring) -> None:
    if _in_china(corners):
        return
    if _in_china(corners[:, ::-1]):
        raise Refusal(
            _("The corners seem to have latitude before longitude."), _("Write corners as [longitude, latitude].")
        )
    if np.abs(corners[:, 0]).max() > 180 or np.abs(corners[:, 1]).max() > 90:
        raise Refusal(
            _("The corners are not degrees; they look like metres of a projection."),
            _("Export them in WGS84 (EPSG:4326)."),
        )
    raise Refusal(_("The outline lies outside China."), _("Check longitude and latitude."))


def _in_china(corners: Ring) -> bool:
    west, south, east, north = CHINA
    longitudes, latitudes = corners[:, 0], corners[:, 1]
    return bool(
        (longitudes >= west).all()
        and (longitudes <= east).all()
        and (latitudes >= south).all()
        and (latitudes <= north).all()
    )


def _valid(polygon: Polygon, *, mend: bool) -> Shape:
    if polygon.is_valid:
        return polygon
    if mend:
        return mended(polygon)
    reason = shapely.is_valid_reason(polygon)  # "Self-intersection[113.4 34.7]"
    where = reason[reason.find("[") + 1 : -1].replace(" ", ", ") if "[" in reason else ""
    raise Refusal(
        _("The outline crosses or touches itself near %(where)s.") % {"where": where or "?"},
        _("Move the corner there, or let the outline be mended."),
    )


def areas(shape: shapely.Geometry) -> Shape:
    """Only the areas of whatever a union or a repair gave."""
    if isinstance(shape, Polygon | MultiPolygon):
        return shape
    parts = [part for part in shapely.get_parts(shape, return_index=False) if isinstance(part, Polygon | MultiPolygon)]
    return areas(shapely.union_all(parts)) if parts else Polygon()
