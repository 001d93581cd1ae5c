"""Move what is due: one statement, by one of any number of workers, time from the clock. Each asks every second."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db import connection, transaction

from lastmile.alerting.cascade import doors
from lastmile.alerting.cascade.statements import fetch
from lastmile.kernel import clock, locks

LOCK = "alerting.cascade"  # attempts get their number under it, and one person with two posts one attempt
AT_ONCE = 1_000  # calls of one statement
BUDGET = 2.0  # seconds in one call; the worker has other duties
FRESH = timedelta(minutes=2)  # so long the warning's own message counts as the first attempt on its channel


def run() -> int:
    """The worker's duty: end what is over, move what is due. How many calls it touched."""
    done, until = stop(), time.monotonic() + BUDGET
    while moved := tick():
        done += moved
        if time.monotonic() > until:
            break
    return done


@transaction.atomic
def tick(now: datetime | None = None) -> int:
    """Move up to AT_ONCE due calls by one step. How many; 0 while another worker does."""
    if not locks.alone(LOCK):
        return 0
    now = now or clock.now()
    rows = fetch("tick", now=now, day=clock.day_of(now), limit=AT_ONCE, fresh=now - FRESH)
    doors.open_for([call for call, act in rows if act in ("door", "owe")])
    return len(rows)


@transaction.atomic
def relay() -> int:
    """Note who has passed it on by what is known of the places below. How many calls that moved.

    By hash joins: right after an issue the planner takes 20,000 new calls for few, and its nested loops took minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        rows = fetch("relay", now=clock.now())
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
    doors.close_for([call for call, was, now in rows if was != now])
    return len(rows)


@transaction.atomic
def stop() -> int:
    """End the calls of warnings that are over. How many."""
    rows = fetch("stop", now=clock.now())
    doors.close_for([call for call, _was, _now in rows])
    return len(rows)
