"""Where warnings hold, as GeoJSON: outlines of their places, what was drawn, and the counties as the ground."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import orjson
import shapely

from lastmile.alerting.channels.web.notice import Notice
from lastmile.community.org import outlines
from lastmile.community.org.models import Level, Place

MOST = 500  # outlines on one map
KM = 1 / 111.0  # degrees of latitude


def as_json(notices: Sequence[Notice]) -> bytes:
    features = list(_ground())
    outlined = _outlines({code for notice in notices for code in notice.area.get("geocodes", [])})
    for notice in reversed(notices):  # the most dangerous last, so that it lies on top
        features += [_feature(geometry, notice) for geometry in _geometries(notice, outlined)]
    return orjson.dumps({"type": "FeatureCollection", "features": features}, option=orjson.OPT_SERIALIZE_NUMPY)


def _ground() -> Iterable[dict[str, Any]]:
    """The counties of every city here."""
    for city in Place.objects.current().at(Level.CITY).order_by("code")[:20]:
        for feature in orjson.loads(outlines.outlines(city.code)[0])["features"]:
            if feature["geometry"]["type"] != "Point":
                yield {**feature, "properties": {"name": feature["properties"].get("name", "")}}


def _outlines(codes: set[str]) -> dict[str, dict[str, Any]]:
    """By national code: the outline of a place, or its point where nobody has drawn one."""
    rows = Place.objects.filter(national_code__in=codes).select_related("boundary").order_by("code")[:MOST]
    places = list(rows)
    found: dict[str, dict[str, Any]] = {}
    drawn = [place for place in places if hasattr(place, "boundary")]
    shapes = np.array([shapely.from_wkb(bytes(place.boundary.wkb)) for place in drawn], dtype=object)
    for place, shape in zip(drawn, outlines.simplified(shapes), strict=True):
        found[place.national_code] = orjson.loads(shapely.to_geojson(shape))
    for place in places:
        if place.national_code not in found and place.longitude is not None:
            found[place.national_code] = {"type": "Point", "coordinates": [place.longitude, place.latitude]}
    return found


def _geometries(notice: Notice, outlined: dict[str, dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for place in notice.area.get("geocodes", []):
        if place in outlined:
            yield outlined[place]
    for rings in notice.area.get("polygons", []):
        yield {"type": "Polygon", "coordinates": rings}
    for longitude, latitude, km in notice.area.get("circles", []):
        ring = shapely.Point(0, 0).buffer(km * KM)
        wide = 1 / max(0.1, float(np.cos(np.radians(latitude))))
        points = [[longitude + x * wide, latitude + y] for x, y in ring.exterior.coords]
        yield {"type": "Polygon", "coordinates": [points]}


def _feature(geometry: dict[str, Any], notice: Notice) -> dict[str, Any]:
    text = notice.text("zh")
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {"colour": notice.colour, "name": text["headline"], "url": f"/w/{notice.code}/"},
    }
