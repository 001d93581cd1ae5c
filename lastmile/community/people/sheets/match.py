"""Find the person a row means, so that importing twice enters nobody twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from lastmile.community.people.models import Contact, Person
from lastmile.community.people.sheets.read import Row

PHONE = Contact.Kind.PHONE.value


@dataclass
class Known:
    """A person the village has, opened in memory for comparing only."""

    person: Person
    name: str
    born: int | None
    contacts: set[tuple[str, str]]

    @property
    def phones(self) -> set[str]:
        return {value for kind, value in self.contacts if kind == PHONE}


def known_people(village: str) -> list[Known]:
    """Everybody of the village, also those who left: a row may bring them back."""
    contacts: dict[int, set[tuple[str, str]]] = defaultdict(set)
    rows = Contact.objects.filter(person__place__code__startswith=village).values_list("person_id", "kind", "value")
    for person, kind, value in rows:
        contacts[person].add((kind, value.reveal()))
    people = Person.objects.filter(place__code__startswith=village).order_by("id")
    return [_opened(person, contacts[person.pk]) for person in people]


def _opened(person: Person, contacts: set[tuple[str, str]]) -> Known:
    return Known(person, person.name.reveal(), int(person.born.reveal()) if person.born else None, contacts)


def phones_of(row: Row) -> set[str]:
    return {row[name] for name in ("phone", "phone2") if row[name]}


def match(rows: Sequence[Row], household_of: dict[str, int], people: list[Known]) -> dict[int, Known]:
    """Line → the person meant; each person is meant by one row at most.

    1 the same name and year behind the same door; 2 the same name there, where one of the two has no year;
    3 the same name and phone anywhere in the village: they moved, or hold a post already. Among several, whoever
    shares most phones, then whoever was entered first. Because the check allows namesakes behind one door only with
    different years, a second import finds the same people: what a row has filled in makes its match stronger.
    """
    taken: set[int] = set()
    found: dict[int, Known] = {}
    at_door: dict[tuple[int | None, str], list[Known]] = defaultdict(list)
    in_village: dict[str, list[Known]] = defaultdict(list)
    for known in people:
        at_door[known.person.household_id, known.name].append(known)
        in_village[known.name].append(known)
    for rule in (_same_year, _year_open, _same_phone):
        for row in rows:
            if row.line in found:
                continue
            wide = rule is _same_phone
            pool = in_village[row["name"]] if wide else at_door[household_of[row["number"]], row["name"]]
            phones = phones_of(row)
            fitting = [known for known in pool if id(known) not in taken and rule(row, known)]
            if fitting:
                found[row.line] = max(fitting, key=lambda known: len(phones & known.phones))
                taken.add(id(found[row.line]))
    return found


def _same_year(row: Row, known: Known) -> bool:
    return row["born"] is not None and row["born"] == known.born


def _year_open(row: Row, known: Known) -> bool:
    return row["born"] is None or known.born is None


def _same_phone(row: Row, known: Known) -> bool:
    return bool(phones_of(row) & known.phones) and (_same_year(row, known) or _year_open(row, known))
