"""Terminals in the reachability test: once a week each plays a marked test, in the hours of the plan."""

from __future__ import annotations

from datetime import datetime

from lastmile.alerting.channels import registry
from lastmile.alerting.models import Play, PlayKind
from lastmile.alerting.terminals import acting
from lastmile.alerting.terminals.opening import CHANNEL
from lastmile.community.org import terminals


def ask(place: str, since: datetime) -> int:
    """Let every terminal under the place play a test that has had none since then. The caller knows that it is day, a
    working day, and that no warning is in force."""
    if CHANNEL not in registry.in_service():
        return 0
    done = Play.objects.filter(kind=PlayKind.TEST, opened_at__gte=since).values("terminal_id")
    rows = terminals.under(place).exclude(pk__in=done)
    return len(Play.objects.bulk_create([acting.a_test(row) for row in rows], batch_size=2_000))
