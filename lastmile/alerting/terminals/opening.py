"""Write what terminals are to play when a warning is issued, in that transaction; end what it follows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from lastmile.alerting import area as areas
from lastmile.alerting import manifest
from lastmile.alerting.cascade import rules
from lastmile.alerting.channels import registry
from lastmile.alerting.models import AlertEvent, Kind, Play, PlayKind, PlayState
from lastmile.alerting.terminals import words
from lastmile.community.org.models import CODE_LENGTH, Level, Terminal
from lastmile.kernel import clock

CHANNEL = "mqtt"
VILLAGE = CODE_LENGTH[Level.VILLAGE]
REPEATS = 3
EXERCISE, STOPS = 8, 0  # priorities: an exercise gives way to every warning, a stop to nothing
CLEAR_FOR = timedelta(minutes=30)  # how long an all-clear is still worth hearing
STOP_FOR = timedelta(minutes=15)
AT_ONCE = 2_000


def issued(event: AlertEvent) -> int:
    """How many terminals are told something."""
    follows = list(event.frozen.get("follows") or [])
    before = list(Play.objects.filter(event__in=follows, kind=PlayKind.WARNING).select_related("terminal"))
    _end(before)
    told = {row.terminal_id: row for row in before if row.told_at is not None}
    if not _plays(event):
        return _write(_stops(event, told.values()))
    over = event.frozen["kind"] in (Kind.LIFT, Kind.CANCEL)
    wanted = set() if over else set(within(manifest.area_of(event)).values_list("pk", flat=True))
    rows = Terminal.objects.filter(pk__in=wanted | told.keys(), closed_on=None).select_related("place")
    make = _clear if over else _warning
    return _write(make(event, terminal) for terminal in rows)


def _plays(event: AlertEvent) -> bool:
    return CHANNEL in event.frozen["channels"] and CHANNEL in registry.in_service()


def within(area: areas.Area) -> Any:
    """Terminals in service in an area. One of a village serves all its grids; one above, only if all of it is in."""
    touched = areas.touched(area)
    here = Q(place__in={code[:VILLAGE] for code in touched if len(code) > VILLAGE})
    for code in touched:
        here |= Q(place__code__startswith=code)
    return Terminal.objects.filter(here, closed_on=None)


def _end(rows: Sequence[Play]) -> None:
    """A message that has been followed by another is played no more."""
    open_ones = [row.pk for row in rows if row.due_at is not None or row.state == PlayState.PLAYING]
    Play.objects.filter(pk__in=open_ones).update(state=PlayState.STOPPED, due_at=None)


def _write(rows: Iterable[Play]) -> int:
    return len(Play.objects.bulk_create(list(rows), batch_size=AT_ONCE, ignore_conflicts=True))


def _warning(event: AlertEvent, terminal: Terminal) -> Play:
    found = _rules(event, terminal.place_id)
    row = _row(event, terminal, PlayKind.WARNING, event.expires_at)
    row.every = 0 if event.exercise else settings.TERMINAL_EVERY.get(event.colour, 0)
    row.quiet = [] if found.wake and not event.exercise else list(found.quiet)
    return row


def _clear(event: AlertEvent, terminal: Terminal) -> Play:
    return _row(event, terminal, PlayKind.CLEAR, clock.now() + CLEAR_FOR)


def _stops(event: AlertEvent, told: Iterable[Play]) -> Iterable[Play]:
    return (stop(row.terminal, event=event) for row in told if not row.terminal.closed_on)


def stop(terminal: Terminal, *, event: AlertEvent | None, by: int | None = None) -> Play:
    """Whatever plays of this warning ends; without one, whatever plays."""
    now = clock.now()
    return Play(
        event=event,
        root=event.warning if event else 0,
        terminal=terminal,
        place=terminal.place_id,
        kind=PlayKind.STOP,
        priority=STOPS,
        opened_at=now,
        until=now + STOP_FOR,
        due_at=now,
        by=by,
    )


def _row(event: AlertEvent, terminal: Terminal, kind: PlayKind, until: datetime) -> Play:
    note = event.frozen.get("notes", {}).get(terminal.place_id[:VILLAGE], "")
    return Play(
        event=event,
        root=event.warning,
        terminal=terminal,
        place=terminal.place_id,
        kind=kind,
        priority=EXERCISE if event.exercise else event.colour,
        text=words.spoken(event.frozen, note),
        brief=words.brief(event.frozen),
        volume=words.volume(terminal, event.colour, exercise=event.exercise),
        repeats=REPEATS,
        exercise=event.exercise,
        opened_at=event.sent_at,
        until=until,
        due_at=event.sent_at,
    )


def _rules(event: AlertEvent, place: str) -> rules.Rules:
    """The rules of the cascade that hold for the place, as frozen into the warning: when it may be woken."""
    level = min(len(place), VILLAGE)
    fit = [one for one in event.ladder if one["length"] == level and place.startswith(one["place"])]
    best = max(fit, key=lambda one: len(one["place"]), default=None)
    return rules.Rules.read(best) if best else rules.shipped(event.colour, Level.VILLAGE)
