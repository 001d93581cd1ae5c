"""A household that answers leaves the list, in the transaction that counts its answer; taken back, it comes again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from lastmile.alerting.models import VisitRound, Whom
from lastmile.alerting.sql import statement
from lastmile.alerting.visits import owing
from lastmile.kernel import clock


def follow(event: int, persons: Sequence[int], **_news: Any) -> None:
    """The doors of these people, and what the grids owe, as they stand now."""
    held = VisitRound.objects.filter(event=event, opened_at__isnull=False, closed_at=None).first()
    if held is None:
        return
    values: dict[str, Any] = {"event": event, "persons": list(persons), "now": clock.now()}
    values["silent"] = held.whom == Whom.SILENT
    with connection.cursor() as cursor:
        cursor.execute(statement("visits_follow"), values)
        came = dict(cursor.fetchall())
    if came:
        left = owing.open_doors(held.event, list(came))
        owing.settle(held.event, [place for place in came if place not in left])
        owing.ask(held.event, {place: left[place] for place, one in came.items() if one and place in left}, again=True)
