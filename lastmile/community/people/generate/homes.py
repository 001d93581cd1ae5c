"""Put families behind doors: the invented households of one settlement, ready to be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from lastmile.community.people.generate import names
from lastmile.community.people.generate.families import DRAWS, GROWN, Member, family, households
from lastmile.community.people.generate.ground import Cell, settle

SLICE = 2000  # residents made at once, so that memory does not grow with the size of a grid
FLATS_A_BUILDING = 36


@dataclass(slots=True)
class Home:
    cell: Cell
    order: int
    address: str
    position: tuple[float, float] | None
    exposed: bool
    members: list[Member]
    guardians: dict[int, tuple[int, int]] = field(default_factory=dict)  # member → (homes back, member there)

    @property
    def number(self) -> str:
        return f"{self.cell.code[12:] or '000'}-{self.order:04d}"


def homes(cell: Cell, residents: int, seed: int) -> Iterator[list[Home]]:
    """The cell's households in slices. The same for the same seed, whatever else is generated."""
    first = 1
    for part, start in enumerate(range(0, residents, SLICE)):
        rng = np.random.default_rng([seed, int(cell.code), part])
        made = _slice(rng, cell, min(SLICE, residents - start), first)
        first += len(made)
        yield made


def _slice(rng: np.random.Generator, cell: Cell, residents: int, first: int) -> list[Home]:
    kinds = households(rng, residents, urban=cell.urban)
    surnames = names.surnames(rng, 2 * len(kinds))
    draws = rng.random((residents + len(kinds), DRAWS)).tolist()
    ground = settle(rng, cell, len(kinds))
    points = ground[0].tolist() if ground else None
    hamlets = ground[1].tolist() if ground else [0] * len(kinds)
    dangerous = max(hamlets) if rng.random() < 0.15 else -1  # one settlement by the water or below a slope
    made: list[Home] = []
    at = 0
    for index, kind in enumerate(kinds):
        rows = draws[at : at + len(kind) + 1]
        at += len(kind) + 1
        members = family(kind, (surnames[2 * index], surnames[2 * index + 1]), rows)
        order = first + index
        position = tuple(points[index]) if points else None
        home = Home(cell, order, _address(cell, hamlets[index], order), position, hamlets[index] == dangerous, members)
        _entrust(home, made, rows[-1][6])
        made.append(home)
    return made


def _address(cell: Cell, hamlet: int, order: int) -> str:
    village = names.village_name(cell.village_name)
    grid = int(cell.code[12:] or 1)
    if cell.urban:
        building, flat = divmod(order - 1, FLATS_A_BUILDING)
        return names.urban_address(village, (grid - 1) * 20 + building + 1, flat)
    return names.rural_address(village, (grid - 1) * 4 + hamlet + 1, order)


def _entrust(home: Home, before: list[Home], draw: float) -> None:
    """Give each vulnerable member a guardian: a grown relative, else mostly a neighbour, sometimes nobody."""
    grown = _grown(home.members)
    for index, member in enumerate(home.members):
        if not member.care:
            continue
        if grown is not None and grown != index:
            home.guardians[index] = (0, grown)
        elif draw < 0.75:
            for back, neighbour in enumerate(reversed(before[-3:]), start=1):
                adult = _grown(neighbour.members)
                if adult is not None:
                    home.guardians[index] = (back, adult)
                    break


def _grown(members: list[Member]) -> int | None:
    able = (i for i, member in enumerate(members) if GROWN <= member.age < 70 and member.phone and not member.care)
    return next(able, None)
