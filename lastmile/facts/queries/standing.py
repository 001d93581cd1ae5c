"""What is known now: for fields and rows the latest value, its age, and whether it still counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from lastmile.facts.dictionary import Dated, Family, Field
from lastmile.facts.models import Entry, Subject
from lastmile.facts.queries.rows import Row
from lastmile.kernel import clock

READ = ("field", "place", "site", "home", "value", "as_of", "source", "entered_by_name", "pk")
Key = tuple[str, str, int | None, int | None]  # field, place, site, household


@dataclass(frozen=True, slots=True)
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
    """What is known of each field at each row: one statement for what is entered, one for each derived field.

    What was said of a household goes with it when it moves to another grid.
    """
    found: dict[Key, Known] = {}
    for field in fields:
        if field.computed is not None and field.family is None:
            found |= _computed(field, rows)
    for family in {field.family for field in fields if field.family is not None}:
        found |= _together(family, {field.name: field for field in fields if field.family is family}, rows)
    entered = {field.name: field for field in fields if field.computed is None}
    moved = {row.home: row.place for row in rows if row.home is not None}
    today = clock.today()
    oldest = {name: today - field.validity for name, field in entered.items()}
    # a city's table is a hundred thousand values: tuples, not objects
    for name, at, site, home, value, as_of, source, by, pk in _latest(entered, rows).values_list(*READ):
        place = at if home is None else moved.get(home, at)
        found[name, place, site, home] = Known(value, as_of, as_of >= oldest[name], source, by, pk)
    return found


def _together(family: Family, fields: Mapping[str, Field], rows: Sequence[Row]) -> dict[Key, Known]:
    """Several fields of places that one statement counts."""
    by_length: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        by_length[len(row.place)].append(row.place)
    today = clock.today()
    found: dict[Key, Known] = {}
    for codes in by_length.values():
        for name, by_place in family(list(fields), codes).items():
            source = str(fields[name].source)
            for code, value in by_place.items():
                found[name, code, None, None] = Known(str(value), today, True, source)
    return found


def _computed(field: Field, rows: Sequence[Row]) -> dict[Key, Known]:
    if field.computed is None or not rows:
        return {}
    if field.subject == Subject.SITE:
        by_site = field.computed([row.site for row in rows if row.site is not None])
        values = {row.key: by_site.get(row.site) for row in rows}
    elif field.subject == Subject.HOME:
        by_home = field.computed([row.home for row in rows if row.home is not None])
        values = {row.key: by_home.get(row.home) for row in rows}
    else:
        by_length = defaultdict(list)
        for row in rows:
            by_length[len(row.place)].append(row.place)
        by_place = {code: value for codes in by_length.values() for code, value in field.computed(codes).items()}
        values = {row.key: by_place.get(row.place) for row in rows}
    source = str(field.source)
    today = clock.today()
    dated = {key: value if isinstance(value, Dated) else Dated(value, today) for key, value in values.items()}
    told = {key: value for key, value in dated.items() if value.value is not None}
    return {(field.name, *key): Known(str(one.value), one.as_of, True, source) for key, one in told.items()}


def _latest(fields: Iterable[str], rows: Sequence[Row]) -> QuerySet[Entry]:
    homes = [row.home for row in rows if row.home is not None]
    latest = Entry.objects.filter(field__in=list(fields))
    if homes:
        return latest.filter(home__in=homes).order_by("home_id", "field", "-as_of", "-id").distinct("home_id", "field")
    one = ("place", "field", "site_id", "home_id")
    latest = latest.filter(place__in=sorted({row.place for row in rows}), home=None)
    return latest.order_by(*one, "-as_of", "-id").distinct(*one)


def history(field: str, row: Row) -> QuerySet[Entry]:
    """Every value a fact has had, newest first."""
    return _of(row).filter(field=field).order_by("-as_of", "-id")


def _of(row: Row) -> QuerySet[Entry]:
    if row.home is not None:
        return Entry.objects.filter(home=row.home)
    return Entry.objects.filter(place=row.place, site=row.site, home=None)
