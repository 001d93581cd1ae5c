"""Escalation on silence: reminder → deputy → superior, by due rows. Any number of workers may ask at once."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from lastmile.duties.statements import fetch
from lastmile.kernel import clock

SOONEST = timedelta(minutes=1)  # between two steps: after an outage each level still gets its moment
BUDGET = 2.0  # seconds in one call; the worker has other duties
AT_ONCE = 250  # rows of one statement: a backlog is worked off in parts that each take a moment


def tick(now: datetime | None = None) -> int:
    """Move what is due by one step; returns how many moved."""
    now = now or clock.now()
    day = clock.day_of(now)
    return len(fetch("escalate", now=now, day=day, limit=AT_ONCE, soonest=now + SOONEST))


def run() -> int:
    """The worker's duty: whatever is due, in ticks, for at most about BUDGET seconds. How many moved."""
    done, until = 0, time.monotonic() + BUDGET
    while moved := tick():
        done += moved
        if moved < AT_ONCE or time.monotonic() > until:
            break
    return done
