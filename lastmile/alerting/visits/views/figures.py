"""How the visits of a warning stand, place by place; and which rounds are mine."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lastmile.alerting import panels, sight, site_answers
from lastmile.alerting.models import AlertEvent, VisitRound
from lastmile.alerting.visits import listing
from lastmile.kernel import clock
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.permissions import Perm, may

GRID = 15  # digits of the lowest places


@require_GET
@needs(Perm.ALERT_RECEIPT, Perm.ALERT_READ)
def home(request: HttpRequest) -> HttpResponse:
    """The rounds that are open in the person's grids."""
    found = listing.mine(actor(request))
    return render(request, "alerting/visits/home.html", {"title": _("Visits"), "mine": found})


@require_GET
@needs(Perm.ALERT_READ)
def page(request: HttpRequest, code: str, place: str = "") -> HttpResponse:
    """What is left, by place; the names of people stand nowhere here."""
    return render(request, "alerting/visits/figures.html", _shown(request, code, place))


@require_GET
@needs(Perm.ALERT_READ)
def live(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """The part that changes."""
    return render(request, "alerting/visits/figures_live.html", _shown(request, code, place))


def _shown(request: HttpRequest, code: str, place: str) -> dict[str, Any]:
    who = actor(request)
    event, found = sight.seen(who, code, place)
    rows = listing.by_place(event, found.code)
    return {
        "alert": event.alert,
        "place": found,
        "path": sight.path_to(who, event, found),
        "round": VisitRound.objects.filter(event=event).first(),
        "rows": [(row, _address(who, event, row)) for row in rows],
        "sums": listing.total(rows),
        "calls": panels.calls(who, event, found),
        "sites": site_answers.totals(event, found.code) if may(who, Perm.SITE_READ, found.code) else None,
        "may_see_doors": may(who, Perm.HOUSEHOLD_READ, found.code),
        "now": clock.now(),
    }


def _address(who: Any, event: AlertEvent, row: listing.PlaceSums) -> str:
    """One level down; from the lowest level to the doors, for those who may see them."""
    if row.below and len(row.code) < GRID:
        return reverse("visits:figures_place", args=[event.alert.code, row.code])
    if may(who, Perm.HOUSEHOLD_READ, row.code):
        return reverse("answers:doors", args=[event.alert.code, row.code]) + "?cut=silent"
    return ""
