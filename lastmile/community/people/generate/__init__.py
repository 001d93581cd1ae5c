"""An invented population for demos, drills and load tests: the same for the same seed, up to 5 million residents.

Nobody in it is real: names are drawn by character, phone numbers lie under a prefix that no operator may assign.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

import numpy as np
from django.db import connection, transaction
from django.utils.translation import gettext as _

from lastmile.community.people import contact_sheets
from lastmile.community.people.generate import staff
from lastmile.community.people.generate.clear import clear
from lastmile.community.people.generate.families import GROWN
from lastmile.community.people.generate.ground import Cell, cells
from lastmile.community.people.generate.homes import Home, homes
from lastmile.community.people.generate.write import Writer
from lastmile.community.people.models import Contact, Household, Person
from lastmile.kernel import audit
from lastmile.kernel.errors import Conflict, Refusal

LIMIT = 5_000_000
BATCH = 20_000  # residents a COPY
ABLE_A_CELL = 10  # grown residents of a grid who may be given posts
Progress = Callable[[int], None]


def populate(
    prefix: str, residents: int, seed: int, progress: Progress = lambda done: None, *, replace: bool = False
) -> int:
    """Settle `residents` invented people under the place, with posts and special sites; returns the households.

    `progress` hears how many residents are written. One transaction: all or nothing. Raises Conflict when people live
    there already, unless `replace`; even then nobody with a number that could be real is removed.
    """
    if not 1 <= residents <= LIMIT:
        raise Refusal(
            _("Between 1 and %(limit)s residents can be generated at once.") % {"limit": f"{LIMIT:,}"},
            _("Choose another number, or generate place by place."),
        )
    land = cells(prefix)
    with transaction.atomic():
        _make_room(prefix, replace)
        writer = Writer(seed)
        able: dict[str, list[int]] = defaultdict(list)
        written = doors = 0
        for batch in _batches(land, shares(land, residents, seed), seed):
            keys = writer.write(batch)
            _remember(able, batch, keys)
            doors += len(batch)
            written += sum(len(home) for home in keys)
            progress(written)
        staff.appoint(land, able, writer, seed)
        audit.record("people.generate", place=prefix, residents=residents, seed=seed)
    _analyze()
    contact_sheets.renew_all()
    return doors


def _make_room(prefix: str, replace: bool) -> None:
    if replace:
        clear(prefix)
    elif Household.objects.filter(place__code__startswith=prefix).exists():
        raise Conflict(
            _("People live under %(prefix)s already.") % {"prefix": prefix},
            _("Add --replace to remove the generated ones first."),
        )


def shares(land: list[Cell], residents: int, seed: int) -> list[int]:
    """How many people each cell gets: villages differ in size, urban communities are larger; adds up exactly."""
    rng = np.random.default_rng([seed, 0])
    weights = rng.lognormal(0, 0.35, len(land)) * np.array([2.0 if cell.urban else 1.0 for cell in land])
    edges = np.floor(np.concatenate([[0.0], weights.cumsum() / weights.sum()]) * residents + 1e-6).astype(int)
    return [int(count) for count in np.diff(edges)]


def _batches(land: list[Cell], counts: list[int], seed: int) -> Iterator[list[Home]]:
    batch: list[Home] = []
    size = 0
    for cell, count in zip(land, counts, strict=True):
        for part in homes(cell, count, seed):
            batch += part
            size += sum(len(home.members) for home in part)
            if size >= BATCH:
                yield batch
                batch, size = [], 0
    if batch:
        yield batch


def _remember(able: dict[str, list[int]], batch: list[Home], keys: list[list[int]]) -> None:
    """Keep a few grown residents a grid: they will be grid workers, responders and keepers of special sites."""
    for home, people in zip(batch, keys, strict=True):
        known = able[home.cell.village]
        if len(known) < ABLE_A_CELL * max(1, int(home.cell.code[12:] or 1)):
            known += [
                key
                for key, member in zip(people, home.members, strict=True)
                if GROWN + 8 <= member.age < 62 and member.phone and not member.care
            ][:1]


def _analyze() -> None:
    """The planner must know the new sizes at once, not when autovacuum comes by."""
    with connection.cursor() as cursor:
        for model in (Household, Person, Contact):
            cursor.execute(f"ANALYZE {model._meta.db_table}")
