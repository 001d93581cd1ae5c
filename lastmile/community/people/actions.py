"""Change who lives where, how to reach them, and which posts they hold."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import transaction

from lastmile.community.org.models import Place
from lastmile.community.people import phones
from lastmile.community.people.models import Contact, Household, Language, Person, Priority, Vulnerability
from lastmile.kernel import clock
from lastmile.kernel.crypto import keyring


@transaction.atomic
def add_person(
    *,
    name: str,
    place: Place,
    household: Household | None = None,
    phone: str = "",
    email: str = "",
    born: int | None = None,
    care: Iterable[Vulnerability] = (),
    note: str = "",
    exposed: bool = False,
    language: str = Language.CHINESE,
) -> Person:
    """Enter one person with their contacts. Raises Refusal on a wrong number or address; nothing is kept then."""
    kinds = [Vulnerability(kind) for kind in care]
    person = Person.objects.create(
        place=place,
        household=household,
        name=name,
        born=str(born) if born else None,
        care=json.dumps({"kinds": kinds, "note": note}) if kinds or note else None,
        language=language,
        vulnerable=bool(kinds),
        priority=Priority((1 if kinds else 0) + (2 if exposed else 0)),
        updated_at=clock.now(),
    )
    for kind, value in ((Contact.Kind.PHONE, phone), (Contact.Kind.EMAIL, email)):
        if value:
            add_contact(person, kind, value)
    return person


def add_contact(person: Person, kind: str, value: str, rank: int = 0) -> Contact:
    """Add a way to reach a person, or return the one that is there. Raises Refusal when the value is malformed."""
    value = phones.normal(kind, value)
    contact, _new = Contact.objects.get_or_create(
        person=person, kind=kind, blind=keyring().blind(value), defaults={"value": value, "rank": rank}
    )
    return contact
