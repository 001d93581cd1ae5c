"""Names, age and needs of many at once, for whoever receives them in an emergency; every look is noted once a day."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from lastmile.community.people.models import Contact, Look, Person, Vulnerability
from lastmile.kernel import audit, clock
from lastmile.kernel.permissions import Perm, require

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

FIELDS = ("name", "born", "care")
AGAIN = timedelta(days=1)


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
    require(actor, perm, place)
    now = clock.now()
    keys = [person.pk for person in persons]
    lately = Look.objects.filter(person__in=keys, actor=actor.pk, reason=reason[:200], at__gt=now - AGAIN)
    seen = set(lately.values_list("person_id", flat=True))
    new = [person for person in persons if person.pk not in seen]
    fields = [*FIELDS, "contacts"] if phones else [*FIELDS]
    Look.objects.bulk_create(
        [
            Look(person=one, actor=actor.pk, actor_name=str(actor)[:60], at=now, reason=reason[:200], fields=fields)
            for one in new
        ]
    )
    if new:
        audit.record("people.look_many", actor=actor, place=place, object_type="people.person", people=len(new))
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
