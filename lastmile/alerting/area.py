"""Where an audience lies: from places and drawn shapes to the smallest sets the targeting query needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db import connection
from shapely.geometry.base import BaseGeometry

from lastmile.alerting.audience import Audience
from lastmile.alerting.sql import statement
from lastmile.community.org.geometry import grid_index
from lastmile.community.org.models import CODE_LENGTH, Level, SpecialSite, ancestors
from lastmile.community.people.models import Household


@dataclass(frozen=True)
class Area:
    """`prefixes` are whole subtrees, `inside` grids wholly in a shape, `edges` grids it cuts.

    `homes` are the households of cut grids (and of places without an outline) that stand in the shape, `sites` the
    special sites that do. `above` are the places over all of these. Nothing lies outside `within`.
    """

    within: str
    prefixes: tuple[str, ...]
    inside: tuple[str, ...] = ()
    edges: tuple[str, ...] = ()
    homes: tuple[int, ...] = ()
    sites: tuple[int, ...] = ()

    @property
    def above(self) -> tuple[str, ...]:
        touched = {*self.prefixes, *self.inside, *self.edges}
        return tuple(sorted({code for place in touched for code in ancestors(place)}))

    def parameters(self) -> dict[str, Any]:
        """What targets.sql asks for."""
        return {
            "prefixes": [prefix + "%" for prefix in self.prefixes],
            "inside": list(self.inside),
            "edges": list(self.edges),
            "homes": list(self.homes),
            "sites": list(self.sites),
            "above": list(self.above),
        }


def find(audience: Audience, within: str = "") -> Area:
    """The part of the audience's area under the place `within`: nobody warns the people of a neighbour."""
    prefixes = tuple(
        code if code.startswith(within) else within
        for code in audience.places
        if code.startswith(within) or within.startswith(code)
    )
    shape = audience.shape()
    if shape is None:
        return Area(within, tuple(sorted(set(prefixes))))
    inside, edges = grid_index(within).classify(shape)
    return Area(
        within=within,
        prefixes=tuple(sorted(set(prefixes))),
        inside=tuple(inside),
        edges=tuple(edges),
        homes=_homes(shape, within, inside, edges),
        sites=_sites(shape, within),
    )


def touched(area: Area) -> list[str]:
    """The places the area touches, as few codes as say it: a village stands for its grids when it touches them all.

    A place without an outline is touched where one of its households or special sites stands in the shape.
    """
    found = {*area.inside, *area.edges}
    if area.homes or area.sites:
        unmapped = grid_index(area.within).unmapped.tolist()
        for model, keys in ((Household, area.homes), (SpecialSite, area.sites)):
            rows = model.objects.filter(pk__in=keys, place__in=unmapped)
            found |= set(rows.values_list("place", flat=True).distinct())
    found = {code for code in found if not code.startswith(area.prefixes or ("none",))}
    return sorted({*area.prefixes, *_merged(found, area.within)})


def _merged(found: set[str], within: str) -> set[str]:
    index = grid_index(within)
    leaves = {*index.codes[~index.retired].tolist(), *index.unmapped.tolist()} if found else set()
    for length in (CODE_LENGTH[Level.VILLAGE], CODE_LENGTH[Level.TOWNSHIP]):  # above, a place may have no leaves at all
        below = Counter(code[:length] for code in leaves if len(code) > length)
        here = Counter(code[:length] for code in found & leaves if len(code) > length)
        whole = {code for code, n in here.items() if n == below[code]}
        found = {code for code in found if code[:length] not in whole} | whole
        leaves = {code[:length] if code[:length] in below else code for code in leaves}
    return found


def _homes(shape: BaseGeometry, within: str, inside: Sequence[str], edges: Sequence[str]) -> tuple[int, ...]:
    west, south, east, north = shape.bounds
    box: dict[str, Any] = {"west": west, "south": south, "east": east, "north": north}
    unmapped = grid_index(within).unmapped.tolist()
    lists: dict[str, Any] = {"edges": [*edges, *unmapped], "inside": list(inside), "within": within + "%"}
    with connection.cursor() as cursor:
        cursor.execute(statement("homes"), {**box, **lists})
        return _standing_in(shape, cursor.fetchall())


def _sites(shape: BaseGeometry, within: str) -> tuple[int, ...]:
    """Special sites that stand in the shape; one without a position counts where its place is."""
    west, south, east, north = shape.bounds
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT s.id, coalesce(s.longitude, p.longitude) AS x, coalesce(s.latitude, p.latitude) AS y
            FROM org_specialsite s JOIN org_place p ON p.code = s.place_id
            WHERE s.closed_on IS NULL AND s.place_id LIKE %s
              AND coalesce(s.longitude, p.longitude) BETWEEN %s AND %s
              AND coalesce(s.latitude, p.latitude) BETWEEN %s AND %s""",
            [within + "%", west, east, south, north],
        )
        return _standing_in(shape, cursor.fetchall())


def _standing_in(shape: BaseGeometry, rows: Sequence[tuple[int, float, float]]) -> tuple[int, ...]:
    if not rows:
        return ()
    table = np.array(rows, dtype=float)
    shapely.prepare(shape)
    found = shapely.intersects_xy(shape, table[:, 1], table[:, 2])  # on the line counts as inside
    return tuple(table[found, 0].astype(int).tolist())
