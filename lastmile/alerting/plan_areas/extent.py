"""Where a plan area lies, found anew each time: grids and households move, and what is drawn stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lastmile.alerting import area as areas
from lastmile.alerting.area import Area
from lastmile.alerting.audience import Audience
from lastmile.alerting.models import PlanArea
from lastmile.kernel import clock


def audience(one: PlanArea) -> Audience:
    """What was checked when it was saved, as the targeting reads it."""
    return Audience(
        places=tuple(one.area.get("places", ())),
        polygons=tuple(one.area.get("polygons", ())),
        circles=tuple((x, y, km) for x, y, km in one.area.get("circles", ())),
    )


def of(one: PlanArea) -> Area:
    return areas.find(audience(one), one.place_id)


def parameters(found: Mapping[int, Area]) -> dict[str, Any]:
    """What plan_spans.sql asks for; the key of each plan area stands beside each of its places, homes and sites."""
    lists: dict[str, Any] = {"today": clock.today()}
    for name, keys in (("codes", "areas"), ("cut", "cut_areas"), ("homes", "home_areas"), ("sites", "site_areas")):
        pairs = [(key, value) for key, area in found.items() for value in _values(area, name)]
        lists[keys], lists[name] = [key for key, _value in pairs], [value for _key, value in pairs]
    return lists


def _values(area: Area, name: str) -> tuple[Any, ...]:
    whole = {"codes": (*area.prefixes, *area.inside), "cut": area.edges, "homes": area.homes, "sites": area.sites}
    return whole[name]


def holds(area: Area, place: str, home: int) -> bool:
    """Whether a household, at its place, lies in it."""
    return place.startswith(area.prefixes or ("none",)) or place in area.inside or home in area.homes


def holds_site(area: Area, place: str, site: int) -> bool:
    return place.startswith(area.prefixes or ("none",)) or place in area.inside or site in area.sites


def meet(one: Area, other: Area) -> bool:
    """Whether two areas have a place, a home or a site in common."""
    wholes = [(*area.prefixes, *area.inside) for area in (one, other)]
    for whole, theirs, cut in ((wholes[0], wholes[1], other.edges), (wholes[1], wholes[0], one.edges)):
        if whole and any(code.startswith(whole) for code in (*theirs, *cut)):
            return True
    return bool(set(one.homes) & set(other.homes) or set(one.sites) & set(other.sites))
