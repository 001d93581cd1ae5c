"""Whether the area of a message can be found on a map."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import shapely

from lastmile.alerting.cap import values
from lastmile.alerting.cap.findings import Finding, short
from lastmile.alerting.cap.model import Area

FEWEST: Final = 4  # points of a polygon, the last being the first
MOST_TESTED: Final = 5_000  # points; testing for crossings takes long on hostile shapes
SWAPPED: Final = re.compile(r"-?(9\d|1[0-7]\d)(\.\d+)?,-?[0-8]?\d(\.\d+)?", re.ASCII)


def check(area: Area, where: str) -> Iterator[Finding]:
    for number, text in enumerate(area.polygon, 1):
        yield from _polygon(text, f"{where}/polygon[{number}]")
    for number, text in enumerate(area.circle, 1):
        yield from _circle(text, f"{where}/circle[{number}]")
    for number, pair in enumerate(area.geocode, 1):
        if (pair.valueName or "").strip() == "EXCLUDE_POLYGON":  # the German weather service's way to cut a hole
            yield Finding("exclude_polygon", f"{where}/geocode[{number}]")
    if not any(text.strip() for text in (*area.polygon, *area.circle)) and not area.geocode:
        yield Finding("area_text_only", where)
    yield from _heights(area, where)


def _polygon(text: str, where: str) -> Iterator[Finding]:
    points = values.polygon(text)
    if points is None:
        swapped = all(SWAPPED.fullmatch(word) for word in text.split())
        odd = next((word for word in text.split() if values.polygon(word) is None), "")
        yield Finding("polygon_swapped" if swapped else "polygon_form", where, {"value": short(odd)})
    elif not points:
        yield Finding("polygon_empty", where)
    elif points[0] != points[-1]:
        yield Finding("polygon_open", where)
        if len(points) < FEWEST - 1:
            yield Finding("polygon_few", where, {"n": len(points)})
    elif len(points) < FEWEST:
        yield Finding("polygon_few", where, {"n": len(points)})
    elif len(points) <= MOST_TESTED and not shapely.Polygon(points).is_valid:
        yield Finding("polygon_crosses", where)


def _circle(text: str, where: str) -> Iterator[Finding]:
    circle = values.circle(text)
    if circle is None:
        yield Finding("circle_form", where, {"value": short(text)})
    elif circle.radius == 0:
        yield Finding("circle_zero", where)


def _heights(area: Area, where: str) -> Iterator[Finding]:
    if area.ceiling is None:
        return
    if area.altitude is None:
        yield Finding("ceiling_alone", where)
        return
    low, high = (values.decimal(text) for text in (area.altitude, area.ceiling))
    if low is not None and high is not None and high < low:
        yield Finding("ceiling_low", where)
