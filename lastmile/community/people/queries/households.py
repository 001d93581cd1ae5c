"""Households and their members as everybody may see them: masked, cut to the actor's area."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet

from lastmile.community.people import phones
from lastmile.community.people.models import Contact, Household, Person
from lastmile.kernel import audit
from lastmile.kernel.crypto import keyring
from lastmile.kernel.errors import Refusal
from lastmile.kernel.permissions import Perm, within

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

PHONE = re.compile(r"\+?[\d -]{7,}")  # shorter digits are a door number


def households(actor: Actor, prefix: str = "") -> QuerySet[Household]:
    """The doors under the prefix that the actor may see, each with `reachable`: whether anybody there has a contact."""
    usable = Contact.objects.filter(person__household=OuterRef("pk"), person__left_on=None, usable=True)
    rows = Household.objects.filter(
        within(actor.scopes(Perm.HOUSEHOLD_READ), "place__code"), place__code__startswith=prefix
    )
    return rows.select_related("place").annotate(reachable=Exists(usable))


def members(household: Household) -> QuerySet[Person]:
    """Everybody of the household, those who have left last, with contacts by rank and the number of looks."""
    contacts = Prefetch("contacts", Contact.objects.order_by("kind", "rank", "id"))
    rows = Person.objects.filter(household=household).select_related("guardian", "guardian__household")
    return rows.prefetch_related(contacts).annotate(look_count=Count("looks")).order_by("left_on", "id")


def neighbours(household: Household) -> tuple[Household | None, Household | None]:
    """The doors before and after this one on the way through its grid."""
    if household.walking_order is None:
        return None, None
    row = Household.objects.filter(place=household.place_id, moved_out_on=None)
    before = row.filter(walking_order__lt=household.walking_order).order_by("-walking_order").first()
    after = row.filter(walking_order__gt=household.walking_order).order_by("walking_order").first()
    return before, after


def is_contact(words: str) -> bool:
    return "@" in words or PHONE.fullmatch(words) is not None


def by_contact(value: str) -> QuerySet[Person]:
    """Whose number or address this is, by the blind index: nothing is opened. Raises Refusal when malformed."""
    kind = Contact.Kind.EMAIL if "@" in value else Contact.Kind.PHONE
    blinds = keyring().blinds(phones.normal(kind, value))
    return Person.objects.filter(contacts__blind__in=blinds, contacts__kind=kind, left_on=None)


def search(actor: Actor, rows: QuerySet[Household], words: str) -> QuerySet[Household]:
    """Doors by part of their number, or by a phone number or e-mail of a member; the latter is noted in the trail."""
    if not is_contact(words):
        return rows.filter(number__icontains=words)
    try:
        owners = by_contact(words)
    except Refusal:
        return rows.filter(number__icontains=words)
    audit.record("people.find_by_contact", actor=actor, object_type="people.household")
    return rows.filter(pk__in=owners.values("household"))
