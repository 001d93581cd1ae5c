"""Names, age and needs of many at once, for whoever receives them in an emergency; every look is noted once a day."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from lastmile.community.people.classes import DataClass, fields_of
from lastmile.community.people.models import Contact, Person, Vulnerability
from lastmile.community.people.queries.ground import ground
from lastmile.community.people.queries.look import AGAIN, note
from lastmile.kernel import audit, clock

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor, Perm

FIELDS = tuple(fields_of((DataClass.BASIC, DataClass.HEALTH)))


@dataclass(frozen=True)
class Called:
    """What somebody at a door needs to know a person by. Never kept on the server, never logged."""

    name: str
    age: int | None
    needs: list[Vulnerability]
    phones: list[str]


@transaction.atomic
def called(
    actor: Actor, persons: Sequence[Person], reason: str, *, perm: Perm, place: str, phones: bool = False
) -> dict[int, Called]:
    """By person. The actor must hold `perm` at `place`, whose work entitles them; the people may live elsewhere."""
    words = ground(actor, place, reason, perm=perm)
    keys = [person.pk for person in persons]
    fields = [*FIELDS, "contacts"] if phones else [*FIELDS]
    if new := note(actor, keys, words, fields, again=AGAIN):
        audit.record("people.look_many", actor=actor, place=place, object_type="people.person", people=new)
    numbers = _phones(keys) if phones else {}
    return {person.pk: _called(person, numbers.get(person.pk, [])) for person in persons}


def _phones(persons: Sequence[int]) -> dict[int, list[str]]:
    rows = Contact.objects.filter(person__in=persons, kind=Contact.Kind.PHONE, usable=True).order_by("rank", "pk")
    found: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        found[row.person_id].append(row.value.reveal())
    return found


def _called(person: Person, phones: list[str]) -> Called:
    care = json.loads(person.care.reveal()) if person.care else {}
    age = clock.today().year - int(person.born.reveal()) if person.born else None
    needs = [Vulnerability(kind) for kind in care.get("kinds", []) if kind in Vulnerability]
    return Called(person.name.reveal(), age, needs, phones)
