"""Write the sheet 居民: people, contacts, guardians. Of somebody known, only filled cells change anything."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from django.db.models import F

from lastmile.community.people.actions.people import care_text
from lastmile.community.people.models import Contact, Household, Language, Person, Priority
from lastmile.community.people.sheets.match import Known, known_people, match, phones_of
from lastmile.community.people.sheets.read import Row
from lastmile.kernel.crypto import keyring
from lastmile.kernel.fields import Sealed

BATCH = 2000
CHANGEABLE = ["household", "place", "born", "care", "language", "priority", "vulnerable", "left_on", "updated_at"]


def write_residents(
    rows: list[Row], doors: dict[str, Household], village: str, now: datetime, counts: Counter[str]
) -> list[Known]:
    """Returns everybody the village has now, for guardians and posts."""
    people = known_people(village)
    meant = match(rows, {number: home.pk for number, home in doors.items()}, people)
    fresh: list[tuple[Row, Person]] = []
    changed: list[Person] = []
    for row in rows:
        home = doors[row["number"]]
        known = meant.get(row.line)
        if known is None:
            person = Person(name=row["name"], language=row["language"] or Language.CHINESE, updated_at=now)
            _apply(person, row, home)
            fresh.append((row, person))
        elif _apply(known.person, row, home):
            known.person.updated_at = now
            known.born = row["born"] or known.born
            changed.append(known.person)
    Person.objects.bulk_create([person for _row, person in fresh], batch_size=BATCH)
    Person.objects.bulk_update(changed, CHANGEABLE, batch_size=BATCH)
    counts["residents_new"] += len(fresh)
    counts["residents_changed"] += len(changed)
    for row, person in fresh:
        meant[row.line] = Known(person, row["name"], row["born"], set())
        people.append(meant[row.line])
    counts["contacts_new"] += _contacts(rows, meant, now)
    counts["guardians"] += _guardians(rows, meant, people)
    return people


def _apply(person: Person, row: Row, home: Household) -> bool:
    """Put the row's filled cells into the person; whether that changed anything."""
    before = _state(person)
    person.household, person.place, person.left_on = home, home.place, None
    if row["born"]:
        person.born = _keep(person.born, str(row["born"]))
    if row["care"] or row["note"]:
        person.care = _keep(person.care, care_text(row["care"] or _kinds(person), row["note"]))
        person.vulnerable = bool(row["care"] or _kinds(person))
    person.language = row["language"] or person.language
    exposed = person.priority >= Priority.EXPOSED if row["exposed"] is None else row["exposed"]
    person.priority = Priority((1 if person.vulnerable else 0) + (2 if exposed else 0))
    return _state(person) != before


def _keep(sealed: Any, text: str | None) -> Any:
    """The sealed value itself when it already says this, so that nothing counts as changed."""
    return sealed if isinstance(sealed, Sealed) and sealed.reveal() == text else text


def _kinds(person: Person) -> list[str]:
    found: list[str] = json.loads(person.care.reveal())["kinds"] if isinstance(person.care, Sealed) else []
    return found


def _state(person: Person) -> tuple[object, ...]:
    return (
        person.household_id,
        person.place_id,
        person.left_on,
        id(person.born),
        id(person.care),
        person.language,
        person.priority,
        person.vulnerable,
    )


def _contacts(rows: list[Row], meant: dict[int, Known], now: datetime) -> int:
    """Enter the contacts that are new; a new one of a known person is tried before the old ones."""
    blind = keyring().blind
    made: list[Contact] = []
    shifted: set[int] = set()
    for row in rows:
        known = meant[row.line]
        wanted = [(Contact.Kind.PHONE, row["phone"], 0), (Contact.Kind.PHONE, row["phone2"], 1)]
        for kind, value, rank in [*wanted, (Contact.Kind.EMAIL, row["email"], 0)]:
            if value and (kind.value, value) not in known.contacts:
                if kind == Contact.Kind.PHONE and known.phones - phones_of(row):
                    shifted.add(known.person.pk)
                known.contacts.add((kind.value, value))
                made.append(
                    Contact(
                        person=known.person, kind=kind, value=value, blind=blind(value), rank=rank, confirmed_at=now
                    )
                )
    Contact.objects.filter(person__in=shifted, kind=Contact.Kind.PHONE).update(rank=F("rank") + 2)
    Contact.objects.bulk_create(made, batch_size=BATCH, ignore_conflicts=True)
    return len(made)


def _guardians(rows: list[Row], meant: dict[int, Known], people: list[Known]) -> int:
    owners: dict[str, list[Person]] = defaultdict(list)
    for known in people:
        for phone in known.phones:
            owners[phone].append(known.person)
    changed = []
    for row in rows:
        person = meant[row.line].person
        others = owners[row["guardian"]] if row["guardian"] else []
        guardian = next((other for other in others if other.pk != person.pk), None)
        if guardian is not None and person.guardian_id != guardian.pk:
            person.guardian = guardian
            changed.append(person)
    Person.objects.bulk_update(changed, ["guardian"], batch_size=BATCH)
    return len(changed)
