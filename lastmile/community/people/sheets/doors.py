"""Write the sheets 网格 and 住户."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from lastmile.community.org.models import Level, Place
from lastmile.community.people.models import Household, Person
from lastmile.community.people.sheets.read import Row
from lastmile.kernel import bulk
from lastmile.kernel.fields import Sealed

CHANGEABLE = ["place_id", "address", "longitude", "latitude", "walking_order", "moved_out_on", "updated_at"]


def write_grids(rows: list[Row], village: Place, counts: Counter[str]) -> dict[str, Place]:
    """Create or rename grids; returns every grid of the village by its three digits, and '' for the village."""
    known = {grid.code[12:]: grid for grid in Place.objects.filter(code__startswith=village.code, level=Level.GRID)}
    fresh, changed = [], []
    for row in rows:
        name = row["name"] or f"第{int(row['grid'])}网格"
        grid = known.get(row["grid"])
        if grid is None:
            code = village.code + row["grid"]
            known[row["grid"]] = Place(code=code, national_code=code, level=Level.GRID, parent=village, name=name)
            fresh.append(known[row["grid"]])
        elif (row["name"] and grid.name != name) or grid.valid_to is not None:
            grid.name, grid.valid_to = name, None
            changed.append(grid)
    bulk.insert(fresh)
    bulk.update(changed, ["name", "valid_to"])
    counts["grids_new"] += len(fresh)
    return {"": village, **known}


def write_doors(
    rows: list[Row], numbers: set[str], grids: dict[str, Place], now: datetime, counts: Counter[str]
) -> dict[str, Household]:
    """Create doors and change what the rows fill in; returns every door of `numbers` and of the rows."""
    village = grids[""].code
    wanted = numbers | {row["number"] for row in rows}
    known = {home.number: home for home in Household.objects.filter(village=village, number__in=wanted)}
    fresh, changed, moved = [], [], []
    for row in rows:
        home = known.get(row["number"])
        if home is None:
            home = Household(village=village, number=row["number"], place=grids[row["grid"]], updated_at=now)
            _apply(home, _values(row, grids))
            fresh.append(home)
            continue
        before = home.place_id
        if _apply(home, _values(row, grids)):
            home.updated_at = now
            changed.append(home)
        if home.place_id != before:
            moved.append(home)
    bulk.insert(fresh)
    bulk.update(changed, CHANGEABLE)
    _move(moved)
    counts["households_new"] += len(fresh)
    counts["households_changed"] += len(changed)
    return known | {home.number: home for home in fresh}


def _move(homes: list[Household]) -> None:
    """Whoever lives behind these doors goes with them to the new grid."""
    place_of = {home.pk: home.place_id for home in homes}
    members = list(Person.objects.filter(household__in=place_of))
    for person in members:
        person.place_id = place_of[person.household_id or 0]
    bulk.update(members, ["place_id"])


def _values(row: Row, grids: dict[str, Place]) -> dict[str, Any]:
    """The filled cells of a row, as fields."""
    filled = {name: row[name] for name in ("longitude", "latitude", "walking_order") if row[name] is not None}
    if row["grid"]:
        filled["place_id"] = grids[row["grid"]].code
    return filled | {"address": row["address"], "moved_out_on": None}


def _apply(home: Household, values: dict[str, Any]) -> bool:
    changed = False
    for name, value in values.items():
        current = getattr(home, name, None)
        if isinstance(current, Sealed):
            current = current.reveal()
        if current != value:
            setattr(home, name, value)
            changed = True
    return changed
