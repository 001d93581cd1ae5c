"""Enter people, change them, let them leave and put them back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import Place
from lastmile.community.people import signals
from lastmile.community.people.actions.contacts import add_contact
from lastmile.community.people.actions.counts import recount
from lastmile.community.people.models import Contact, Household, Language, Person, Priority, Vulnerability
from lastmile.community.people.queries import years
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import Refusal

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

OLDEST = 130  # years
OF_AGE = 18


def care_text(kinds: Iterable[str], note: str) -> str | None:
    chosen = [Vulnerability(kind).value for kind in kinds]
    return json.dumps({"kinds": chosen, "note": note}) if chosen or note else None


def checked_birth_year(born: int | None) -> str | None:
    """The year as it is kept. Raises Refusal when nobody alive was born then."""
    if born is None:
        return None
    this_year = clock.now().year
    if not this_year - OLDEST <= born <= this_year:
        raise Refusal(
            _("%(year)s can't be a year of birth.") % {"year": born},
            _("Write four digits, as 1958."),
            fields={"born": _("Write four digits, as 1958.")},
        )
    return str(born)


def is_minor(born: int | None, kinds: Iterable[str]) -> bool:
    """Whether somebody may still be under 18: by the year of birth, else where they are entered as a child."""
    return clock.now().year - born < OF_AGE if born else Vulnerability.CHILD in kinds


@transaction.atomic
def add_person(
    *,
    name: str,
    place: Place,
    household: Household | None = None,
    phone: str = "",
    email: str = "",
    born: int | None = None,
    care: Iterable[str] = (),
    note: str = "",
    exposed: bool = False,
    language: str = Language.CHINESE,
    by: Actor | None = None,
) -> Person:
    """Enter one person with their contacts. Raises Refusal on a wrong number or address; nothing is kept then."""
    kinds = list(care)
    person = Person.objects.create(
        place=place,
        household=household,
        name=name,
        born=checked_birth_year(born),
        care=care_text(kinds, note),
        language=language,
        vulnerable=bool(kinds),
        minor=is_minor(born, kinds),
        priority=Priority((1 if kinds else 0) + (2 if exposed else 0)),
        updated_at=clock.now(),
    )
    for kind, value in ((Contact.Kind.PHONE, phone), (Contact.Kind.EMAIL, email)):
        if value:
            add_contact(person, kind, value)
    if by is not None:
        recount(household)
        audit.record("people.add_person", actor=by, place=place.code, obj=person)
    return person


@transaction.atomic
def edit_person(person: Person, *, by: Actor, **changes: Any) -> Person:
    """Change name, born, care, note, exposed, language or guardian; only what is named. Returns the person."""
    if {"born", "care"} & changes.keys():
        born = changes["born"] if "born" in changes else years.year(person)
        person.minor = is_minor(born, list(changes["care"]) if "care" in changes else years.kinds(person))
    if "name" in changes:
        person.name = changes["name"]
    if "born" in changes:
        person.born = checked_birth_year(changes["born"])
    if "care" in changes:
        kinds = list(changes["care"])
        person.care = care_text(kinds, changes.get("note", ""))
        person.vulnerable = bool(kinds)
    exposed = changes.get("exposed", person.priority >= Priority.EXPOSED)
    person.priority = Priority((1 if person.vulnerable else 0) + (2 if exposed else 0))
    person.language = changes.get("language", person.language)
    if "guardian" in changes:
        person.guardian = _checked_guardian(person, changes["guardian"])
    person.updated_at = clock.now()
    person.save()
    recount(person.household)
    audit.record("people.edit_person", actor=by, place=person.place_id, obj=person, changed=sorted(changes))
    return person


def _checked_guardian(person: Person, guardian: Person | None) -> Person | None:
    if guardian is not None and guardian.pk == person.pk:
        raise Refusal(_("Nobody can be their own guardian."), _("Choose another person."))
    return guardian


@transaction.atomic
def leave_home(person: Person, *, by: Actor, on: date | None = None) -> None:
    """The person has moved away or died: no warning is sent any more. `put_back` undoes it."""
    person.left_on = on or clock.today()
    person.updated_at = clock.now()
    person.save(update_fields=["left_on", "updated_at"])
    recount(person.household)
    audit.record("people.leave_home", actor=by, place=person.place_id, obj=person)
    signals.gone.send(Person, person=person, actor=by)


@transaction.atomic
def put_back(person: Person, *, by: Actor) -> None:
    """Undo `leave_home`. Raises Refusal while the whole household is moved out."""
    if person.household is not None and person.household.moved_out_on is not None:
        raise Refusal(
            _("The household itself has moved out."), _("Put the household back first; its members come back with it.")
        )
    person.left_on = None
    person.updated_at = clock.now()
    person.save(update_fields=["left_on", "updated_at"])
    recount(person.household)
    audit.record("people.put_back", actor=by, place=person.place_id, obj=person)
