"""What is owed in an area, by place, kind and cause: never by person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Left

from lastmile.community.org.models import CODE_LENGTH, Place
from lastmile.duties import kinds
from lastmile.duties.models import Cause, Obligation
from lastmile.kernel import clock
from lastmile.kernel.permissions import Actor, Perm, within


def in_area(actor: Actor, prefix: str = "", perm: Perm = Perm.DUTY_READ) -> QuerySet[Obligation]:
    """Every obligation under the prefix that the actor may see."""
    return Obligation.objects.filter(within(actor.scopes(perm), "place__code"), place__code__startswith=prefix)


def due(rows: QuerySet[Obligation], before: datetime | None = None) -> QuerySet[Obligation]:
    """The open ones that are due by then (default: now)."""
    return rows.filter(closed_at=None, due_at__lte=before or clock.now())


def overdue(rows: QuerySet[Obligation]) -> QuerySet[Obligation]:
    return due(rows)


def counts(rows: QuerySet[Obligation], length: int) -> list[dict[str, Any]]:
    """(place code of `length` digits, kind, cause): how many are open, and how many of those overdue."""
    late = Count("pk", filter=Q(due_at__lte=clock.now()))
    groups = rows.filter(closed_at=None).order_by().annotate(part=Left(F("place_id"), length))
    return list(groups.values("part", "kind", "cause").annotate(open=Count("pk"), late=late).order_by("part", "kind"))


@dataclass
class Row:
    """Open obligations of one place, kind or cause, and how many of them are late."""

    name: str
    label: str
    open: int = 0
    late: int = 0


@dataclass
class Statistics:
    place: Place | None  # None: everything the person may see
    above: str | None
    places: list[Row] = field(default_factory=list)
    kinds: list[Row] = field(default_factory=list)
    causes: list[Row] = field(default_factory=list)

    @property
    def open(self) -> int:
        return sum(row.open for row in self.places)

    @property
    def late(self) -> int:
        return sum(row.late for row in self.places)


def statistics(actor: Actor, prefix: str) -> Statistics:
    """The numbers below a place (or below everything the actor sees), one level down."""
    place = Place.objects.filter(code=prefix).first() if prefix else None
    scopes = actor.scopes(Perm.DUTY_READ)
    longest = max((len(scope) for scope in scopes), default=0)
    base = prefix if place else min(scopes, key=len, default="")
    length = next((size for size in sorted(CODE_LENGTH.values()) if size > len(base)), 15)
    groups = counts(in_area(actor, prefix), length)
    found = Statistics(place, prefix[:-3] if len(prefix) > longest else None)
    names = dict(Place.objects.filter(code__in={row["part"] for row in groups}).values_list("code", "name"))
    found.places = _sums(groups, "part", names)
    found.kinds = _sums(groups, "kind", {row["kind"]: str(kinds.get(row["kind"]).label) for row in groups})
    causes: dict[str, str] = {value: str(label) for value, label in Cause.choices}
    found.causes = _sums([row for row in groups if row["cause"]], "cause", causes)
    return found


def _sums(groups: list[dict[str, Any]], by: str, labels: dict[str, str]) -> list[Row]:
    opened: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for row in groups:
        opened[row[by]] += row["open"]
        late[row[by]] += row["late"]
    rows = [Row(name, labels.get(name, name), opened[name], late[name]) for name in opened]
    return sorted(rows, key=lambda row: (-row.late, -row.open, row.name))
