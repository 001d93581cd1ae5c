"""The map of a place as GeoJSON: its outline and its children's, simplified together, kept until a change."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from django.urls import reverse

from lastmile.community.org.geometry import stamp
from lastmile.community.org.models import Boundary, Place
from lastmile.community.org.shapes import Shape, read_wkb

DETAIL = 800  # steps across the map: finer corners can't be seen


def outlines(code: str) -> tuple[str, str]:
    """(GeoJSON text, its version) of the children of a place; the place's own outline is the member `own`."""
    present = stamp()
    return _outlines(present, code), present


@lru_cache(maxsize=256)
def _outlines(_stamp: str, code: str) -> str:
    children = list(Place.objects.filter(parent_id=code).current().select_related("boundary").order_by("code"))
    own = Place.objects.select_related("boundary").filter(pk=code).first()
    mapped = [p for p in children if hasattr(p, "boundary")]
    geometries = np.array([read_wkb(p.boundary.wkb) for p in mapped], dtype=object)
    features = [_feature(p, g) for p, g in zip(mapped, simplified(geometries), strict=True)]
    features += [_point(p) for p in children if not hasattr(p, "boundary") and p.longitude is not None]
    mine = (
        _feature(own, simplified(np.array([read_wkb(own.boundary.wkb)], dtype=object))[0])
        if own is not None and hasattr(own, "boundary")
        else None
    )
    return json.dumps({"type": "FeatureCollection", "features": features, "own": mine}, ensure_ascii=False)


def simplified(geometries: Any) -> Any:
    """Fewer corners, the same for both sides of a common line, so that no slits open between neighbours."""
    if not len(geometries):
        return geometries
    west, south, east, north = shapely.total_bounds(geometries)
    step = max(east - west, north - south) / DETAIL
    thin = shapely.coverage_simplify(geometries, step)
    return shapely.set_precision(np.where(shapely.is_empty(thin), geometries, thin), 1e-6, mode="pointwise")


def _properties(place: Place) -> dict[str, Any]:
    return {
        "code": place.code,
        "name": place.name,
        "level": place.level,
        "url": reverse("place", args=[place.code]),
        "source": place.boundary.source if hasattr(place, "boundary") else None,
    }


def _feature(place: Place, geometry: Any) -> dict[str, Any]:
    centre = shapely.get_coordinates(shapely.maximum_inscribed_circle(geometry))[0].round(6).tolist()
    return {
        "type": "Feature",
        "properties": {**_properties(place), "label": centre},  # where a name is read best
        "geometry": json.loads(shapely.to_geojson(geometry)),
    }


def _point(place: Place) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [place.longitude, place.latitude]}
    return {"type": "Feature", "properties": _properties(place), "geometry": point}


def boundary_of(place: Place, shape: Shape, source: Boundary.Source) -> Boundary:
    """A row for an outline, not yet saved."""
    west, south, east, north = shape.bounds
    return Boundary(
        place=place, wkb=shapely.to_wkb(shape), west=west, south=south, east=east, north=north, source=source
    )
