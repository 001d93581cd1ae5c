"""Which worker speaks with the broker: one, by a lease in the database; another takes over when it is not renewed."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from lastmile.alerting.models import TerminalHub
from lastmile.kernel import clock

NAME = "hub"
HELD = timedelta(seconds=8)


def take(holder: str) -> bool:
    """Hold it, or go on holding it. False while another one does."""
    now = clock.now()
    TerminalHub.objects.get_or_create(name=NAME, defaults={"until": now})
    free = Q(holder=holder) | Q(until__lte=now)
    return bool(TerminalHub.objects.filter(free, name=NAME).update(holder=holder, until=now + HELD))


def connected(holder: str) -> None:
    TerminalHub.objects.filter(name=NAME, holder=holder).update(connected_at=clock.now(), error="")


def lost(holder: str, why: str) -> None:
    TerminalHub.objects.filter(name=NAME, holder=holder).update(connected_at=None, error=why[:200])


def give_up(holder: str) -> None:
    """At the end of a worker, so that the next one need not wait."""
    TerminalHub.objects.filter(name=NAME, holder=holder).update(until=clock.now(), connected_at=None)


def standing() -> TerminalHub | None:
    return TerminalHub.objects.filter(name=NAME).first()
