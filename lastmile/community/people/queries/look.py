"""Open personal fields of one person: for a reason, logged, and shown to the person on request."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from lastmile.community.people.models import Contact, Look, Person, Vulnerability
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm, require

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

SHORTEST_REASON = 2
FIELDS = ("name", "born", "care", "address", "contacts")


@dataclass(frozen=True)
class Opened:
    """What was sealed. Never kept, never logged: made for one answer."""

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


def good_reason(reason: str) -> str:
    """The reason as it is kept. Raises Refusal when there is none."""
    reason = reason.replace("\0", "").strip()[:200]
    if len(reason) < SHORTEST_REASON:
        raise Refusal(
            _("Say why you need to see it."),
            _("A few words are enough, as “call about the flood”. They are kept, and the person may ask who looked."),
            fields={"reason": _("Write a reason.")},
        )
    return reason


@transaction.atomic
def look(actor: Actor, person: Person, reason: str) -> Opened:
    """The person's fields in clear, after noting who looked and why. Raises NotAllowed, or Refusal without a reason."""
    require(actor, Perm.PERSON_REVEAL, person.place_id)
    reason = good_reason(reason)
    Look.objects.create(
        person=person, actor=actor.pk, actor_name=str(actor)[:60], at=clock.now(), reason=reason, fields=list(FIELDS)
    )
    audit.record("people.look", actor=actor, place=person.place_id, obj=person)
    return opened(person)


@transaction.atomic
def look_many(actor: Actor, persons: Sequence[int], reason: str) -> list[Opened]:
    """The fields of many, as for the doors of a grid; each look is noted. Raises NotAllowed if one lies outside."""
    rows = Person.objects.filter(pk__in=persons).select_related("household")
    ordered = Contact.objects.filter(usable=True).order_by("kind", "rank", "id")
    people = list(rows.prefetch_related(Prefetch("contacts", ordered)).order_by("pk"))
    for place in {person.place_id for person in people}:
        require(actor, Perm.PERSON_REVEAL, place)
    values = {"actor": actor.pk, "actor_name": str(actor)[:60], "at": clock.now(), "reason": reason[:200]}
    Look.objects.bulk_create([Look(person=person, fields=list(FIELDS), **values) for person in people])
    for place, count in Counter(person.place_id for person in people).items():
        audit.record("people.look_many", actor=actor, place=place, people=count)
    return [opened(person, list(person.contacts.all())) for person in people]


def note_look(actor: Actor, person: Person, reason: str, fields: Sequence[str]) -> None:
    """A look at what is known of somebody that opens nothing sealed: noted like the others, for them to ask."""
    values = {"actor": actor.pk, "actor_name": str(actor)[:60], "at": clock.now()}
    Look.objects.create(person=person, reason=reason[:200], fields=list(fields), **values)


def opened(person: Person, known: Sequence[Contact] | None = None) -> Opened:
    """Open without a log: only for the looks above, and for code that shows nothing to anybody."""
    care = json.loads(person.care.reveal()) if person.care else {}
    rows = person.contacts.order_by("kind", "rank", "id") if known is None else known
    contacts = [(c, c.value.reveal()) for c in rows]
    return Opened(
        person=person,
        name=person.name.reveal(),
        born=int(person.born.reveal()) if person.born else None,
        kinds=[Vulnerability(kind) for kind in care.get("kinds", []) if kind in Vulnerability],
        note=care.get("note", ""),
        address=person.household.address.reveal() if person.household else "",
        contacts=contacts,
    )


def looks(person: Person) -> QuerySet[Look]:
    """Who opened this person's fields, newest first."""
    return Look.objects.filter(person=person)
