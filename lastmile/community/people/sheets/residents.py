"""Write the sheet 居民: people, contacts, guardians. Of somebody known, only filled cells change anything."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime
from typing import Any

from django.db.models import F

from lastmile.community.people.actions.people import care_text, is_minor
from lastmile.community.people.models import Contact, Household, Language, Person, Priority
from lastmile.community.people.queries import years
from lastmile.community.people.sheets.match import Known, known_people, match, phones_of
from lastmile.community.people.sheets.read import Row
from lastmile.kernel import bulk
from lastmile.kernel.crypto import keyring
from lastmile.kernel.fields import Sealed

CHANGEABLE = "household_id place_id born care language priority vulnerable minor guardian_id left_on updated_at".split()


def write_residents(
    rows: list[Row], doors: dict[str, Household], village: str, now: datetime, counts: Counter[str]
) -> list[Known]:
    """Returns everybody the village has now, for guardians and posts."""
    people = known_people(village)
    meant = match(rows, {number: home.pk for number, home in doors.items()}, people)
    fresh: list[Person] = []
    changed: dict[int, Person] = {}
    for row in rows:
        home = doors[row["number"]]
        known = meant.get(row.line)
        if known is None:
            person = Person(name=row["name"], language=row["language"] or Language.CHINESE, updated_at=now)
            _apply(person, row, home)
            fresh.append(person)
            meant[row.line] = Known(person, row["name"], row["born"], set())
            people.append(meant[row.line])
        elif _apply(known.person, row, home):
            known.person.updated_at = now
            known.born = row["born"] or known.born
            changed[known.person.pk] = known.person
    counts["residents_new"] += len(fresh)
    counts["residents_changed"] += len(changed)
    bulk.number(fresh)
    contacts = _contacts(rows, meant, now, counts)
    guarded = _guardians(rows, meant, people, counts)
    bulk.insert(fresh)
    new = {person.pk for person in fresh}
    bulk.update([*changed.values(), *(p for p in guarded if p.pk not in changed and p.pk not in new)], CHANGEABLE)
    bulk.insert(contacts, skip_known=True)  # somebody may type one in at this moment
    return people


def _apply(person: Person, row: Row, home: Household) -> bool:
    """Put the row's filled cells into the person; whether that changed anything."""
    before = _state(person)
    known = years.kinds(person)
    person.minor = is_minor(row["born"] or years.year(person), row["care"] or known)
    person.household_id, person.place_id, person.left_on = home.pk, home.place_id, None
    if row["born"]:
        person.born = _keep(person.born, str(row["born"]))
    if row["care"] or row["note"]:
        person.care = _keep(person.care, care_text(row["care"] or known, row["note"]))
        person.vulnerable = bool(row["care"] or known)
    person.language = row["language"] or person.language
    exposed = person.priority >= Priority.EXPOSED if row["exposed"] is None else row["exposed"]
    person.priority = Priority((1 if person.vulnerable else 0) + (2 if exposed else 0))
    return _state(person) != before


def _keep(sealed: Any, text: str | None) -> Any:
    """The sealed value itself when it already says this, so that nothing counts as changed."""
    return sealed if isinstance(sealed, Sealed) and sealed.reveal() == text else text


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
        person.minor,
    )


def _contacts(rows: list[Row], meant: dict[int, Known], now: datetime, counts: Counter[str]) -> list[Contact]:
    """The contacts that are new; a new one of a known person is tried before the old ones."""
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
                        person_id=known.person.pk,
                        kind=kind,
                        value=value,
                        blind=blind(value),
                        rank=rank,
                        confirmed_at=now,
                    )
                )
    Contact.objects.filter(person__in=shifted, kind=Contact.Kind.PHONE).update(rank=F("rank") + 2)
    counts["contacts_new"] += len(made)
    return made


def _guardians(rows: list[Row], meant: dict[int, Known], people: list[Known], counts: Counter[str]) -> list[Person]:
    """Name the guardians; whoever got another one."""
    owners: dict[str, list[int]] = defaultdict(list)
    for known in people:
        for phone in known.phones:
            owners[phone].append(known.person.pk)
    changed = []
    for row in rows:
        person = meant[row.line].person
        others = owners.get(row["guardian"], ()) if row["guardian"] else ()
        guardian = next((other for other in others if other != person.pk), None)
        if guardian is not None and person.guardian_id != guardian:
            person.guardian_id = guardian
            changed.append(person)
    counts["guardians"] += len(changed)
    return changed
