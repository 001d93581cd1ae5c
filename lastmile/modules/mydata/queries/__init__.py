"""Whom a number proves, and the session of a browser."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.utils.translation import gettext as _

from lastmile.community.people.models import Contact, Person
from lastmile.community.people.queries import years
from lastmile.kernel import clock
from lastmile.kernel.crypto import keyring
from lastmile.modules.mydata.models import Session


def bearers(phone: str = "", *, blinds: Sequence[bytes] = ()) -> list[Person]:
    """Those who live here and are reached on this number, and the minors whose guardians they are.

    A number taken out of use proves nothing: it may be somebody else's by now.
    """
    found = blinds or keyring().blinds(phone)
    contacts = Contact.objects.filter(kind=Contact.Kind.PHONE, blind__in=found, usable=True)
    owners = list(Person.objects.filter(pk__in=contacts.values("person"), left_on=None).order_by("pk"))
    wards = Person.objects.filter(guardian__in=owners, minor=True, left_on=None).order_by("pk")
    return list({person.pk: person for person in [*owners, *wards]}.values())


def session(token: str) -> Session | None:
    """The one this cookie opened, while it lasts and its person is on file."""
    if not token:
        return None
    key = hashlib.sha256(token.encode(errors="replace")).digest()
    rows = Session.objects.select_related("person__household__place", "person__place")
    found = rows.filter(token=key, until__gt=clock.now()).first()
    if found is None or (found.person is not None and found.person.left_on is not None):
        return None
    return found


def masks(persons: Sequence[int]) -> list[tuple[int, str]]:
    """(key, name mask) to choose from; the year of birth where two masks are alike."""
    people = list(Person.objects.filter(pk__in=persons, left_on=None).order_by("pk"))
    names = {one.pk: one.name.masked() for one in people}
    alike = {name for name in names.values() if list(names.values()).count(name) > 1}
    return [(one.pk, _told_apart(one, names[one.pk]) if names[one.pk] in alike else names[one.pk]) for one in people]


def _told_apart(person: Person, name: str) -> str:
    year = years.year(person)
    return _("%(name)s, born %(year)s") % {"name": name, "year": year} if year else f"{name} · {person.pk}"
