"""What the personal pages of one event are made of: the frozen texts, and the little that may still change."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lastmile.alerting.models import Alert, AlertEvent
from lastmile.alerting.queries import live_notes
from lastmile.kernel import clock

KEPT = timedelta(days=7)  # a link opens this long after the warning has ended
FRESH = 2.0  # seconds for which what was read is used again

_cache: dict[int, tuple[float, Warned | None]] = {}


@dataclass(frozen=True)
class Warned:
    """`newer` is the event that updates, lifts or cancels this one; `notes` (place, text), `texts` by language."""

    event: int
    code: str
    state: str
    kind: str
    colour: int
    hazard: str
    exercise: bool
    test: bool  # of who can be reached: no warning at all
    issuers: tuple[str, ...]
    sent: Any
    ends: Any
    texts: dict[str, dict[str, str]]
    notes: tuple[tuple[str, str], ...]
    newer: int | None
    gone: bool

    @property
    def key(self) -> tuple[object, ...]:
        """What a rendered page depends on."""
        return (self.event, self.state, self.notes, self.newer)


def warned(event: int) -> Warned | None:
    """The warning as it stands, at most FRESH seconds old; None where there is no such event."""
    kept = _cache.get(event)
    if kept and kept[0] > time.monotonic():
        return kept[1]
    if len(_cache) > 200:
        _cache.clear()
    found = _read(event)
    _cache[event] = (time.monotonic() + FRESH, found)
    return found


def forget() -> None:
    _cache.clear()


def _read(event: int) -> Warned | None:
    row = AlertEvent.objects.select_related("alert").filter(pk=event).first()
    if row is None:
        return None
    alert, frozen = row.alert, row.frozen
    newer = Alert.objects.filter(replaces=alert, event__isnull=False).order_by("-id").values_list("event__id").first()
    ended = min(row.closed_at or row.expires_at, row.expires_at)
    return Warned(
        event=event,
        code=alert.code,
        state=alert.state,
        kind=alert.kind,
        colour=row.colour,
        hazard=frozen["hazard"],
        exercise=frozen.get("status") == "Exercise",
        test=frozen.get("status") == "Test",
        issuers=tuple(frozen["issuers"]),
        sent=row.sent_at,
        ends=row.expires_at,
        texts=frozen["texts"],
        notes=tuple(sorted(live_notes(alert).items())),
        newer=newer[0] if newer else None,
        gone=clock.now() > ended + KEPT,
    )
