"""Which of our places a message speaks of: by national code, by drawn area. Words alone match nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final

import numpy as np
import shapely
from django.db import DatabaseError
from shapely.geometry.base import BaseGeometry

from lastmile.alerting.cap import values
from lastmile.alerting.cap.model import Alert, Area
from lastmile.community.org.geometry import grid_index
from lastmile.community.org.models import LEVEL_OF_LENGTH, Level, Place, ancestors

CODE: Final = re.compile(r"[1-9]\d{5}(\d{3}){0,3}|[1-9]\d{3}|[1-9]\d", re.ASCII)
NAMES: Final = re.compile(r"cpeas|区划|行政|GB/?T ?2260|division", re.IGNORECASE)
KM_PER_DEGREE: Final = 111.2
STEPS: Final = 48
MOST_POINTS: Final = 10_000


def here() -> bool:
    """Whether there is a place to match: there is none before the set-up, nor without a database."""
    try:
        return Place.objects.exists()
    except DatabaseError:
        return False


def matched(alert: Alert) -> list[str]:
    """Codes of our places, as few as say it: a place stands for all below it."""
    areas = [area for info in alert.info for area in info.area]
    known = coded(areas)
    for shape in (shape for area in areas for shape in shapes(area)):
        # one by one: joining shapes that cross each other a million times would take minutes
        inside, edges = grid_index("").classify(shape)
        known |= {*inside, *edges}
    return sorted(code for code in known if not any(above in known for above in ancestors(code)))


def coded(areas: Iterable[Area]) -> set[str]:
    """The places of ours that national codes name."""
    named = {code for area in areas for code in _named(area)}
    known = set(Place.objects.filter(code__in=named).values_list("code", flat=True))
    # a code we don't have still lies in a place we have, if it is finer than ours, or holds some, if it is wider
    return known | _nearest(named - known) | {below for code in named - known for below in _below(code)}


def _below(code: str) -> list[str]:
    """Our cities inside a province that we don't have ourselves."""
    inside = Place.objects.filter(code__startswith=code, level=Level.CITY) if len(code) == 2 else Place.objects.none()
    return list(inside.values_list("code", flat=True))


def _named(area: Area) -> Iterable[str]:
    for pair in area.geocode:
        value = (pair.value or "").strip()
        if CODE.fullmatch(value) and NAMES.search(pair.valueName or ""):
            yield trimmed(value)


def trimmed(code: str) -> str:
    """A national code without the noughts that fill it: 410182000000 is 410182, 410100 is 4101.

    >>> [trimmed(code) for code in ("410182000000", "410100000000", "410000", "410182109211")]
    ['410182', '4101', '41', '410182109211']
    """
    while len(code) > 6 and code.endswith("000"):
        code = code[:-3]
    while 2 < len(code) <= 6 and code.endswith("00"):
        code = code[:-2]
    return code


def _nearest(codes: Iterable[str]) -> set[str]:
    """The place of ours next above each code; below a county nothing is guessed."""
    finer = [code for code in codes if len(code) > 6 and len(code) in LEVEL_OF_LENGTH]
    above = {code: [one for one in ancestors(code) if len(one) >= 6] for code in finer}
    wanted = {one for ones in above.values() for one in ones}
    known = set(Place.objects.filter(code__in=wanted).values_list("code", flat=True))
    return {max(found) for ones in above.values() if (found := known.intersection(ones))}


def shapes(area: Area) -> Iterable[BaseGeometry]:
    """Polygons and circles in degrees, longitude first. One that crosses itself counts with everything it spans."""
    for text in area.polygon:
        points = values.polygon(text)
        if points and 3 <= len(points) <= MOST_POINTS:
            shape = shapely.Polygon([(longitude, latitude) for latitude, longitude in points])
            yield shape if shape.is_valid else shape.convex_hull
    for text in area.circle:
        circle = values.circle(text)
        if circle is not None and circle.radius > 0:
            yield _disc(circle)


def _disc(circle: values.Circle) -> BaseGeometry:
    north = circle.radius / KM_PER_DEGREE
    east = min(180.0, north / max(0.01, math.cos(math.radians(circle.latitude))))
    angles = np.linspace(0, 2 * math.pi, STEPS, endpoint=False)
    return shapely.Polygon(
        np.column_stack([circle.longitude + east * np.cos(angles), circle.latitude + north * np.sin(angles)])
    )
