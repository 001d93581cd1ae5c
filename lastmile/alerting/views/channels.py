"""The page of the channels: health, what a receipt means, last errors, settings, a test message."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from lastmile.alerting import desk
from lastmile.alerting.certificate import actions as certificate
from lastmile.alerting.chat import keeping, troubles
from lastmile.alerting.readiness import channels as checks
from lastmile.kernel.doors import actor, needs
from lastmile.kernel.permissions import Perm


@require_safe
@needs(Perm.ALERT_READ, Perm.SYSTEM_CONFIGURE)
@never_cache
def listing(request: HttpRequest) -> HttpResponse:
    who = actor(request)
    configures = bool(who.scopes(Perm.SYSTEM_CONFIGURE))
    rounds = {one.channel: one for one in checks.results() if not one.account}
    shown = [(one, rounds.get(one.channel.name)) for one in desk.standings()]
    context = {"title": pgettext("menu", "Channels"), "standings": shown, "configures": configures}
    context["certificate"] = certificate.sees(who)
    if who.scopes(keeping.PERM):
        context["groups"] = troubles.standing(keeping.seen(who))
    return render(request, "alerting/channels/listing.html", context | {"meaning": troubles.meaning()})


@require_safe
@needs(Perm.ALERT_READ, Perm.SYSTEM_CONFIGURE)
@never_cache
def health(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "alerting/channels/health.html", {"name": name, "health": desk.health(name)})


@require_POST
@needs(Perm.SYSTEM_CONFIGURE)
def send_test(request: HttpRequest, name: str) -> HttpResponse:
    outcome = desk.send_test(actor(request), name, request.POST.get("address", "")[:200])
    went_well, says = desk.outcome_says(outcome)
    context = {"went_well": went_well, "says": says}
    template = "result.html" if request.headers.get("HX-Request") else "result_page.html"
    return render(request, f"alerting/channels/{template}", {**context, "title": _("Test message")})
