"""Write the sheets 网格 and 住户."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from lastmile.community.org.models import Level, Place
from lastmile.community.people.models import Household, Person
from lastmile.community.people.sheets.read import Row
from lastmile.kernel.fields import Sealed

BATCH = 2000
CHANGEABLE = ["place", "address", "longitude", "latitude", "walking_order", "moved_out_on", "updated_at"]


def write_grids(rows: list[Row], village: Place, counts: Counter[str]) -> dict[str, Place]:
    """Create or rename grids; returns every grid of the village by its three digits, and '' for the village."""
    known = {grid.code[12:]: grid for grid in Place.objects.filter(code__startswith=village.code, level=Level.GRID)}
    for row in rows:
        name = row["name"] or f"第{int(row['grid'])}网格"
        grid = known.get(row["grid"])
        if grid is None:
            code = village.code + row["grid"]
            known[row["grid"]] = Place.objects.create(
                code=code, national_code=code, level=Level.GRID, parent=village, name=name
            )
            counts["grids_new"] += 1
        elif (row["name"] and grid.name != name) or grid.valid_to is not None:
            grid.name, grid.valid_to = name, None
            grid.save(update_fields=["name", "valid_to"])
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
    Household.objects.bulk_create(fresh, batch_size=BATCH)
    Household.objects.bulk_update(changed, CHANGEABLE, batch_size=BATCH)
    for home in moved:
        Person.objects.filter(household=home).update(place=home.place)
    counts["households_new"] += len(fresh)
    counts["households_changed"] += len(changed)
    return known | {home.number: home for home in fresh}


def _values(row: Row, grids: dict[str, Place]) -> dict[str, Any]:
    """The filled cells of a row, as fields."""
    filled = {name: row[name] for name in ("longitude", "latitude", "walking_order") if row[name] is not None}
    if row["grid"]:
        filled["place"] = grids[row["grid"]]
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
