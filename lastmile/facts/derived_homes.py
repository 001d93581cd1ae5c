"""What the system holds of a household. Personal parts are only said to be there; pages read them masked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.community.people.models import Contact, Household, Person, Priority
from lastmile.facts.dictionary import Computed, Dated, Field, register
from lastmile.facts.models import FieldType, Subject
from lastmile.kernel import clock
from lastmile.kernel.fields import MASK


def _homes(keys: Sequence[int]) -> QuerySet[Any]:
    """With the last day on which somebody there answered, and whether anybody can be reached or lives in danger."""
    usable = Contact.objects.filter(person__household=OuterRef("pk"), person__left_on=None, usable=True)
    exposed = Person.objects.filter(household=OuterRef("pk"), left_on=None, priority__gte=Priority.EXPOSED)
    here = Q(members__left_on=None, members__contacts__usable=True)
    rows = Household.objects.filter(pk__in=keys).defer("address")
    last = Max("members__contacts__confirmed_at", filter=here)
    return rows.annotate(answered_at=last, reachable=Exists(usable), exposed=Exists(exposed))


def _held(value: Callable[[Any], Any], *, answered: bool = False) -> Computed:
    """The value of each household, of the day on which it was last entered, or on which somebody answered."""

    def read(keys: Sequence[int]) -> Mapping[int, Any]:
        found = {}
        for home in _homes(keys):
            said = value(home)
            if said not in (None, ""):
                at = home.answered_at if answered and home.answered_at else home.updated_at
                found[home.pk] = Dated(said, clock.day_of(at))
        return found

    return read


def _yes_no(is_so: bool) -> str:
    return "yes" if is_so else "no"


PEOPLE = pgettext_lazy("unit", "people")
OPEN: list[tuple[str, str | Promise, str | Promise, str, Computed]] = [
    ("home.residents", _("residents"), PEOPLE, FieldType.WHOLE, _held(lambda home: home.residents)),
    ("home.vulnerable", _("vulnerable residents of the household"), PEOPLE, FieldType.WHOLE,
     _held(lambda home: home.vulnerable)),
    ("home.exposed", _("somebody lives in a dangerous spot"), "", FieldType.YES_NO,
     _held(lambda home: _yes_no(home.exposed))),
    ("home.reachable", _("has a usable contact"), "", FieldType.YES_NO,
     _held(lambda home: _yes_no(home.reachable), answered=True)),
    ("home.answered", _("day of the last answer"), "", FieldType.DATE,
     _held(lambda home: clock.day_of(home.answered_at) if home.answered_at else None, answered=True)),
]  # fmt: skip
SEALED: list[tuple[str, str | Promise, str, Computed]] = [
    ("home.address", _("address of the household"), "address", _held(lambda home: MASK)),
    ("home.names", _("names of the residents"), "names", _held(lambda home: MASK if home.residents else "")),
    ("home.phones", _("phones of the household"), "phones",
     _held(lambda home: MASK if home.reachable else "", answered=True)),
    ("home.care", _("who needs help and why"), "care", _held(lambda home: MASK if home.vulnerable else "")),
]  # fmt: skip


def register_all() -> None:
    held = _("held by the system")
    for name, label, unit, kind, computed in OPEN:
        register(Field(name, label, unit, kind, subject=Subject.HOME, source=held, computed=computed))
    for name, label, part, computed in SEALED:
        kind, home = FieldType.TEXT, Subject.HOME
        register(Field(name, label, type=kind, subject=home, source=held, computed=computed, sealed=part))
