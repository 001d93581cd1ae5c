"""What should have moved in the calls and did not: looked for by the watchdog, said in words by `alerting.findings`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from lastmile.alerting.cascade.calling import RING
from lastmile.alerting.cascade.doors import GO_WITHIN
from lastmile.alerting.cascade.statements import fetch
from lastmile.alerting.channels import registry
from lastmile.kernel import clock

LATE = timedelta(seconds=60)  # what was due longer ago is not being moved
QUIET = RING + timedelta(seconds=30)  # a line comes free within the first without a report too
RECENT = timedelta(minutes=30)
LEAST = 5  # calls without any report


class Stuck(NamedTuple):
    """`event` is None where it concerns the channel."""

    kind: str
    event: int | None
    channel: str
    calls: int
    since: datetime


def look(events: Sequence[int]) -> list[Stuck]:
    """The longest first."""
    if not events:
        return []
    now = clock.now()
    rows = fetch(
        "stuck",
        events=list(events),
        due=now - LATE,
        gone=now - GO_WITHIN,
        quiet=now - QUIET,
        ended=now - RING,
        recent=now - RECENT,
        rings=[name for name in registry.addressed() if registry.capabilities(name).lines],
        least=LEAST,
    )
    return [Stuck(*row) for row in rows]
