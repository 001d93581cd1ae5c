"""Who is in the area of a warning and in no list; one click puts them on one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lastmile.alerting import sight
from lastmile.alerting.visits import uncovered
from lastmile.community.org.models import CODE_LENGTH, Level, Place
from lastmile.community.org.queries import in_words
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.permissions import Perm, may

TOWNSHIP, VILLAGE = CODE_LENGTH[Level.TOWNSHIP], CODE_LENGTH[Level.VILLAGE]


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
    context: dict[str, Any] = {"alert": event.alert, "place": found, "path": sight.path_to(who, event, found)}
    context |= {"found": none, "shown": len(shown), "villages": _by_village(shown)}
    context["sites"] = list(zip(none.sites, _where(site.place_id for site in none.sites), strict=True))
    context["plan_areas"] = uncovered.by_plan_area(event, none)
    context["may_assign"] = event.closed_at is None and may(who, Perm.ALERT_RECEIPT, found.code)
    return render(request, "alerting/visits/uncovered.html", context)


def _where(codes: Iterable[str]) -> list[str]:
    """Each place with its village: at a county, “grid 1” alone says nothing."""
    wanted = list(codes)
    names = in_words(set(wanted))
    return [names[code] for code in wanted]


def _by_village(homes: Sequence[uncovered.Home]) -> list[tuple[str, str, list[tuple[uncovered.Home, str]]]]:
    """(code, township and village in words, [(home, its grid's name)]), in the order in which they were found."""
    codes = {home.place[:length] for home in homes for length in (TOWNSHIP, VILLAGE, len(home.place))}
    names = dict(Place.objects.filter(pk__in=codes).values_list("pk", "name"))
    found: dict[str, list[tuple[uncovered.Home, str]]] = defaultdict(list)
    for home in homes:
        found[home.place[:VILLAGE]].append((home, names.get(home.place, "")))
    said = {code: f"{names.get(code[:TOWNSHIP], '')} {names.get(code, code)}".strip() for code in found}
    return [(code, said[code], rows) for code, rows in found.items()]


def _plan(request: HttpRequest) -> int | None:
    """The plan area that was tapped; none: all of the place."""
    typed = request.POST.get("plan", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None
