"""What a worker does for followers, for tests."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from procrastinate.contrib.django.models import ProcrastinateJob

from lastmile.alerting.followers import telling
from lastmile.alerting.models import AlertEvent

_before = 0  # the last job that was there when the test began


def begin() -> None:
    global _before
    _before = ProcrastinateJob.objects.aggregate(last=Max("id"))["last"] or 0


def jobs(name: str) -> list[dict[str, Any]]:
    rows = ProcrastinateJob.objects.filter(task_name=name, id__gt=_before)
    return list(rows.order_by("id").values_list("args", flat=True))


def worked(kind: str) -> int:
    """Every job of an issue, done once more than needed, then what is due."""
    for args in jobs(telling.NOTE) * 2:
        telling.note(AlertEvent.objects.select_related("alert").get(pk=args["event"]))
    return telling.tick(kind)
