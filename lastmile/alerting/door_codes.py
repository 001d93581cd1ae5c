"""The short code of a door: stable for a warning and its updates, so that paper, SMS and pages mean the same door.

    door_codes.numbers(event, place)   # {household: 12}

The first call for a place numbers its doors in walking order and keeps that; doors listed later get the next numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from lastmile.alerting import roster
from lastmile.alerting.models import AlertEvent, DoorCodes
from lastmile.community.people.models import Person, walk


@dataclass(frozen=True)
class Codes:
    """`homes` and `others` (people listed at the place who live behind none of its doors) by key: their numbers."""

    homes: dict[int, int]
    others: dict[int, int]

    @property
    def last(self) -> int:
        return len(self.homes) + len(self.others)


def numbers(event: AlertEvent, place: str) -> dict[int, int]:
    """The number of every listed household of exactly this place."""
    return codes(event, place).homes


def codes(event: AlertEvent, place: str) -> Codes:
    """The frozen numbers, with what is listed by now and was not before added at the end."""
    listed = _listed(event, place)
    row = DoorCodes.objects.filter(warning=event.warning, place=place).first()
    if row is None or not set(listed) <= set(row.entries):
        row = _grow(event.warning, place, listed)
    numbered = {entry: number for number, entry in enumerate(row.entries, 1)}
    return Codes(
        homes={entry: number for entry, number in numbered.items() if entry > 0},
        others={-entry: number for entry, number in numbered.items() if entry < 0},
    )


@transaction.atomic
def _grow(warning: int, place: str, listed: Iterable[int]) -> DoorCodes:
    """Two who print the same place at once wait for each other here."""
    DoorCodes.objects.bulk_create([DoorCodes(warning=warning, place=place, entries=[])], ignore_conflicts=True)
    row = DoorCodes.objects.select_for_update().get(warning=warning, place=place)
    known = set(row.entries)
    row.entries = [*row.entries, *(entry for entry in listed if entry not in known)]
    row.save(update_fields=["entries"])
    return row


def _listed(event: AlertEvent, place: str) -> list[int]:
    """The doors in walking order, then the others."""
    persons = Person.objects.filter(pk__in=roster.listed(event, place)).order_by("pk")
    homes: dict[int, tuple[bool, int, int]] = {}
    others = []
    for key, lives, home, order in persons.values_list("pk", "place", "household", "household__walking_order"):
        if home is not None and lives == place:
            homes[home] = walk(order, home)
        else:
            others.append(-key)
    return [*sorted(homes, key=lambda home: homes[home]), *others]
