"""Who is in the area of a warning and in no list; one click puts them on one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lastmile.alerting import sight
from lastmile.alerting.visits import uncovered
from lastmile.community.org.models import Place
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.permissions import Perm, may


@require_http_methods(["GET", "POST"])
@needs(Perm.HOUSEHOLD_READ)
def page(request: HttpRequest, code: str, place: str) -> HttpResponse:
    who = actor(request)
    event, found = sight.seen(who, code, place, Perm.HOUSEHOLD_READ)
    if request.method == "POST":
        doors, sites = uncovered.assign(who, event, found.code, _plan(request))
        says = _("%(doors)d households are on the list of doors now, and %(sites)d sites have somebody who asks.")
        messages.success(request, says % {"doors": doors, "sites": sites})
        return redirect("visits:uncovered", code, found.code)
    none = uncovered.find(event, found.code, uncovered.AT_ONCE)
    shown = none.homes[: uncovered.SHOWN]
    names = dict(Place.objects.filter(pk__in={home.place for home in shown}).values_list("pk", "name"))
    context: dict[str, Any] = {"alert": event.alert, "place": found, "path": sight.path_to(who, event, found)}
    context |= {"found": none, "homes": [(home, names.get(home.place, home.place)) for home in shown]}
    context["plan_areas"] = uncovered.by_plan_area(event, none)
    context["may_assign"] = event.closed_at is None and may(who, Perm.ALERT_RECEIPT, found.code)
    return render(request, "alerting/visits/uncovered.html", context)


def _plan(request: HttpRequest) -> int | None:
    """The plan area that was tapped; none: all of the place."""
    typed = request.POST.get("plan", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None
