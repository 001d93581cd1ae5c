"""Cells as the walk suggests them: neighbours in order, balanced, within a building where its doors make whole cells.

suggest(doors)   # {household: number}; the same doors always give the same cells
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from lastmile.community.cells.models import LEAST, MOST

USUAL = 8  # households of a suggested cell
STAIR = re.compile(r"^(.*?\d.*?)[-－—]")  # 3-2-501 → 3: what stands before the first dash


class Door(NamedTuple):
    household: int
    number: str
    walk: int | None

    @property
    def building(self) -> str:
        found = STAIR.match(self.number)
        return found[1] if found else ""


FAR = 2**31


def suggest(doors: Sequence[Door]) -> dict[int, int]:
    """{household: number of its cell}. Fewer than five doors are one cell."""
    walk = sorted(doors, key=lambda door: (FAR if door.walk is None else door.walk, door.number, door.household))
    found: dict[int, int] = {}
    number = 0
    for run in _runs(walk):
        for part in _balanced(run):
            number += 1
            found |= {door.household: number for door in part}
    return found


def _runs(walk: Sequence[Door]) -> list[list[Door]]:
    """Neighbouring doors of one building; a building too small for a cell goes with the one before it on the walk."""
    runs: list[list[Door]] = []
    for _building, doors in groupby(walk, key=lambda door: door.building):
        part = list(doors)
        if runs and (len(part) < LEAST or len(runs[-1]) < LEAST):
            runs[-1] = runs[-1] + part
        else:
            runs.append(part)
    return runs


def _balanced(run: Sequence[Door]) -> list[Sequence[Door]]:
    """Parts of nearly equal size, each of 5–10 where the run has so many."""
    count = max(1, round(len(run) / USUAL))
    while len(run) > count * MOST:
        count += 1
    small, more = divmod(len(run), count)
    parts, at = [], 0
    for index in range(count):
        size = small + (index < more)
        parts.append(run[at : at + size])
        at += size
    return parts
