"""What is known now: for fields and rows the latest value, its age, and whether it still counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from lastmile.facts.dictionary import Field
from lastmile.facts.models import Entry, Subject
from lastmile.facts.queries.rows import Row
from lastmile.kernel import clock

Key = tuple[str, str, int | None]  # field, place, site


@dataclass(frozen=True)
class Known:
    """One value with where it comes from. `entry` is None for what the system counts."""

    value: str
    as_of: date
    fresh: bool
    source: str = ""
    by: str = ""
    entry: int | None = None

    @property
    def days(self) -> int:
        """Its age."""
        return max(0, (clock.today() - self.as_of).days)


def known(fields: Sequence[Field], rows: Sequence[Row]) -> dict[Key, Known]:
    """What is known of each field at each row: one statement for what is entered, one for each derived field."""
    found: dict[Key, Known] = {}
    for field in fields:
        if field.computed is not None:
            found |= _computed(field, rows)
    entered = {field.name: field for field in fields if field.computed is None}
    for entry in _latest(entered, rows):
        field = entered[entry.field]
        fresh = entry.as_of + field.validity >= clock.today()
        told = Known(entry.value, entry.as_of, fresh, entry.source, entry.entered_by_name, entry.pk)
        found[entry.field, entry.place, entry.site_id] = told
    return found


def _computed(field: Field, rows: Sequence[Row]) -> dict[Key, Known]:
    if field.computed is None or not rows:
        return {}
    if field.subject == Subject.SITE:
        by_site = field.computed([row.site for row in rows if row.site is not None])
        values = {row.key: by_site.get(row.site) for row in rows}
    else:
        by_length = defaultdict(list)
        for row in rows:
            by_length[len(row.place)].append(row.place)
        by_place = {code: value for codes in by_length.values() for code, value in field.computed(codes).items()}
        values = {row.key: by_place.get(row.place) for row in rows}
    source = str(field.source)
    told = {key: str(value) for key, value in values.items() if value is not None}
    return {(field.name, *key): Known(value, clock.today(), True, source) for key, value in told.items()}


def _latest(fields: Iterable[str], rows: Sequence[Row]) -> QuerySet[Entry]:
    places = sorted({row.place for row in rows})
    latest = Entry.objects.filter(place__in=places, field__in=list(fields))
    return latest.order_by("place", "field", "site_id", "-as_of", "-id").distinct("place", "field", "site_id")


def history(field: str, row: Row) -> QuerySet[Entry]:
    """Every value a fact has had, newest first."""
    return Entry.objects.filter(field=field, place=row.place, site=row.site).order_by("-as_of", "-id")
