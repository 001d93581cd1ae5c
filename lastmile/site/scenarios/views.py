"""The pages of the replayed events."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lastmile.alerting.sight import default_place
from lastmile.community.org.models import Place
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.permissions import Perm
from lastmile.site.scenarios import shown
from lastmile.site.scenarios.plans import worded


@require_GET
@needs(Perm.ALERT_READ)
def listing(request: HttpRequest) -> HttpResponse:
    context = {"title": _("Real events, played again"), "runs": shown.runs(actor(request)), "exercise": True}
    return render(request, "site/scenarios.html", context)


@require_GET
@needs(Perm.ALERT_READ)
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Two columns by minute: what really happened, and what the system showed."""
    plan, run = shown.run(actor(request), name)
    village, site = Place.objects.filter(pk=plan["village"]).first(), plan["site"]
    context = {
        "title": plan.heading,
        "plan": plan,
        "run": run,
        "code": run.event.alert.code,
        "place": default_place(actor(request), run.event),
        "stops": shown.stops(plan, run),
        "before": [fact for fact in shown.facts(plan) if fact.at < plan.start],
        "village": village.name if village else plan["village"],
        "site": site and site | {"people": worded(site["people"]), "sure": shown.SURE[site["sure"]]},
        "exercise": True,
    }
    return render(request, "site/scenario.html", context)
