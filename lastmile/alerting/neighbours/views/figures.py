"""The cells of a warning for staff: place by place, and in a grid cell by cell."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lastmile.alerting import sight
from lastmile.alerting.models import CellRound
from lastmile.alerting.neighbours import listing
from lastmile.alerting.visits.outcomes import words
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.permissions import Perm, may


@require_GET
@needs(Perm.ALERT_READ)
def page(request: HttpRequest, code: str, place: str) -> HttpResponse:
    return render(request, "alerting/neighbours/figures.html", _shown(request, code, place))


@require_GET
@needs(Perm.ALERT_READ)
def live(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """The part that changes."""
    return render(request, "alerting/neighbours/figures_live.html", _shown(request, code, place))


def _shown(request: HttpRequest, code: str, place: str) -> dict[str, Any]:
    who = actor(request)
    event, found = sight.seen(who, code, place)
    see = may(who, Perm.HOUSEHOLD_READ, found.code)
    rows = listing.cells(event, found.code) if see else []
    return {
        "alert": event.alert,
        "place": found,
        "path": sight.path_to(who, event, found),
        "round": CellRound.objects.filter(event=event).first(),
        "cells": [(row, [(code, number, door, _said(door)) for code, number, door in row.doors]) for row in rows],
        "places": [row for row in listing.by_place(event, found.code) if row.code != found.code],
    }


def _said(door: Any) -> str:
    return words(door.fact) if door.fact else ""
