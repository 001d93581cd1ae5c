"""Who is under 18, as the years go by: `minor` is set when somebody is entered, and must end by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction

from lastmile.community.people.actions.people import is_minor
from lastmile.community.people.models import Person
from lastmile.community.people.queries import years

BATCH = 5_000


def renew(people: Any = None) -> int:
    """Count the years of all minors, or of these `people`; how many have changed. Where no year of birth is known, the
    entry as a child decides, and nothing ends by itself."""
    rows = Person.objects.filter(minor=True) if people is None else people
    return sum(_renew(rows.model, batch) for batch in _batches(rows))


def _batches(rows: Any) -> Iterator[list[Any]]:
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk").only("born", "care", "minor")[:BATCH]):
        yield batch
        last = batch[-1].pk


@transaction.atomic
def _renew(model: Any, batch: list[Any]) -> int:
    """One batch in a transaction of its own. Nothing is touched but this one sign."""
    changed: dict[bool, list[int]] = {True: [], False: []}
    for person in batch:
        minor = _minor(person)
        if minor != person.minor:
            changed[minor].append(person.pk)
    return sum(model.objects.filter(pk__in=keys).update(minor=minor) for minor, keys in changed.items())


def _minor(person: Any) -> bool:
    try:
        return is_minor(years.year(person), years.kinds(person))
    except ValueError:  # sealed with a key that is not at hand; `lastmile doctor` says so
        return bool(person.minor)
