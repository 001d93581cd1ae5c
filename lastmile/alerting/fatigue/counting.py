"""The workers' duty: count a month anew where something was handed over since.

The month of a message is the one in which its warning was issued. The current month and the one before are looked at;
what is older does not change any more.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Max

from lastmile.alerting.models import Manifest, MessageMonth, MessageShare, MessageSource
from lastmile.kernel import clock, locks
from lastmile.kernel.statements import Statements

AGAIN = timedelta(hours=1)
MOST = 20  # messages a month; whoever got more is counted with these
_statement = Statements(Path(__file__).parent / "sql").text


def month_of(day: date) -> date:
    return day.replace(day=1)


def after(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), clock.BEIJING)


def tick() -> int:
    """Count what is out of date, at most once an hour and never while messages wait to be sent: they go first. Returns
    the number of months counted."""
    if Manifest.objects.filter(due_at__isnull=False).exists():
        return 0
    now = month_of(clock.today())
    fresh = MessageMonth.objects.filter(counted_at__gt=clock.now() - AGAIN).values_list("month", flat=True)
    return sum(count(month) for month in {month_of(now - timedelta(days=1)), now} - set(fresh))


@transaction.atomic
def count(month: date) -> int:
    """Count one month, unless nothing was handed over since the last time or another worker does it. 1 or 0."""
    if not locks.alone("alerting.fatigue"):
        return 0
    begins, ends = _midnight(month), _midnight(after(month))
    batches = Manifest.objects.filter(event__sent_at__gte=begins, event__sent_at__lt=ends)
    last = batches.aggregate(last=Max("settled_at"))["last"]
    known = MessageMonth.objects.filter(pk=month).first()
    if last is None or (known is not None and known.settled_at == last):
        return 0
    for model in (MessageShare, MessageSource):
        model.objects.filter(month=month).delete()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '256MB'")  # a million people by hash, without files
        cursor.execute(_statement("sent"), {"begins": begins, "ends": ends})
        cursor.execute("ANALYZE sent_in_month")
        cursor.execute(_statement("shares"), {"month": month, "most": MOST})
        cursor.execute(_statement("sources"), {"month": month})
        cursor.execute("DROP TABLE sent_in_month")
    MessageMonth.objects.update_or_create(month=month, defaults={"counted_at": clock.now(), "settled_at": last})
    return 1
