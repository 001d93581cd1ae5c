"""Households nobody can reach, and residents who need help and have nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Level
from lastmile.community.people.actions import confirm_contact, delete_contact, edit_person, new_contact, set_usable
from lastmile.community.people.forms import ContactForm
from lastmile.community.people.models import Contact, Household, Person
from lastmile.community.people.queries import by_contact
from lastmile.duties.forms.gaps import ConfirmForm, GuardianForm, NumberForm
from lastmile.duties.gaps import Limit, Mend, Rule, limited
from lastmile.kernel import clock
from lastmile.kernel.errors import Conflict, NotFound
from lastmile.kernel.permissions import Perm

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor


def silent() -> QuerySet[Household]:
    usable = Contact.objects.filter(person__household=OuterRef("pk"), person__left_on=None, usable=True)
    return Household.objects.filter(~Exists(usable), moved_out_on=None, residents__gt=0)


def unguarded() -> QuerySet[Person]:
    """Vulnerable, and either nobody looks after them, or neither they nor their guardian can be reached."""
    either = Q(person=OuterRef("pk")) | Q(person=OuterRef("guardian"))  # one look by key, not two lists of a million
    reached = Exists(Contact.objects.filter(either, usable=True))
    lost = Q(guardian=None) | Q(guardian__left_on__isnull=False) | ~reached
    return Person.objects.filter(lost, vulnerable=True, left_on=None)


def stale() -> QuerySet[Contact]:
    now = clock.now()
    rows = Contact.objects.filter(usable=True, person__left_on=None).exclude(person__household=None)
    rows = rows.annotate(known=Coalesce("confirmed_at", "person__updated_at")).select_related("person")
    return rows.filter(limited("stale", "person__place__code", lambda days: Q(known__lt=now - timedelta(days=days))))


def dead() -> QuerySet[Contact]:
    """Taken out of use because a gateway or carrier says that it does not exist."""
    return Contact.objects.filter(usable=False, person__left_on=None).exclude(unusable_why="").select_related("person")


def _enter_contact(home: Household, data: dict[str, Any], by: Actor) -> None:
    member = home.members.filter(left_on=None).order_by("vulnerable", "id").first()
    if member is None:
        raise Conflict(
            _now("Nobody is entered in this household."), _now("Open the household and enter who lives there.")
        )
    new_contact(member, data["kind"], data["value"], by=by)


def _name_guardian(person: Person, data: dict[str, Any], by: Actor) -> None:
    guardian = by_contact(data["phone"]).first()
    if guardian is None:
        raise NotFound(_now("Nobody with this phone is known here."), _now("Enter that person first, with the phone."))
    edit_person(person, by=by, guardian=guardian)


def _confirm(contact: Contact, data: dict[str, Any], by: Actor) -> None:
    confirm_contact(contact, by=by)


def _replace(contact: Contact, data: dict[str, Any], by: Actor) -> None:
    """The right number takes its place; without one the old one is used again: the gateway was wrong."""
    if not data["value"]:
        set_usable(contact, usable=True, by=by)
        return
    made = new_contact(contact.person, contact.kind, data["value"], by=by)
    if made.pk != contact.pk:
        delete_contact(contact, by=by)


def _home(pk: int | None) -> str:
    return reverse("household", args=[pk]) if pk else reverse("staff")


RULES = [
    Rule(
        "unguarded", _("vulnerable resident whom nobody can reach"),
        _("Name a guardian with a phone: a relative or a neighbour."), Level.VILLAGE,
        unguarded, what=lambda person: str(person.name.masked()), url=lambda person: _home(person.household_id),
        mend=Mend(Perm.HOUSEHOLD_EDIT, GuardianForm, _name_guardian), danger=3,
    ),
    Rule(
        "silent", _("household without any contact"), _("Ask at the door for one phone number."), Level.GRID,
        silent, what=lambda home: home.number, url=lambda home: _home(home.pk), danger=2,
        mend=Mend(Perm.HOUSEHOLD_EDIT, ContactForm, _enter_contact),
    ),
    Rule(
        "stale", _("contact of a resident not confirmed for long"),
        _("Call once. If they answer, say so here; if not, ask at the door."), Level.GRID,
        stale, what=lambda contact: f"{contact.person.name.masked()} {contact.value.masked()}",
        url=lambda contact: _home(contact.person.household_id), at="person__place_id", danger=0,
        mend=Mend(Perm.HOUSEHOLD_EDIT, ConfirmForm, _confirm), limit=Limit(365, _("days since the last answer"), 3650),
    ),
    Rule(
        "dead", _("number or address that does not exist"),
        _("Ask the household for the right one. If the old one works after all, leave the field empty."),
        Level.GRID, dead, what=lambda contact: f"{contact.person.name.masked()} {contact.value.masked()}",
        url=lambda contact: _home(contact.person.household_id), at="person__place_id", danger=1,
        mend=Mend(Perm.HOUSEHOLD_EDIT, NumberForm, _replace),
    ),
]  # fmt: skip
