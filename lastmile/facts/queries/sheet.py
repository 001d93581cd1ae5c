"""Everything known about one place or one special site, as the lines of its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.community.org.models import Place, SpecialSite
from lastmile.facts import dictionary, values
from lastmile.facts.dictionary import Field
from lastmile.facts.models import Cell, Subject
from lastmile.facts.queries.rows import Row
from lastmile.facts.queries.standing import Known, known

SOON = timedelta(days=30)
STATES = [
    ("fresh", gettext_lazy("fresh")),
    ("old", gettext_lazy("too old")),
    ("missing", gettext_lazy("not known")),
    ("counted", gettext_lazy("counted by the system")),
]
COLOURS = {"fresh": "green", "old": "orange", "missing": "secondary", "counted": "blue"}


@dataclass
class Line:
    """One fact with its age and source; `asked`: somebody is waiting for it."""

    field: Field
    row: Row
    known: Known | None
    asked: int | None = None  # the open ask

    @property
    def label(self) -> str:
        return str(self.field.label)

    @property
    def state(self) -> str:
        if self.field.is_derived:
            return "counted"
        if self.known is None:
            return "missing"
        return "fresh" if self.known.fresh else "old"

    @property
    def state_label(self) -> str:
        return str(dict(STATES)[self.state])

    @property
    def shown(self) -> str:
        return values.shown(self.field.type, self.known.value, str(self.field.unit)) if self.known else ""

    @property
    def age(self) -> str:
        """How old it is, in words."""
        if self.known is None or self.field.is_derived:
            return "" if self.known is None else _("now")
        return age(self.known.days)

    @property
    def source(self) -> str:
        if self.known is None:
            return ""
        return "，".join(part for part in (self.known.source, self.known.by) if part)


def age(days: int) -> str:
    if days == 0:
        return _("today")
    return _("%(n)s days ago") % {"n": days}


def row_of(place: Place, site: SpecialSite | None = None) -> Row:
    return Row(place.code, site.pk if site else None, site.name if site else place.name)


def fields_of(place: Place, site: SpecialSite | None = None) -> list[Field]:
    subject = Subject.PLACE if site is None else Subject.SITE
    return dictionary.fields(subject=subject, level=place.level)


def lines(place: Place, site: SpecialSite | None = None) -> list[Line]:
    """Every field that fits, known or not: what is entered first."""
    row, fields = row_of(place, site), fields_of(place, site)
    found = known(fields, [row])
    waiting = Cell.objects.filter(place=place.code, site=site, state=Cell.State.ASKED).values_list("field", "ask")
    asked = dict(waiting)
    made = [Line(field, row, found.get((field.name, *row.key)), asked.get(field.name)) for field in fields]
    return sorted(made, key=lambda line: line.field.is_derived)
