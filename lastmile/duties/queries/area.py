"""What is owed in an area, by place, kind and cause: never by person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Left

from lastmile.duties.models import Obligation
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
