"""The page at the door: the same with and without a network, filled by the device from its own sealed list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET

from lastmile.alerting import owed, sight
from lastmile.alerting.visits import wording
from lastmile.kernel.doors import actor, needs, public
from lastmile.kernel.permissions import Perm


@require_GET
@ensure_csrf_cookie
@needs(Perm.ALERT_RECEIPT)
def page(request: HttpRequest, code: str, place: str) -> HttpResponse:
    """The doors of one grid. Who lives there comes by the API, which notes each look."""
    event, found = sight.seen(actor(request), code, place, Perm.ALERT_RECEIPT)
    context = {"title": _("Visits"), "words": wording.script(), "alert": event.alert, "place": found}
    context["headline"] = owed.marked(event.alert.headline, exercise=event.exercise)
    return render(request, "alerting/visits/field.html", context)


@public("the empty page that is shown without a network; the device fills it with its own sealed list")
@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    return render(request, "alerting/visits/field.html", {"title": _("Visits"), "words": wording.script()})
