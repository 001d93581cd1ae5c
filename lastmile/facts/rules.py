"""The gaps of this room: facts that are too old to count, and questions that nobody is there to answer."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from lastmile.community.org.models import Level, Place
from lastmile.community.people.forms import AppointForm
from lastmile.community.people.models import Appointment
from lastmile.duties import gaps
from lastmile.duties.gaps import Mend, Rule
from lastmile.facts import dictionary
from lastmile.facts.actions.enter import Said, enter
from lastmile.facts.actions.reassign import appoint_for
from lastmile.facts.models import Ask, Entry, Via
from lastmile.facts.queries.sheet import address, line_of
from lastmile.kernel import clock
from lastmile.kernel.forms import Styled
from lastmile.kernel.permissions import Perm

if TYPE_CHECKING:
    from lastmile.kernel.permissions import Actor


class StillSoForm(Styled):
    """One tap when nothing has changed."""

    value = forms.CharField(
        label=_("Value now"), max_length=500, required=False, help_text=_("Empty: it is still as it was.")
    )


def stale() -> QuerySet[Entry]:
    """The last value of each fact in use, where it is older than its field allows, `where` it has to be looked for.

    What was said of a household goes with it to another grid.
    """
    same = Entry.objects.filter(field=OuterRef("field"))
    later = same.filter(Q(as_of__gt=OuterRef("as_of")) | Q(as_of=OuterRef("as_of"), pk__gt=OuterRef("pk")))
    here = later.filter(place=OuterRef("place"))
    in_use = (
        Q(~Exists(here.filter(site=None, home=None)), site=None, home=None)
        | Q(~Exists(here.filter(site=OuterRef("site"))), site__place=F("place"), site__closed_on=None)
        | Q(~Exists(later.filter(home=OuterRef("home"))), home__isnull=False, home__moved_out_on=None)
    )
    rows = Entry.objects.filter(_too_old(), in_use).annotate(where=Coalesce("home__place", "place"))
    current = Place.objects.current().filter(code=OuterRef("where"))
    return rows.filter(Exists(current)).select_related("site", "home")


def _too_old() -> Q:
    """Fields that count as fresh equally long are looked for together."""
    by_validity: dict[timedelta, list[str]] = defaultdict(list)
    for field in dictionary.fields():
        if not field.is_derived:
            by_validity[field.validity].append(field.name)
    condition, today = Q(pk__in=[]), clock.today()
    for validity, names in by_validity.items():
        condition |= Q(field__in=names, as_of__lt=today - validity)
    return condition


def unanswerable() -> QuerySet[Ask]:
    """Open questions whose place has no post for them, or one that nobody holds, as holder or deputy."""
    held = Appointment.objects.filter(post=OuterRef("post"), until=None, person__left_on=None)
    rows = Ask.objects.filter(Q(post=None) | Q(post__closed_on__isnull=False) | ~Exists(held), state=Ask.State.OPEN)
    return rows.select_related("request__place", "post")


def _said_again(entry: Entry, data: dict[str, Any], by: Actor) -> None:
    field, value = dictionary.field(entry.field), data["value"] or entry.value
    place = entry.home.place_id if entry.home else entry.place
    enter(by, [Said(field, place, entry.site_id, value, home=entry.home_id)], Via.PAGE)


def _what(entry: Entry) -> str:
    line = line_of(entry)
    return " ".join(part for part in (line.row.label, f"{line.label}: {line.shown} ({entry.as_of})") if part)


RULES = [
    Rule(
        "unanswerable", _("request for data that nobody is there to answer"),
        _("Appoint somebody who knows it; the question goes to them at once."), Level.TOWNSHIP,
        unanswerable, what=lambda ask: f"{ask.request.title} · {ask.request.by}",
        url=lambda ask: reverse("fact_ask", args=[ask.pk]), at="place", danger=0,
        mend=Mend(Perm.POST_EDIT, AppointForm, appoint_for),
    ),
    Rule(
        "stale_fact", _("fact that is too old to count"),
        _("Look once; if it is still so, one tap says it."), Level.VILLAGE,
        stale, what=_what, url=lambda entry: address(line_of(entry)), at="where", danger=0,
        mend=Mend(Perm.FACT_ENTER, StillSoForm, _said_again),
    ),
]  # fmt: skip


def register_all() -> None:
    for rule in RULES:
        gaps.register(rule)
