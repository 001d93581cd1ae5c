"""The rows of a table of facts: places of one level, or the special sites or households in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from lastmile.community.org.models import CODE_LENGTH, Level, Place, SpecialSite
from lastmile.community.people.models import Household
from lastmile.facts.models import Subject
from lastmile.kernel.permissions import within

Of = tuple[str, int | None, int | None]  # place, site, household


class Row(NamedTuple):
    """`place` is a code; `site` or `home` the key of a special site or household there, where the row is one."""

    place: str
    site: int | None
    label: str
    home: int | None = None

    @property
    def key(self) -> Of:
        return self.place, self.site, self.home

    @property
    def slug(self) -> str:
        """For names of inputs and ids."""
        if self.home is not None:
            return f"{self.place}h{self.home}"
        return self.place if self.site is None else f"{self.place}s{self.site}"


def of_places(places: Iterable[Place]) -> list[Row]:
    return [Row(place.code, None, place.name) for place in places]


def of_sites(sites: Iterable[SpecialSite]) -> list[Row]:
    return [Row(site.place_id, site.pk, site.name) for site in sites]


def of_homes(homes: Iterable[Household]) -> list[Row]:
    return [Row(home.place_id, None, home.number, home.pk) for home in homes]


def under(codes: Sequence[str], subject: str, level: int) -> list[Row]:
    """The places of a level under (or at) the codes, or the open sites or households there, in the order of codes."""
    if subject == Subject.SITE:
        sites = SpecialSite.objects.filter(within(codes, "place__code"), closed_on=None)
        return of_sites(sites.order_by("place_id", "name"))
    if subject == Subject.HOME:
        homes = Household.objects.filter(within(codes, "place__code"), moved_out_on=None)
        return of_homes(homes.order_by("place_id", "walking_order", "number").only("place_id", "number"))
    rows = Place.objects.current().filter(within(codes, "code"), level=level)
    return of_places(rows.order_by("code"))


def village(code: str) -> str:
    """The village of a place or of a site's place; of a higher place itself."""
    return code[: CODE_LENGTH[Level.VILLAGE]]
