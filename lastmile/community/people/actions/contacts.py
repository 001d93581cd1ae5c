"""Ways to reach a person: add, put first, stop using, use again, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
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
    contact, _new = Contact.objects.get_or_create(
        person=person, kind=kind, blind=keyring().blind(value), defaults={"value": value, "rank": rank}
    )
    return contact


@transaction.atomic
def new_contact(person: Person, kind: str, value: str, *, by: Actor) -> Contact:
    """Add a contact behind the others of its kind; it counts as confirmed today, and is used again if it was not."""
    last = Contact.objects.filter(person=person, kind=kind).aggregate(last=Max("rank"))["last"]
    contact = add_contact(person, kind, value, 0 if last is None else last + 1)
    contact.usable, contact.confirmed_at = True, clock.now()
    contact.save(update_fields=["usable", "confirmed_at"])
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
    changes = {"usable": usable} | ({"confirmed_at": clock.now()} if usable else {})
    Contact.objects.filter(pk=contact.pk).update(**changes)
    _record("use_contact" if usable else "stop_contact", contact, by)


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


def _record(verb: str, contact: Contact, by: Actor) -> None:
    audit.record(f"people.{verb}", actor=by, place=contact.person.place_id, obj=contact.person, kind=contact.kind)
