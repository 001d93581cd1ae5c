"""Everything known about one place, special site or household, as the lines of its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lastmile.community.org.models import LEVEL_OF_LENGTH, Place, SpecialSite
from lastmile.community.people.models import Household
from lastmile.facts import dictionary, values
from lastmile.facts.dictionary import Field
from lastmile.facts.models import Cell, Entry, Subject
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
        if self.field.is_derived and (self.known is not None or self.field.subject != Subject.HOME):
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
        if self.known is None or (self.field.is_derived and self.field.subject != Subject.HOME):
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


def row_of(what: Place | SpecialSite | Household) -> Row:
    if isinstance(what, Place):
        return Row(what.code, None, what.name)
    if isinstance(what, SpecialSite):
        return Row(what.place_id, what.pk, what.name)
    return Row(what.place_id, None, what.number, what.pk)


def subject_of(row: Row) -> Subject:
    if row.home is not None:
        return Subject.HOME
    return Subject.PLACE if row.site is None else Subject.SITE


def line_of(entry: Entry) -> Line:
    """An entry as a line of its page."""
    row = Row(entry.place, entry.site_id, _name(entry), entry.home_id)
    field = dictionary.field(entry.field)
    return Line(field, row, Known(entry.value, entry.as_of, fresh=False, entry=entry.pk))


def _name(entry: Entry) -> str:
    return entry.site.name if entry.site else entry.home.number if entry.home else ""


def address(line: Line) -> str:
    """The page of one fact."""
    if line.row.home is not None:
        return reverse("home_fact", args=[line.row.home, line.field.name])
    if line.row.site is not None:
        return reverse("site_fact", args=[line.row.site, line.field.name])
    return reverse("place_fact", args=[line.row.place, line.field.name])


def lines(what: Place | SpecialSite | Household) -> list[Line]:
    """Every field that fits, known or not: what is entered first."""
    row = row_of(what)
    fields = dictionary.fields(subject=subject_of(row), level=LEVEL_OF_LENGTH[len(row.place)])
    found = known(fields, [row])
    waiting = Cell.objects.filter(place=row.place, site=row.site, home=row.home, state=Cell.State.ASKED)
    asked = dict(waiting.values_list("field", "ask"))
    made = [Line(field, row, found.get((field.name, *row.key)), asked.get(field.name)) for field in fields]
    return sorted(made, key=lambda line: line.field.is_derived)
