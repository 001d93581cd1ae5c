"""How the cells of a warning stand: doors open and closed, who was asked when; silent cells on top."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from lastmile.alerting import door_codes
from lastmile.alerting.coverage import child_length
from lastmile.alerting.models import AlertEvent, CellAsk, CellDoor
from lastmile.alerting.sql import fetch
from lastmile.community.cells.models import Cell
from lastmile.community.org.models import Place
from lastmile.community.people.models import Household, Person


@dataclass(frozen=True)
class PlaceSums:
    code: str
    name: str
    doors: int
    left: int
    silent: int  # cells with open doors about which nobody has answered

    @property
    def done(self) -> int:
        return self.doors - self.left


def by_place(event: AlertEvent, prefix: str) -> list[PlaceSums]:
    rows = fetch("cells_counts", event=event.pk, prefix=prefix, length=child_length(prefix))
    names = dict(Place.objects.filter(pk__in=[row[0] for row in rows]).values_list("pk", "name"))
    found = [PlaceSums(row[0], names.get(row[0], row[0]), *row[1:]) for row in rows]
    return sorted(found, key=lambda one: (-one.silent, -one.left, one.code))


@dataclass(frozen=True)
class Asked:
    ask: CellAsk
    name: str  # masked
    door: str


@dataclass
class Row:
    """One cell, or with `cell` None the doors that only a pair looks after."""

    cell: Cell | None
    doors: list[tuple[int, str, CellDoor]] = field(default_factory=list)  # code, door number
    asked: list[Asked] = field(default_factory=list)

    @property
    def left(self) -> int:
        return sum(door.closed_at is None for _code, _number, door in self.doors)

    @property
    def done(self) -> int:
        return len(self.doors) - self.left

    @property
    def silent(self) -> bool:
        return self.left > 0 and not any(one.ask.heard_at for one in self.asked)


def cells(event: AlertEvent, place: str) -> list[Row]:
    """The cells of exactly this place, silent ones first."""
    doors = list(CellDoor.objects.filter(event=event.pk, place=place))
    codes = door_codes.numbers(event, place) if doors else {}
    homes = Household.objects.in_bulk([door.household for door in doors])
    known = Cell.objects.in_bulk({door.cell for door in doors if door.cell})
    rows: dict[int, Row] = {}
    for door in sorted(doors, key=lambda one: codes.get(one.household, 0)):
        row = rows.setdefault(door.cell or 0, Row(known.get(door.cell or 0)))
        number = homes[door.household].number if door.household in homes else ""
        row.doors.append((codes.get(door.household, 0), number, door))
    asks = _asks(event, place)
    for key, row in rows.items():
        row.asked = asks[key]
    return sorted(rows.values(), key=lambda row: (not row.silent, -row.left, row.cell.number if row.cell else 9_999))


def _asks(event: AlertEvent, place: str) -> dict[int, list[Asked]]:
    rows = list(CellAsk.objects.filter(event=event.pk, place=place).order_by("pk"))
    people = Person.objects.select_related("household").in_bulk([row.person for row in rows])
    found: dict[int, list[Asked]] = defaultdict(list)
    for row in rows:
        person = people.get(row.person)
        door = person.household.number if person and person.household else ""
        found[row.cell or 0].append(Asked(row, person.name.masked() if person else "", door))
    return found
