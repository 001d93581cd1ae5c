"""Who in a plan area is covered by nobody on a quiet day: found with set-based statements for many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Q

from lastmile.alerting.area import Area
from lastmile.alerting.models import PlanArea
from lastmile.alerting.plan_areas import destinations, extent
from lastmile.alerting.sql import fetch
from lastmile.community.people.models import Appointment
from lastmile.kernel import clock

SHOWN = 200  # households of a page


class Home(NamedTuple):
    """A household that no phone reaches. `neighboured`: by a cell or pair; `walked`: a grid worker comes."""

    household: int
    place: str
    number: str
    neighboured: bool
    walked: bool

    @property
    def nobody(self) -> bool:
        return not (self.neighboured or self.walked)


class Site(NamedTuple):
    site: int
    place: str
    name: str
    kind: str
    answered: bool


@dataclass
class Standing:
    """How one plan area stands. `silent`: households that no phone reaches; `nobody` of them has no neighbour of a cell
    or pair and no grid worker either. `sites` without an answering post that can be reached, `grids` without a worker.
    """

    households: int = 0
    residents: int = 0
    silent: int = 0
    nobody: int = 0
    all_sites: int = 0
    sites: list[Site] = field(default_factory=list)
    grids: list[tuple[str, str]] = field(default_factory=list)
    homes: list[Home] = field(default_factory=list)
    holder: bool = False  # somebody holds the post that answers for the area
    beds: int | None = None  # of its shelters; None where only words say where to go
    away: bool = False  # neither shelter nor words: nobody knows where to go

    @property
    def uncovered(self) -> int:
        """What one click can give to somebody."""
        return self.nobody + len(self.sites)

    @property
    def short(self) -> int:
        """People for whom its shelters have no bed."""
        return max(0, self.residents - self.beds) if self.beds is not None else 0

    @property
    def ready(self) -> bool:
        return not (self.uncovered or self.grids or self.away or self.short or not self.holder)


def of(rows: Iterable[PlanArea]) -> dict[int, Standing]:
    """By key. Four statements for all of them."""
    found = list(rows)
    return _standing(found, {one.pk: extent.of(one) for one in found})


def of_extents(found: Sequence[tuple[PlanArea, Area]]) -> dict[int, Standing]:
    """The same where it is known already where they lie."""
    return _standing([area for area, _lies in found], {area.pk: lies for area, lies in found})


def one(area: PlanArea, shown: int = SHOWN) -> Standing:
    """With the households themselves."""
    extents = {area.pk: extent.of(area)}
    standing = _standing([area], extents)[area.pk]
    rows = fetch("plan_uncovered", **extent.parameters(extents), shown=shown)
    standing.homes = [Home(*row[1:]) for row in rows]
    return standing


def _standing(found: list[PlanArea], extents: Mapping[int, Area]) -> dict[int, Standing]:
    standings = {area.pk: Standing() for area in found}
    if not found:
        return standings
    values = extent.parameters(extents)
    for key, households, residents, silent, nobody in fetch("plan_counts", **values):
        now = standings[key]
        now.households, now.residents, now.silent, now.nobody = households, residents, silent, nobody
    for key, *site in fetch("plan_sites", **values):
        standings[key].all_sites += 1
        if not site[-1]:
            standings[key].sites.append(Site(*site))
    for key, code, name in fetch("plan_grids", **values):
        standings[key].grids.append((code, name))
    held, beds = _held(found), destinations.beds({shelter for area in found for shelter in area.shelters})
    for area in found:
        now = standings[area.pk]
        now.holder = area.post_id in held
        known = [beds[shelter] for shelter in area.shelters if shelter in beds]
        now.beds = sum(known) if known else None
        now.away = not known and not area.destination
    return standings


def _held(found: Iterable[PlanArea]) -> set[int]:
    """The posts of plan areas that somebody holds today."""
    posts = {area.post_id for area in found} - {None}
    running = Q(until=None) | Q(until__gt=clock.today())
    rows = Appointment.objects.filter(running, post__in=posts, post__closed_on=None, person__left_on=None)
    return set(rows.filter(since__lte=clock.today()).values_list("post", flat=True))
