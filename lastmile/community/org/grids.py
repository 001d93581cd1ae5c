"""Generate outlines and grids where a city has none: county → townships → villages → grids, each inside the one above.

What was drawn or imported stays; only what is left of the outline above is divided. Nothing is invented where the
county has no outline: that is said instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.org.loading import Progress, silent, write_outlines
from lastmile.community.org.models import CODE_LENGTH, Boundary, Level, Place
from lastmile.community.org.outlines import boundary_of
from lastmile.community.org.shapes import Shape, areas, read_wkb
from lastmile.community.org.voronoi import Points, cells, centres, chance, evened, reading_order
from lastmile.kernel import audit
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Actor

CLUSTERED = {Level.COUNTY: 0.6, Level.TOWNSHIP: 0.5, Level.VILLAGE: 0.7}  # by the level that is divided
BATCH = 1000
LEAST_SHARE = 1e-6  # of the outline above; less is a sliver between outlines that do not quite meet


@dataclass
class Made:
    grids: int = 0
    villages: int = 0
    kept: int = 0
    left: list[tuple[Place, str]] = field(default_factory=list)


@dataclass
class _Plan:
    """What will be written for one county."""

    seed: int
    per_village: int
    shapes: dict[str, Shape]
    new: list[Place] = field(default_factory=list)
    drawn: list[Boundary] = field(default_factory=list)

    def divide(self, above: Place, places: Sequence[Place]) -> str:
        """Give outlines to those of `places` that have none; the reason why it can't be done, or ''."""
        bare = [p for p in places if p.code not in self.shapes]
        if not bare:
            return ""
        kept = [self.shapes[p.code] for p in places if p.code in self.shapes]
        room = self.shapes[above.code]
        if kept:
            room = areas(shapely.difference(room, shapely.union_all(kept)))
        if room.area <= self.shapes[above.code].area * LEAST_SHARE:
            return _("The outlines that are there leave no room for the others.")
        rng = chance(self.seed, above.code)
        points = centres(room, len(bare), rng, clustered=CLUSTERED[Level(above.level)])
        if bare[0].level == Level.TOWNSHIP:
            points = evened(room, points)
        if bare[0].level == Level.GRID:
            points = points[reading_order(points)]
        for place, point, cell in zip(bare, points, cells(room, points), strict=True):
            self._draw(place, point, cell)
        return ""

    def _draw(self, place: Place, point: Points, cell: Shape) -> None:
        place.longitude, place.latitude = round(float(point[0]), 6), round(float(point[1]), 6)
        self.shapes[place.code] = cell
        self.drawn.append(boundary_of(place, cell, Boundary.Source.GENERATED))

    def new_grids(self, village: Place) -> list[Place]:
        number = self.per_village or usual_number(village, self.seed)
        made = [
            Place(
                code=f"{village.code}{index:03}",
                national_code=f"{village.code}{index:03}",
                name=f"第{index}网格",
                level=Level.GRID,
                parent=village,
            )
            for index in range(1, number + 1)
        ]
        self.new += made
        return made


def usual_number(village: Place, seed: int) -> int:
    """Communities have three to six grids, villages one to three; by the band of the code (001–199: community)."""
    rng = chance(seed, village.code + "0")
    return int(rng.integers(3, 7) if int(village.code[9:]) < 200 else rng.integers(1, 4))


@transaction.atomic
def generate(
    prefix: str = "", *, seed: int = 1, per_village: int = 0, actor: Actor | None = None, progress: Progress = silent
) -> Made:
    """Draw grids in every village under the prefix that has none. Deterministic by seed; run again it adds nothing."""
    if not 0 <= per_village <= 99:
        raise Refusal(_("A village has 1 to 99 grids."), _("Give a number between 1 and 99."))
    counties = list(Place.objects.current().at(Level.COUNTY).filter(code__in=_counties(prefix)).order_by("code"))
    if not counties:
        raise Refusal(
            _("There is no county under “%(code)s”.") % {"code": prefix}, _("Load the places first, or check the code.")
        )
    made = Made()
    for done, county in enumerate(counties):
        progress("grids", done, len(counties))
        _county(county, prefix, seed, per_village, made)
    progress("grids", len(counties), len(counties))
    audit.record("org.generate_grids", actor=actor, place=prefix, seed=seed, grids=made.grids, villages=made.villages)
    return made


def _counties(prefix: str) -> list[str]:
    length = CODE_LENGTH[Level.COUNTY]
    if len(prefix) >= length:
        return [prefix[:length]]
    return list(Place.objects.under(prefix).at(Level.COUNTY).values_list("code", flat=True))


def _county(county: Place, prefix: str, seed: int, per_village: int, made: Made) -> None:
    tree: dict[str, list[Place]] = {}
    for place in Place.objects.under(county.code).current().exclude(pk=county.pk).order_by("code"):
        tree.setdefault(str(place.parent_id), []).append(place)
    stored = Boundary.objects.filter(place__code__startswith=county.code).values_list("place_id", "wkb")
    plan = _Plan(seed, per_village, {str(code): read_wkb(wkb) for code, wkb in stored})
    if county.code not in plan.shapes:
        made.left.append((county, _("No outline of the county is known. Import one, then generate again.")))
        return
    _fill(plan, county, tree, prefix, made)
    Place.objects.bulk_create(plan.new, batch_size=BATCH)
    write_outlines(plan.drawn)
    made.grids += sum(b.place.level == Level.GRID for b in plan.drawn)


def _fill(plan: _Plan, above: Place, tree: dict[str, list[Place]], prefix: str, made: Made) -> None:
    """Divide a place among its children and go down, only towards the prefix."""
    places = tree.get(above.code, [])
    if above.level == Level.VILLAGE:
        if places and all(p.code in plan.shapes for p in places):
            made.kept += 1
            return
        made.villages += 1
        places = places or plan.new_grids(above)
    reason = plan.divide(above, places)
    if reason:
        made.left.append((above, reason))
        return
    for place in places:
        if place.level < Level.GRID and (place.code.startswith(prefix) or prefix.startswith(place.code)):
            _fill(plan, place, tree, prefix, made)


def spread(outlines: Sequence[Shape]) -> float:
    """The area that outlines share with one another, as a part of their whole area: 0 for neighbours."""
    whole = shapely.area(np.array(outlines, dtype=object)).sum()
    return float((whole - shapely.union_all(outlines).area) / whole)
