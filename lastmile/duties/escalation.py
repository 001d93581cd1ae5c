"""Escalation on silence: reminder → deputy → superior, by due rows. Any number of workers may ask at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from lastmile.duties.statements import fetch
from lastmile.kernel import clock

SOONEST = timedelta(minutes=1)  # between two steps: after an outage each level still gets its moment
AT_ONCE = 1000  # rows of one statement: a backlog is worked off in parts that each take a moment


def tick(now: datetime | None = None) -> int:
    """Move what is due by one step; returns how many moved."""
    now = now or clock.now()
    day = now.astimezone(clock.BEIJING).date()
    return len(fetch("escalate", now=now, day=day, limit=AT_ONCE, soonest=now + SOONEST))
