"""Ways to reach a person: add, put first, stop using, use again, retire what does not exist, delete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Max

from lastmile.community.people import phones
from lastmile.community.people.models import Contact, Person
from lastmile.kernel import audit, clock
from lastmile.kernel.crypto import keyring

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor


def add_contact(person: Person, kind: str, value: str, rank: int = 0) -> Contact:
    """Add a way to reach a person, or return the one that is there. Raises Refusal when the value is malformed."""
    value = phones.normal(kind, value)
    known = Contact.objects.filter(person=person, kind=kind, blind__in=keyring().blinds(value)).first()
    if known is not None:
        return known
    contact, _new = Contact.objects.get_or_create(
        person=person, kind=kind, blind=keyring().blind(value), defaults={"value": value, "rank": rank}
    )
    return contact


@transaction.atomic
def new_contact(person: Person, kind: str, value: str, *, by: Actor) -> Contact:
    """Add a contact behind the others of its kind; it counts as confirmed today, and is used again if it was not."""
    last = Contact.objects.filter(person=person, kind=kind).aggregate(last=Max("rank"))["last"]
    contact = add_contact(person, kind, value, 0 if last is None else last + 1)
    Contact.objects.filter(pk=contact.pk).update(**_in_use())
    contact.refresh_from_db()
    _record("add_contact", contact, by)
    return contact


@transaction.atomic
def put_first(contact: Contact, *, by: Actor) -> None:
    """This contact is tried first; the others of its kind keep their order behind it."""
    others = Contact.objects.filter(person=contact.person_id, kind=contact.kind).exclude(pk=contact.pk)
    for rank, other in enumerate(others.order_by("rank", "id"), start=1):
        Contact.objects.filter(pk=other.pk).update(rank=rank)
    Contact.objects.filter(pk=contact.pk).update(rank=0)
    _record("put_contact_first", contact, by)


@transaction.atomic
def set_usable(contact: Contact, usable: bool, *, by: Actor) -> None:
    """Stop using a contact, or use it again (then it counts as confirmed today)."""
    stopped = {"usable": False, "unusable_at": clock.now(), "unusable_why": ""}
    Contact.objects.filter(pk=contact.pk).update(**(_in_use() if usable else stopped))
    _record("use_contact" if usable else "stop_contact", contact, by)


def _in_use() -> dict[str, Any]:
    return {"usable": True, "confirmed_at": clock.now(), "unusable_at": None, "unusable_why": ""}


@dataclass(frozen=True)
class Failed:
    """A gateway says that the contact of this kind to which it was to send at `at` does not exist."""

    person: int
    kind: str
    at: datetime
    why: str  # Contact.Dead


# The contact that was used is the first usable one by rank, as in dispatch, unless the list has changed since: one
# confirmed later, or another of the kind taken out of use later, says that it may not be this one.
RETIRE = """
UPDATE people_contact AS contact SET usable = false, unusable_at = %(now)s, unusable_why = failed.why
  FROM unnest(%(persons)s::int[], %(kinds)s::text[], %(moments)s::timestamptz[], %(whys)s::text[])
    AS failed (person, kind, at, why)
 WHERE contact.id = (
     SELECT first.id FROM people_contact AS first
      WHERE first.person_id = failed.person AND first.kind = failed.kind AND first.usable
      ORDER BY first.rank, first.id LIMIT 1)
   AND (contact.confirmed_at IS NULL OR contact.confirmed_at <= failed.at)
   AND NOT EXISTS (
     SELECT FROM people_contact AS other
      WHERE other.person_id = failed.person AND other.kind = failed.kind AND other.unusable_at > failed.at)
RETURNING contact.id
"""


@transaction.atomic
def retire_contacts(failed: Sequence[Failed]) -> int:
    """Take contacts out of use that do not exist, with date and reason; `set_usable` undoes it. How many were."""
    values: dict[str, Any] = {
        "now": clock.now(),
        "persons": [one.person for one in failed],
        "kinds": [one.kind for one in failed],
        "moments": [one.at for one in failed],
        "whys": [one.why for one in failed],
    }
    with connection.cursor() as cursor:
        cursor.execute(RETIRE, values)
        keys = [key for (key,) in cursor.fetchall()]
    for contact in Contact.objects.filter(pk__in=keys).select_related("person").order_by("pk"):
        _record("retire_contact", contact, None, why=contact.unusable_why)
    return len(keys)


@transaction.atomic
def confirm_contact(contact: Contact, *, by: Actor) -> None:
    """The person answered on it today."""
    Contact.objects.filter(pk=contact.pk).update(confirmed_at=clock.now())
    _record("confirm_contact", contact, by)


@transaction.atomic
def delete_contact(contact: Contact, *, by: Actor) -> None:
    """Remove a contact for good: personal data that is no longer needed is not kept."""
    _record("delete_contact", contact, by)
    contact.delete()


def _record(verb: str, contact: Contact, by: Actor | None, **detail: str) -> None:
    person = contact.person
    audit.record(f"people.{verb}", actor=by, place=person.place_id, obj=person, kind=contact.kind, **detail)
