"""Live coverage: a page per place, the fragment that renews it, the wall of the duty room, the table to take away."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lastmile.alerting import coverage, panels, sight
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.lists import xlsx_response
from lastmile.kernel.permissions import Perm, may


def parts(request: HttpRequest, code: str, place: str) -> dict[str, Any]:
    """What a page of one place shows."""
    who = actor(request)
    event, found = sight.seen(who, code, place)
    return panels.live(who, event, found) | {
        "alert": event.alert,
        "path": sight.path_to(who, event, found),
        "may_resend": may(who, Perm.ALERT_RESEND, found.code) and event.closed_at is None,
        "may_see_doors": may(who, Perm.HOUSEHOLD_READ, found.code),
    }


@require_GET
@needs(Perm.ALERT_READ)
def page(request: HttpRequest, code: str, place: str = "") -> HttpResponse:
    return render(request, "alerting/coverage/page.html", parts(request, code, place))


@require_GET
@needs(Perm.ALERT_READ)
def live(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """The part that changes; asked for every two seconds."""
    return render(request, "alerting/coverage/live.html", parts(request, code, place))


@require_GET
@needs(Perm.ALERT_READ)
def wall(request: HttpRequest, code: str) -> HttpResponse:
    """Large enough to be read across the duty room."""
    return render(request, "alerting/coverage/wall.html", parts(request, code, ""))


@require_GET
@needs(Perm.ALERT_READ)
def wall_live(request: HttpRequest, code: str) -> HttpResponse:
    return render(request, "alerting/coverage/wall_live.html", parts(request, code, ""))


@require_GET
@needs(Perm.ALERT_READ)
def export(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """The table of the places below, with the vulnerable in columns of their own."""
    event, found = sight.seen(actor(request), code, place)
    shown = panels.tiles(coverage.Numbers())
    head = [_("Code"), _("Place"), _("people"), *(tile.label for tile in shown)]
    homes = panels.door_tiles(coverage.Doors())
    head += [_("number of households"), *(f"{_('number of households')}: {tile.label}" for tile in homes)]
    head += [_("vulnerable"), *(f"{_('vulnerable')}: {tile.label}" for tile in shown[:3])]
    rows = []
    for row in coverage.children(event, found.code):
        numbers, weak = row.all.as_dict(), row.vulnerable.as_dict()
        cells = [row.code, row.name, row.all.people, *(numbers[tile.name] for tile in shown)]
        doors = row.doors.as_dict()
        cells += [row.doors.doors, *(doors[tile.name] for tile in homes)]
        rows.append([*cells, row.vulnerable.people, *(weak[tile.name] for tile in shown[:3])])
    mark = "exercise-" if event.alert.exercise else ""
    return xlsx_response(f"{mark}coverage-{code}-{found.code}", head, rows)
