"""Open personal fields of one person: for a reason, logged, and shown to the person on request."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Prefetch, QuerySet

from lastmile.community.people.classes import DataClass, fields_of
from lastmile.community.people.models import Contact, Household, Look, Person, Vulnerability
from lastmile.community.people.queries.ground import ground
from lastmile.community.people.queries.households import members
from lastmile.kernel import audit, clock

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

ALL = tuple(DataClass)
FIELDS = tuple(fields_of(ALL))
AGAIN = timedelta(days=1)  # a page that is opened again and again on one duty is one look a day


@dataclass(frozen=True)
class Opened:
    """What was sealed, of the classes that were asked for. Never kept, never logged: made for one answer."""

    person: Person
    name: str
    born: int | None
    kinds: list[Vulnerability]
    note: str
    address: str
    contacts: list[tuple[Contact, str]] = field(default_factory=list)

    @property
    def age(self) -> int | None:
        return None if self.born is None else clock.now().year - self.born


@transaction.atomic
def look(actor: Actor, person: Person, reason: str = "", classes: Collection[DataClass] = ALL) -> Opened:
    """The person's fields in clear, after noting who looked and why. Raises NotAllowed, or Refusal without a ground."""
    words = ground(actor, person.place_id, reason)
    if note(actor, [person.pk], words, fields_of(classes), again=None if reason.strip() else AGAIN):
        audit.record("people.look", actor=actor, place=person.place_id, obj=person)
    return opened(person, classes=classes)


@transaction.atomic
def look_many(actor: Actor, persons: Sequence[int], reason: str = "") -> list[Opened]:
    """The fields of many, as for the doors of a grid; each look is noted. Raises NotAllowed if one lies outside,
    Refusal where there is no ground."""
    rows = Person.objects.filter(pk__in=persons).select_related("household")
    ordered = Contact.objects.filter(usable=True).order_by("kind", "rank", "id")
    people = list(rows.prefetch_related(Prefetch("contacts", ordered)).order_by("pk"))
    again = None if reason.strip() else AGAIN
    for place in sorted({person.place_id for person in people}):
        words = ground(actor, place, reason)
        new = note(actor, [one.pk for one in people if one.place_id == place], words, FIELDS, again=again)
        if new:
            audit.record("people.look_many", actor=actor, place=place, object_type="people.person", people=new)
    return [opened(person, list(person.contacts.all())) for person in people]


def look_home(actor: Actor, household: Household) -> list[Opened]:
    """Everybody who lives behind one door, on duty; `person.shown` of each is what was opened. Raises NotAllowed, or
    Refusal where no warning in force gives the ground."""
    people = [one for one in members(household) if one.left_on is None]
    ground(actor, household.place_id)
    found = {one.person.pk: one for one in look_many(actor, [one.pk for one in people])}
    for one in people:
        one.shown = found[one.pk]  # type: ignore[attr-defined]  # for templates
    return [replace(found[one.pk], person=one) for one in people]


def note(
    actor: Actor, persons: Sequence[int], reason: str, fields: Sequence[str], *, again: timedelta | None = None
) -> int:
    """Write down for each who looked, at what and why; returns for how many. `again`: not within this time, if it was
    the same look. The caller has asked for the ground, and records it in the trail.

    In one statement with seven parameters: with seven for each of a grid's people, parsing them took longer than all
    the rest.
    """
    now, words, new = clock.now(), reason[:200], list(persons)
    if again is not None:
        same = Look.objects.filter(person__in=new, actor=actor.pk, reason=words, at__gt=now - again)
        seen = set(same.filter(fields__contains=list(fields)).values_list("person_id", flat=True))
        new = [one for one in new if one not in seen]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Look._meta.db_table} (person_id, actor, actor_name, at, reason, fields)"
            " SELECT unnest(%s::int[]), %s, %s, %s, %s, %s::varchar[]",
            [new, actor.pk, str(actor)[:60], now, words, list(fields)],
        )
    return len(new)


def note_look(actor: Actor, person: Person, reason: str, fields: Sequence[str]) -> None:
    """A look at what is known of somebody that opens nothing sealed: noted like the others, for them to ask."""
    note(actor, [person.pk], reason, fields)


def opened(person: Person, known: Sequence[Contact] | None = None, classes: Collection[DataClass] = ALL) -> Opened:
    """Open without a log: only for the looks above, and for code that shows nothing to anybody."""
    basic, health = DataClass.BASIC in classes, DataClass.HEALTH in classes
    care = json.loads(person.care.reveal()) if person.care and health else {}
    rows = person.contacts.order_by("kind", "rank", "id") if known is None else known
    where = DataClass.LOCATION in classes and person.household is not None and person.household.address
    return Opened(
        person=person,
        name=person.name.reveal() if basic else person.name.masked(),
        born=int(person.born.reveal()) if person.born and basic else None,
        kinds=[Vulnerability(kind) for kind in care.get("kinds", []) if kind in Vulnerability],
        note=care.get("note", ""),
        address=where.reveal() if where else "",
        contacts=[(c, c.value.reveal()) for c in rows] if DataClass.CONTACT in classes else [],
    )


def looks(person: Person) -> QuerySet[Look]:
    """Who opened this person's fields, newest first."""
    return Look.objects.filter(person=person)
