"""Invented cells for the demo: the grids of one village divided as suggested, with heads, deputies and some pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from lastmile.community.cells import actions, queries
from lastmile.community.cells.models import Cell, Helper
from lastmile.community.cells.suggesting import suggest
from lastmile.community.org.models import Place

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

GRIDS, PAIRED = 3, 6  # grids of the village, and pairs in each
HEADLESS = 7  # every so many cells has nobody yet, as it is in life


@transaction.atomic
def fill(village: str, by: Actor) -> int:
    """Where there are none yet; how many cells."""
    if Cell.objects.filter(place__code__startswith=village).exists():
        return 0
    made = 0
    for place in Place.objects.current().filter(parent=village).order_by("code")[:GRIDS]:
        wanted = suggest(queries.for_suggestion(queries.doors(place.pk)))
        if wanted:
            actions.arrange(place, wanted, by=by)
            made += _head(place, by)
            _pair(place, by)
    return made


def _head(place: Place, by: Actor) -> int:
    rows = queries.of_cells(list(Cell.objects.filter(place=place, until=None)))
    for at, one in enumerate(rows, 1):
        people = [person for person in queries.grown([home.pk for home in one.doors]) if person.reachable]
        roles = [] if at % HEADLESS == 0 else [Helper.Role.HEAD, Helper.Role.DEPUTY]
        for role, person in zip(roles, people, strict=False):
            actions.agree(one.cell, role, person, how="talk", by=by)
    return len(rows)


def _pair(place: Place, by: Actor) -> None:
    for resident in queries.vulnerable(by, place.pk).order_by("pk")[:PAIRED]:
        near = [person for person in queries.candidates(resident) if person.reachable][:2]
        if len(near) == 2:
            actions.pair_with(resident, near, how="paper", by=by)
