"""Who must answer and how silence climbs: the table of a place, one ladder, and the preview of a warning."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lastmile.alerting import queries
from lastmile.alerting.cascade import ladders as book
from lastmile.alerting.cascade import preview as previews
from lastmile.alerting.cascade.forms import LadderForm
from lastmile.alerting.codes import Colour, Hazard
from lastmile.alerting.models.calls import EVERY
from lastmile.community.org.models import Level
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.permissions import Perm


@require_GET
@needs(Perm.LADDER_EDIT)
def ladders(request: HttpRequest) -> HttpResponse:
    place, places = queries.keeping_or_first(actor(request), Perm.LADDER_EDIT, request.GET.get("place", "")[:15])
    hazard = request.GET.get("hazard", "")
    hazard = hazard if hazard in Hazard.values else ""
    context = {
        "title": _("Ladders"),
        "place": place,
        "places": places,
        "hazard": hazard,
        "address": hazard or book.ANY,
        "hazards": Hazard.choices,
        "colours": list(Colour),
        "rows": book.table(place, hazard),
    }
    return render(request, "alerting/calls/ladders.html", context)


@require_http_methods(["GET", "POST"])
@needs(Perm.LADDER_EDIT)
def ladder(request: HttpRequest, place: str, hazard: str, colour: str, level: str) -> HttpResponse:
    found = queries.keeping_place(actor(request), Perm.LADDER_EDIT, place)
    kind, tint, depth = book.cell(found, hazard, colour, level)
    rules, source = book.holding(found, kind, tint, depth)
    back = f"{reverse('calls:ladders')}?place={found.code}&hazard={kind}"
    if request.method == "POST" and "drop" in request.POST:
        book.drop(actor(request), found, kind, tint, depth)
        messages.success(request, _("What holds above holds here again."))
        return redirect(back)
    form = LadderForm(request.POST if request.method == "POST" else None, rules=rules)
    if form.is_bound and form.is_valid():
        book.save(actor(request), found, kind, tint, depth, form.rules())
        messages.success(request, _("Saved. It holds for warnings issued from now on."))
        return redirect(back)
    context = {"form": form, "place": found, "back": back, "source": source, **_words(kind, tint, depth)}
    context["own"] = source is not None and (source.place_id, source.hazard) == (found.code, kind)
    return render(request, "alerting/calls/ladder.html", context, status=400 if form.is_bound else 200)


def _words(hazard: str, colour: int, level: int) -> dict[str, Any]:
    said = [
        str(Hazard(hazard).label) if hazard else _("every hazard"),
        str(Colour(colour).label) if colour != EVERY else _("every colour"),
        str(Level(level).label) if level != EVERY else _("every level"),
    ]
    return {"title": " · ".join(said)}


@require_GET
@needs(Perm.ALERT_DRAFT, Perm.ALERT_APPROVE, Perm.ALERT_ISSUE)
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """Who would be called if this warning were issued now."""
    alert = queries.alert(actor(request), code)
    context = {"alert": alert, "preview": previews.preview(alert), "title": _("Who would be called")}
    return render(request, "alerting/calls/preview.html", context)
