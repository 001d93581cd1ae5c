"""How terminals are, in general and in a warning: those without contact on top, then by place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, When

from lastmile.alerting.models import AlertEvent, Play, PlayKind, PlayState, TerminalState
from lastmile.community.org import terminals
from lastmile.community.org.models import Level, Place, Terminal
from lastmile.kernel import clock

FRESH = timedelta(seconds=90)  # three heartbeats
DAY = timedelta(hours=24)
SHOWN = 100  # devices of a page


@dataclass(frozen=True)
class Device:
    """A terminal with what it last told; `play` is its part in the warning that is looked at."""

    terminal: Terminal
    state: TerminalState | None
    play: Play | None = None

    @property
    def online(self) -> bool:
        return self.state is not None and self.state.online and self.state.seen_at > clock.now() - FRESH

    @property
    def seen_at(self) -> datetime | None:
        return self.state.seen_at if self.state else None

    @property
    def silent(self) -> bool:
        """Told to play and never began."""
        return self.play is not None and self.play.first_at is None and self.play.kind != PlayKind.STOP

    @property
    def rank(self) -> tuple[bool, bool, bool, str, str]:
        """Those that need somebody come first: silent, without contact, failed."""
        failed = self.play is not None and self.play.state == PlayState.FAILED
        return (not self.silent, self.online, not failed, self.terminal.place_id, self.terminal.code)


@dataclass(frozen=True)
class Sums:
    """Of one place: terminals, those with contact, told, began, failed, never began."""

    code: str
    name: str
    all: int = 0
    online: int = 0
    told: int = 0
    played: int = 0
    failed: int = 0
    silent: int = 0


@dataclass(frozen=True)
class Listed:
    """One page of devices, those that need somebody on the first; `page` is that of the paginator."""

    devices: list[Device]
    page: Page[Any]

    def __iter__(self) -> Iterator[Device]:
        return iter(self.devices)


def devices(rows: Sequence[Terminal], plays: dict[int, Play] | None = None) -> list[Device]:
    states = TerminalState.objects.in_bulk([row.pk for row in rows])
    known = plays or {}
    return sorted((Device(row, states.get(row.pk), known.get(row.pk)) for row in rows), key=lambda one: one.rank)


def _in_contact(of: str) -> Exists:
    """Whether the terminal in a column has given a sign lately."""
    fresh = TerminalState.objects.filter(terminal=OuterRef(of), online=True, seen_at__gt=clock.now() - FRESH)
    return Exists(fresh)


def here(prefix: str, page: str | int = 1, size: int = SHOWN) -> Listed:
    """Terminals in service under a place, those without contact first."""
    rows = terminals.under(prefix).order_by(_in_contact("pk"), "place", "code")
    found = Paginator(rows, size).get_page(page)
    return Listed(devices(list(found.object_list)), found)


def in_warning(event: AlertEvent, prefix: str, page: str | int = 1, size: int = SHOWN) -> Listed:
    """Those that the event is played at, under a place: those that never began first, then those without contact."""
    rows = Play.objects.filter(event=event, place__startswith=prefix).exclude(kind=PlayKind.STOP)
    began = Case(When(first_at=None, then=0), default=1, output_field=IntegerField())
    failed = Case(When(state=PlayState.FAILED, then=0), default=1, output_field=IntegerField())
    rows = rows.order_by(began, _in_contact("terminal"), failed, "terminal__place", "terminal__code")
    found = Paginator(rows.select_related("terminal__place", "terminal__post"), size).get_page(page)
    plays = {row.terminal_id: row for row in found.object_list}
    return Listed(devices([row.terminal for row in plays.values()], plays), found)


def by_place(prefix: str, length: int, event: AlertEvent | None = None) -> list[Sums]:
    """Sums of the places one level down, those with silent terminals first."""
    since = clock.now() - FRESH
    found: dict[str, dict[str, int]] = {}
    states = TerminalState.objects.filter(online=True, seen_at__gt=since).values_list("terminal_id", flat=True)
    told: QuerySet[Play] | None = None
    if event is None:
        standing = Terminal.objects.filter(place__code__startswith=prefix, closed_on=None)
        pairs = list(standing.values_list("pk", "place_id"))
    else:
        told = Play.objects.filter(event=event, place__startswith=prefix).exclude(kind=PlayKind.STOP)
        pairs = list(told.values_list("terminal_id", "place"))
    online = set(states)
    for pk, place in pairs:
        sums = found.setdefault(place[:length], dict.fromkeys(("all", "online"), 0))
        sums["all"] += 1
        sums["online"] += pk in online
    for place, state, first in told.values_list("place", "state", "first_at") if told is not None else ():
        sums = found[place[:length]]
        for name, counts in (
            ("told", True),
            ("played", first is not None),
            ("failed", state == PlayState.FAILED),
            ("silent", first is None),
        ):
            sums[name] = sums.get(name, 0) + counts
    names = dict(Place.objects.filter(pk__in=found).values_list("pk", "name"))
    made = [Sums(code, names.get(code, code), **sums) for code, sums in found.items()]
    return sorted(made, key=lambda one: (-one.silent, one.online - one.all, one.code))


def total(rows: Sequence[Sums]) -> Sums:
    names = ("all", "online", "told", "played", "failed", "silent")
    return Sums("", "", *(sum(getattr(row, name) for row in rows) for name in names))


def unheard(prefix: str = "") -> QuerySet[Terminal]:
    """In service, and without a sign for a day, or ever."""
    fresh = TerminalState.objects.filter(seen_at__gt=clock.now() - DAY).values("terminal_id")
    rows = Terminal.objects.filter(closed_on=None, place__code__startswith=prefix)
    return rows.exclude(pk__in=fresh).order_by("place", "code")


def villages_without() -> QuerySet[Place]:
    """Villages of a county that has terminals, without one."""
    counties = {code[:6] for code in Terminal.objects.filter(closed_on=None).values_list("place_id", flat=True)}
    rows = Place.objects.current().at(Level.VILLAGE)
    inside = Q(pk__in=[])
    for county in counties:
        inside |= Q(code__startswith=county)
    served = {code[:12] for code in Terminal.objects.filter(closed_on=None).values_list("place_id", flat=True)}
    return rows.filter(inside).exclude(code__in=served)


def tests(prefix: str, since: datetime) -> dict[str, int]:
    """What the tests of these terminals brought since then, each terminal by its last one."""
    last = Play.objects.filter(kind=PlayKind.TEST, place__startswith=prefix, opened_at__gte=since)
    rows = last.order_by("terminal_id", "-id").distinct("terminal_id").values_list("state", "first_at")
    sums = dict.fromkeys(("asked", "played", "failed", "silent", "waiting"), 0)
    for state, first in rows:
        sums["asked"] += 1
        if state == PlayState.FAILED:
            sums["failed"] += 1
        elif first is not None:
            sums["played"] += 1
        elif state == PlayState.SILENT:
            sums["silent"] += 1
        else:
            sums["waiting"] += 1
    return sums
