"""Whose name is this: compares names that somebody typed with those on file, and shows none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from lastmile.community.org.models import CODE_LENGTH, Level
from lastmile.community.people.models import Appointment, Person
from lastmile.kernel import audit
from lastmile.kernel.permissions import Perm, require

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

MOST_NAMES = 500


@dataclass(frozen=True)
class Bearer:
    """Somebody who bears the name: where they live, or which post they hold there."""

    place: str
    door: str = ""
    post: str = ""


def bearers(actor: Actor, place: str, names: Collection[str]) -> dict[str, list[Bearer]]:
    """Who of a place bears each of these names: whoever holds a post there, and in a village or grid the residents.

    Needs the permission to open names, and is noted in the trail; what is opened does not leave this function.
    """
    require(actor, Perm.PERSON_REVEAL, place)
    wanted = {name for name in names if name}
    found: dict[str, list[Bearer]] = defaultdict(list)
    if not wanted or len(wanted) > MOST_NAMES:
        return found
    for held in _staff(place):
        name = held.person.name.reveal()
        if name in wanted:
            found[name].append(Bearer(held.post.place_id, post=held.post.title))
    if len(place) >= CODE_LENGTH[Level.VILLAGE]:
        for person in _residents(place).iterator(chunk_size=2000):
            name = person.name.reveal()
            if name in wanted and person.household is not None:
                found[name].append(Bearer(person.place_id, door=person.household.number))
    audit.record("people.match_names", actor=actor, place=place, object_type="people.person", asked=len(wanted))
    return found


def _staff(place: str) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(Q(post__place__code__startswith=place), until=None, person__left_on=None)
    return rows.filter(post__closed_on=None).select_related("post", "person").order_by("pk")


def _residents(place: str) -> QuerySet[Person]:
    rows = Person.objects.filter(place__code__startswith=place, left_on=None, household__moved_out_on=None)
    return rows.exclude(household=None).select_related("household").order_by("pk")
