"""Personal parts of many households at once: masked for a table, or in clear for a reason, and every look noted."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _

from lastmile.community.people.models import Contact, Household, Person, Vulnerability
from lastmile.community.people.queries.ground import good_reason, ground
from lastmile.community.people.queries.look import FIELDS, note
from lastmile.kernel import audit
from lastmile.kernel.errors import Refusal
from lastmile.kernel.fields import MASK, Sealed

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor

MOST_OPENED = 5_000  # residents at once: a table for the next hours, not a copy of the register
Shown = Callable[[Sealed], str]


@dataclass(frozen=True)
class Home:
    """The personal parts of one household as texts of a table's cells."""

    address: str = ""
    names: str = ""
    phones: str = ""
    care: str = ""


def masked(homes: Iterable[int]) -> dict[int, Home]:
    """Enough to recognise a household; why somebody needs help is not shown at all."""
    return {home.pk: _home(home, Sealed.masked, lambda _person: MASK) for home in _rows(list(homes))}


@transaction.atomic
def opened(actor: Actor, homes: Iterable[int], reason: str) -> dict[int, Home]:
    """In clear. Who looked and why is noted with every resident. Raises NotAllowed, or Refusal without a reason."""
    rows = list(_rows(list(homes)))
    by_place: dict[str, int] = defaultdict(int)
    for home in rows:
        by_place[home.place_id] += 1
    words = good_reason(reason)
    for place in by_place:
        ground(actor, place, words)
    people = [person for home in rows for person in home.members.all()]
    if len(people) > MOST_OPENED:
        raise Refusal(
            _("These are more than %(n)s residents; so many are not opened at once.") % {"n": f"{MOST_OPENED:,}"},
            _("Take the masked table, or ask for fewer places."),
        )
    note(actor, [person.pk for person in people], words, FIELDS)
    for place, count in sorted(by_place.items()):
        audit.record(
            "people.look_homes", actor=actor, place=place, object_type="people.household", homes=count, reason=words
        )
    return {home.pk: _home(home, Sealed.reveal, _care) for home in rows}


def _rows(homes: Sequence[int]) -> Iterable[Household]:
    contacts = Prefetch("contacts", Contact.objects.filter(usable=True, kind=Contact.Kind.PHONE).order_by("rank", "id"))
    members = Person.objects.filter(left_on=None).order_by("id").prefetch_related(contacts)
    return Household.objects.filter(pk__in=homes).prefetch_related(Prefetch("members", members))


def _home(home: Household, show: Shown, care: Callable[[Person], str]) -> Home:
    members = list(home.members.all())
    needy = [f"{show(one.name)}：{care(one)}" for one in members if one.vulnerable]
    phones = dict.fromkeys(show(contact.value) for one in members for contact in one.contacts.all())
    return Home(
        address=show(home.address) if home.address else "",
        names="、".join(show(one.name) for one in members),
        phones="、".join(phones),
        care="；".join(needy),
    )


def _care(person: Person) -> str:
    held = json.loads(person.care.reveal()) if person.care else {}
    kinds = [str(Vulnerability(kind).label) for kind in held.get("kinds", []) if kind in Vulnerability]
    return "、".join(kinds)
