"""Append facts, and let them answer whatever waits for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lastmile.community.org.models import LEVEL_OF_LENGTH, Place, SpecialSite
from lastmile.community.people.models import Household
from lastmile.facts import values
from lastmile.facts.actions.settle import settle
from lastmile.facts.dictionary import Field
from lastmile.facts.models import Entry, Subject, Via
from lastmile.facts.queries import scope
from lastmile.kernel import audit, clock
from lastmile.kernel.errors import NotAllowed, Refusal
from lastmile.kernel.permissions import Actor


@dataclass(frozen=True)
class Said:
    """A value somebody gives. `value` is as typed; it is checked here."""

    field: Field
    place: str
    site: int | None
    value: Any
    as_of: date | str | None = None
    source: str = ""
    note: str = ""
    at: str = ""  # where a mistake is shown: a form's input, a workbook's cell
    home: int | None = None


def checked(by: Actor, said: Said, via: Via) -> Entry:
    """The row to append. Raises Refusal; writes nothing."""
    field = said.field
    if field.is_derived:
        raise Refusal(
            _("“%(label)s” is counted by the system.") % {"label": field.label},
            _("Correct what it is counted from: households, residents, posts or sites."),
        )
    scope.require_enter(by, said.place)
    if not _fits(said):
        raise Refusal(
            _("“%(label)s” is not a fact of this kind of place.") % {"label": field.label},
            _("Look in the dictionary where it is entered."),
        )
    source = values.clean(said.source)[:100] or str(field.source)
    return Entry(
        field=field.name,
        place=said.place,
        site_id=said.site,
        home_id=said.home,
        value=values.read(field.type, said.value, unit=str(field.unit), choices=field.choices),
        as_of=values.day(said.as_of),
        source=source,
        note=values.clean(said.note)[:200],
        via=via,
        entered_at=clock.now(),
        entered_by=by.pk,
        entered_by_name=str(by)[:60],
    )


def _fits(said: Said) -> bool:
    if said.site is not None:
        return said.field.subject == Subject.SITE
    if said.home is not None:
        return said.field.subject == Subject.HOME
    return said.field.subject == Subject.PLACE and LEVEL_OF_LENGTH.get(len(said.place)) == said.field.level


@transaction.atomic
def enter(by: Actor, all_said: Sequence[Said], via: Via) -> list[Entry]:
    """Append every value, or none: Refusal.fields says which are wrong. Open questions they answer are closed."""
    rows, wrong = [], {}
    for said in all_said:
        try:
            rows.append(checked(by, said, via))
        except Refusal as refusal:
            if not said.at or isinstance(refusal, NotAllowed):
                raise
            wrong[said.at] = f"{refusal.says} {refusal.mend}".strip()
    if wrong:
        raise Refusal(
            _("Some values can't be taken; nothing was saved."), _("Correct what is marked here."), fields=wrong
        )
    _refuse_gone(rows)
    made = Entry.objects.bulk_create(rows, batch_size=2000)
    for place in sorted({row.place for row in made}):
        here = [row for row in made if row.place == place]
        names = sorted({row.field for row in here})
        audit.record("facts.enter", actor=by, place=place, object_type="facts.entry", via=str(via), fields=names)
    settle(by, made)
    return made


def _refuse_gone(rows: Sequence[Entry]) -> None:
    """Places and sites must be in force; two people may have this page open for hours."""
    codes = {row.place for row in rows}
    gone = codes - set(Place.objects.current().filter(code__in=codes).values_list("code", flat=True))
    sites = {row.site_id: row.place for row in rows if row.site_id is not None}
    held = dict(SpecialSite.objects.filter(pk__in=sites, closed_on=None).values_list("pk", "place_id"))
    homes = {row.home_id: row.place for row in rows if row.home_id is not None}
    lived = dict(Household.objects.filter(pk__in=homes, moved_out_on=None).values_list("pk", "place_id"))
    if gone or sites != held or homes != lived:
        raise Refusal(
            _("A place, special site or household of these facts is no longer in use."),
            _("Reload the page and start from there."),
        )
